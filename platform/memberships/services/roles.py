"""Verbs on roles: the membership in `public` and the shadow in the site's schema change together."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from memberships.contract import PlatformRole, Role, SiteLike
from memberships.models import Membership, Officer
from memberships.selectors import has_shadows
from observability.audit import record_audit
from registry.schemas import in_public, in_schema_of

Actor = User | str  # who does it: a signed-on person, or the name of what runs without one (`command line`, `provisioning`)

_SEPARATED = {Role.ADMINISTRATOR: Role.AUDITOR, Role.AUDITOR: Role.ADMINISTRATOR}


class InactivePersonError(Exception):
    """The person's account is deactivated."""


class SeparationOfDutiesError(Exception):
    """One account would hold two roles that check each other (三员分立)."""


class RoleGroupMissingError(Exception):
    """The site's schema has no group for the role, or is not there yet."""


def actor_name(by: Actor) -> str:
    """Return how the audit trail names who did it."""
    return by if isinstance(by, str) else by.username


@transaction.atomic
def grant(person: User, tenant: SiteLike, role: Role, *, by: Actor) -> bool:
    """Give a person a role at a site, in place of any other there, and make or mend their shadow in its schema.

    Return whether anything changed.

    Raises:
        InactivePersonError: the account is deactivated.
        SeparationOfDutiesError: the account holds the opposite of administrator or auditor in the city, or a role on the platform
            that bars this one.
        RoleGroupMissingError: the site's schema lacks the role's group; nothing is changed.

    """
    with in_public():
        locked = User.objects.select_for_update().get(pk=person.pk)  # two grants to one person wait for each other
        if not locked.is_active:
            raise InactivePersonError(locked.username)
        _refuse_both_duties(locked, tenant, role)
        _refuse_officer(locked, role)
        membership = Membership.objects.filter(person=locked, tenant_id=tenant.id).first()
        before = membership.role if membership and membership.is_active else None
        has_changed = before != role
        if has_changed:
            values = {
                "role": role.value,
                "is_active": True,
                "granted_at": timezone.now(),
                "granted_by": by if isinstance(by, User) else None,
            }
            Membership.objects.update_or_create(person=locked, tenant_id=tenant.id, defaults=values)
            record_audit(
                "membership.granted",
                actor=actor_name(by),
                subject=locked.username,
                tenant_uuid=tenant.uuid,
                detail={"role": role.value, "site": tenant.slug, "before": {"role": before}, "after": {"role": role.value}},
            )
    is_mended = _cast_shadow(locked, tenant, role, ends_sessions=has_changed)
    return has_changed or is_mended


@transaction.atomic
def revoke(person: User, tenant: SiteLike, *, by: Actor) -> bool:
    """Take a person's role at a site: the shadow is deactivated and its sessions end. Return whether anything changed."""
    with in_public():
        has_changed = bool(Membership.objects.filter(person=person, tenant_id=tenant.id, is_active=True).update(is_active=False))
        if has_changed:
            record_audit(
                "membership.revoked",
                actor=actor_name(by),
                subject=person.username,
                tenant_uuid=tenant.uuid,
                detail={"site": tenant.slug},
            )
    if not has_shadows(tenant):
        return has_changed
    with in_schema_of(tenant):
        shadow = User.objects.filter(uuid=person.uuid, is_active=True).first()
        if shadow is None:
            return has_changed
        shadow.is_active = False
        shadow.save(update_fields=["is_active"])
        shadow.groups.clear()
        shadow.end_sessions()
    return True


def _refuse_both_duties(person: User, tenant: SiteLike, role: Role) -> None:
    opposite = _SEPARATED.get(role)
    if opposite is None:
        return
    others = Membership.objects.filter(person=person, is_active=True, role=opposite.value, tenant__city__tenants=tenant.id).exclude(
        tenant_id=tenant.id
    )
    clash = others.select_related("tenant").first()
    if clash:
        raise SeparationOfDutiesError(
            f"{person.username} is {opposite.value} at {clash.tenant.slug}: nobody both administers and audits in one city."
        )


def _refuse_officer(person: User, role: Role) -> None:
    officer = Officer.objects.filter(person=person).first()
    if officer and role in PlatformRole(officer.role).barred_roles:
        raise SeparationOfDutiesError(
            f"{person.username} is {officer.role} officer of the platform: that bars being {role.value} at a site."
        )


def _cast_shadow(person: User, tenant: SiteLike, role: Role, *, ends_sessions: bool) -> bool:
    """Make the shadow say what the person's row and role say; return whether it had to change."""
    if not has_shadows(tenant):
        raise RoleGroupMissingError(f"Schema {tenant.schema_name} has no tables yet: open the site first.")
    with in_schema_of(tenant):
        group = Group.objects.filter(name=role.group_name).first()
        if group is None:
            raise RoleGroupMissingError(f"Schema {tenant.schema_name} has no group {role.group_name}: its migrations are not applied.")
        shadow = User.objects.filter(uuid=person.uuid).first() or User(uuid=person.uuid)
        before = (shadow.pk, shadow.username, shadow.name, shadow.is_active, shadow.has_usable_password())
        shadow.username, shadow.name, shadow.is_active = person.username, person.name, True
        shadow.is_staff = shadow.is_superuser = False
        if ends_sessions or shadow.pk is None or shadow.has_usable_password():
            shadow.set_unusable_password()
        shadow.save()
        is_in_group = list(shadow.groups.values_list("pk", flat=True)) == [group.pk]
        if not is_in_group:
            shadow.groups.set([group])
        return not is_in_group or before != (shadow.pk, shadow.username, shadow.name, True, False)
