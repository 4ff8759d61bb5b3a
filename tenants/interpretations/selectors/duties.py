"""Documents that must be interpreted and are not yet: which lack a plan, which are overdue, by how many working days."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from registry.contract import TenantRef
from rules.contract import Key
from search.models import Projection
from tenants.interpretations.composing import interpretations_of
from tenants.interpretations.models import InterpretationDuty, InterpretedDocument
from tenants.interpretations.selectors.meters import place_of, rule_or_none


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document without its interpretation; `due_on` and `late_by` are none where they cannot be told, and `untold` says why."""

    document_pk: int
    title: str
    doc_no: str
    is_public: bool
    published_on: dt.date | None
    due_on: dt.date | None
    late_by: int | None
    untold: str
    duty: InterpretationDuty

    @property
    def text(self) -> str:
        """What staff read."""
        if not self.is_public:
            return "文件尚未公布，公布后起算"
        if self.untold:
            return self.untold
        if self.late_by:
            return f"已逾期{self.late_by}个工作日"
        return f"应于{self.due_on:%Y-%m-%d}前发布解读"


def waiting(tenant: TenantRef, *, today: dt.date) -> list[Waiting]:
    """Return the documents marked for interpretation that no public interpretation explains, those most overdue first."""
    duties = InterpretationDuty.objects.exclude(page__in=_explained(tenant)).select_related("page").order_by("page_id", "sort_order", "pk")
    one_each = {duty.page_id: duty for duty in reversed(duties)}
    calendar = WorkingDays()
    found = [_waiting(duty, tenant, calendar, today) for duty in one_each.values()]
    return sorted(found, key=lambda each: (not each.is_public, -(each.late_by or 0), each.due_on or dt.date.max, each.document_pk))


def _explained(tenant: TenantRef) -> set[int]:
    """Return the site's documents that a public text explains, of this site or of another."""
    own = InterpretedDocument.objects.filter(page__live=True, document__isnull=False).values_list("document", flat=True)
    said = {row.target_page: row.source.key for row in interpretations_of(tenant).exclude(source_site=tenant.uuid)}
    public = set(Projection.objects.live().filter(pk__in=said.values()).values_list("pk", flat=True))
    return set(own) | {page for page, key in said.items() if key in public}


def _waiting(duty: InterpretationDuty, tenant: TenantRef, calendar: WorkingDays, today: dt.date) -> Waiting:
    page = duty.page
    moment = page.first_published_at if page.live else None
    published = timezone.localtime(moment).date() if moment else None
    due, late, untold = _due(published, tenant, calendar, today) if published else (None, None, "")
    return Waiting(page.pk, page.title, page.doc_no, published is not None, published, due, late, untold, duty)


def _due(published: dt.date, tenant: TenantRef, calendar: WorkingDays, today: dt.date) -> tuple[dt.date | None, int | None, str]:
    held = rule_or_none(Key.INTERPRETATION_LATEST, on=published, place=place_of(tenant))
    if held is None:
        return None, None, "本地没有解读时限的规定"
    try:
        due = calendar.after(published, held.value)
        return due, calendar.between(due, today) if today > due else 0, ""
    except UncoveredYearError as error:
        return None, None, f"{error.year}年工作日安排尚未导入，不能计算时限"
