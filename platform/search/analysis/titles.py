"""Exact keys of titles: what is left when the frame that people leave out is gone."""

import re

from search.analysis.folding import fold, letters

_TAIL = re.compile(r"[(（\[【〔<](?![一二三四五六七八九十]{1,3}[)）])[^()（）\[\]【】〔〕<>]{1,30}[)）\]】〕>]\s*$")
_FRAME = re.compile(
    r"^.{0,40}?关于(?:印发|发布|公布|颁布|转发|施行|实施|批转|修订印发|批准)*[《<]?(?P<inner>.{4,}?)[》>]?的?(?:通知|决定|公告|批复|函|复函|意见|命令|通告|通报|议案)$"
)
_QUOTED = re.compile(r"^.{0,40}?关于(?:印发|发布|公布|颁布|转发|施行|实施|批转|批准).{0,20}?《(?P<inner>[^》]{3,})》")
_ARTICLE = re.compile(r"第[\d〇零一二三四五六七八九十百千两]+[条章节款项编](?:第[\d〇零一二三四五六七八九十百千两]+[条章节款项编])*")
_STATE = "中华人民共和国"


def title_keys(title: str) -> list[str]:
    """Return the forms under which a title counts as the same: whole, without the year in brackets, the state's name, or its frame."""
    folded = fold(title)
    forms = [folded, bare := _TAIL.sub("", folded)]
    forms += [match["inner"] for pattern in (_FRAME, _QUOTED) if (match := pattern.match(bare))]
    keys = [letters(form) for form in forms]
    return list(dict.fromkeys(key for full in keys for key in (full, full.removeprefix(_STATE)) if key))


def title_keys_in(query: str) -> list[str]:
    """Return the title keys a query may mean; an article's number behind the title does not count."""
    without_article = _ARTICLE.sub("", fold(query))
    return list(dict.fromkeys([*title_keys(query), *title_keys(without_article)]))


def plain_title(title: str) -> str:
    """Return the one key that copies and versions of a text share."""
    return letters(_TAIL.sub("", fold(title))).removeprefix(_STATE)
