"""What a consultation, its form and its columns show, as plain values; the number of queries does not grow with the number of opinions.

Page types ask for it, so this stands below `models` and finds them through the app registry.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from library.contract import Member, Partner, RelationKind
from library.selectors import relations_of_many
from registry.contract import TenantRef
from registry.selectors import current_tenant
from rules.contract import MARK_LABELS, Key, Mark, Place
from rules.models import Rule
from rules.selectors import end_by, rules_of
from search.contract import Category
from tenants.consultations.contract import STATUS_LABELS, Kind, Status, period_key, status_of
from tenants.pages import composing as pages
from tenants.pages.contract import Fact

if TYPE_CHECKING:
    from tenants.consultations.models import ConsultationPage
    from tenants.pages.models import ColumnPage

ADDRESS = "/yijian/"  # where opinions are sent to
RECEIPT = "receipt"
FORMS: list[Callable[["ConsultationPage", TenantRef], dict[str, Any]]] = []
PROMISES = (Key.CONSULTATION_FEEDBACK, Key.CONSULTATION_CONTACT_KEPT)


def place_of(tenant: TenantRef) -> Place:
    """Return whose rules count for a site."""
    return Place.of(region_code=tenant.region_code, tenant=tenant.slug)


# --- how long it must last ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Short:
    """That a period is shorter than a rule says, in words, and how sure the rule is."""

    text: str
    mark: str


def too_short(page: "ConsultationPage") -> Short | None:
    """Return by what a period falls short of its rule; none where it does not, or where no rule says how long it must be.

    The first day does not count, as everywhere in the law.
    """
    tenant, key = current_tenant(), period_key(page.kind, affects_market=page.affects_market)
    if tenant is None or key is None or page.starts_on is None or page.ends_on is None:
        return None
    row = rules_of([key], on=page.starts_on, place=place_of(tenant)).get(key)
    if row is None or page.ends_on >= (earliest := end_by(row, start=page.starts_on)):
        return None
    sure = "" if row.mark == Mark.LAW else f"，{MARK_LABELS[Mark(row.mark)]}"
    return Short(f"征集期限一般不少于{row.value}日（{row.basis}{sure}），最早到{earliest:%Y-%m-%d}截止。", row.mark)


# --- a consultation --------------------------------------------------------------


def consultation(page: "ConsultationPage", request: HttpRequest) -> dict[str, Any]:
    """Return what a consultation shows today."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    today = timezone.localdate()
    outcomes = list(page.outcomes.all())
    status = status_of(page.starts_on, page.ends_on, is_answered=bool(outcomes or page.feedback.strip()), today=today)
    is_over = status in (Status.CLOSED, Status.ANSWERED)
    decision, explained = _came_of_it(page, tenant)
    around = _around(page, request)
    return pages.text(page, request) | {
        "status": {"code": status.value, "label": STATUS_LABELS[status]},
        "facts": facts_of(page),
        "days_left": days_left(page, status, today),
        "short_reason": page.short_reason if page.short_reason and too_short(page) else "",
        "note": lines(page.note),
        "draft": around.draft,
        "ways": _ways(page),
        "hearings": [_hearing(row) for row in page.hearings.all()],
        "receipt": around.receipt,
        "opinion_form": FORMS[0](page, tenant) if status is Status.OPEN and page.is_online else None,
        "promises": {} if is_over else _promises(rules_of(PROMISES, on=today, place=place_of(tenant))),
        "counts": {"online": around.received, "offline": page.offline_count, "withheld": around.withheld} if is_over else None,
        "received": around.received + page.offline_count,
        "feedback": lines(page.feedback) if is_over else [],
        "outcomes": [_outcome(row) for row in outcomes] if is_over else [],
        "stages": _stages(page, status, decision, explained),
    }


def facts_of(page: "ConsultationPage") -> list[Fact]:
    """Return what is said above the draft; what is not known is left out."""
    kind = f"{Kind(page.kind).label}{'（与市场主体生产经营活动密切相关）' if page.affects_market else ''}"
    rows = (("征集类别", kind), ("起草单位", page.organ), ("征集时间", period_of(page, with_days=True)))
    return [Fact(label, value) for label, value in rows if value]


@dataclass(frozen=True, slots=True)
class _Around:
    """How many opinions came on line and count, how many were withheld, the published draft, and the receipt that somebody asks for."""

    received: int
    withheld: int
    draft: dict[str, str] | None
    receipt: dict[str, Any] | None


def _around(page: "ConsultationPage", request: HttpRequest) -> _Around:
    """Return what other tables say of a consultation, in one query.

    Only a number that was given is a receipt, so that no address makes the page say what it likes.
    """
    opinions = apps.get_model("consultations", "Opinion").objects.filter(consultation=OuterRef("pk")).order_by()
    number = request.GET.get(RECEIPT, "").replace("\x00", "")
    draft = Page.objects.live().filter(pk=page.draft_document_id or 0)
    rows = (
        type(page)
        .objects.filter(pk=page.pk or 0)
        .annotate(
            received=_number_of(opinions.filter(withheld_at=None)),
            withheld=_number_of(opinions.filter(withheld_at__isnull=False)),
            draft=Subquery(draft.values(found=JSONObject(title="title", url_path="url_path", depth="depth"))[:1]),
            receipt=Subquery(opinions.filter(number=number).values("received_at")[:1]),
        )
    )
    received, withheld, found, at = rows.values_list("received", "withheld", "draft", "receipt").first() or (0, 0, None, None)
    shown = {"title": found["title"], "url": pages.path_of(Page(**found))} if found else None
    return _Around(received, withheld, shown, {"number": number, "at": timezone.localtime(at)} if at else None)


def _number_of(opinions: Any) -> Coalesce:
    return Coalesce(Subquery(opinions.values("consultation").annotate(count=Count("pk")).values("count")), 0)


def period_of(page: "ConsultationPage", *, with_days: bool = False) -> str:
    """Return from when to when; nothing of a draft that does not say."""
    if page.starts_on is None or page.ends_on is None:
        return ""
    days = f"，共 {(page.ends_on - page.starts_on).days + 1} 天" if with_days else ""
    return f"{page.starts_on} 至 {page.ends_on}{days}"


def days_left(page: "ConsultationPage", status: Status, today: dt.date) -> int | None:
    """Return how many days are left, none on the last; nothing where it does not run."""
    return (page.ends_on - today).days if status is Status.OPEN and page.ends_on else None


def _ways(page: "ConsultationPage") -> list[Fact]:
    rows = (("通信地址", page.address), ("电子邮箱", page.email), ("联系电话", page.phone))
    return [Fact(label, value) for label, value in rows if value]


def _hearing(row: Any) -> dict[str, Any]:
    return {
        "title": row.title,
        "held_at": timezone.localtime(row.held_at),
        "place": row.place,
        "participants": lines(row.participants),
        "materials": lines(row.materials),
    }


def _outcome(row: Any) -> dict[str, Any]:
    return {
        "opinion": lines(row.opinion),
        "code": row.adoption,
        "adoption": row.get_adoption_display(),
        "reason": lines(row.reason),
    }


def _promises(found: Mapping[str, Rule]) -> dict[str, str]:
    """Return by when it is answered and how long a contact is kept, as a citizen reads it."""
    answered, kept = (found.get(key) for key in PROMISES)
    return {
        "feedback": f"截止后 {answered.value} 个{answered.get_unit_display()}内" if answered else "截止后",
        "kept": f"征集截止后 {kept.value} {kept.get_unit_display()}内" if kept else "征集截止后",
    }


def _came_of_it(page: "ConsultationPage", tenant: TenantRef) -> tuple[Partner | None, list[Partner]]:
    """Return the document that was decided, and what explains it, whichever sites they are on; two queries."""
    if not page.final_target or not page.pk:
        return None, []
    own, final = Member(tenant.uuid, page.pk), Member.of_key(page.final_target)
    found = relations_of_many([own, final])
    decision = next((each.partner for each in found[own] if each.kind is RelationKind.DRAFT_OF and each.partner.member == final), None)
    explained = [each.partner for each in found[final] if each.kind is RelationKind.INTERPRETS and each.is_inverse and each.partner.url]
    return (decision, explained) if decision and decision.url else (None, [])


def _stages(page: "ConsultationPage", status: Status, decision: Partner | None, explained: Sequence[Partner]) -> list[dict[str, Any]]:
    """Return the way of the decision: what was asked, what came of the opinions, what was decided, what explains it (S14)."""
    answered = timezone.localdate(page.answered_at) if page.answered_at else None
    is_over = status in (Status.CLOSED, Status.ANSWERED)
    return [
        {"label": "公开征求意见", "is_done": is_over, "text": period_of(page), "entries": []},
        {
            "label": "公布意见采纳情况",
            "is_done": status is Status.ANSWERED,
            "text": "" if status is not Status.ANSWERED or answered is None else str(answered),
            "entries": [{"title": "查看采纳情况", "url": "#feedback"}] if status is Status.ANSWERED else [],
        },
        {"label": "公布正式文件", "is_done": decision is not None, "text": "", "entries": _links([decision] if decision else [])},
        {"label": "政策解读", "is_done": bool(explained), "text": "", "entries": _links(explained)},
    ]


def _links(partners: Sequence[Partner]) -> list[dict[str, str]]:
    return [{"title": each.title, "url": each.url, "doc_no": each.doc_no} for each in partners]


def lines(text: str) -> list[str]:
    """Return the paragraphs of a plain text."""
    return [line for raw in text.splitlines() if (line := raw.strip())]


# --- the form ----------------------------------------------------------------------


def offer_form(make: Callable[["ConsultationPage", TenantRef], dict[str, Any]]) -> None:
    """Say what makes the form of a page while it is open; forms stand above page types, so this is called when the app is ready."""
    FORMS[:] = [make]


# --- lists -------------------------------------------------------------------------


def column(page: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return what a column for consultations lists: its texts, newest first, all or those that stand in one way."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    today = timezone.localdate()
    texts = pages.texts(request).descendant_of(page)
    by_status = {status.value: Count("pk", filter=standing(status, today)) for status in Status}
    counts = texts.order_by().aggregate(total=Count("pk"), **by_status)
    asked = request.GET.get("status", "")
    chosen = Status(asked) if asked in set(Status) else None
    rows = texts.filter(standing(chosen, today)) if chosen else texts
    total = counts[chosen.value] if chosen else counts["total"]
    paginator = pages.counted_pages(_with_periods(rows), total)
    number, is_beyond = pages.page_number(paginator, request)
    city = urlencode({"kind": Category.CONSULTATION.value, "scope": "city", "sort": "date"})
    return {
        "statuses": [
            {"label": STATUS_LABELS[each], "count": counts[each.value], "url": f"?status={each.value}", "is_current": each is chosen}
            for each in Status
            if counts[each.value]
        ],
        "is_filtered": chosen is not None,
        "items": [] if is_beyond else [_item(each, today) for each in paginator.page(number).object_list],
        "total": total,
        "is_beyond_last": is_beyond,
        "pagination": pages.pagination(number, paginator.num_pages, {"status": chosen.value} if chosen else {}),
        "city_name": tenant.city_name,
        "city_url": f"/search/?{city}",
    }


def standing(status: Status, today: dt.date, *, prefix: str = "consultationpage__") -> Q:
    """Return what selects the consultations that stand in one way on a day."""
    if status is Status.UPCOMING:
        return Q(**{f"{prefix}starts_on__gt": today})
    if status is Status.OPEN:
        return Q(**{f"{prefix}starts_on__lte": today, f"{prefix}ends_on__gte": today})
    return Q(**{f"{prefix}ends_on__lt": today, f"{prefix}answered_at__isnull": status is Status.CLOSED})


def _with_periods(texts: Any) -> Any:
    """Read with each text what its line shows of a consultation, and nothing else of it."""
    page_type: Any = apps.get_model("consultations", "ConsultationPage")  # models import this module
    shown = ("organ", "kind", "starts_on", "ends_on", "answered_at")
    rest = [each.name for each in page_type._meta.local_concrete_fields if not each.primary_key and each.name not in shown]
    return texts.select_related("consultationpage").defer(*(f"consultationpage__{name}" for name in rest))


def _item(page: Page, today: dt.date) -> dict[str, Any]:
    known: ConsultationPage | None = getattr(page, "consultationpage", None)
    item: dict[str, Any] = {"title": page.title, "url": pages.path_of(page), "date": page.first_published_at}
    if known is None:
        return item
    status = status_of(known.starts_on, known.ends_on, is_answered=known.answered_at is not None, today=today)
    return item | {
        "status": {"code": status.value, "label": STATUS_LABELS[status]},
        "organ": known.organ,
        "kind": Kind(known.kind).label,
        "period": period_of(known),
        "days_left": days_left(known, status, today),
    }
