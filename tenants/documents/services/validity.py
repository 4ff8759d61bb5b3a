"""Whether a document is in force: what its own dates say, and what other documents do to it."""

import datetime as dt
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import LogContext, log

from library.contract import Member, RelationKind, own_by_time
from library.selectors import changed_by_day, effects_on, standing
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from rules import selectors as rules
from rules.contract import Key, Place
from search.contract import Validity
from tenants.documents.contract import Expiring, Turned
from tenants.documents.services.writing import write
from tenants.pages.models import DocumentPage

CHANGED = "documents.validity"  # the log's word for a change that nobody typed
OVER = (Validity.REPEALED.value, Validity.EXPIRED.value)


@transaction.atomic
def settle(tenant: TenantRef, *, page: int, today: dt.date | None = None) -> bool:
    """Let a document be as much in force as its dates and other documents let it be; return whether that changed anything."""
    day = today or timezone.localdate()
    effects = effects_on(Member(tenant.uuid, page), on=day)
    with in_schema_of(tenant):
        document = DocumentPage.objects.select_for_update().filter(pk=page).first()
        return document is not None and _settle(document, effects, day)


def end(document: DocumentPage, validity: Validity, *, effects: set[RelationKind]) -> bool:
    """Say of a document itself that it is over; return whether that changed anything. Inside its schema and the caller's transaction."""
    return _write(document, validity, effects)


def _settle(document: DocumentPage, effects: set[RelationKind], day: dt.date) -> bool:
    own = Validity(document.own_validity or document.validity)
    own = own_by_time(own, effective=document.effective_date, until=document.valid_until, today=day)
    return _write(document, own, effects)


def _write(document: DocumentPage, own: Validity, effects: set[RelationKind]) -> bool:
    before = document.validity
    is_changed = write(document, validity=standing(own, effects).value, own_validity=own.value if effects else "")
    if document.validity != before:
        with LogContext(user=None):  # whoever works now may be of another site, where nobody has that number
            log(document, CHANGED, data={"before": before, "after": document.validity})
    return is_changed


def turn(tenant: TenantRef, *, today: dt.date) -> Turned:
    """Let all documents of a site follow the calendar, one transaction each; one failure stops no other. A second time changes nothing."""
    turned: Counter[str] = Counter()
    failed: list[str] = []
    with in_schema_of(tenant):
        due = list(_due(tenant, today).values_list("pk", flat=True))
        for pk in due:
            try:
                if settle(tenant, page=pk, today=today):
                    turned[DocumentPage.objects.values_list("validity", flat=True).get(pk=pk)] += 1
            except Exception as error:  # noqa: BLE001 - whatever one document's failure is, the others follow and this one is reported
                failed.append(f"document {pk}: {error}")
    in_force, expired = turned.pop(Validity.IN_FORCE.value, 0), turned.pop(Validity.EXPIRED.value, 0)
    return Turned(in_force, expired, turned.total(), tuple(failed))


def count_due(tenant: TenantRef, *, today: dt.date) -> int:
    """Return how many documents of a site the calendar would change."""
    with in_schema_of(tenant):
        return int(_due(tenant, today).count())


def _due(tenant: TenantRef, today: dt.date) -> Any:
    begun = Q(validity=Validity.PENDING) | Q(own_validity=Validity.PENDING)
    repealed = changed_by_day(tenant.uuid, kind=RelationKind.REPEALS, on=today)
    amended = changed_by_day(tenant.uuid, kind=RelationKind.AMENDS, on=today)
    return (
        DocumentPage.objects.filter(live=True)
        .filter(
            Q(valid_until__lt=today) & ~Q(validity__in=OVER)
            | begun & Q(effective_date__lte=today)
            | Q(effective_date__gt=today, validity__in=[Validity.IN_FORCE, Validity.UNKNOWN])
            | Q(pk__in=repealed) & ~Q(validity=Validity.REPEALED)
            | Q(pk__in=amended, own_validity="")
        )
        .order_by("pk")
    )


def expiring(tenant: TenantRef, *, today: dt.date) -> list[Expiring]:
    """Return the documents of a site whose validity ends within the days that the rules give for warning, the first to end first."""
    place = Place.of(region_code=tenant.region_code, tenant=tenant.slug)
    last = rules.end_of(Key.DOCUMENT_VALID_WARNING, start=today, place=place)
    with in_schema_of(tenant):
        rows = DocumentPage.objects.filter(live=True, valid_until__gte=today, valid_until__lte=last).exclude(validity__in=OVER)
        return [
            Expiring(page.pk, page.title, page.doc_no, page.valid_until, (page.valid_until - today).days)
            for page in rows.order_by("valid_until", "pk")
        ]
