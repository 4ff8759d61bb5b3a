"""Fields of any row of a site as plain values and back: references by what lasts, bodies block by block, links by what they lead to."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.models import Page

from registry.selectors import current_tenant
from search.contract import document_key
from tenants.pages.composing import path_of

_LINK = re.compile(r'<(?P<tag>a|embed)\b(?P<rest>[^>]*\b(?:linktype|embedtype)="(?P<kind>page|document|image)"[^>]*)>')
_ID, _HREF = re.compile(r'\bid="(\d+)"'), re.compile(r'\bhref="([^"]*)"')


class Keys:
    """What pages and uploads are called outside, by their numbers; and their numbers, by what they are called."""

    def __init__(self) -> None:
        self._keys: dict[type[models.Model], dict[int, str]] = {Page: {}, get_image_model(): {}, get_document_model(): {}}
        self._numbers: dict[type[models.Model], dict[str, int]] = {model: {} for model in self._keys}

    @classmethod
    def of_site(cls) -> "Keys":
        """Return the keys of the current site."""
        keys = cls()
        for page in Page.objects.filter(depth__gt=1):
            keys.add(Page, page.pk, path_of(page))
        for model in (get_image_model(), get_document_model()):
            for number, file in model.objects.values_list("pk", "file"):
                keys.add(model, number, f"media/{file}")
        return keys

    def add(self, model: type[models.Model], number: int, key: str) -> None:
        """Note what a row is called."""
        self._keys[model][number], self._numbers[model][key] = key, number

    def numbers(self, model: type[models.Model]) -> list[int]:
        """Return the numbers of all rows of a model."""
        return list(self._keys[model])

    def key(self, model: type[models.Model], number: Any) -> Any:
        """Return what a row is called outside; none where it does not travel or is gone."""
        return self._keys.get(self._kind(model), {}).get(number)

    def number(self, model: type[models.Model], key: Any) -> Any:
        """Return the number of what is called so; none for none.

        Raises:
            LookupError: there is nothing of this name.

        """
        if key is None:
            return None
        found = self._numbers.get(self._kind(model), {}).get(key)
        if found is None:
            raise LookupError(f"nothing here is called {key!r}")
        return found

    def _kind(self, model: type[models.Model]) -> type[models.Model]:
        return Page if issubclass(model, Page) else model


def own_fields(model: type[models.Model]) -> list[Any]:
    """Return the fields a page type adds to what all pages have."""
    return [each for each in model._meta.concrete_fields if not issubclass(Page, each.model) and not each.primary_key]


def children_of(model: type[models.Model]) -> list[Any]:
    """Return the lists of rows that belong to a page of a type."""
    return [each for each in get_all_child_relations(model) if each.related_model._meta.app_label != "wagtailcore"]


def child_fields(relation: Any) -> list[Any]:
    """Return the fields of a row in such a list."""
    return [each for each in relation.related_model._meta.concrete_fields if not each.primary_key and each.name != relation.field.name]


def field_out(each: Any, instance: models.Model, keys: Keys) -> Any:
    """Return what a field of a row is outside."""
    value = getattr(instance, each.attname)
    if each.is_relation:
        return keys.key(each.related_model, value)
    if each.name in getattr(type(instance), "member_fields", ()):
        return _member_out(value, keys)
    if isinstance(each, StreamField):
        return _walk(each.stream_block, list(value.raw_data), keys.key, lambda html: _links_out(html, keys))
    if isinstance(each, RichTextField):
        return _links_out(value, keys)
    return plain_out(value)


def _member_out(value: str, keys: Keys) -> str:
    """Name a page of this site by its path; one of another site keeps its key, which holds wherever this site goes."""
    site, _, page = value.rpartition(":")
    tenant = current_tenant()
    is_own = tenant is not None and page.isdecimal() and document_key(tenant.uuid, int(page)) == value
    return str(keys.key(Page, int(page)) or "") if is_own and site else value


def _member_in(value: str, keys: Keys) -> str:
    tenant = current_tenant()
    return document_key(tenant.uuid, keys.number(Page, value)) if tenant is not None and value.startswith("/") else value


def plain_out(value: Any) -> Any:
    """Return a value as JSON can hold it; moments in UTC, so that equal ones look equal."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value) if isinstance(value, dt.date | dt.time | Decimal | UUID) else value


def _walk(block: Any, raw: Any, refer: Callable[[type[models.Model], Any], Any], link: Callable[[str], str]) -> Any:
    """Return a body's raw value with references and links turned by the two functions; the same walk serves both ways."""
    if isinstance(block, blocks.StreamBlock):
        return [
            dict(each) | {"value": _walk(block.child_blocks[each["type"]], each["value"], refer, link)}
            for each in raw
            if each["type"] in block.child_blocks
        ]
    if isinstance(block, blocks.StructBlock):
        return {name: _walk(block.child_blocks[name], value, refer, link) for name, value in raw.items() if name in block.child_blocks}
    if isinstance(block, blocks.ListBlock):
        return [dict(each) | {"value": _walk(block.child_block, each["value"], refer, link)} for each in raw]
    if isinstance(block, blocks.ChooserBlock):
        return refer(block.model_class, raw)
    return link(raw) if isinstance(block, blocks.RichTextBlock) else raw


_MODELS: Mapping[str, Callable[[], type[models.Model]]] = {"page": lambda: Page, "image": get_image_model, "document": get_document_model}


def _links_out(html: str, keys: Keys) -> str:
    """Name what links lead to by its key instead of its number."""

    def name(match: re.Match[str]) -> str:
        def key(number: re.Match[str]) -> str:
            return f'href="{keys.key(_MODELS[match["kind"]](), int(number[1])) or ""}"'

        return f"<{match['tag']}{_ID.sub(key, match['rest'])}>"

    return _LINK.sub(name, html)


def _links_in(html: str, keys: Keys) -> str:
    """Number what links lead to; a link to what is gone stays without an aim."""

    def name(match: re.Match[str]) -> str:
        def number(key: re.Match[str]) -> str:
            return f'id="{keys.number(_MODELS[match["kind"]](), key[1])}"' if key[1] else ""

        return f"<{match['tag']}{_HREF.sub(number, match['rest'])}>"

    return _LINK.sub(name, html)


def set_fields(instance: models.Model, fields: Sequence[Any], values: Mapping[str, Any], keys: Keys) -> None:
    """Give a row what plain values say of these fields; what they do not name stays.

    Raises:
        LookupError: something they name is not here.
        ValidationError: a value is none of its field's.

    """
    for each in fields:
        if each.name not in values:
            continue
        value = values[each.name]
        if each.is_relation:
            setattr(instance, each.attname, keys.number(each.related_model, value))
        elif each.name in getattr(type(instance), "member_fields", ()):
            setattr(instance, each.attname, _member_in(value, keys))
        elif isinstance(each, StreamField):
            raw = _walk(each.stream_block, value, keys.number, lambda html: _links_in(html, keys))
            setattr(instance, each.attname, json.dumps(raw))
        elif isinstance(each, RichTextField):
            setattr(instance, each.attname, _links_in(value, keys))
        else:
            setattr(instance, each.attname, each.to_python(value))
