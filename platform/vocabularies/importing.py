"""Subjects of documents from CSV or XLSX: a class and a second-level subject a line; wrong lines are told with field and mend."""

from collections.abc import Iterable, Mapping

from spreadsheets.sheets import Problem
from vocabularies.contract import SubjectFileError
from vocabularies.models import SubjectRow

COLUMNS = {"first": "一级分类", "second": "二级分类", "is_sample": "样例"}
_YES = {"是": True, "1": True, "": False, "否": False, "0": False}
Named = list[tuple[str, str, bool]]


def read_subjects(rows: Iterable[tuple[int, list[str]]]) -> tuple[Named, list[Problem]]:
    """Return the names of a file's subjects, and what is wrong with the other lines. A class that is merged is told once, in its first row.

    Raises:
        SubjectFileError: the first line does not name the columns.

    """
    following = iter(rows)
    _, head = next(following, (1, []))
    places = {name: head.index(label) for name, label in COLUMNS.items() if label in head}
    if missing := [label for name, label in COLUMNS.items() if name not in places and name != "is_sample"]:
        raise SubjectFileError(f"Line 1 must name {'、'.join(COLUMNS.values())}; missing: {'、'.join(missing)}.")
    named: Named = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    first = ""
    for line, cells in following:
        given = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if any(given.values()):
            first = given["first"] = given["first"] or first
            wrong = [*_wrong(line, given), *_twice(line, given, seen)]
            problems += wrong
            named += [] if wrong else [(first, given["second"], _YES[given.get("is_sample", "")])]
    return named, problems


def _wrong(line: int, given: Mapping[str, str]) -> Iterable[Problem]:
    longest = SubjectRow._meta.get_field("title").max_length or 0
    if not given["first"]:
        yield Problem(line, COLUMNS["first"], "write it; only lines below one of the same class may leave it empty.")
    for name in ("first", "second"):
        if len(given[name]) > longest:
            yield Problem(line, COLUMNS[name], f"make it shorter: {len(given[name])} characters, {longest} at most.")
    if given.get("is_sample", "") not in _YES:
        yield Problem(line, COLUMNS["is_sample"], "write 是 or leave it empty.")


def _twice(line: int, given: Mapping[str, str], seen: dict[tuple[str, str], int]) -> list[Problem]:
    name = (given["first"], given["second"])
    if given["first"] and name in seen:
        shown = given["second"] or given["first"]
        return [Problem(line, COLUMNS["second"], f"{shown!r} stands in line {seen[name]} too; leave out one of them.")]
    seen[name] = line
    return []
