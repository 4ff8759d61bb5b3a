"""A site's pages as plain rows any system can read, and such rows as pages; the format is in platform/provisioning/EXPORT-FORMAT.md.

Rows name each other by what does not change between installations: a page by its path, a picture or a file by its file's name.
Fields are found by looking at the models, so a new page type or field travels without a change here.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction
from wagtail.signal_handlers import disable_reference_index_auto_update

from registry.contract import TenantRef
from tenants.pages.blocks import plain_text
from tenants.pages.exporting.fields import Keys, child_fields, children_of, field_out, own_fields, plain_out, set_fields
from tenants.pages.exporting.records import records_in, records_out
from tenants.pages.models import HomePage, SitePage, TextPage

OF_ALL_PAGES = ("title", "slug", "show_in_menus", "seo_title", "search_description", "live", "expired")
DATES = ("first_published_at", "last_published_at", "go_live_at", "expire_at")
OF_UPLOADS = ("id", "collection", "uploaded_by_user", "created_at", "file")
MOST_ERRORS = 20


class RowsError(ValueError):
    """Rows that cannot become a site; the message has a line for each."""

    def __init__(self, errors: Sequence[str]) -> None:
        rest = len(errors) - MOST_ERRORS
        super().__init__("\n".join([*errors[:MOST_ERRORS], *([f"and {rest} more"] if rest > 0 else [])]))


# --- out ----------------------------------------------------------------------


def export_site(_tenant: TenantRef) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of a list and a row of it, for all of the current site that travels; no people but authors' names."""
    keys = Keys.of_site()
    for model in (get_image_model(), get_document_model()):
        for upload in model.objects.order_by("file").prefetch_related("tags"):
            yield "media", upload_row(upload)
    closed = {each.page_id: each.restriction_type for each in PageViewRestriction.objects.all()}
    for page in Page.objects.filter(depth__gt=1).order_by("path").specific().iterator(chunk_size=100):
        yield "pages" if isinstance(page, TextPage) else "columns", page_row(page, keys, closed)
    for redirect in Redirect.objects.order_by("old_path"):
        yield (
            "redirects",
            {
                "from": redirect.old_path,
                "to_page": keys.key(Page, redirect.redirect_page_id),
                "to": redirect.redirect_link,
                "permanent": redirect.is_permanent,
            },
        )
    for record in records_out(keys):
        yield "records", record


def upload_row(upload: Any) -> dict[str, Any]:
    """Return a picture or a file as a plain row; `file` is the name it travels under."""
    kind = "image" if isinstance(upload, get_image_model()) else "file"
    plain = {each.name: plain_out(each.value_from_object(upload)) for each in _upload_fields(type(upload))}
    return {"file": f"media/{upload.file.name}", "kind": kind, "tags": sorted(tag.name for tag in upload.tags.all()), "fields": plain}


def _upload_fields(model: type[models.Model]) -> list[Any]:
    return [each for each in model._meta.concrete_fields if each.name not in OF_UPLOADS and not each.is_relation]


def page_row(page: Page, keys: Keys, closed: Mapping[int, str]) -> dict[str, Any]:
    """Return a page as a plain row; `closed` says which pages are restricted, and how."""
    path = keys.key(Page, page.pk)
    row: dict[str, Any] = {
        "path": path,
        "parent": None if isinstance(page, HomePage) else _parent(path),
        "type": page._meta.model_name,
        **{name: getattr(page, name) for name in OF_ALL_PAGES},
        **{name: plain_out(getattr(page, name)) for name in DATES},
        "author": page.owner.get_full_name() if page.owner else "",
        "restriction": closed.get(page.pk, ""),
        "fields": {each.name: field_out(each, page, keys) for each in own_fields(type(page))},
    }
    for relation in children_of(type(page)):
        name = relation.get_accessor_name()
        row.setdefault("lists", {})[name] = [
            {each.name: field_out(each, child, keys) for each in child_fields(relation)} for child in getattr(page, name).all()
        ]
    if isinstance(page, TextPage):
        row["text"] = plain_text(page.body)
    return row


def _parent(path: str) -> str:
    return f"{path.rstrip('/').rsplit('/', 1)[0]}/"


# --- in -----------------------------------------------------------------------

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def check_rows(rows: Rows) -> list[str]:
    """Return what is wrong with rows, a line each, without a database: names, parents, dates, kinds of file."""
    errors: list[str] = []
    paths: set[str] = set()
    for name, number, row in _numbered(rows, "columns", "pages"):
        errors += [f"{name}.jsonl line {number}: {error}" for error in _page_errors(row, paths)]
        paths.add(str(row.get("path")))
    homes = sum(row.get("type") == HomePage._meta.model_name for row in rows.get("columns", ()))
    if homes != 1:
        errors.append(f"columns.jsonl: there must be one page of type homepage, not {homes}")
    allowed = {"image": settings.WAGTAILIMAGES_EXTENSIONS, "file": settings.WAGTAILDOCS_EXTENSIONS}
    for name, number, row in _numbered(rows, "media"):
        kinds = allowed.get(str(row.get("kind")))
        if kinds is None:
            errors.append(f"{name}.jsonl line {number}: kind must be image or file")
        elif PurePosixPath(str(row.get("file"))).suffix.lower().removeprefix(".") not in kinds:
            errors.append(
                f"{name}.jsonl line {number}: {row.get('file')!r} is no {row['kind']} of a kind this site takes: {', '.join(kinds)}"
            )
    return errors


def _numbered(rows: Rows, *names: str) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for name in names:
        for number, row in enumerate(rows.get(name, ()), start=1):
            yield name, number, row


def _page_errors(row: Mapping[str, Any], paths: set[str]) -> Iterator[str]:
    path, parent = row.get("path"), row.get("parent")
    for name in ("path", "type", "title", "slug"):
        if not isinstance(row.get(name), str) or not row[name]:
            yield f"{name} is missing or no text"
    if not isinstance(row.get("fields", {}), dict):
        yield "fields must be an object"
    if model_of(str(row.get("type"))) is None:
        yield f"there is no page type {row.get('type')!r}; there are {', '.join(sorted(_page_types()))}"
    if path in paths:
        yield f"the path {path!r} is there twice"
    if row.get("type") != HomePage._meta.model_name and parent not in paths:
        yield f"its parent {parent!r} is not among the rows before it"
    for name in DATES:
        try:
            _moment(row.get(name))
        except (ValueError, TypeError):
            yield f"{name} is {row.get(name)!r}; write a moment as 2026-11-25T08:00:00+08:00"


def _page_types() -> dict[str, type[Page]]:
    """Return the page types of all rooms by the names rows have for them."""
    return {model._meta.model_name or "": model for model in apps.get_models() if issubclass(model, SitePage)}


def model_of(name: str) -> type[Page] | None:
    """Return the page type of a name; none where there is no such type."""
    return _page_types().get(name)


def _moment(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of rows: how many pages and records there are now, and a line for each record that was refused."""

    pages: int
    records: int
    refused: list[str] = field(default_factory=list)


def import_site(_tenant: TenantRef, rows: Rows) -> Imported:
    """Make the current site what the rows say, in the caller's transaction; files lie there already.

    Pages need each other, so one that is wrong stops all; of records the good ones are kept.

    Raises:
        RowsError: what is wrong, by line; the caller undoes the transaction.

    """
    errors, keys = check_rows(rows), Keys()
    if errors:
        raise RowsError(errors)
    with disable_reference_index_auto_update():
        for name, number, row in _numbered(rows, "media"):
            _collect(errors, name, number, partial(_make_upload, row, keys))
        home = HomePage.objects.get()
        for page in home.get_children():
            page.delete()
        for name, number, row in _numbered(rows, "columns", "pages"):
            _collect(errors, name, number, partial(_make_page, row, keys))
        made = dict(Page.objects.in_bulk(keys.numbers(Page)))
        for name, number, row in _numbered(rows, "columns", "pages"):
            _collect(errors, name, number, partial(_fill_made, row, made, keys))
        for name, number, row in _numbered(rows, "redirects"):
            _collect(errors, name, number, partial(_make_redirect, row, keys))
    if errors:
        raise RowsError(errors)
    records, refused = records_in(rows.get("records", ()), keys)
    return Imported(len(keys.numbers(Page)), records, refused)


def _collect(errors: list[str], name: str, number: int, work: Callable[[], object]) -> None:
    if len(errors) > MOST_ERRORS:
        return
    try:
        work()
    except ValidationError as error:
        errors.append(f"{name}.jsonl line {number}: {'; '.join(error.messages)}")
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        errors.append(f"{name}.jsonl line {number}: {error}")


def _make_upload(row: Mapping[str, Any], keys: Keys) -> None:
    upload = upload_from(row, str(row["file"]).removeprefix("media/"))
    upload.save()
    upload.tags.set(row.get("tags", ()))
    keys.add(type(upload), upload.pk, row["file"])


def upload_from(row: Mapping[str, Any], file: Any) -> Any:
    """Return a picture or file as a row describes it, not yet saved; `file` is its content, or the name it has in the store."""
    model = get_image_model() if row["kind"] == "image" else get_document_model()
    known = {each.name: each.to_python(row["fields"][each.name]) for each in _upload_fields(model) if each.name in row.get("fields", {})}
    return model(**known, file=file)


def _make_page(row: Mapping[str, Any], keys: Keys) -> None:
    """Make a page without what leads to others: those may not be there yet."""
    model = model_of(row["type"])
    if model is HomePage:
        page: Page = HomePage.objects.get()
    else:
        parent = Page.objects.get(pk=keys.number(Page, row["parent"]))
        page = parent.add_child(instance=(model or Page)(title=row["title"], slug=row["slug"], live=False))
    keys.add(Page, page.pk, row["path"])


def _fill_made(row: Mapping[str, Any], made: Mapping[int, Page], keys: Keys) -> None:
    page = made[keys.number(Page, row["path"])].specific
    for name in OF_ALL_PAGES:
        if name in row:
            setattr(page, name, row[name])
    for name in DATES:
        setattr(page, name, _moment(row.get(name)))
    fill_own(page, row, keys)
    page.draft_title = page.title
    page.full_clean()
    page.save()
    revision = page.save_revision(clean=False, changed=False)
    Page.objects.filter(pk=page.pk).update(live_revision=revision if page.live else None, has_unpublished_changes=not page.live)
    if row.get("restriction"):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)  # a password or a group does not travel


def fill_own(page: Page, row: Mapping[str, Any], keys: Keys) -> None:
    """Give a page what a row says of the fields and lists of its own type.

    Raises:
        LookupError: something it names is not here.

    """
    set_fields(page, own_fields(type(page)), row.get("fields", {}), keys)
    for relation in children_of(type(page)):
        name = relation.get_accessor_name()
        listed = row.get("lists", {}).get(name, ())
        children = [relation.related_model() for _ in listed]
        for child, values in zip(children, listed, strict=True):
            set_fields(child, child_fields(relation), values, keys)
        setattr(page, name, children)


def _make_redirect(row: Mapping[str, Any], keys: Keys) -> None:
    redirect = Redirect(
        old_path=Redirect.normalise_path(row["from"]),
        redirect_page_id=keys.number(Page, row.get("to_page")),
        redirect_link=row.get("to", ""),
        is_permanent=row.get("permanent", True),
    )
    redirect.full_clean()
    redirect.save()
