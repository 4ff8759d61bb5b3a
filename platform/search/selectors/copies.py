"""The copies of a text: which of them may be shown, which fits what a reader chose, and which one leads."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.utils import timezone

from registry.contract import Kind
from registry.selectors import Directory
from search.analysis.folding import fold
from search.contract import Question, Scope, Validity
from search.documents import CHINA
from search.models import Projection, ShownRow, file_types_of, issuers_of
from search.querying import answers
from search.selectors.rows import live_copies, live_pages
from search.selectors.sending import Asked

LIKELY_SPARE = 2  # candidates beyond the page whose copies are read at once; of the others where these do not fill it


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may be shown: the copy that leads, all other copies, and the version that will follow where it is not in force yet."""

    leader: ShownRow
    others: tuple[ShownRow, ...]
    coming: ShownRow | None


@dataclass(frozen=True, slots=True)
class _Members:
    """Live rows by id and by text."""

    rows: Mapping[str, ShownRow]
    groups: Mapping[str, list[ShownRow]]


def texts(candidates: Sequence[answers.Candidate], asked: Asked, question: Question) -> list[Text]:
    """Return the texts that are still published and fit the reader's choices, in order, a page of them; as a rule one query."""
    most = question.size + LIKELY_SPARE
    found = _texts(candidates[:most], asked, question)
    if len(found) < question.size and len(candidates) > most:
        found = _texts(candidates, asked, question)
    return found[: question.size]


def _texts(candidates: Sequence[answers.Candidate], asked: Asked, question: Question) -> list[Text]:
    members = _members(candidates, asked.scope, asked.known, asked.guidance.hidden)
    today = timezone.localdate()
    texts: dict[str, Text] = {}
    for candidate in candidates:
        own = members.rows.get(candidate.key)
        rows = members.groups.get(own.group if own else candidate.group, [])
        fitting = [row for row in rows if _fits(row, question)]
        if fitting:
            leader, coming = _leading(fitting, rows, asked.known, today)
            texts.setdefault(leader.pk, Text(leader, tuple(row for row in rows if row.pk != leader.pk), coming))
    return list(texts.values())


def _leading(fitting: Sequence[ShownRow], rows: Sequence[ShownRow], known: Directory, today: dt.date) -> tuple[ShownRow, ShownRow | None]:
    """Return the copy that leads: of the newest version in force, else of the newest one; and the version that will take its place."""
    leader = min(fitting, key=lambda row: (is_coming(row, today), *precedence(row, known)))
    coming = () if is_coming(leader, today) else (row for row in rows if is_coming(row, today))
    return leader, min(coming, key=lambda row: precedence(row, known), default=None)


def is_coming(row: Projection | ShownRow, today: dt.date) -> bool:
    """Whether a text is published and not in force yet."""
    return row.effective_date > today if row.effective_date else row.validity == Validity.PENDING


def _members(candidates: Sequence[answers.Candidate], scope: Scope, known: Directory, unwanted: Sequence[str]) -> _Members:
    groups: dict[str, list[ShownRow]] = {}
    shown = [row for row in _published(candidates) if scope.admits(site_of(row)) and row.pk not in unwanted]
    rows = {row.pk: row for row in shown if site_of(row) in known.by_uuid}  # a site may be younger than this process's directory
    for row in rows.values():
        groups.setdefault(row.group, []).append(row)
    return _Members(rows, groups)


def _published(candidates: Sequence[answers.Candidate]) -> list[ShownRow]:
    """Return the published copies of texts, not within a scope yet: joining the sites takes as long again."""
    found = live_copies([each.group for each in candidates])
    read = {row.pk for row in found}
    elsewhere = [each.key for each in candidates if each.key not in read]  # withdrawn, or of another text than the index knew
    return found + live_pages(elsewhere) if elsewhere else found


def _fits(row: ShownRow, question: Question) -> bool:
    """Whether a page is what the reader's choices ask for."""
    day = row.published_at.astimezone(CHINA).date() if row.published_at else None
    return (
        (question.site is None or site_of(row) == question.site)
        and (question.tab is None or row.tab == question.tab)
        and (not question.region or row.region == question.region)
        and (not question.issuer or question.issuer in issuers_of(row.issuer))
        and (question.kind is None or row.kind == question.kind)
        and (question.year is None or row.year == question.year)
        and (question.validity is None or row.validity == question.validity)
        and (question.file is None or question.file in file_types_of(row.files))
        and (question.topic is None or not set(question.topic.family).isdisjoint(row.topics))
        and (question.since is None or (day is not None and day >= question.since))
        and (question.until is None or (day is not None and day <= question.until))
    )


def precedence(row: Projection | ShownRow, known: Directory) -> tuple[int, int, float, str]:
    """Return what orders the copies of a text: newest version, the issuer's own site, the portal, the first to publish it."""
    site = known.by_uuid[site_of(row)]
    issuer = _name(row.issuer)
    is_own = bool(issuer) and issuer in {_name(name) for name in (site.name, site.short_name, site.organizer)}
    rank = 0 if is_own else 1 if site.kind is Kind.CITY else 2
    newest_first = -row.version_date.toordinal() if row.version_date else 0
    return newest_first, rank, row.published_at.timestamp() if row.published_at else float("inf"), row.pk


def site_of(row: Projection | ShownRow) -> UUID:
    """Return the uuid of a row's site."""
    return _uuid(row.pk.split(":", 1)[0])


@lru_cache(maxsize=4096)
def _uuid(text: str) -> UUID:
    """Return a uuid; there is one a site, and each stands before many pages."""
    return UUID(text)


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    """Return the name of an office as it is compared; there are few of them, and each stands on many texts."""
    return fold(text)
