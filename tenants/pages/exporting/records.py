"""Rows of a site that are no pages and belong to none, such as posts of new media and what fulfils an entry of a catalogue.

They are found by looking at the models of the tenants' apps, so a new one travels without a change here; what stays behind says why.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, models, transaction
from modelcluster.fields import ParentalKey
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from tenants.pages.exporting.fields import Keys, field_out, set_fields

ROOM = "tenants."
# What stays behind, and why; of the apps below the product's own, whole apps.
LEFT_OUT: Mapping[str, str] = {
    "media.siterendition": "made anew from the picture when a reader asks for it",
    "interpretations.publicissue": "the staff's own record, never shown to readers; a backup has it",
    "consultations.opinion": "citizens' own words and contacts, which they gave to this site; a backup has them",
    "letters.letter": "what citizens wrote, with their names and telephones; a backup has it",
    "wagtailredirects.redirect": "a list of its own",
    "wagtaildocs.document": "the site's files are media.sitefile",
    "wagtailimages.image": "the site's pictures are media.siteimage",
    "wagtailimages.rendition": "see media.siterendition",
}
LEFT_OUT_APPS: Mapping[str, str] = {
    "contenttypes": "numbers of the installation's models",
    "auth": "roles and rights come with the site; who has them is the platform's",
    "sessions": "people's sessions",
    "accounts": "people stay with their platform",
    "wagtailembeds": "what other hosts answered once",
    "wagtailusers": "people's own settings",
    "wagtailsearch": "an index made anew",
    "wagtailadmin": "people's own views",
    "taggit": "tags travel with the uploads",
    "wagtailcore": "versions, reviews, comments and logs stay; workflow, rights and collections come with the site; pages say who may read",
}


def record_models() -> list[type[models.Model]]:
    """Return the models whose rows travel as records, in the order of their names."""
    own = [model for config in apps.get_app_configs() if config.name.startswith(ROOM) for model in config.get_models()]
    return sorted((model for model in own if _is_record(model)), key=lambda model: model._meta.label_lower)


def _is_record(model: type[models.Model]) -> bool:
    is_upload = model in (get_image_model(), get_document_model())
    belongs = issubclass(model, Page) or any(isinstance(each, ParentalKey) for each in model._meta.get_fields())
    return not (is_upload or belongs or model._meta.label_lower in LEFT_OUT)


def records_out(keys: Keys) -> Iterator[dict[str, Any]]:
    """Yield the records of the current site, the oldest of each kind first."""
    for model in record_models():
        for record in model.objects.order_by("pk").iterator(chunk_size=500):  # type: ignore[attr-defined] # every model of a site has it
            fields = {each.name: field_out(each, record, keys) for each in _fields(model)}
            yield {"type": model._meta.label_lower, "fields": fields}


def records_in(rows: Sequence[Mapping[str, Any]], keys: Keys) -> tuple[int, list[str]]:
    """Give the current site the records of rows; return how many there are, and a line for each row that was refused.

    Of a type that is among the rows, the site keeps nothing else; a row that is refused keeps no other from being made.
    """
    known = {model._meta.label_lower: model for model in record_models()}
    kept: dict[type[models.Model], set[Any]] = {}
    refused: list[str] = []
    for number, row in enumerate(rows, start=1):
        model = known.get(str(row.get("type")))
        if model is None:
            refused.append(f"records.jsonl line {number}: type is {row.get('type')!r}; write one of {', '.join(known)}")
            continue
        kept.setdefault(model, set())
        try:
            with transaction.atomic():
                kept[model].add(_make(model, row, keys).pk)
        except _RecordError as error:
            refused += [f"records.jsonl line {number}: {line}" for line in error.lines]
    for model, numbers in kept.items():
        model.objects.exclude(pk__in=numbers).delete()  # type: ignore[attr-defined] # as above
    return sum(map(len, kept.values())), refused


def _filled(record: models.Model, values: Mapping[str, Any], keys: Keys) -> models.Model:
    for each in record._meta.concrete_fields:
        if _is_of_site(each):
            setattr(record, each.attname, Site.objects.get(is_default_site=True).pk)
    for each in _fields(type(record)):
        _told(each.name, partial(set_fields, record, [each], values, keys))
    return record


class _RecordError(ValueError):
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


def _make(model: type[models.Model], row: Mapping[str, Any], keys: Keys) -> models.Model:
    """Make a record, or change the one that is the same by what is unique of it."""
    values = row.get("fields")
    if not isinstance(values, dict):
        raise _RecordError(["fields is missing or no object; write it as in EXPORT-FORMAT.md"])
    record = _filled(model(), values, keys)
    same = _same(record)
    if same is not None:
        record = _filled(same, values, keys)
    _told("", partial(record.full_clean, exclude=[each.name for each in model._meta.concrete_fields if each.primary_key]))
    _told("", record.save)
    return record


def _told(name: str, work: Callable[[], object]) -> None:
    """Do something; what is wrong is told by the field."""
    try:
        work()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {name: error.messages}
        raise _RecordError(
            [f"{field}: {'; '.join(said)}" if field and field != "__all__" else "; ".join(said) for field, said in told.items()]
        ) from error
    except (LookupError, ValueError, TypeError, AttributeError, DatabaseError, ObjectDoesNotExist) as error:
        raise _RecordError([f"{name}: {error}" if name else str(error).strip()]) from error


def _fields(model: type[models.Model]) -> list[Any]:
    return [each for each in model._meta.concrete_fields if not each.primary_key and not _is_of_site(each)]


def _is_of_site(each: Any) -> bool:
    return each.related_model is Site


def _same(record: models.Model) -> models.Model | None:
    """Return the row that is this record already, by a field or by fields that are unique; none where there is none."""
    meta = record._meta
    unique: list[Sequence[str]] = [[each.name] for each in meta.concrete_fields if each.unique and not each.primary_key]
    unique += [each.fields for each in meta.constraints if isinstance(each, models.UniqueConstraint) and each.condition is None]
    for names in unique:
        wanted = {name: getattr(record, name) for name in names}
        found: models.Model | None = type(record).objects.filter(**wanted).first()  # type: ignore[attr-defined] # as above
        if found is not None:
            return found
    return None
