"""A page in traditional characters: words are converted by phrase, addresses and what forms carry are left as they are."""

import re
from functools import cache

import opencc

PREFIX = "/hant"
# Not to be read by people, or sent back to us: kept character by character.
_KEPT = re.compile(r'<script\b.*?</script>|\b(?:href|src|srcset|action|value)="[^"]*"', re.DOTALL)
# Links that stay among the converted pages; files, feeds, machines' addresses and the way back to simplified characters do not.
_LINKS = re.compile(r'(?<!hreflang="zh-Hans" )\b(href|action)="/(?!/|static/|media/|documents/|-/|api/|feed/|hant/|[^"]*format=atom)')
_MARK = "\x00"


def in_traditional(html: str) -> str:
    """Return a page with its words in traditional characters and its links leading to pages in them."""
    linked = _LINKS.sub(rf'\1="{PREFIX}/', html.replace(_MARK, ""))
    kept = _KEPT.findall(linked)
    words: str = _converter().convert(_KEPT.sub(_MARK, linked))
    first, *rest = words.split(_MARK)
    return first + "".join(piece + word for piece, word in zip(kept, rest, strict=True))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")
