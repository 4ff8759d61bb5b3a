"""Verbs on tickets: what opens a site's editor, once, within a minute."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from memberships.contract import Role, SiteLike
from memberships.models import Membership, Ticket
from memberships.selectors import has_shadows
from registry.models import Tenant
from registry.schemas import in_public, in_schema_of

TICKET_LIFE = timedelta(seconds=60)
TICKETS_KEPT = timedelta(days=1)  # longer than a session: they tell which editors a person signed on to


class NotAMemberError(Exception):
    """The person has no active membership at the site."""


class TicketError(Exception):
    """A ticket that opens nothing."""


class UnknownTicketError(TicketError):
    """No such ticket was ever issued, or it was cleared away."""


class OtherSiteTicketError(TicketError):
    """The ticket is for another site."""


class UsedTicketError(TicketError):
    """The ticket has been used."""


class ExpiredTicketError(TicketError):
    """The ticket's minute is over."""


class MembershipInactiveError(TicketError):
    """Since the ticket was issued, the person or the membership was deactivated."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a site may know them."""

    uuid: UUID
    username: str
    role: Role


@transaction.atomic
def issue_ticket(person: User, tenant: SiteLike, *, now: datetime | None = None) -> str:
    """Return a new ticket for a person and a site: the only copy, good once and for a minute.

    Raises:
        NotAMemberError: the person has no active membership there.

    """
    issued_at = now or timezone.now()
    secret = secrets.token_urlsafe(32)
    with in_public():
        if not _active_membership(person.pk, tenant):
            raise NotAMemberError(f"{person.username}@{tenant.slug}")
        Ticket.objects.filter(person=person, issued_at__lt=issued_at - TICKETS_KEPT).delete()
        Ticket.objects.create(
            digest=_digest(secret), person=person, tenant_id=tenant.id, issued_at=issued_at, expires_at=issued_at + TICKET_LIFE
        )
    return secret


@transaction.atomic
def consume_ticket(secret: str, tenant: SiteLike, *, now: datetime | None = None) -> Person:
    """Use up a ticket at a site and return whose it is.

    One UPDATE decides, so that of two who come with the same ticket one is let in.

    Raises:
        UnknownTicketError, OtherSiteTicketError, UsedTicketError, ExpiredTicketError: it opens nothing here.
        MembershipInactiveError: its owner may not enter any more; the ticket is used up all the same.

    """
    used_at = now or timezone.now()
    digest = _digest(secret)
    with in_public():
        is_mine = Ticket.objects.filter(digest=digest, tenant_id=tenant.id, used_at__isnull=True, expires_at__gt=used_at).update(
            used_at=used_at
        )
        if not is_mine:
            raise _why_not(digest, tenant)
        person = Ticket.objects.select_related("person").get(digest=digest).person
        membership = _active_membership(person.pk, tenant)
        if membership is None or not person.is_active:
            raise MembershipInactiveError(person.username)
        return Person(person.uuid, person.username, Role(membership.role))


def end_editor_sessions(person: User) -> None:
    """End the person's sessions in every editor they entered of late; for signing out at the platform."""
    with in_public():
        recently = Ticket.objects.filter(person=person, used_at__isnull=False).values("tenant_id")
        tenants = [tenant for tenant in Tenant.objects.filter(pk__in=recently) if has_shadows(tenant)]
    for tenant in tenants:
        with in_schema_of(tenant):
            for shadow in User.objects.filter(uuid=person.uuid):
                shadow.end_sessions()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _active_membership(person_id: int, tenant: SiteLike) -> Membership | None:
    return Membership.objects.filter(person_id=person_id, tenant_id=tenant.id, is_active=True, person__is_active=True).first()


def _why_not(digest: str, tenant: SiteLike) -> TicketError:
    ticket = Ticket.objects.filter(digest=digest).first()
    if ticket is None:
        return UnknownTicketError()
    if ticket.tenant_id != tenant.id:
        return OtherSiteTicketError(tenant.slug)
    return UsedTicketError() if ticket.used_at else ExpiredTicketError()
