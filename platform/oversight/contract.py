"""What a page must say of itself, and what a look at it found.

Source of the tags: 政府网站发展指引 (国办发〔2017〕47号), 附件 网页标签规范: three tags of the site on every page, four of
the column on lists and texts, three of the content on texts. Its Description is better present; we have it everywhere, once.
"""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a page is, and so what it must say."""

    HOME = "home"
    LIST = "list"
    TEXT = "text"


SITE_TAGS = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN_TAGS = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
CONTENT_TAGS = ("ArticleTitle", "PubDate", "ContentSource")
ALWAYS = (*SITE_TAGS, "Description")
REQUIRED = {Sort.HOME: ALWAYS, Sort.LIST: ALWAYS + COLUMN_TAGS, Sort.TEXT: ALWAYS + COLUMN_TAGS + CONTENT_TAGS}
DATE_FORM = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a page, and what mends it."""

    path: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a look at one site found: how many pages were fetched of how many, and every fault."""

    site: str
    fetched: int
    listed: int
    faults: tuple[Fault, ...]


class NoAddressesError(Exception):
    """A site does not say which pages it has."""
