"""Reads: the topics a city may use, in their order, which topics belong to one, and the subjects of documents that count on a day."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from vocabularies.contract import AmbiguousSubjectError, Scheme, Subject, Topic, UnknownSubjectError
from vocabularies.models import SubjectList, SubjectRow, TopicRow

KEPT_SECONDS = 30.0  # subjects taken in by another process are seen this much later at most


def topics(*, city: str, with_retired: bool = False) -> list[Topic]:
    """Return the topics of a city and those for all cities, each behind the one it belongs to; one query."""
    found = _in_order(TopicRow.objects.filter(Q(city="") | Q(city=city)))
    return [topic for topic in found if topic.is_offered or with_retired]


def all_topics() -> list[Topic]:
    """Return every topic of every city, retired ones too, each behind the one it belongs to."""
    return _in_order(TopicRow.objects.all())


def family_of(slug: str, known: Sequence[Topic]) -> list[str]:
    """Return a topic's short name and those of all that belong to it, in the order of `known`, in which each stands behind its parent."""
    family = [slug]
    for topic in known:
        if topic.parent in family:
            family.append(topic.slug)
    return family


def _in_order(rows: QuerySet[TopicRow]) -> list[Topic]:
    below: dict[str, list[TopicRow]] = {}
    for row in rows.order_by("position", "slug"):
        below.setdefault(row.parent_id or "", []).append(row)
    ordered: list[Topic] = []
    waiting = below.get("", [])[::-1]
    while waiting:
        row = waiting.pop()
        ordered.append(_topic(row))
        waiting += below.get(row.slug, [])[::-1]
    return ordered


def _topic(row: TopicRow) -> Topic:
    return Topic(
        slug=row.slug,
        title=row.title,
        parent=row.parent_id or "",
        description=row.description,
        basis=row.basis,
        city=row.city,
        is_offered=row.is_offered,
    )


# --- subjects -----------------------------------------------------------------


@dataclass(slots=True)
class _Kept:
    """The process's copy of all editions of subjects; every document's page would else ask for them."""

    at: float = float("-inf")
    editions: list[SubjectList] = field(default_factory=list)
    subjects: dict[int, list[Subject]] = field(default_factory=dict)


_kept = _Kept()


def _known() -> _Kept:
    global _kept  # noqa: PLW0603 - replaced as a whole, so that no thread sees half of it
    now = time.monotonic()
    if now - _kept.at > KEPT_SECONDS:
        rows: dict[int, list[Subject]] = {}
        for row in SubjectRow.objects.order_by("edition", "code"):
            rows.setdefault(row.edition_id, []).append(row.subject)
        _kept = _Kept(now, list(SubjectList.objects.order_by("pk")), rows)
    return _kept


def forget_subjects() -> None:
    """Make this process ask again at its next look; for the process that took some in."""
    global _kept  # noqa: PLW0603 - as above
    _kept = _Kept()


def subject_list(*, city: str, on: dt.date, scheme: Scheme = Scheme.SUBJECT) -> SubjectList | None:
    """Return the edition of a scheme that counts in a city on a day: its own before that of all cities, within that the newest."""
    of_city = [row for row in subject_lists(scheme=scheme) if row.city in ("", city)]
    rows = [row for row in of_city if row.valid_from is None or row.valid_from <= on]
    return max(rows, key=lambda row: (bool(row.city), row.valid_from or dt.date.min, row.pk), default=None)


def subjects(*, city: str, on: dt.date, scheme: Scheme = Scheme.SUBJECT) -> list[Subject]:
    """Return the subjects that editors of a city may choose on a day, each class before its own."""
    found = subject_list(city=city, on=on, scheme=scheme)
    return subjects_in(found) if found else []


def subjects_in(edition: SubjectList) -> list[Subject]:
    """Return the subjects of an edition in their order."""
    return list(_known().subjects.get(edition.pk, []))


def subject_lists(*, scheme: Scheme | None = None) -> list[SubjectList]:
    """Return all editions there ever were, of one scheme or of all, the newest first."""
    return [row for row in reversed(_known().editions) if scheme in (None, row.scheme)]


def subject_titles(*, city: str, scheme: Scheme = Scheme.SUBJECT) -> Mapping[str, str]:
    """Return what every subject is called that a document of a city may have, also those that editors may choose no more."""
    of_city = sorted((row for row in subject_lists(scheme=scheme) if row.city in ("", city)), key=lambda row: (bool(row.city), row.pk))
    return {each.code: each.title for row in of_city for each in subjects_in(row)}


def subject_named(word: str, *, city: str, on: dt.date, scheme: Scheme = Scheme.SUBJECT) -> Subject:
    """Return the subject that a code or a name means in a city on a day; a name may have its class before it: 综合政务 / 政务公开.

    Raises:
        UnknownSubjectError: none that is offered.
        AmbiguousSubjectError: more than one.

    """
    offered = subjects(city=city, on=on, scheme=scheme)
    titles = {each.code: each.title for each in offered}
    way = " / ".join(part.strip() for part in word.split("/"))
    found = [each for each in offered if way in (each.code, each.title, subject_words(each.code, titles))]
    if not found:
        known = subject_titles(city=city, scheme=scheme)
        raise UnknownSubjectError(word, scheme=scheme, city=city, was=subject_words(word, known) if word in known else "")
    if len(found) > 1:
        raise AmbiguousSubjectError(word, {each.code: subject_words(each.code, titles) for each in found})
    return found[0]


def subject_words(code: str, titles: Mapping[str, str]) -> str:
    """Return a subject with its class, as readers see it: 综合政务 / 政务公开."""
    way = dict.fromkeys((code[:2], code))
    return " / ".join(titles.get(each, each) for each in way) if code else ""
