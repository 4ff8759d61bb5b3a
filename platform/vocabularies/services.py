"""Verbs: set a topic, stop offering it, offer it again; take in an edition of subjects. Nothing is deleted: texts are tagged with it."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from observability.audit import record_audit
from vocabularies.contract import (
    CLASS_LENGTH,
    TOPIC,
    Subject,
    SubjectEdition,
    TooManySubjectsError,
    Topic,
    TopicCircleError,
    TopicCityError,
    TopicError,
    TopicFormError,
    UnknownTopicError,
)
from vocabularies.models import SubjectList, SubjectRow, TopicRow
from vocabularies.selectors import forget_subjects


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


def coded(names: Sequence[tuple[str, str, bool]], *, known: Iterable[Subject], used: Iterable[str]) -> list[Subject]:
    """Return subjects, named by class and second level (empty for the class itself), with their codes.

    One that is `known` by its names keeps its code; another gets the next one of its class. `used` are codes that were ever given.

    Raises:
        TooManySubjectsError: a class, or the list, has no code left.

    """
    codes = _codes_by_name(known)
    taken = set(used) | set(codes.values())
    found: dict[str, Subject] = {}
    for first, second, is_sample in names:
        of_class = codes.setdefault((first, ""), "") or _next("", taken, where="The list")
        codes[first, ""] = of_class
        found.setdefault(of_class, Subject(of_class, first))
        code = codes.get((first, second)) or _next(of_class, taken, where=first)
        codes[first, second] = code
        found[code] = Subject(code, second or first, is_sample)
    return sorted(found.values(), key=lambda subject: subject.code)


def _codes_by_name(known: Iterable[Subject]) -> dict[tuple[str, str], str]:
    listed = list(known)
    classes = {subject.code: subject.title for subject in listed if subject.is_class}
    return {(classes.get(subject.class_code, ""), "" if subject.is_class else subject.title): subject.code for subject in listed}


def _next(of_class: str, taken: set[str], *, where: str) -> str:
    length = len(of_class) + CLASS_LENGTH
    numbers = [int(code[-CLASS_LENGTH:]) for code in taken if len(code) == length and code.startswith(of_class)]
    number = max(numbers, default=0) + 1
    if number >= 10**CLASS_LENGTH:
        raise TooManySubjectsError(where)
    code = f"{of_class}{number:02}"
    taken.add(code)
    return code


@transaction.atomic
def add_subjects(edition: SubjectEdition, subjects: Sequence[Subject], *, by: str, address: str = "") -> SubjectList | None:
    """Take in a list of subjects as a further edition; none if the newest of the same scheme and city says exactly the same."""
    kept = SubjectList.objects.select_for_update().filter(scheme=edition.scheme, city=edition.city).order_by("-pk").first()
    if kept is not None and _says(kept) == (edition, list(subjects)):
        return None
    added = SubjectList.objects.create(**dataclasses.asdict(edition))
    SubjectRow.objects.bulk_create(SubjectRow(edition=added, **dataclasses.asdict(subject)) for subject in subjects)
    detail: Mapping[str, object] = {"scheme": edition.scheme.value, "title": added.title, "source": added.source, "subjects": len(subjects)}
    transaction.on_commit(forget_subjects)
    record_audit("subject.import", actor=by, subject=edition.city or "all", detail=dict(detail), address=address)
    return added


def _says(kept: SubjectList) -> tuple[SubjectEdition, list[Subject]]:
    facts = {field.name: getattr(kept, field.name) for field in dataclasses.fields(SubjectEdition)}
    return SubjectEdition(**facts), [row.subject for row in kept.rows.order_by("code")]
