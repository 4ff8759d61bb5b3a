"""Official texts from JSON lines into a column: good rows are kept, each bad one gets a line that says what is wrong."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.signal_handlers import disable_reference_index_auto_update

from library.contract import GENRES, own_by_time
from registry.selectors import current_tenant
from search import services as search
from search.contract import Category, DocumentClass, Validity
from tenants.pages import services
from tenants.pages.contract import DOCUMENT_CATEGORIES
from tenants.pages.models import ColumnPage, DocumentPage
from vocabularies.contract import Scheme, SubjectError
from vocabularies.selectors import subject_named

BATCH = 50  # rows a transaction: few enough to lose little, many enough to share its cost
LONGEST_TITLE = 255
LONGEST_ID = 64
SCHEMES = {"subject": Scheme.SUBJECT, "combined_class": Scheme.COMBINED}  # by the field they fill
_SLUG = re.compile(r"[^a-z0-9-]+")


class RowError(ValueError):
    """A row that cannot become a document; the message says which field and what it should be."""


class NoColumnError(LookupError):
    """The site has no such column; the message lists what it has."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the format of `deploy/demo/data`, checked."""

    source_id: str
    title: str
    body: str
    category: str
    doc_nos: tuple[str, ...]
    issuer: str
    index_no: str
    signed: date | None
    effective: date | None
    published: date | None
    version: date | None
    place: str
    group: str
    subtitle: str
    source_url: str
    validity: str
    subject: str | None  # as written until `classified`; None leaves what the document has
    combined_class: str | None


@dataclass
class Report:
    """What an import did: rows created, brought up to date, unchanged, and the bad ones by line."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Rows looked at."""
        return self.created + self.updated + self.unchanged + len(self.bad)


def find_column(slug: str) -> ColumnPage:
    """Return a column of the current site by its slug.

    Raises:
        NoColumnError: there is none, or several; the message names the columns there are.

    """
    found = list(ColumnPage.objects.filter(slug=slug)[:2])
    if len(found) != 1:
        known = ", ".join(sorted(ColumnPage.objects.values_list("slug", flat=True)))
        raise NoColumnError(f"There is {'no' if not found else 'more than one'} column {slug!r}. Columns: {known}.")
    column: ColumnPage = found[0]
    return column


def parse(line: str) -> Row:
    """Return a checked row.

    Raises:
        RowError: the first thing that is wrong with it.

    """
    try:
        data = json.loads(line)
    except ValueError as error:
        raise RowError(f"this is no JSON object ({error})") from error
    if not isinstance(data, dict):
        raise RowError("this is no JSON object, but a list or a value")
    kind = _text(data, "kind") or Category.OTHER.value
    numbers = data.get("doc_nos") or []
    if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
        raise RowError("doc_nos must be a list of texts")
    published = _date(data, "published") or _date(data, "promulgated") or _date(data, "version_date") or _year(data)
    return Row(
        source_id=_needed(data, "id", LONGEST_ID),
        title=_needed(data, "title", LONGEST_TITLE),
        body=_needed(data, "body", None),
        category=kind if kind in dict(DOCUMENT_CATEGORIES) else Category.OTHER.value,
        doc_nos=tuple(numbers),
        issuer=_text(data, "issuer")[:200],
        index_no=_text(data, "index_no")[:60],
        signed=_date(data, "promulgated"),
        effective=_date(data, "effective"),
        published=published,
        version=_date(data, "version_date") or published,
        place=_text(data, "region")[:60],
        group=_text(data, "group")[:64],
        subtitle=_text(data, "subtitle")[:200],
        source_url=address if (address := _text(data, "source_path")).startswith(("http://", "https://")) else "",
        validity=validity if (validity := _text(data, "validity")) in set(Validity) else Validity.UNKNOWN.value,
        **{name: None if data.get(name) is None else _text(data, name) for name in SCHEMES},
    )


def classified(row: Row, *, city: str, today: date) -> Row:
    """Return the row with the codes of its subject and its combined class, which it says by code or by name.

    Raises:
        RowError: one of them is none that editors of the city may choose today.

    """
    for name, scheme in SCHEMES.items():
        if word := getattr(row, name):
            try:
                code: Any = subject_named(word, city=city, on=today, scheme=scheme).code
            except SubjectError as error:
                raise RowError(f"{name}: {error}") from error
            row = replace(row, **{name: code})
    return row


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(f"{name} must be a text, not {type(value).__name__}")
    if "\x00" in value:
        raise RowError(f"{name} holds a NUL character; remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowError(f"{name} holds half a character (a lone surrogate) at position {error.start}; correct the text") from error
    return value.strip()


def _needed(data: dict[str, Any], name: str, longest: int | None) -> str:
    value = _text(data, name)
    if not value:
        raise RowError(f"{name} is missing or empty")
    if longest and len(value) > longest:
        raise RowError(f"{name} has {len(value)} characters; at most {longest} are possible")
    return value


def _date(data: dict[str, Any], name: str) -> date | None:
    value = _text(data, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise RowError(f"{name} is {value!r}; write a date as 2026-11-24") from error


def _year(data: dict[str, Any]) -> date | None:
    year = data.get("year")
    return date(int(year), 1, 1) if isinstance(year, int) or (isinstance(year, str) and year.isdigit()) else None


def check_texts(lines: Iterable[str]) -> Report:
    """Look at rows without writing anything; good ones count as unchanged."""
    report = Report()
    for batch in _batches(lines):
        good = _parse_batch(batch, report)
        report.unchanged += len(good)
    return report


def import_texts(column: ColumnPage, lines: Iterable[str], *, on_rows: Callable[[int], None] = lambda _count: None) -> Report:
    """Bring a column in step with rows; idempotent by `source_id`, a transaction every 50 rows."""
    report = Report()
    for batch in _batches(lines):
        rows = _parse_batch(batch, report)
        with transaction.atomic():
            _import_batch(column, rows, report)
        on_rows(len(batch))
    return report


def _parse_batch(batch: list[tuple[int, str]], report: Report) -> list[tuple[int, Row]]:
    rows = []
    tenant = current_tenant()
    city = tenant.city_slug if tenant else ""
    for number, line in batch:
        try:
            rows.append((number, classified(parse(line), city=city, today=timezone.localdate())))
        except RowError as error:
            report.bad.append(f"line {number}: {error}.")
    return rows


def _batches(lines: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            batch.append((number, line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _import_batch(column: ColumnPage, rows: list[tuple[int, Row]], report: Report) -> None:
    column.refresh_from_db()
    existing = {page.source_id: page for page in DocumentPage.objects.filter(source_id__in=[row.source_id for _, row in rows])}
    changed = []
    with disable_reference_index_auto_update():  # official text holds no references; a later edit in the editor is indexed as usual
        for number, row in rows:
            try:
                with transaction.atomic():
                    page = existing.get(row.source_id)
                    if page is None:
                        existing[row.source_id] = page = _create(column, row)
                        report.created += 1
                    elif _update(page, row):
                        report.updated += 1
                    else:
                        report.unchanged += 1
                        continue
                changed.append(page)
            except (ValidationError, ValueError) as error:  # what Wagtail or the database refuses, such as a slug in use
                report.bad.append(f"line {number}: {error}.")
    _record_revisions(changed)
    if tenant := current_tenant():
        tab = services.tab_of(changed[0]) if changed else None
        search.publish_many(services.document_of(page, tenant, tab=tab) for page in changed)


def _fields(row: Row) -> dict[str, Any]:
    return {
        "title": row.title,
        "subtitle": row.subtitle,
        "doc_no": "；".join(row.doc_nos)[:120],
        "index_no": row.index_no,
        "issuer": row.issuer,
        "category": row.category,
        "signed_date": row.signed,
        "effective_date": row.effective,
        "source_url": row.source_url,
        "source": row.issuer[:100],
        "place": row.place,
        "text_group": row.group,
        "version_date": row.version,
        **{name: code for name in SCHEMES if (code := getattr(row, name)) is not None},
    }


def _validity(row: Row, *, known: str = Validity.UNKNOWN, until: date | None = None) -> str:
    """Return whether a text is in force today by what its row says, and its dates; a row that says nothing leaves what is known."""
    said = Validity(row.validity if row.validity != Validity.UNKNOWN else known)
    return own_by_time(said, effective=row.effective, until=until, today=timezone.localdate()).value


def _published_at(row: Row) -> datetime:
    if row.published is None:
        return timezone.now()
    return timezone.make_aware(datetime.combine(row.published, time(8)))


def _create(column: ColumnPage, row: Row) -> DocumentPage:
    page = DocumentPage(
        **_fields(row),
        **_first_facts(row),
        validity=_validity(row),
        source_id=row.source_id,
        slug=_SLUG.sub("-", row.source_id.lower()).strip("-") or "text",
        body=[("official_text", row.body)],
        live=True,
        first_published_at=_published_at(row),
        last_published_at=timezone.now(),
    )
    column.add_child(instance=page)
    return page


def _first_facts(row: Row) -> dict[str, Any]:
    """Return what a new document is taken for until its editors say otherwise."""
    return {
        "document_class": DocumentClass.RULE.value if row.category == Category.DEPT_RULE else DocumentClass.OTHER.value,
        "genre": next((genre for genre in GENRES if row.title.endswith(genre)), ""),
    }


def _update(page: DocumentPage, row: Row) -> bool:
    own = "own_validity" if page.own_validity else "validity"  # other documents decide over `validity`
    wanted = _fields(row) | {own: _validity(row, known=getattr(page, own), until=page.valid_until)}
    text = "\n".join(child.value for child in page.body if child.block_type == "official_text")
    if text == row.body and all(getattr(page, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(page, name, value)
    page.body = [("official_text", row.body)]
    page.last_published_at = timezone.now()
    page.save()
    return True


def _record_revisions(pages: list[DocumentPage]) -> None:
    """Keep each text as its page's live revision, for comparing and going back: two statements for all pages."""
    if not pages:
        return
    now = timezone.now()
    base = pages[0].get_base_content_type()
    revisions = Revision.objects.bulk_create(
        Revision(
            content_type=page.cached_content_type,
            base_content_type=base,
            object_id=str(page.pk),
            object_str=str(page),
            created_at=now,
            content=page.serializable_data(),
        )
        for page in pages
    )
    for page, revision in zip(pages, revisions, strict=True):
        page.latest_revision = page.live_revision = revision
        page.latest_revision_created_at, page.has_unpublished_changes = now, False
    Page.objects.bulk_update(pages, ["latest_revision", "live_revision", "latest_revision_created_at", "has_unpublished_changes"])
