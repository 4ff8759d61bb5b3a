"""Verbs on people: the accounts in `public`."""

import unicodedata

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from memberships.models import Membership, Officer
from memberships.services.roles import Actor, actor_name, revoke
from observability.audit import record_audit
from registry.schemas import in_public


class UsernameTakenError(Exception):
    """A person of this name exists."""


class InvalidPersonError(Exception):
    """The name or the password is not acceptable; `messages` say why."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


class UnknownPersonError(Exception):
    """Nobody has this sign-in name."""


@transaction.atomic
def create_person(username: str, *, name: str, password: str, by: Actor = "command line") -> User:
    """Add a person who can sign on at the platform and return them.

    Raises:
        UsernameTakenError: the name is taken, in whatever case.
        InvalidPersonError: the name or the password breaks the rules.

    """
    with in_public():
        if not (_is_text(username) and _is_text(name) and _is_text(password)):
            raise InvalidPersonError(["Control characters and broken text cannot be kept."])
        person = User(username=User.normalize_username(username), name=name.strip())
        if User.objects.filter(username__iexact=person.username).exists():
            raise UsernameTakenError(username)
        person.set_password(password)
        try:
            person.full_clean(validate_unique=False)
            validate_password(password, person)
        except ValidationError as error:
            raise InvalidPersonError(error.messages) from error
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError:
            raise UsernameTakenError(username) from None
        record_audit("person.created", actor=actor_name(by), subject=person.username)
        return person


def find_person(username: str) -> User:
    """Return the person of this sign-in name.

    Raises:
        UnknownPersonError: nobody has it.

    """
    with in_public():
        person = User.objects.filter(username=User.normalize_username(username)).first() if _is_text(username) else None
    if person is None:
        raise UnknownPersonError(username)
    return person


@transaction.atomic
def deactivate_person(person: User, *, by: Actor) -> bool:
    """Close an account: no sign-on, no editor, no role on the platform, every session over. Return whether anything changed."""
    with in_public():
        if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            return False
        officer = Officer.objects.filter(person=person).first()
        detail = {"before": {"platform_role": officer.role}, "after": {"platform_role": None}} if officer else {}
        Officer.objects.filter(person=person).delete()
        record_audit("person.deactivated", actor=actor_name(by), subject=person.username, detail=detail)
        memberships = list(Membership.objects.filter(person=person, is_active=True).select_related("tenant"))
    for membership in memberships:
        revoke(person, membership.tenant, by=by)
    return True


def _is_text(value: str) -> bool:
    return all(unicodedata.category(char) not in ("Cc", "Cs") for char in value)
