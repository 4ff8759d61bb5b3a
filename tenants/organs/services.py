"""Verbs: keep each published version of a power list, hand the content of an organ over to another one."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, ReferenceIndex

from tenants.organs import selectors
from tenants.organs.comparing import compare
from tenants.organs.composing import rows_of
from tenants.organs.models import OrganPage, PowerListPage, PowerVersion
from tenants.pages import services as pages
from tenants.pages.composing import path_of
from tenants.pages.forms import free_name


class SameOrganError(ValueError):
    """An organ cannot hand its content over to itself."""


def keep_version(page: PowerListPage, *, at: datetime) -> PowerVersion | None:
    """Keep what is published now as a new version; return none where the items are the same, whose check alone may be newer."""
    last = PowerVersion.objects.filter(page=page).order_by("-number").first()
    rows = rows_of(page)
    if last and last.rows == rows:
        PowerVersion.objects.filter(pk=last.pk).update(checked_on=page.checked_on, edition=page.edition)
        return None
    found = compare(last.rows if last else [], rows)
    return PowerVersion.objects.create(
        page=page,
        number=last.number + 1 if last else 1,
        edition=page.edition,
        checked_on=page.checked_on,
        published_at=at,
        rows=rows,
        item_count=len(rows),
        added=len(found.added) if last else 0,
        removed=len(found.removed),
        changed=len(found.changed),
    )


def name_lists(organ: OrganPage) -> None:
    """Let search know the power lists of an organ by its present name, in the caller's transaction."""
    for page in PowerListPage.objects.live().child_of(organ):
        pages.project(page)


def hand_over(organ: OrganPage, *, to: OrganPage, user: Any = None) -> None:
    """Let another organ have what stands below an organ and what points to it; its old address leads there. All or nothing.

    Raises:
        SameOrganError: both are the same.

    """
    if organ.pk == to.pk:
        raise SameOrganError("内容不能转给将要删除的机构本身，请选择另一个机构。")
    with transaction.atomic():
        for field in selectors.pointing_fields():
            _repoint(field, organ, to)
        for child in Page.objects.child_of(organ).specific():
            _move(child, to, user)
        if organ.live:
            address = Redirect.normalise_path(path_of(organ))
            Redirect.objects.update_or_create(old_path=address, site=None, defaults={"redirect_page": to, "is_permanent": True})


def _move(child: Page, to: OrganPage, user: Any) -> None:
    to.refresh_from_db()
    if not Page._slug_is_available(child.slug, to, child):  # noqa: SLF001 - what Wagtail's own form asks
        child.slug = free_name(type(child), child.title, parent=to, page=child, today=timezone.localdate())
        child.save()
    child.move(to, pos="last-child", user=user)


def _repoint(field: "models.ForeignKey[Any, Any]", organ: OrganPage, to: OrganPage) -> None:
    """Let all rows that point to an organ by one field point to another one; a pair that is there already is not made twice."""
    for row in field.model._meta.base_manager.filter(**{field.attname: organ.pk}):
        try:
            with transaction.atomic():
                row._meta.base_manager.filter(pk=row.pk).update(**{field.attname: to.pk})
        except IntegrityError:
            row._meta.base_manager.filter(pk=row.pk).delete()
        base = selectors.base_of(row)
        _follow(base._meta.base_manager.filter(pk=base.pk).first(), field.name, organ, to)


def _follow(base: Any, name: str, organ: OrganPage, to: OrganPage) -> None:
    """Bring a changed page's newest draft, the index of references and search in step."""
    if base is None:
        return
    if ReferenceIndex.model_is_indexable(type(base)):
        ReferenceIndex.create_or_update_for_object(base)
    if isinstance(base, Page):
        if base.latest_revision:
            base.latest_revision.content = _replaced(base.latest_revision.content, name, organ.pk, to.pk)
            base.latest_revision.save(update_fields=["content"])
        pages.project(base)


def _replaced(content: Any, name: str, old: int, new: int) -> Any:
    """Return a revision's content with one field's number changed, in the page itself and in its parts."""
    if isinstance(content, list):
        return [_replaced(part, name, old, new) for part in content]
    if not isinstance(content, dict):
        return content
    return {
        key: new if key == name and value == old else _replaced(value, name, old, new) if isinstance(value, list) else value
        for key, value in content.items()
    }
