"""Reads that cross models: what is lost with an organ, and which power list is meant."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, ReferenceIndex

from tenants.organs.contract import Content, Reference, UnknownListError
from tenants.organs.models import OrganPage, PowerListPage
from tenants.pages.composing import path_of

_WAGTAILS_OWN = ("wagtailcore", "wagtailredirects")  # histories, rights, redirects: they go with their page
_SHOWN = 50


def pointing_fields() -> "Iterator[models.ForeignKey[Any, Any]]":
    """Yield all fields of all rooms by which rows point to an organ, or to any page."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in _WAGTAILS_OWN:
            for field in model._meta.local_fields:
                if isinstance(field, models.ForeignKey) and field.related_model in (OrganPage, Page) and _is_pointing(field):
                    yield field


def _is_pointing(field: "models.ForeignKey[Any, Any]") -> bool:
    return not isinstance(field, ParentalKey) and not field.remote_field.parent_link


def content_of(organ: OrganPage) -> Content:
    """Return the pages below an organ and what points to it, by fields or by links in texts."""
    finder = AdminURLFinder()
    children = Page.objects.child_of(organ).specific().order_by("path")
    below = tuple(_reference(child, f"下级页面，含 {child.get_descendant_count()} 个再下级页面", finder) for child in children)
    return Content(below, tuple(_pointing(organ, finder)))


def has_content(organ: OrganPage) -> bool:
    """Whether anything is lost with an organ."""
    return not content_of(organ).is_empty


def _pointing(organ: OrganPage, finder: AdminURLFinder) -> Iterator[Reference]:
    known: set[tuple[str, Any]] = {("page", organ.pk)}
    groups = ReferenceIndex.get_references_to(organ).exclude(base_content_type__app_label="wagtailredirects").group_by_source_object()
    for source, references in groups:
        if isinstance(source, Page) and source.pk == organ.pk:
            continue
        known.add(_key(source))
        can_follow = all(isinstance(reference.related_field, models.ForeignKey) for reference in references)
        yield _reference(source, "、".join(reference.describe_source_field() for reference in references), finder, can_follow=can_follow)
    for field in pointing_fields():  # what Wagtail's index does not hold, or not yet
        for row in field.model._meta.base_manager.filter(**{field.attname: organ.pk})[:_SHOWN]:
            base = base_of(row)
            if _key(base) not in known:
                known.add(_key(base))
                yield _reference(base, str(field.verbose_name), finder)


def base_of(row: Any) -> Any:
    """Return the page or record that a row is a part of."""
    parent = next((field for field in row._meta.fields if isinstance(field, ParentalKey)), None)
    return base_of(getattr(row, parent.name)) if parent else row


def _key(row: Any) -> tuple[str, Any]:
    return ("page" if isinstance(row, Page) else row._meta.label_lower, row.pk)


def _reference(row: Any, place: str, finder: AdminURLFinder, *, can_follow: bool = True) -> Reference:
    shown = row.get_admin_display_title() if isinstance(row, Page) else str(row)
    return Reference(shown, str(row._meta.verbose_name), place, finder.get_edit_url(row) or "", can_follow)


def power_lists() -> list[tuple[str, PowerListPage]]:
    """Return all power lists of the current site, drafts too, each with the name of its organ."""
    organs = dict(OrganPage.objects.values_list("path", "title"))
    return [(organs.get(page.path[: -page.steplen], ""), page) for page in PowerListPage.objects.order_by("path")]


def find_power_list(asked: str) -> PowerListPage:
    """Return the power list of the current site that has a number, an address or an organ of that name.

    Raises:
        UnknownListError: there is none, or there are several.

    """
    known = power_lists()
    found = [page for organ, page in known if asked in (str(page.pk), path_of(page), organ)]
    if len(found) != 1:
        raise UnknownListError(asked, [f"{page.pk} {path_of(page)} ({organ})" for organ, page in known])
    return found[0]
