"""A table of services into a column: good lines are kept, each bad one is told with its field and what would mend it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from spreadsheets import sheets
from spreadsheets.sheets import SheetError
from tenants.pages.forms import free_name
from tenants.pages.models import ColumnPage
from tenants.services.blocks import LONGEST_QUESTION
from tenants.services.contract import (
    AUDIENCES,
    BAR,
    CHOICES,
    COLUMNS,
    EVENTS,
    MATERIALS,
    NO_MATERIAL,
    NUMBERS,
    PARTS,
    PLAIN,
    QUESTIONS,
    STEPS,
    WINDOWS,
    Audience,
    Depth,
    Fee,
    Origin,
)
from tenants.services.models import LifeEvent, Material, ProcessStep, ServicePage, Window

MOST_LINES = 5_000
LONGEST_DAYS = 3_650
_SEPARATORS = str.maketrans("，,；;/\n", "、、、、、、")
# What a page has by its place in the tree, which a new one gets later.
_OF_THE_TREE = ("path", "depth", "numchild", "url_path", "slug", "content_type", "locale", "translation_key", "draft_title")
_LABELS: Mapping[str, Mapping[str, str]] = {
    "是否收费": {label: value for value, label in Fee.choices},
    "网办深度": {label: value for value, label in Depth.choices},
    AUDIENCES: {label: value for value, label in Audience.choices},
    "来源": {label: value for value, label in Origin.choices},
}


class TableError(ValueError):
    """A file that is no table of services; the message says what to do."""


class CellError(ValueError):
    """A cell that cannot be taken; the message says what it should be."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line: where, and what would mend it."""

    line: int
    column: str
    message: str


@dataclass
class Report:
    """What an import did: guides created, changed, unchanged, and the faults by line."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)


Cells = Mapping[str, str]


def read(content: bytes) -> list[tuple[int, Cells]]:
    """Return the lines of a CSV or a workbook with their numbers, empty ones left out; a workbook is known by its content.

    Raises:
        TableError: it cannot be read, is too long, or lacks the columns that every service needs.

    """
    try:
        filled = list(sheets.read(content))
    except SheetError as error:
        raise TableError(str(error)) from error
    if not filled:
        raise TableError("文件是空的。")
    titles = filled[0][1]
    unknown = [title for title in titles if title and title not in COLUMNS]
    lacking = [title for title in ("事项编码", "事项名称") if title not in titles]
    if lacking or unknown or len(set(titles)) < len(titles):
        raise TableError(_wrong_titles(lacking, unknown))
    if len(filled) - 1 > MOST_LINES:
        raise TableError(f"超过 {MOST_LINES} 行，请拆成几个文件。")
    return [(number, {title: cell for title, cell in zip(titles, cells, strict=False) if title}) for number, cells in filled[1:]]


def _wrong_titles(lacking: Sequence[str], unknown: Sequence[str]) -> str:
    told = [f"缺少列：{'、'.join(lacking)}"] if lacking else []
    told += [f"不认识的列：{'、'.join(unknown)}"] if unknown else []
    told = told or ["有两列同名，或有的列没有列名"]
    return f"{'；'.join(told)}。第一行的列名请与导出的表格一致：{'、'.join(COLUMNS)}。"


def import_services(
    column: ColumnPage, lines: Sequence[tuple[int, Cells]], *, by: User | None, publish: bool, is_dry_run: bool = False
) -> Report:
    """Make each line a guide of the column, or bring the guide of its code up to date; each in a transaction of its own.

    A cell that is not in the table leaves what is there; an empty one empties it. A second run changes nothing.
    """
    report, seen = Report(), set[str]()
    known = LifeEvent.objects.values_list("code", "label")
    events = {code: code for code, _ in known} | {label: code for code, label in known}
    for number, cells in lines:
        try:
            code = _new_code(cells, seen)
            with transaction.atomic():
                _take(column, code, _checked(cells, events), report, by=by, publish=publish)
                transaction.set_rollback(is_dry_run)
        except CellError as error:
            report.faults.append(Fault(number, error.column, str(error)))
        except ValidationError as error:
            report.faults += [Fault(number, _title_of(name), "；".join(told)) for name, told in _by_field(error).items()]
    return report


def _new_code(cells: Cells, seen: set[str]) -> str:
    code = _needed(cells, "事项编码")
    if code in seen:
        raise CellError("事项编码", f"“{code}”在表中出现过，只导入了第一次出现的一行。")
    seen.add(code)
    return code


@dataclass
class _Wanted:
    """What a line says of a guide; only what its table has columns for."""

    fields: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    questions: list[tuple[str, str]] | None = None


def _checked(cells: Cells, events: Mapping[str, str]) -> _Wanted:
    _needed(cells, "事项名称")
    wanted = _Wanted({name: cells[title] for title, name in PLAIN.items() if title in cells})
    wanted.fields |= {name: _number(title, cells[title]) for title, name in NUMBERS.items() if title in cells}
    wanted.fields |= {name: _choice(title, cells[title]) for title, (name, _) in CHOICES.items() if title in cells}
    if AUDIENCES in cells:
        wanted.fields["audiences"] = _several(AUDIENCES, cells[AUDIENCES], _LABELS[AUDIENCES])
    if EVENTS in cells:
        wanted.fields["events"] = _several(EVENTS, cells[EVENTS], events)
    if MATERIALS in cells:
        is_none = cells[MATERIALS].startswith(NO_MATERIAL)
        wanted.fields["needs_no_material"] = is_none
        wanted.rows["materials"] = [] if is_none else [_material(line) for line in _lines(MATERIALS, cells)]
    for title, name, names in _ROWS:
        if title in cells:
            wanted.rows[name] = [dict(zip(names, parts, strict=True)) for parts in _lines(title, cells)]
    if QUESTIONS in cells:
        wanted.questions = [_question(parts) for parts in _lines(QUESTIONS, cells)]
    return wanted


_ROWS = (
    (STEPS, "steps", ("name", "detail", "time_limit")),
    (WINDOWS, "windows", ("name", "address", "hours", "phone", "route")),
)
_MODELS = {"materials": Material, "steps": ProcessStep, "windows": Window}


def _needed(cells: Cells, title: str) -> str:
    if not cells.get(title):
        raise CellError(title, "不能为空。")
    return cells[title]


def _number(title: str, text: str) -> int | None:
    if not text:
        return None
    digits = text.removesuffix("个工作日").removesuffix("工作日").removesuffix("次").strip()
    if not (digits.isascii() and digits.isdigit()) or int(digits) > LONGEST_DAYS:
        raise CellError(title, f"“{text}”不是 0 到 {LONGEST_DAYS} 的整数。")
    return int(digits)


def _choice(title: str, text: str) -> str:
    labels = _LABELS[title]
    if text and text not in labels:
        raise CellError(title, f"“{text}”不在可填的值里：{'、'.join(labels)}。")
    return labels.get(text, "")


def _several(title: str, text: str, labels: Mapping[str, str]) -> list[str]:
    names = [name for part in text.translate(_SEPARATORS).split("、") if (name := part.strip())]
    unknown = [name for name in names if name not in labels]
    if unknown:
        raise CellError(title, f"不认识“{'、'.join(unknown)}”，可填：{'、'.join(labels)}；几个值用顿号隔开。")
    return list(dict.fromkeys(labels[name] for name in names))


def _lines(title: str, cells: Cells) -> Iterator[list[str]]:
    """Yield the parts of each line of a cell, as many as there should be."""
    expected = PARTS[title].split(BAR)
    for line in cells[title].splitlines():
        parts = [part.strip() for part in line.replace("｜", BAR).split(BAR)]
        if len(parts) > len(expected):
            raise CellError(title, f"“{line[:30]}”分成了 {len(parts)} 段，每行最多 {len(expected)} 段：{PARTS[title]}。")
        if any(parts):
            if not parts[0]:
                raise CellError(title, f"“{line[:30]}”缺少{expected[0]}；每行写成：{PARTS[title]}。")
            yield parts + [""] * (len(expected) - len(parts))


def _material(parts: Sequence[str]) -> dict[str, Any]:
    name, originals, copies, origin, note = parts
    known = _LABELS["来源"]
    if origin and origin not in known:
        raise CellError(MATERIALS, f"“{name}”的来源“{origin}”不在可填的值里：{'、'.join(known)}。")
    return {
        "name": name,
        "originals": _number(MATERIALS, originals) if originals else 1,
        "copies": _number(MATERIALS, copies) or 0,
        "origin": known.get(origin, Origin.APPLICANT.value),
        "note": note,
    }


def _question(parts: Sequence[str]) -> tuple[str, str]:
    question, answer = parts
    if not answer or len(question) > LONGEST_QUESTION:
        raise CellError(QUESTIONS, f"“{question[:30]}”没有答，或问超过 {LONGEST_QUESTION} 个字；每行写成：{PARTS[QUESTIONS]}。")
    return question, answer


def _take(column: ColumnPage, code: str, wanted: _Wanted, report: Report, *, by: User | None, publish: bool) -> None:
    """Write one guide, or see that it says so already."""
    known = ServicePage.objects.filter(code=code).first()
    if known and by and not _may_change(known, by, publish=publish):
        raise CellError("事项编码", f"“{known.title}”不归您修改，或已被锁定；请联系负责人。")
    page = known.get_latest_revision_as_object() if known else ServicePage(live=False)
    is_same = known is not None and _is_as_wanted(page, wanted)
    if is_same and (not publish or (known and known.live and not known.has_unpublished_changes)):
        report.unchanged += 1
        return
    if wanted.fields.get("organ_name", page.organ_name) != page.organ_name:
        page.organ = None  # another organ's name: the one that was chosen is not it
    for name, value in wanted.fields.items():
        setattr(page, name, value)
    if wanted.questions is not None:
        page.questions = [("question", {"question": question, "answer": answer}) for question, answer in wanted.questions]
    for name, rows in wanted.rows.items():
        setattr(page, name, _rows(page, name, rows))
    page.full_clean(exclude=_OF_THE_TREE)  # before the database is asked: drafts are saved with no more than a title
    if known is None:
        parent = ColumnPage.objects.get(pk=column.pk)  # as it is after the line before
        page.slug = free_name(ServicePage, page.title, parent=parent, page=page, today=timezone.localdate())
        page.owner = by
        parent.add_child(instance=page)
    revision = page.save_revision(user=by, changed=not is_same)
    if publish:
        revision.publish(user=by)
    report.created += known is None
    report.changed += known is not None


def _may_change(page: ServicePage, by: User, *, publish: bool) -> bool:
    rights = page.permissions_for_user(by)
    return bool(rights.can_edit() and not rights.page_locked() and (rights.can_publish() or not publish))


def _is_as_wanted(page: Any, wanted: _Wanted) -> bool:
    """Whether a guide says what a line says; how its lines end, and how many spaces stand in a row of it, makes no difference."""
    if any(_lines_alike(getattr(page, name)) != value for name, value in wanted.fields.items()):
        return False
    asked = [(_words(child.value["question"]), _words(child.value["answer"])) for child in page.questions]
    if wanted.questions is not None and asked != [(_words(question), _words(answer)) for question, answer in wanted.questions]:
        return False
    for relation, values in wanted.rows.items():
        rows = list(getattr(page, relation).all())
        if len(rows) != len(values):
            return False
        pairs = [(getattr(row, name), value) for row, told in zip(rows, values, strict=True) for name, value in told.items()]
        if any(_words(there) != _words(value) for there, value in pairs):
            return False
    return True


def _lines_alike(value: Any) -> Any:
    return "\n".join(value.strip().splitlines()) if isinstance(value, str) else value


def _words(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _rows(page: Any, relation: str, wanted: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the rows as they are to be; a material of the same name keeps its files."""
    model: Any = _MODELS[relation]
    before = {row.name: row for row in page.materials.all()} if relation == "materials" else {}
    made = []
    for place, values in enumerate(wanted):
        row = model(sort_order=place, **values)
        if old := before.get(values.get("name")):
            row.form_file_id, row.sample_file_id = old.form_file_id, old.sample_file_id
        for each in row._meta.concrete_fields:
            longest = each.max_length
            if longest and len(str(getattr(row, each.attname))) > longest:
                raise CellError(_title_of(relation), f"{each.verbose_name}“{str(getattr(row, each.attname))[:20]}…”超过 {longest} 个字。")
        made.append(row)
    return made


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return dict(error.message_dict) if hasattr(error, "error_dict") else {"": list(error.messages)}


def _title_of(name: str) -> str:
    """Return what a field is called in the table."""
    titles = {field_name: title for title, field_name in (PLAIN | NUMBERS).items()}
    titles |= {field_name: title for title, (field_name, _) in CHOICES.items()}
    titles |= {"materials": MATERIALS, "audiences": AUDIENCES, "events": EVENTS} | {relation: title for title, relation, _ in _ROWS}
    return titles.get(name, "整行")
