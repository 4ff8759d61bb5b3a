"""One field's rows in the table of the standard catalogues (标准目录): headings over two lines, merged cells, ticks.

Offices keep these tables as XLSX or CSV with 公开事项 一级 and 二级, 公开内容（要素）, 公开依据, 公开时限, 公开主体, 公开渠道和载体,
公开对象 全社会 and 特定群众, 公开方式 主动 and 依申请公开, 公开层级 县级 and 乡级. A merged cell is told once, in its first row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalogues.contract import ACTIVE, ENTRY_LABELS, EVERYBODY, ON_REQUEST, CatalogueFileError, Item, Level
from catalogues.importing.editions import too_long
from spreadsheets.sheets import Problem

# A heading by the words in it; the first that fits counts, so a lower heading counts before the one over it.
_HEADINGS = (
    ("everybody", "全社会"),
    ("some", "特定"),
    ("on_request", "依申请"),
    ("active", "主动"),
    ("county", "县级"),
    ("township", "乡"),
    ("group", "一级"),
    ("title", "二级"),
    ("content", "公开内容"),
    ("basis", "公开依据"),
    ("timing", "公开时限"),
    ("organ", "公开主体"),
    ("channels", "公开渠道"),
    ("title", "公开事项"),
)
_TICKS = ("everybody", "on_request", "active", "county", "township")
_CALLED = {
    "everybody": "公开对象：全社会",
    "some": "公开对象：特定群众",
    "on_request": "公开方式：依申请公开",
    "active": "公开方式：主动",
    "county": "公开层级：县级",
    "township": "公开层级：乡级",
    "group": "公开事项：一级",
    "title": "公开事项：二级",
} | {name: ENTRY_LABELS[name] for name in ("content", "basis", "timing", "organ", "channels")}
_WORDS = ("content", "basis", "timing", "organ", "channels")  # what the guidance wants of every entry
_YES, _NO = {"√", "✓", "✔", "☑", "■", "是", "1", "v", "V"}, {"", "×", "✗", "□", "否", "0", "-", "—", "/", "无"}
_BLANK = re.compile(r"\s+")
HEADED = 12  # rows from the top, within which the headings stand


def read_field(rows: Iterable[tuple[int, list[str]]], *, field: str) -> tuple[list[Item], list[Problem]]:
    """Return the entries of a field, without codes, and what is wrong with the other lines.

    Raises:
        CatalogueFileError: the table lacks columns of the standard; the message names them.

    """
    listed = list(rows)
    places, start = _headings(listed)
    items: list[Item] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    group = ""
    for line, cells in listed[start:]:
        given = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if not any(given.values()):
            continue
        group = given["group"] = given.get("group") or group
        given["title"] = given["title"] or (group if cells[places.get("group", places["title"])] else "")
        wrong = [*_wrong(line, given), *_twice(line, given, seen)]
        problems += wrong
        if not wrong:
            items.append(_item(given, field))
    return items, problems


def _headings(rows: Sequence[tuple[int, list[str]]]) -> tuple[dict[str, int], int]:
    """Return where each column stands and the first row below the headings, which take one line or two."""
    top = next((place for place, (_, cells) in enumerate(rows[:HEADED]) if any("公开事项" in cell for cell in cells)), None)
    if top is None:
        raise CatalogueFileError("No line names 公开事项: keep the headings of the standard table above the rows.")
    over, below = rows[top][1], rows[top + 1][1] if top + 1 < len(rows) else []
    is_double = any(word in cell for cell in below for word in ("全社会", "一级", "县级")) and not any("全社会" in cell for cell in over)
    places: dict[str, int] = {}
    for place, heading in enumerate(_joined(over, below) if is_double else over):
        name = next((name for name, word in _HEADINGS if word in _BLANK.sub("", heading)), None)
        if name is not None:
            places.setdefault(name, place)
    if missing := [label for name, label in _CALLED.items() if name not in places and name != "group"]:
        raise CatalogueFileError(f"The table lacks the columns {'、'.join(missing)}: keep those of the standard table.")
    return places, top + 1 + is_double


def _joined(over: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the lower headings, and the upper ones where there is none below them."""
    width = max(len(over), len(below))
    padded = [[*cells, *[""] * (width - len(cells))] for cells in (over, below)]
    return [lower or upper for upper, lower in zip(*padded, strict=True)]


def _wrong(line: int, given: Mapping[str, str]) -> list[Problem]:
    found = [Problem(line, _CALLED[name], "write it; it may not be empty.") for name in ("title", *_WORDS) if not given[name]]
    unclear = [name for name in _TICKS if given[name] not in _YES | _NO]
    found += [Problem(line, _CALLED[name], f"write √ or leave it empty, not {given[name][:20]!r}.") for name in unclear]
    if not _is_ticked(given, "everybody") and given["some"] in _NO:
        found.append(Problem(line, "公开对象", "tick 全社会, or say whom under 特定群众."))
    if not (_is_ticked(given, "active") or _is_ticked(given, "on_request")):
        found.append(Problem(line, "公开方式", "tick 主动 or 依申请公开."))
    if not (_is_ticked(given, "county") or _is_ticked(given, "township")):
        found.append(Problem(line, "公开层级", "tick 县级, 乡级 or both."))
    return found + too_long(line, {name: value for name, value in _texts(given).items() if name in ENTRY_LABELS})


def _twice(line: int, given: Mapping[str, str], seen: dict[tuple[str, str], int]) -> list[Problem]:
    name = (given["group"], given["title"])
    if given["title"] and name in seen:
        return [Problem(line, _CALLED["title"], f"{given['title']!r} stands in line {seen[name]} too; leave out one of them.")]
    seen[name] = line
    return []


def _is_ticked(given: Mapping[str, str], name: str) -> bool:
    return given[name] in _YES


def _texts(given: Mapping[str, str]) -> dict[str, Any]:
    some = "特定群众" if given["some"] in _YES else given["some"].lstrip("√✓✔ ") if given["some"] not in _NO else ""
    audience = [EVERYBODY if _is_ticked(given, "everybody") else "", some]
    manner = [ACTIVE if _is_ticked(given, "active") else "", ON_REQUEST if _is_ticked(given, "on_request") else ""]
    texts = {name: given[name] for name in ("group", "title", *_WORDS)}
    return texts | {"audience": "、".join(filter(None, audience)), "manner": "、".join(filter(None, manner))}


def _item(given: Mapping[str, str], field: str) -> Item:
    levels = [level for level, name in ((Level.COUNTY, "county"), (Level.TOWNSHIP, "township")) if _is_ticked(given, name)]
    return replace(Item("", field, given["title"], levels=tuple(levels)), **_texts(given))
