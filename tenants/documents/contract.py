"""Words and plain values of a site's documents, and the ways in which publishing one is refused."""

import datetime as dt
from dataclasses import dataclass

from tenants.pages.contract import taken_index_no


class DocumentError(ValueError):
    """A document that cannot be published as it is; the message says why and what to do, for editors."""


class NotIssuableError(DocumentError):
    """A site's government may not make such a document."""

    def __init__(self) -> None:
        super().__init__("规章只能由设区的市以上的人民政府制定，本网站只能转载：请填写制定机关和“原文地址”，或者改选其他文件种类。")


class NoColumnError(DocumentError):
    """A site has nowhere to publish the result of a cleaning."""

    def __init__(self) -> None:
        super().__init__("本网站没有“政策文件”类栏目，无法公布清理结果。请先新建一个此类栏目。")


class TakenNumberError(DocumentError):
    """Another document of the site has the index number."""

    def __init__(self, number: str, title: str, *, is_live: bool = True) -> None:
        super().__init__(taken_index_no(number, title or "另一份文件", is_live=is_live))


class TemplateError(DocumentError):
    """A template of index numbers that makes none."""

    def __init__(self) -> None:
        super().__init__("模板可以使用 {code}、{year}、{month}、{number}，其中 {number} 必须出现，例如 {code}/{year}-{number:05}。")


# What a document should say, by the name of its field; a warning in the editor, no wall.
ELEMENTS = {
    "doc_no": "发文字号",
    "index_no": "索引号",
    "issuer": "发文机关",
    "genre": "公文种类",
    "subject": "主题分类",
    "signed_date": "成文日期",
    "effective_date": "施行日期",
    "valid_until": "有效期至",
}
# These need not be said by every class of documents.
NOT_NEEDED = {"rule": {"genre", "valid_until"}, "market": {"genre", "valid_until"}, "other": {"valid_until", "effective_date"}}


@dataclass(frozen=True, slots=True)
class Turned:
    """What one look at a site's documents did: how many are in force now, expired, or follow others; and what failed with its reason."""

    in_force: int = 0
    expired: int = 0
    changed: int = 0
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expiring:
    """A document whose validity ends soon."""

    page: int
    title: str
    doc_no: str
    valid_until: dt.date
    days: int
