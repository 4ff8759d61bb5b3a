"""Rules as CSV, as office programs read and write it; every mistake of a file is told with its line."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.curation.rules import RuleValue

MOST_LINES = 5000
COLUMNS: Mapping[str, Mapping[str, str]] = {  # per kind: field → heading
    "best": {
        "phrase": "搜索词",
        "match": "匹配方式",
        "address": "网页地址",
        "title": "显示标题",
        "position": "次序",
        "starts_on": "开始日期",
        "ends_on": "结束日期",
        "holder": "负责人",
        "note": "备注",
    },
    "worst": {
        "phrase": "搜索词",
        "match": "匹配方式",
        "address": "网页地址",
        "effect": "处理方式",
        "starts_on": "开始日期",
        "ends_on": "结束日期",
        "holder": "负责人",
        "note": "备注",
    },
    "synonym": {"phrase": "词语", "words": "同义词", "is_two_way": "双向", "holder": "负责人", "note": "备注"},
    "spelling": {"phrase": "错误写法", "words": "正确写法", "holder": "负责人", "note": "备注"},
    "denied": {"phrase": "屏蔽词", "holder": "负责人", "note": "备注"},
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FileError(ValueError):
    """A file that cannot be read as a whole; the message is for the editor."""


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong in one line."""

    line: int
    message: str


def written(kind: str, values: Iterable[RuleValue], *, labels: Mapping[str, Mapping[str, str]]) -> str:
    """Return rules of one kind as CSV; a cell that a spreadsheet would calculate begins with an apostrophe."""
    columns = COLUMNS[kind]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns.values())
    for value in values:
        writer.writerow(_guarded(_cell(getattr(value, name), labels.get(name, {}))) for name in columns)
    return stream.getvalue()


def read(
    kind: str, content: bytes, *, check: Callable[[Mapping[str, str]], RuleValue | Sequence[str]], labels: Mapping[str, Mapping[str, str]]
) -> tuple[list[RuleValue], list[LineError]]:
    """Return a file's rules and its mistakes; `check` turns a line's fields into a rule or says what is wrong.

    Raises:
        FileError: it is no such table.

    """
    rows = csv.reader(io.StringIO(_decoded(content)))
    columns = {heading: name for name, heading in COLUMNS[kind].items()}
    headings = [cell.strip() for cell in next(rows, [])]
    if missing := [heading for heading in list(columns)[: 1 + ("words" in COLUMNS[kind])] if heading not in headings]:
        raise FileError(f"第一行缺少列：{'、'.join(missing)}。可先导出一份作为样例。")
    values: dict[tuple[str, ...], RuleValue] = {}
    errors: list[LineError] = []
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(values) + len(errors) >= MOST_LINES:
            raise FileError(f"一次最多导入 {MOST_LINES} 行。")
        named = {columns[heading]: _plain(cell) for heading, cell in zip(headings, cells, strict=False) if heading in columns}
        made = check({name: _code(text, labels.get(name, {})) for name, text in named.items()})
        if not isinstance(made, RuleValue):
            errors += [LineError(rows.line_num, message) for message in made]
        elif made.identity in values:
            errors.append(LineError(rows.line_num, "与前面某一行重复。"))
        else:
            values[made.identity] = made
    return list(values.values()), errors


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what office programs here write by themselves
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("文件编码无法识别，请保存为 UTF-8 的 CSV。")


def _cell(value: object, labels: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else labels.get(str(value), str(value))


def _code(text: str, labels: Mapping[str, str]) -> str:
    return next((code for code, label in labels.items() if text == label), text)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
