"""Who may do what in these screens, and the words they use."""

from enum import StrEnum

from django.http import HttpRequest

from memberships.contract import Role
from search.models import Effect, Match

LABELS = {"match": dict(Match.choices), "effect": dict(Effect.choices), "is_two_way": {"true": "是", "": "否"}}
CHANGE_LABELS = {"added": "新增", "changed": "修改", "removed": "删除"}
KIND_LABELS = {
    "title_exact": "完整标题",
    "title_partial": "部分标题",
    "abbrev": "简称",
    "doc_number": "文号",
    "article_phrase": "条文语句",
    "article_ref": "条款",
    "typo": "错别字",
    "pinyin_full": "拼音全拼",
    "pinyin_initials": "拼音首字母",
    "traditional": "繁体",
    "place_topic": "地名加事项",
    "lay_question": "日常提问",
}


class Right(StrEnum):
    """What somebody may do here."""

    LOOK = "look"
    CHANGE = "change"
    DECIDE = "decide"


_ROLES = {
    Right.LOOK: {Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR},
    Right.CHANGE: {Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER},
    Right.DECIDE: {Role.ADMINISTRATOR, Role.REVIEWER},
}


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the person's role at this site allows it; asked once a request."""
    known: set[str] | None = getattr(request, "curation_groups", None)
    if known is None:
        known = set(request.user.groups.values_list("name", flat=True)) if request.user.is_authenticated else set()
        request.curation_groups = known  # type: ignore[attr-defined] # ours
    return bool(known & {role.group_name for role in _ROLES[right]})
