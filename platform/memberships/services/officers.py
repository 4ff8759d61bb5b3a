"""Verbs on the three officers: who runs the platform, who sees to its people, who audits it."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from memberships.contract import PlatformRole, Role
from memberships.models import Membership, Officer
from memberships.services.roles import Actor, InactivePersonError, SeparationOfDutiesError, actor_name
from observability.audit import record_audit
from registry.schemas import in_public


class OwnRoleError(Exception):
    """Nobody gives or takes their own role on the platform."""


@transaction.atomic
def grant_platform(person: User, role: PlatformRole, *, by: Actor) -> bool:
    """Give a person a role on the platform and return whether anything changed.

    Raises:
        InactivePersonError: the account is deactivated.
        OwnRoleError: the person gives it to themselves.
        SeparationOfDutiesError: the person holds another of the three, or a role at a site that it bars.

    """
    with in_public():
        locked = User.objects.select_for_update().get(pk=person.pk)  # as grants at sites do: neither slips past the other
        if not locked.is_active:
            raise InactivePersonError(locked.username)
        _refuse_own(locked, by)
        held = Officer.objects.filter(person=locked).first()
        if held and held.role == role:
            return False
        if held:
            raise SeparationOfDutiesError(
                f"{locked.username} is {held.role} officer of the platform: nobody holds two of the three roles. Take that one first."
            )
        _refuse_barred(locked, role)
        Officer.objects.create(person=locked, role=role.value, granted_at=timezone.now(), granted_by=by if isinstance(by, User) else None)
        _record("officer.granted", locked, by, before=None, after=role.value)
    return True


@transaction.atomic
def revoke_platform(person: User, *, by: Actor) -> bool:
    """Take a person's role on the platform and return whether anything changed.

    Raises:
        OwnRoleError: the person takes their own.

    """
    with in_public():
        held = Officer.objects.select_for_update().filter(person=person).first()
        if held is None:
            return False
        _refuse_own(person, by)
        held.delete()
        _record("officer.revoked", person, by, before=held.role, after=None)
    return True


def _refuse_own(person: User, by: Actor) -> None:
    if isinstance(by, User) and by.pk == person.pk:
        raise OwnRoleError(f"{person.username} cannot change their own role: another security officer does.")


def _refuse_barred(person: User, role: PlatformRole) -> None:
    barred = [each.value for each in role.barred_roles]
    clash = Membership.objects.filter(person=person, is_active=True, role__in=barred).select_related("tenant").first()
    if clash:
        raise SeparationOfDutiesError(
            f"{person.username} is {Role(clash.role).value} at {clash.tenant.slug}: that bars the {role.value} role of the platform."
        )


def _record(action: str, person: User, by: Actor, *, before: str | None, after: str | None) -> None:
    record_audit(action, actor=actor_name(by), subject=person.username, detail={"before": {"role": before}, "after": {"role": after}})
