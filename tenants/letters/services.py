"""Verbs: take a letter, handle it, hand it to another site, answer it, publish the answer; each leaves an entry in the audit trail.

The trail says who did what with which number, never what somebody wrote.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from exchange.selectors import receivers_of
from intake import services as intake
from intake.contract import Issued, Purpose
from observability.audit import acting_from, record_audit
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory
from rules.contract import Key
from rules.selectors import end_of
from tenants.letters.contract import (
    GONE,
    OPEN,
    Decision,
    LetterKind,
    LetterState,
    MissingReasonError,
    NoLetterColumnError,
    NoReceiverError,
    NotAgreedError,
    NotOursError,
    Written,
    WrongStateError,
    masked,
    masked_reply,
)
from tenants.letters.models import AnswerPage, Letter
from tenants.letters.selectors import deadlines_of, letter_column, place_of
from tenants.pages.forms import free_name

LONGEST_REASON = 300
# What a letter takes with it to another site.
CARRIED: tuple[str, ...] = (
    "number",
    "code_hash",
    "order_no",
    "source",
    "kind",
    "subject",
    "text",
    "writer",
    "contact",
    "may_publish",
    "received_at",
    "due_on",
    "limit_on",
)


@transaction.atomic
def receive(written: Written, *, token: str, tenant: TenantRef, sender: str, now: dt.datetime) -> Issued:
    """Keep a letter and return its number and code; a form that was sent before changes nothing and gets the same.

    Raises:
        intake.contract.IntakeError: the form is not taken as it is.

    """
    issued = intake.issue(token, tenant=tenant, purpose=Purpose.LETTER, sender=sender, contact=written.contact, now=now)
    if issued.is_new:
        _count_what_had_no_calendar(tenant)
        due = deadlines_of(written.kind, received=timezone.localtime(now).date(), tenant=tenant)
        letter = Letter.objects.create(
            number=issued.number,
            code_hash=intake.digest(issued.code, issued.number),
            kind=written.kind,
            subject=written.subject,
            text=written.text,
            writer=written.writer,
            contact=written.contact,
            organ_name=written.organ,
            may_publish=written.may_publish,
            received_at=now,
            due_on=due.due_on,
            limit_on=due.limit_on,
        )
        with acting_from(""):  # the trail is kept for ever; where a citizen wrote from is not
            _note("received", letter, tenant, by="public", kind=letter.kind)
    return issued


@transaction.atomic
def accept(letter: Letter, *, tenant: TenantRef, by: str, now: dt.datetime) -> Letter:
    """Begin to handle a letter.

    Raises:
        WrongStateError: it does not wait.

    """
    row = _locked(letter, LetterState.WAITING)
    row.state, row.accepted_at, row.reason = LetterState.WORKING, now, ""
    return _kept(row, "accepted", tenant, by, before=LetterState.WAITING)


@transaction.atomic
def assign(letter: Letter, organ: str, *, tenant: TenantRef, by: str, now: dt.datetime) -> Letter:
    """Say which organ handles a letter; one that waits is accepted with it.

    Raises:
        MissingReasonError: no organ is named.
        WrongStateError: it is not to be handled any more.

    """
    if not organ.strip():
        raise MissingReasonError("请选择或填写承办单位。")
    row = _locked(letter, *OPEN)
    before, before_organ = LetterState(row.state), row.organ_name
    row.state, row.organ_name, row.accepted_at = LetterState.WORKING, organ.strip()[:100], row.accepted_at or now
    return _kept(row, "assigned", tenant, by, before=before, organ={"before": before_organ, "after": row.organ_name})


@transaction.atomic
def reply(letter: Letter, text: str, *, organ: str = "", tenant: TenantRef, by: str, now: dt.datetime) -> Letter:
    """Answer a letter, or answer it again; the writer reads it at the site the letter was sent to.

    Raises:
        MissingReasonError: there is no answer, or nobody who gives it.
        WrongStateError: it was refused, or another site handles it.

    """
    if not text.strip():
        raise MissingReasonError("请填写答复内容。")
    row = _locked(letter, *OPEN, LetterState.ANSWERED)
    organ = organ.strip()[:100] or row.organ_name
    if not organ:
        raise MissingReasonError("请填写答复部门，写信人会看到。")
    before = LetterState(row.state)
    row.state, row.reply, row.organ_name = LetterState.ANSWERED, text.strip(), organ
    row.accepted_at, row.answered_at = row.accepted_at or now, row.answered_at or now
    return _kept(row, "answered", tenant, by, before=before, organ=organ)


@transaction.atomic
def refuse(letter: Letter, reason: str, *, tenant: TenantRef, by: str) -> Letter:
    """Say that a letter is not taken, and why; the writer reads the reason.

    Raises:
        MissingReasonError: no reason is given.
        WrongStateError: it is not to be handled any more.

    """
    if not reason.strip():
        raise MissingReasonError("请说明不予受理的理由，写信人会看到。")
    row = _locked(letter, *OPEN)
    before = LetterState(row.state)
    row.state, row.reason = LetterState.REFUSED, reason.strip()[:LONGEST_REASON]
    return _kept(row, "refused", tenant, by, before=before)


def _count_what_had_no_calendar(tenant: TenantRef) -> None:
    """Give open letters their deadline that came when nobody knew the working days of its year."""
    for letter in Letter.objects.filter(state__in=OPEN, due_on=None):
        due = deadlines_of(LetterKind(letter.kind), received=timezone.localtime(letter.received_at).date(), tenant=tenant)
        if due.due_on:
            letter.due_on, letter.limit_on = due.due_on, due.limit_on
            letter.save(update_fields=["due_on", "limit_on"])


# --- from site to site ----------------------------------------------------------


@transaction.atomic
def hand_over(letter: Letter, *, to: TenantRef, tenant: TenantRef, by: str) -> Letter:
    """Let another site of the city handle a letter: the number stays, and the writer goes on asking here.

    Raises:
        NoReceiverError: this site hands nothing to that one.
        NotOursError: it came from another site itself.
        WrongStateError: it is not to be handled here any more.

    """
    row = _locked(letter, *OPEN)
    if row.origin:
        raise NotOursError("这封来信是转来的，不能再转；办不了的请退回。")
    if to.uuid not in {site.uuid for site in receivers_of(tenant)}:
        raise NoReceiverError("只能由市级门户转给本市已开通的网站。")
    before = LetterState(row.state)
    row.state, row.handler, row.reason, row.organ_name = LetterState.FORWARDED, to.uuid, "", ""
    with in_schema_of(to):
        Letter.objects.filter(number=row.number, origin=tenant.uuid).delete()  # given back, and come again with an older backup
        other = Letter.objects.create(origin=tenant.uuid, **{name: getattr(row, name) for name in CARRIED})
        _note("taken_over", other, to, by=by, origin=tenant.slug)
    return _kept(row, "handed_over", tenant, by, before=before, to=to.slug)


@transaction.atomic
def hand_back(letter: Letter, reason: str, *, tenant: TenantRef, by: str) -> None:
    """Give a letter back to the site it came from, and keep nothing of it here.

    Raises:
        MissingReasonError: no reason is given.
        NotOursError: it came from nowhere, or that site is gone.
        WrongStateError: it was answered or refused.

    """
    if not reason.strip():
        raise MissingReasonError("请说明退回的理由，转来的网站会看到。")
    row = _locked(letter, *OPEN)
    origin = directory().by_uuid.get(row.origin) if row.origin else None
    if origin is None:
        raise NotOursError("这封来信不是其他网站转来的，不能退回。")
    with in_schema_of(origin):
        theirs = Letter.objects.select_for_update().get(number=row.number)
        theirs.state, theirs.handler, theirs.reason = (
            LetterState.WAITING,
            None,
            f"{tenant.short_name}退回：{reason.strip()}"[:LONGEST_REASON],
        )
        theirs.organ_name, theirs.accepted_at = "", None
        theirs.save()
        _note("came_back", theirs, origin, by=by, handler=tenant.slug)
    _note("handed_back", row, tenant, by=by, before=row.state)
    row.delete()


def _tell_origin(row: Letter, tenant: TenantRef) -> None:
    """Let the site that a letter came from say the same of it; where that site is gone, nobody asks there."""
    origin = directory().by_uuid.get(row.origin) if row.origin else None
    if origin is None:
        return
    over = row.state in (LetterState.ANSWERED, LetterState.REFUSED)
    told = {name: getattr(row, name) for name in ("organ_name", "accepted_at", "reply", "answered_at", "reason")}
    with in_schema_of(origin):
        theirs = Letter.objects.filter(number=row.number, handler=tenant.uuid)
        theirs.update(**told, **({"state": row.state} if over else {}))


# --- the answer for all ---------------------------------------------------------


@transaction.atomic
def decide(letter: Letter, decision: Decision, reason: str, *, tenant: TenantRef, by: User) -> AnswerPage | None:
    """Decide whether others may read a letter and its answer; if so, a draft goes to those who review.

    Raises:
        MissingReasonError: no reason is given.
        NotAgreedError: the writer did not agree.
        NotOursError: another site answers it.
        NoLetterColumnError: there is nowhere to publish it.
        WrongStateError: it is not answered.

    """
    if not reason.strip() or decision is Decision.OPEN:
        raise MissingReasonError("请选择是否公开，并说明理由。")
    row = _locked(letter, LetterState.ANSWERED)
    if row.handler:
        raise NotOursError("这封来信由其他网站答复，是否公开由该网站决定。")
    if row.erased_at:
        raise NotOursError("这封来信已按期清除，不能再决定。")
    if decision is Decision.PUBLISH and not row.may_publish:
        raise NotAgreedError
    row.decision, row.decision_reason = decision, reason.strip()[:LONGEST_REASON]
    if decision is Decision.PUBLISH and row.answer_page is None:
        row.answer_page = _draft(row, tenant, by)
    elif decision is Decision.KEEP and row.answer_page and row.answer_page.live:
        row.answer_page.unpublish(user=by)
    _kept(row, "decided", tenant, by.get_username(), before=LetterState.ANSWERED, decision=decision.value)
    return row.answer_page if decision is Decision.PUBLISH else None


def _draft(row: Letter, tenant: TenantRef, by: User) -> AnswerPage:
    """Put a question and its answer, without personal data, before those who review."""
    parent = letter_column()
    if parent is None or row.answered_at is None:
        raise NoLetterColumnError
    hidden = {"writer": row.writer, "contact": row.contact}
    page = AnswerPage(
        title=masked(row.subject, **hidden),
        kind=row.kind,
        question=masked(row.text, **hidden),
        answer=masked_reply(row.reply, **hidden),
        organ_name=row.organ_name,
        received_date=timezone.localtime(row.received_at).date(),
        answered_date=timezone.localtime(row.answered_at).date(),
        source=tenant.name[:100],
        owner=by,
        live=False,
    )
    page.slug = free_name(AnswerPage, page.title, parent=parent, page=page, today=timezone.localdate())
    parent.add_child(instance=page)
    page.save_revision(user=by)
    workflow = page.get_workflow()
    if workflow:
        workflow.start(page, by)
    return page


# --- orders of the hotline ------------------------------------------------------


@transaction.atomic
def take_order(order_no: str, facts: dict[str, Any], *, tenant: TenantRef, now: dt.datetime) -> bool | None:
    """Keep a work order of the hotline as a letter, or take over what is new of it; return whether it was new, None if nothing changed.

    Raises:
        NotOursError: another site of the city has the order.

    """
    known = Letter.objects.select_for_update().filter(order_no=order_no).first()
    if known is not None:
        changed = [name for name, value in facts.items() if getattr(known, name) != value]
        if not changed or known.erased_at:
            return None
        for name in changed:
            setattr(known, name, facts[name])
        known.save()
        _note("order_changed", known, tenant, by="system", fields=sorted(changed))
        _tell_origin(known, tenant)
        return False
    issued = intake.issue_for(f"12345:{order_no}", tenant=tenant, purpose=Purpose.LETTER, now=now)
    if not issued.is_new:
        raise NotOursError("本市其他网站已经有这个工单编号。")
    received = timezone.localtime(facts["received_at"]).date()
    due = deadlines_of(LetterKind(facts["kind"]), received=received, tenant=tenant)
    letter = Letter.objects.create(
        number=issued.number, order_no=order_no, source="hotline", due_on=due.due_on, limit_on=due.limit_on, **facts
    )
    _note("order_taken", letter, tenant, by="system", order_no=order_no)
    return True


# --- how long letters are kept --------------------------------------------------


def overaged(tenant: TenantRef, *, on: dt.date) -> list[Letter]:
    """Return the letters that are over and were kept as long as the rule says.

    Raises:
        rules.contract.NoRuleError: no rule says how long.

    """
    over = Letter.objects.filter(state__in=(LetterState.ANSWERED, LetterState.REFUSED), erased_at=None).order_by("pk")
    place = place_of(tenant)
    ends: dict[dt.date, dt.date] = {}
    found = []
    for letter in over:
        day = timezone.localtime(letter.answered_at or letter.received_at).date()
        if day not in ends:
            ends[day] = end_of(Key.LETTER_KEPT, start=day, place=place)
        if ends[day] < on:
            found.append(letter)
    return found


def erase_overaged(tenant: TenantRef, *, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Take what people wrote out of all letters of the current site that were kept long enough; return how many those are.

    Raises:
        rules.contract.NoRuleError: no rule says how long.

    """
    letters = overaged(tenant, on=timezone.localtime(now).date())
    for letter in () if is_dry_run else letters:
        erase(letter, tenant=tenant, by="system", now=now)
    return len(letters)


@transaction.atomic
def erase(letter: Letter, *, tenant: TenantRef, by: str, now: dt.datetime) -> None:
    """Take everything out of a letter that somebody wrote; that it came, and when it was answered, stays for the figures."""
    row = _locked(letter, LetterState.ANSWERED, LetterState.REFUSED)
    row.subject = row.text = GONE
    row.writer = row.contact = row.code_hash = ""
    row.reply = GONE if row.state == LetterState.ANSWERED else ""
    row.erased_at = now
    row.save()
    _note("erased", row, tenant, by=by)


# --- what all verbs do ----------------------------------------------------------


def _locked(letter: Letter, *states: LetterState) -> Letter:
    row = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if row.state not in states:
        raise WrongStateError(str(row.get_state_display()))
    return row


def _kept(row: Letter, verb: str, tenant: TenantRef, by: str, *, before: LetterState, **detail: Any) -> Letter:
    row.save()
    _note(verb, row, tenant, by=by, state={"before": before.value, "after": row.state}, **detail)
    _tell_origin(row, tenant)
    return row


def _note(verb: str, letter: Letter, tenant: TenantRef, *, by: str, **detail: Any) -> None:
    record_audit(f"letter.{verb}", actor=by, subject=letter.number, tenant_uuid=tenant.uuid, detail=detail)
