"""Reads: the topics a city may use, in their order, and which topics belong to one."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from vocabularies.contract import Topic
from vocabularies.models import TopicRow


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
