"""Verbs: keep an opinion, withhold one, follow what a consultation came to, erase who sent opinions when the time is over."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from intake import services as intake
from intake.contract import IntakeError, Purpose
from library import services as library
from library.contract import Member, RelationKind, Wanted
from observability.audit import record_audit
from registry.contract import TenantRef
from registry.selectors import current_tenant
from rules.contract import Key
from rules.selectors import end_by, rules_of
from search.contract import PageKind
from search.models import Projection
from tenants.consultations.composing import place_of
from tenants.consultations.contract import GONE, LONGEST_REASON, Status
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.pages.models import DocumentPage


class NotOpenError(ValueError):
    """The consultation takes no opinions here and now."""


class MissingReasonError(ValueError):
    """Nobody said why an opinion is withheld."""

    def __init__(self) -> None:
        super().__init__("请写明撤除的理由。")


class SentBeforeError(IntakeError):
    """The form was sent before, with other words."""

    def __init__(self, number: str) -> None:
        super().__init__(f"这张表单已经提交过，编号 {number}。这次改动还没有提交；要作为另一条意见，请再提交一次。")


def receive(
    page: ConsultationPage, tenant: TenantRef, *, token: str, text: str, name: str = "", contact: str = "", sender: str, now: dt.datetime
) -> Opinion:
    """Keep an opinion and return it, in the caller's transaction; the same form sent twice is kept once.

    Raises:
        NotOpenError: the period has not begun or is over, or opinions are not taken on line.
        SentBeforeError: the form was sent before, with other words.
        intake.contract.IntakeError: the form is not taken as it is; the message says why.

    """
    if not takes_opinions(page, today=timezone.localdate(now)):
        raise NotOpenError(page.title)
    issued = intake.issue(token, tenant=tenant, purpose=Purpose.COMMENT, sender=sender, contact=contact, now=now)
    if issued.is_new:
        return Opinion.objects.create(consultation=page, number=issued.number, text=text, name=name, contact=contact, received_at=now)
    same = Opinion.objects.filter(consultation=page, number=issued.number, text=text).first()
    if same is None:
        raise SentBeforeError(issued.number)
    return same


def takes_opinions(page: ConsultationPage, *, today: dt.date) -> bool:
    """Whether an opinion may be sent on line today."""
    return bool(page.live and page.is_online and page.status(today) is Status.OPEN)


@transaction.atomic
def withhold(opinion: Opinion, tenant: TenantRef, *, reason: str, by: str, now: dt.datetime, erases_text: bool = False) -> bool:
    """Take an opinion out of the lists, files and numbers, with a reason that the audit trail keeps; return whether that changed anything.

    Who sent it is erased at once, what it says only if that is asked for; its number stays.

    Raises:
        MissingReasonError: no reason is given.

    """
    if not reason.strip():
        raise MissingReasonError
    row = Opinion.objects.select_for_update().get(pk=opinion.pk)
    if row.withheld_at and (row.text == GONE or not erases_text):
        return False
    row.withheld_at, row.withheld_reason = row.withheld_at or now, reason.strip()[:LONGEST_REASON]
    row.name = row.contact = ""
    row.text = GONE if erases_text else row.text
    row.save()
    detail = {"reason": row.withheld_reason, "text_erased": erases_text}
    record_audit("opinion.withheld", actor=by, subject=row.number, tenant_uuid=tenant.uuid, detail=detail)
    return True


# --- what came of it ----------------------------------------------------------


def follow(page: ConsultationPage, *, now: dt.datetime) -> int:
    """Note when a page first said what became of the opinions, and let the library tie it to the document that was decided.

    In the caller's transaction; nothing is said while the page or the document is not public. Return how many relations changed.
    """
    if page.live and page.is_answered is not (page.answered_at is not None):
        page.answered_at = now if page.is_answered else None
        ConsultationPage.objects.filter(pk=page.pk).update(answered_at=page.answered_at)
    tenant = current_tenant()
    if tenant is None:
        return 0
    wanted = [Wanted(RelationKind.DRAFT_OF, Member.of_key(page.final_target))] if page.live and _is_public(page.final_target) else []
    return library.replace_relations(Member(tenant.uuid, page.pk), wanted, source_title=page.title, kinds=[RelationKind.DRAFT_OF])


def _is_public(key: str) -> bool:
    return bool(key) and Projection.objects.live().filter(pk=key, page_kind=PageKind.DOCUMENT).exists()


def forget(page_id: int) -> None:
    """Take back what a deleted page was the draft of, in the caller's transaction."""
    tenant = current_tenant()
    if tenant is not None:
        library.replace_relations(Member(tenant.uuid, page_id), [], source_title="", kinds=[RelationKind.DRAFT_OF])


def follow_document(document: DocumentPage, *, now: dt.datetime) -> None:
    """Let the consultations that wait for a document say so, now that it is public; in the caller's transaction."""
    tenant = current_tenant()
    if tenant is not None:
        for page in ConsultationPage.objects.live().filter(final_target=Member(tenant.uuid, document.pk).key):
            follow(page, now=now)


# --- what is kept no longer -------------------------------------------------------


def erase_contacts(tenant: TenantRef, *, today: dt.date, is_dry_run: bool = False) -> int:
    """Erase name and contact of those whose consultation ended as long ago as the rule says; return how many. The opinions stay.

    Where no rule holds nothing is erased.
    """
    row = rules_of([Key.CONSULTATION_CONTACT_KEPT], on=today, place=place_of(tenant)).get(Key.CONSULTATION_CONTACT_KEPT)
    if row is None:
        return 0
    ended = ConsultationPage.objects.filter(ends_on__lt=today).values_list("pk", "ends_on")
    over = [pk for pk, ends_on in ended if ends_on and end_by(row, start=ends_on) < today]
    known = Opinion.objects.filter(~Q(name="") | ~Q(contact=""), consultation__in=over)
    return known.count() if is_dry_run else known.update(name="", contact="")
