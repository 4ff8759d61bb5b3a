"""Verbs: set a topic, stop offering it, offer it again. A topic is never deleted: texts are tagged with it."""

import dataclasses

from django.db import transaction

from observability.audit import record_audit
from vocabularies.contract import TOPIC, Topic, TopicCircleError, TopicCityError, TopicError, TopicFormError, UnknownTopicError
from vocabularies.models import TopicRow


@transaction.atomic
def set_topic(wanted: Topic, *, by: str, address: str = "") -> bool:
    """Add a topic or change what it says; return whether anything changed.

    Raises:
        TopicFormError: the short name cannot stand in an address.
        UnknownTopicError: the topic it shall belong to is not there.
        TopicCircleError: it would belong to itself.
        TopicCityError: another city has the short name.
        TopicError: the same city has another topic of this title.

    """
    if not TOPIC.fullmatch(wanted.slug):
        raise TopicFormError(wanted.slug)
    row = TopicRow.objects.select_for_update().filter(slug=wanted.slug).first()
    if row is not None and row.city != wanted.city:
        raise TopicCityError(wanted.slug, row.city)
    _check_parent(wanted)
    if TopicRow.objects.filter(title=wanted.title, city=wanted.city).exclude(slug=wanted.slug).exists():
        raise TopicError(f"There is another topic called {wanted.title}. Choose another title, or change that topic.")
    facts = {name: value for name, value in dataclasses.asdict(wanted).items() if name not in ("slug", "parent")}
    facts["parent_id"] = wanted.parent or None
    if row is not None and all(getattr(row, name) == value for name, value in facts.items()):
        return False
    if row is None:
        facts["position"] = TopicRow.objects.filter(parent_id=wanted.parent or None).count()
    TopicRow.objects.update_or_create(slug=wanted.slug, defaults=facts)
    record_audit("topic.set", actor=by, subject=wanted.slug, detail={"after": dataclasses.asdict(wanted)}, address=address)
    return True


@transaction.atomic
def offer_topic(slug: str, *, is_offered: bool, by: str, address: str = "") -> bool:
    """Offer a topic to editors or stop doing so; texts keep their tags. Return whether anything changed.

    Raises:
        UnknownTopicError: there is no such topic.

    """
    row = TopicRow.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise UnknownTopicError(slug)
    if row.is_offered == is_offered:
        return False
    row.is_offered = is_offered
    row.save(update_fields=["is_offered"])
    record_audit("topic.offered" if is_offered else "topic.retired", actor=by, subject=slug, detail={}, address=address)
    return True


def _check_parent(wanted: Topic) -> None:
    parent = wanted.parent
    while parent:
        if parent == wanted.slug:
            raise TopicCircleError(wanted.slug, wanted.parent)
        row = TopicRow.objects.filter(slug=parent, city__in=["", wanted.city]).first()
        if row is None:
            raise UnknownTopicError(parent)
        parent = row.parent_id or ""
