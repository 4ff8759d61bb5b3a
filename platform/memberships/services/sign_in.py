"""Checks names and passwords, and stops those who guess: by name and by network, whichever is reached first."""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from memberships.models import SignInFailure
from memberships.services.roles import Actor, actor_name
from observability.addresses import client_address, network_of
from observability.audit import record_audit
from registry.schemas import in_public

WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 5
FAILURES_PER_NETWORK = 30  # an office shares one address
KEPT = timedelta(days=1)


class SignInLockedError(Exception):
    """Too many failures of late, for this name or from this network; the right password is refused too."""


@transaction.atomic
def check_credentials(request: HttpRequest, *, username: str, password: str, now: datetime | None = None) -> User | None:
    """Return the active person of this name and password, or None; which of the three is wrong is not said.

    A failure is counted in the caller's transaction, hence a value and not an exception.

    Raises:
        SignInLockedError: too many failures within a quarter of an hour.

    """
    at = now or timezone.now()
    name, network = _name_key(username), network_of(client_address(request))
    with in_public():
        _take_turns(name)
        if _is_locked(name, network, at):
            raise SignInLockedError(username)
        person = authenticate(request, username=username, password=password)
        if not isinstance(person, User):
            _count_failure(name, network, at)
            record_audit("person.sign_in_failed", actor=name or "-", subject=name, address=client_address(request))
            return None
        SignInFailure.objects.filter(username=name).delete()
        record_audit("person.signed_in", actor=person.username, subject=person.username, address=client_address(request))
        return person


@transaction.atomic
def unlock(username: str, *, by: Actor) -> bool:
    """Forget the failures with this name, so that its owner may try again at once; return whether there were any."""
    name = _name_key(username)
    with in_public():
        forgotten, _ = SignInFailure.objects.filter(username=name).delete()
        if forgotten:
            record_audit("person.unlocked", actor=actor_name(by), subject=name, detail={"before": {"failures": forgotten}})
    return bool(forgotten)


def _name_key(username: str) -> str:
    return User.normalize_username(username).strip().casefold()[:150]


def _take_turns(name: str) -> None:
    """Wait for other sign-ins with this name, so that a hundred guesses at once are not all the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"memberships.sign_in:{name}"])


def _is_locked(name: str, network: str, at: datetime) -> bool:
    recent = SignInFailure.objects.filter(at__gt=at - WINDOW)
    return recent.filter(username=name).count() >= FAILURES_PER_NAME or (
        network != "" and recent.filter(network=network).count() >= FAILURES_PER_NETWORK
    )


def _count_failure(name: str, network: str, at: datetime) -> None:
    SignInFailure.objects.filter(at__lt=at - KEPT).delete()
    SignInFailure.objects.create(username=name, network=network, at=at)
