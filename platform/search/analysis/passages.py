"""A text cut where people cite it: one passage an article, the rest by paragraphs, each short enough to be compared fairly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.analysis.numbering import parse_number

LONGEST = 800  # characters; a longer article is cut
MOST = 5000  # passages of one text; the engine refuses more than 10,000
_NUMERAL = "[零〇一二三四五六七八九十百千两0-9]+"
_ARTICLE = re.compile(rf"第({_NUMERAL})条(?:之({_NUMERAL}))?(?=[\s　]|$|[^第款项规的至、，和])")
_CITED = re.compile(rf"第({_NUMERAL})条(?:之({_NUMERAL}))?")
_HEADING = re.compile(rf"第{_NUMERAL}[编章节](?=[\s　]|$)")
LONGEST_HEADING = 40  # characters; a longer line is text that happens to begin like a heading


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text; `anchor` is its article's on the page, empty where it belongs to none."""

    anchor: str
    text: str


def article_of(paragraph: str) -> tuple[str, str]:
    """Return the name and the label of the article a paragraph begins: `art-12-1` and 第十二条之一; both empty where it begins none."""
    match = _ARTICLE.match(paragraph)
    if match is None:
        return "", ""
    return _name(match), match[0]


def articles_in(query: str) -> list[str]:
    """Return the names of the articles a query cites."""
    return list(dict.fromkeys(_name(match) for match in _CITED.finditer(query)))


def _name(match: re.Match[str]) -> str:
    return f"art-{parse_number(match[1])}" + (f"-{parse_number(match[2])}" if match[2] else "")


def numbered(name: str, seen: dict[str, int]) -> str:
    """Return the name as an anchor that is unique on its page: an annex may count its articles anew."""
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}--{seen[name]}"


def passages(body: str) -> list[Passage]:
    """Return the passages of a body in order, headings left out."""
    return [Passage(anchor, part) for anchor, text in _sections(body) for part in _cut(text)][:MOST]


def _sections(body: str) -> Iterator[tuple[str, str]]:
    """Yield each article with its anchor, and what stands outside of articles."""
    seen: dict[str, int] = {}
    anchor, lines = "", list[str]()
    for raw in body.splitlines():
        line = raw.strip()
        name, _ = article_of(line)
        is_heading = len(line) <= LONGEST_HEADING and _HEADING.match(line) is not None
        if name or is_heading:
            yield anchor, "\n".join(lines)
            anchor, lines = (numbered(name, seen) if name else ""), []
        if line and not is_heading:
            lines.append(line)
    yield anchor, "\n".join(lines)


def _cut(text: str) -> Iterator[str]:
    """Yield the text in parts of at most LONGEST characters, cut at the end of a line or a sentence where one is near."""
    while len(text) > LONGEST:
        end = max(text.rfind(mark, LONGEST // 2, LONGEST) for mark in "\n。；") + 1 or LONGEST
        yield text[:end].strip()
        text = text[end:]
    if text.strip():
        yield text.strip()
