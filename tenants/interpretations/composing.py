"""What interpretations, answers and their columns show, as plain values; the number of queries does not grow with the number of rows.

Page types ask for it, so this stands below `models` and finds them through the app registry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import default_storage
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from modelcluster.queryset import FakeQuerySet
from wagtail.models import Page

from library.contract import RelationKind
from library.models import Relation
from registry.contract import TenantRef
from registry.selectors import directory, site_url
from search.contract import VALIDITY_LABELS, PageKind, Validity, document_key
from search.curation.targets import TargetError, resolve
from search.models import Projection
from tenants.interpretations.contract import Explained, Form, LinkedDocument, Medium, Shown
from tenants.pages import composing as pages
from tenants.pages.contract import Fact
from tenants.pages.describing import CONTEXT, LANGUAGE

if TYPE_CHECKING:
    from tenants.interpretations.models import InterpretationPage, ResponsePage
    from tenants.pages.models import ColumnPage, DocumentPage

WIDEST = "width-1200"
LISTS = ("interpreted", "questions", "media", "channels")  # what belongs to an interpretation


# --- which document is meant ----------------------------------------------------


def document_at(address: str, tenant: TenantRef) -> tuple[int | None, UUID | None, int | None] | str:
    """Return the document at an address: the site's own by its page, another site's by site and page; or what is wrong, for the editor."""
    try:
        target = resolve(address, standing_on=tenant)
    except TargetError as error:
        return str(error)
    row = target.row
    if target.site is None or row is None or not row.is_live or row.page_kind != PageKind.DOCUMENT:
        return "这个网址不是本市网站上已公开的文件；请打开该文件的页面，复制地址栏中的网址。"
    if target.site.uuid == tenant.uuid:
        return row.page_id, None, None
    return None, target.site.uuid, row.page_id


def keys_of(rows: Iterable[Any], tenant: TenantRef) -> list[str]:
    """Return the search keys of the documents that rows name, each once."""
    keys = [document_key(row.site or tenant.uuid, row.site_page or row.document_id) for row in rows if row.document_id or row.site_page]
    return list(dict.fromkeys(keys))


def documents_by_key(keys: Iterable[str], tenant: TenantRef) -> dict[str, LinkedDocument]:
    """Return those of the documents that readers may see, in one query for all."""
    wanted = set(keys)
    if not wanted:
        return {}
    known = directory()
    rows = Projection.objects.live().within(None, hidden=known.hidden()).filter(pk__in=wanted).select_related("tenant")
    return {row.pk: _linked(row, known.by_uuid[row.tenant.uuid], tenant) for row in rows.without_text() if row.tenant.uuid in known.by_uuid}


def _linked(row: Projection, site: TenantRef, tenant: TenantRef) -> LinkedDocument:
    is_own = site.uuid == tenant.uuid
    validity = Validity(row.validity)
    return LinkedDocument(
        title=row.title,
        url=row.path if is_own else site_url(site, row.path),
        doc_no="；".join(row.doc_nos),
        issuer=row.issuer,
        validity=None if validity is Validity.UNKNOWN else {"code": validity.value, "label": VALIDITY_LABELS[validity]},
        date=row.published_at,
        site="" if is_own else site.name,
    )


# --- an interpretation -------------------------------------------------------------


def interpretation(page: "InterpretationPage", request: HttpRequest) -> dict[str, Any]:
    """Return what an interpretation shows."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    gather(page)
    keys = keys_of(page.interpreted.all(), tenant)
    found = documents_by_key(keys, tenant)
    facts = [("解读机关", page.organ), ("第一解读人", " ".join(part for part in (page.interpreter, page.interpreter_post) if part))]
    return pages.text(page, request) | {
        "facts": [Fact(label, value) for label, value in facts if value],
        "kinds": [Form(kind).label for kind in page.kinds],
        "documents": [found[key] for key in keys if key in found],
        "elements": [{"label": label, "lines": lines(text)} for label, text in page.elements],
        "questions": [{"question": row.question, "answer": lines(row.answer)} for row in page.questions.all()],
        "media": [shown for row in page.media.all() if (shown := _shown(row)).url],
        "channels": channels(page.channels.all()),
    }


def gather(page: "InterpretationPage") -> None:
    """Read the four lists of a page in one query instead of four or more; a page that is being edited has them with it."""
    if page.pk is None or any(getattr(page, name).is_deferring for name in LISTS):
        return
    renditions: Any = apps.get_model("media", "SiteRendition").objects.filter(image=OuterRef("image"), filter_spec=WIDEST)
    more = {"media": {"rendition": renditions.values(found=JSONObject(file="file", width="width", height="height"))[:1]}}
    queries = {f"{name}_found": _as_json(type(page), name, more.get(name, {})) for name in LISTS}
    found = type(page).objects.filter(pk=page.pk).values(**queries).get()
    page.__dict__["_prefetched_objects_cache"] = {name: _made(type(page), name, found[f"{name}_found"]) for name in LISTS}


def _as_json(page_type: Any, name: str, more: Mapping[str, Any]) -> ArraySubquery:
    model = _row_model(page_type, name)
    fields = {each.attname: each.attname for each in model._meta.concrete_fields}
    named = {"file_name": "file__file", "captions_name": "captions__file"} if name == "media" else {}
    extra = {key: Subquery(query) for key, query in more.items()}
    rows = model.objects.filter(page=OuterRef("pk")).order_by("sort_order", "pk")
    return ArraySubquery(rows.values(found=JSONObject(**fields, **named, **extra)))


def _made(page_type: Any, name: str, rows: Iterable[dict[str, Any]]) -> FakeQuerySet:
    """Return rows as they would have come from their own query."""
    model = _row_model(page_type, name)
    made = []
    for row in rows:
        one = model(**{each.attname: each.to_python(row.pop(each.attname)) for each in model._meta.concrete_fields})
        one.__dict__ |= row  # a picture's rendition, a file's name
        made.append(one)
    return FakeQuerySet(model, made)


def _row_model(page_type: Any, name: str) -> Any:
    return page_type._meta.get_field(name).related_model


def lines(text: str) -> list[str]:
    """Return the paragraphs of a plain text."""
    return [line for raw in text.splitlines() if (line := raw.strip())]


def faq(page: "InterpretationPage") -> list[dict[str, Any]]:
    """Return questions and answers in the words of schema.org (FAQPage); nothing where there are none."""
    entries = [
        {"@type": "Question", "name": row.question, "acceptedAnswer": {"@type": "Answer", "text": "\n".join(lines(row.answer))}}
        for row in page.questions.all()
    ]
    return [{"@context": CONTEXT, "@type": "FAQPage", "inLanguage": LANGUAGE, "mainEntity": entries}] if entries else []


def _shown(row: Any) -> Shown:
    title = row.title or Medium(row.medium).label
    picture = _picture(row) if row.image_id else {}
    if row.medium == Medium.PICTURE:
        return Shown(row.medium, title, picture.get("url", ""), caption=row.caption, extra={**picture, "alt": row.alt})
    url, captions = _file_url(row, "file"), _file_url(row, "captions")
    film = {"title": title, "url": url, "poster": picture.get("url", ""), "captions": captions} if row.medium == Medium.VIDEO else {}
    return Shown(row.medium, title, url, row.caption, tuple(lines(row.transcript)), film)


def _picture(row: Any) -> dict[str, Any]:
    """Return a picture at most so wide; made when it is shown for the first time."""
    known = getattr(row, "rendition", None)
    if known:
        return {"url": default_storage.url(known["file"]), "width": known["width"], "height": known["height"]}
    rendition = row.image.get_rendition(WIDEST)
    return {"url": rendition.url, "width": rendition.width, "height": rendition.height}


def _file_url(row: Any, field: str) -> str:
    number = getattr(row, f"{field}_id")
    name = (getattr(row, f"{field}_name", None) or getattr(row, field).file.name) if number else ""
    return reverse("wagtaildocs_serve", args=[number, PurePosixPath(name).name]) if name else ""


def channels(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return where else a text was published, for readers."""
    return [{"label": row.get_channel_display(), "outlet": row.outlet, "date": row.published_on, "url": row.link} for row in rows]


# --- an answer to public opinion -------------------------------------------------------


def response(page: "ResponsePage", request: HttpRequest) -> dict[str, Any]:
    """Return what an answer shows; nothing of staff's own record."""
    facts = [("回应机关", page.organ), ("回应方式", page.get_form_display())]
    updates = sorted(page.updates.all(), key=lambda row: row.at, reverse=True)
    return pages.text(page, request) | {
        "focus": page.focus,
        "facts": [Fact(label, value) for label, value in facts if value],
        "held_at": timezone.localtime(page.held_at) if page.held_at else None,
        "updates": [{"at": timezone.localtime(row.at), "lines": lines(row.text)} for row in updates],
        "channels": channels(page.channels.all()),
    }


# --- lists ---------------------------------------------------------------------------------


def explained(texts: Sequence[Page], tenant: TenantRef) -> list[Explained]:
    """Return lines for texts read by `_with_forms`, with forms and documents where they are interpretations; one query for all."""
    named = {page.pk: keys_of([_Named(**row) for row in page.named], tenant) for page in texts}
    found = documents_by_key((key for keys in named.values() for key in keys), tenant)
    return [_explained(page, [found[key] for key in named[page.pk] if key in found]) for page in texts]


@dataclass(frozen=True, slots=True)
class _Named:
    """What a row says of the document it means."""

    document_id: int | None
    site: str | None
    site_page: int | None


def _explained(page: Page, documents: Sequence[LinkedDocument]) -> Explained:
    known: InterpretationPage | None = getattr(page, "interpretationpage", None)
    return Explained(
        page.title,
        pages.path_of(page),
        page.first_published_at,
        kinds=tuple(Form(kind).label for kind in known.kinds) if known else (),
        organ=known.organ if known else "",
        documents=tuple(documents),
    )


def column(page: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return what a column for interpretations lists: its texts, newest first, all or those of one form."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    texts = pages.texts(request).descendant_of(page)
    counts = texts.order_by().aggregate(
        total=Count("pk"), **{form.value: Count("pk", filter=Q(interpretationpage__kinds__contains=[form.value])) for form in Form}
    )
    asked = request.GET.get("kind", "")
    chosen = Form(asked) if asked in Form.values else None
    if chosen:
        texts = texts.filter(interpretationpage__kinds__contains=[chosen.value])
    total = counts[chosen.value] if chosen else counts["total"]
    paginator = pages.counted_pages(_with_forms(texts), total)
    number, is_beyond = pages.page_number(paginator, request)
    items = [] if is_beyond else explained(list(paginator.page(number).object_list), tenant)
    return {
        "forms": [
            {"label": form.label, "count": counts[form.value], "url": "?" + urlencode({"kind": form.value}), "is_current": form is chosen}
            for form in Form
            if counts[form.value]
        ],
        "is_filtered": chosen is not None,
        "items": items,
        "total": total,
        "is_beyond_last": is_beyond,
        "pagination": pages.pagination(number, paginator.num_pages, {"kind": chosen.value} if chosen else {}),
    }


def _with_forms(texts: Any) -> Any:
    """Read with each text what its line shows of an interpretation: forms, organ, which documents; not its body."""
    page_type: Any = apps.get_model("interpretations", "InterpretationPage")  # models import this module
    shown = ("kinds", "organ")
    rest = [each.name for each in page_type._meta.local_concrete_fields if not each.primary_key and each.name not in shown]
    rows = _rows().filter(page=OuterRef("pk")).order_by("sort_order", "pk")
    named = ArraySubquery(rows.values(found=JSONObject(document_id="document_id", site="site", site_page="site_page")))
    return texts.select_related("interpretationpage").defer(*(f"interpretationpage__{name}" for name in rest)).annotate(named=named)


def of_document(page: "DocumentPage", request: HttpRequest) -> dict[str, Any]:
    """Return the interpretations that the page of an official document shows, other sites' too; one query."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    known = directory()
    said = interpretations_of(tenant).filter(target_page=page.pk, source_site=OuterRef("tenant__uuid"), source_page=OuterRef("page_id"))
    page_type: Any = apps.get_model("interpretations", "InterpretationPage")  # models import this module
    own = page_type.objects.filter(pk=OuterRef("page_id")).values(found=JSONObject(kinds="kinds", organ="organ"))
    rows = Projection.objects.live().within(None, hidden=known.hidden()).filter(Exists(said)).annotate(own=Subquery(own))
    texts = rows.without_text().select_related("tenant").order_by("published_at", "pk")
    return {"interpretations": [_explaining(row, known.by_uuid[row.tenant.uuid], tenant) for row in texts]}


def interpretations_of(tenant: TenantRef) -> "QuerySet[Relation]":
    """Return what texts of any site explain of a site's documents, as the library has it."""
    return Relation.objects.filter(kind=RelationKind.INTERPRETS, target_site=tenant.uuid)


def _explaining(row: Any, site: TenantRef, tenant: TenantRef) -> Explained:
    is_own = site.uuid == tenant.uuid
    own = (row.own if is_own else None) or {"kinds": (), "organ": ""}  # another site's page may have the same number
    return Explained(
        row.title,
        row.path if is_own else site_url(site, row.path),
        row.published_at,
        kinds=tuple(Form(kind).label for kind in own["kinds"]),
        organ=own["organ"],
        site="" if is_own else site.name,
    )


def _rows() -> "QuerySet[Any]":
    rows: QuerySet[Any] = apps.get_model("interpretations", "InterpretedDocument").objects.all()  # models import this module
    return rows
