"""Verbs: keep a blueprint's text, and note which one a site was given."""

import hashlib

from blueprints.contract import Blueprint, SameVersionError
from blueprints.models import AppliedBlueprint, KeptBlueprint
from blueprints.writing import write_blueprint
from registry.contract import TenantRef


def keep(blueprint: Blueprint, *, is_shipped: bool = False) -> KeptBlueprint:
    """Keep a blueprint's text under its name and version; nothing happens where it is kept already.

    Raises:
        SameVersionError: another text has the name and version; those of the release are beyond the operator's reach and pass.

    """
    text = write_blueprint(blueprint)
    digest = hashlib.sha256(text.encode()).hexdigest()
    same = KeptBlueprint.objects.filter(name=blueprint.name, version=blueprint.version).exclude(digest=digest)
    if not is_shipped and same.exists():
        newest = KeptBlueprint.objects.filter(name=blueprint.name).order_by("-version").values_list("version", flat=True)[0]
        raise SameVersionError(
            f"Blueprint {blueprint.name!r} version {blueprint.version} was used before with another text. "
            f"Raise the version: version = {newest + 1}."
        )
    kept, _ = KeptBlueprint.objects.get_or_create(
        digest=digest, defaults={"name": blueprint.name, "version": blueprint.version, "text": text}
    )
    return kept


def note_application(tenant: TenantRef, kept: KeptBlueprint) -> None:
    """Note that a site was given a blueprint."""
    AppliedBlueprint.objects.update_or_create(tenant_id=tenant.id, defaults={"blueprint": kept})


def next_version(name: str) -> int:
    """Return the version a new text of this name must have."""
    newest = KeptBlueprint.objects.filter(name=name).order_by("-version").first()
    return newest.version + 1 if newest else 1


def note_application_of(tenant: TenantRef, digest: str) -> None:
    """Note that a site counts as given the text of this digest again; empty means that it was given none."""
    if digest:
        AppliedBlueprint.objects.update_or_create(tenant_id=tenant.id, defaults={"blueprint_id": digest})
    else:
        AppliedBlueprint.objects.filter(tenant_id=tenant.id).delete()
