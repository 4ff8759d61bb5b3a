"""Which line of a TOML file says what: the standard library's parser reads values and keeps no lines.

Only places are found here; whether the file is TOML at all, and what its values are, is the parser's to say.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"([^"]*)"|'([^']*)'""")
_QUOTES = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]')
_OPEN, _CLOSE = "[{", "]}"


def positions(text: str) -> Mapping[Path, int]:
    """Return the line of each table and key, by the way to it: `("columns", 2, "title")`."""
    found: dict[Path, int] = {}
    counts: defaultdict[Path, int] = defaultdict(int)
    table: Path = ()
    for number, line in _statements(text):
        if match := _HEADER.match(line):
            table = _table(_parts(match[2]), counts, is_one_of_many=match[1] == "[[")
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            found.setdefault((*table, *_parts(match[1])), number)
    return found


def line_of(found: Mapping[Path, int], path: Path) -> int:
    """Return the line of a place, or of the nearest place around it that has one."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


def _parts(dotted: str) -> Path:
    return tuple(match[1] or match[2] or match[0].strip("\"'") for match in _PART.finditer(dotted))


def _table(parts: Path, counts: defaultdict[Path, int], *, is_one_of_many: bool) -> Path:
    """Return the way to a table: `[[columns]]` is the next of many, `[columns.x]` lies in the last of them."""
    way: Path = ()
    for place, part in enumerate(parts, start=1):
        way = (*way, part)
        if place == len(parts) and is_one_of_many:
            counts[way] += 1
        if counts[way]:
            way = (*way, counts[way] - 1)
    return way


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines on which a statement begins: not those inside a long string or an array."""
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote and not depth:
            yield number, line
        quote, depth = _after(line, quote, 0 if _HEADER.match(line) and not quote and not depth else depth)


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Return which long string and how many brackets are open after a line."""
    if not quote and not depth and _HEADER.match(line):
        return quote, depth
    place = 0
    while place < len(line):
        if quote:
            end = line.find(quote, place)
            if end < 0:
                return quote, depth
            quote, place = "", end + 3
            continue
        match = _QUOTES.search(line, place)
        if match is None:
            break
        place = match.end()
        if match[0] in ('"""', "'''"):
            quote = match[0]
        elif match[0] in _OPEN:
            depth += 1
        elif match[0] in _CLOSE:
            depth -= 1
    return quote, depth
