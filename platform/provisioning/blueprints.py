"""Blueprints and sites: what differs, carrying one into a site and taking it back, and a site saved as one."""

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.db import transaction

from blueprints import catalogue, selectors, services
from blueprints.comparing import COLUMNS, PAGES, THEME, compare
from blueprints.contract import FILE_SUFFIX, Blueprint, BlueprintError, Difference, SiteShape, Verdict, Vocabulary
from blueprints.models import KeptBlueprint
from blueprints.reading import check_blueprint, read_blueprint
from observability.audit import record_audit
from provisioning.contract import BlueprintRefusedError, SiteSpec
from registry.contract import TenantRef
from registry.models import Tenant
from registry.schemas import in_public, in_schema_of
from registry.selectors import forget_directory


def shape() -> SiteShape:
    """Return what the apps of a site offer to blueprints."""
    return cast("SiteShape", import_module(settings.SITE_SHAPE))


def vocabulary() -> Vocabulary:
    """Return the words a blueprint may use."""
    return shape().vocabulary()


def load(name: str) -> Blueprint:
    """Return a blueprint by its name or its file.

    Raises:
        BlueprintRefusedError: there is none, it has problems (all are named by line), or it takes a name of the release.

    """
    try:
        found = catalogue.source(name)
        blueprint = read_blueprint(found.text, file=found.file, vocabulary=vocabulary())
    except BlueprintError as error:
        raise BlueprintRefusedError(str(error)) from error
    if blueprint.name in catalogue.shipped() and not found.is_shipped:
        raise BlueprintRefusedError(f"{found.file}: {blueprint.name!r} is the name of a blueprint of the release. Choose another name.")
    return blueprint


def of_spec(spec: SiteSpec) -> Blueprint:
    """Return the blueprint a site is opened with: the one named, or that of its kind.

    Raises:
        BlueprintRefusedError: see `load`.

    """
    return load(spec.blueprint or catalogue.STANDARD[spec.kind])


def keep(blueprint: Blueprint) -> KeptBlueprint:
    """Keep a blueprint's text under its name and version.

    Raises:
        BlueprintRefusedError: they mean another text already.

    """
    try:
        with in_public():
            return services.keep(blueprint, is_shipped=blueprint.name in catalogue.shipped())
    except BlueprintError as error:
        raise BlueprintRefusedError(str(error)) from error


def kept_name(name: str) -> str:
    """Return the name to open sites with: a file is read and kept first, so that an opening can go on without it.

    Raises:
        BlueprintRefusedError: see `load` and `keep`.

    """
    if not name.endswith(FILE_SUFFIX):
        return name
    blueprint = load(name)
    keep(blueprint)
    return blueprint.name


def newest_kept(name: str) -> Blueprint | None:
    """Return the newest blueprint kept under a name; none where there is none, or where it uses words no longer known."""
    with in_public():
        row = KeptBlueprint.objects.filter(name=name).order_by("-version").first()
    return check_blueprint(row.text, vocabulary=vocabulary())[0] if row else None


def differences(tenant: TenantRef, blueprint: Blueprint) -> list[Difference]:
    """Return how a site differs from a blueprint, and what applying it would do about each difference."""
    with in_public():
        base = selectors.applied(tenant, vocabulary=vocabulary())
    present = present_shape(tenant, blueprint, base)
    return compare(_filled(blueprint, tenant), present, base=_filled(base, tenant) if base else None)


def present_shape(tenant: TenantRef, *blueprints: Blueprint | None) -> Blueprint:
    """Return the site as it is, with whatever pages stand where one of the blueprints wants a page or a column."""
    known = [blueprint for blueprint in blueprints if blueprint]
    pages = [page.path for blueprint in known for page in blueprint.pages]
    columns = [column.path for blueprint in known for column in blueprint.columns]
    with in_schema_of(tenant):
        return shape().read(tenant, pages=dict.fromkeys([*pages, *columns]))


def given_digest(tenant: TenantRef) -> str:
    """Return the digest of what a site was last given; empty where nothing was."""
    with in_public():
        return selectors.applied_digest(tenant)


def _filled(blueprint: Blueprint, tenant: TenantRef) -> Blueprint:
    return blueprint.filled(name=tenant.name, short_name=tenant.short_name)


@transaction.atomic
def apply(tenant: TenantRef, blueprint: Blueprint) -> dict[str, Any]:
    """Carry a blueprint into a site and note that it was; return, as JSON, what taking it back must know."""
    found = differences(tenant, blueprint)
    before = present_shape(tenant, blueprint)
    previous = given_digest(tenant)
    _carry(tenant, blueprint, found)
    after = present_shape(replace(tenant, theme=_theme_after(tenant, found)), blueprint)
    added = [entry.item for entry in found if entry.verdict is Verdict.ADD]
    return {"before": before.as_json(), "after": after.as_json(), "added": added, "previous": previous}


def _theme_after(tenant: TenantRef, found: Sequence[Difference]) -> str:
    themes = [str(entry.wanted) for entry in found if entry.item == THEME and not entry.is_left_alone]
    return themes[0] if themes else tenant.theme


@transaction.atomic
def take_back(tenant: TenantRef, memory: dict[str, Any]) -> None:
    """Undo an application: what is still as it was applied becomes what it was before; what people changed since stays."""
    before, after = Blueprint.from_json(memory["before"]), Blueprint.from_json(memory["after"])
    found = compare(before, present_shape(tenant, before, after), base=after)
    touched = {
        entry.item.partition("/")[2] for entry in compare(after, present_shape(tenant, after), base=None) if entry.item.startswith(PAGES)
    }
    with in_schema_of(tenant):
        shape().change(tenant, before, [entry for entry in found if entry.verdict is Verdict.CHANGE])
        added = [item for item in memory["added"] if item.startswith((COLUMNS, PAGES)) and item.partition("/")[2] not in touched]
        shape().remove(tenant, added)
    with in_public():
        _set_theme(tenant, found, before.theme)
        services.note_application_of(tenant, memory["previous"])


@transaction.atomic
def shape_new_site(tenant: TenantRef, blueprint: Blueprint, *, by: str) -> None:
    """Carry a blueprint into a site nobody has worked in; its theme is the opening's to choose. A second run changes nothing."""
    if given_digest(tenant):
        return
    untouched = replace(present_shape(tenant, blueprint), pages=(), columns=(), theme=blueprint.theme)
    wanted = _filled(blueprint, tenant)
    found = [entry for entry in compare(wanted, untouched, base=untouched) if entry.item != THEME]
    _carry(tenant, blueprint, found)
    with in_public():
        record_audit("blueprint.applied", actor=by, subject=tenant.slug, tenant_uuid=tenant.uuid, detail={"blueprint": str(blueprint)})


def _carry(tenant: TenantRef, blueprint: Blueprint, found: Sequence[Difference]) -> None:
    wanted = [entry for entry in found if not entry.is_left_alone]
    with in_schema_of(tenant):
        shape().change(tenant, _filled(blueprint, tenant), wanted)
    with in_public():
        _set_theme(tenant, wanted, blueprint.theme)
        services.note_application(tenant, keep(blueprint))


def _set_theme(tenant: TenantRef, found: Sequence[Difference], theme: str) -> None:
    if any(entry.item == THEME and not entry.is_left_alone for entry in found):
        Tenant.objects.filter(pk=tenant.id).update(theme=theme)
        forget_directory()


def saved(tenant: TenantRef, *, name: str, title: str = "") -> Blueprint:
    """Return a site as a blueprint any site may use: its own names become placeholders, its texts stay where they are.

    Sample pages are those of the blueprint it was last given that it still has. A workflow with steps that are no role's is left out.
    """
    with in_public():
        base = selectors.applied(tenant, vocabulary=vocabulary())
        version = services.next_version(name)
    with in_schema_of(tenant):
        found = shape().read(tenant, pages=[page.path for page in base.pages] if base else [])
    flow = found.workflow if found.workflow and all(step.roles for step in found.workflow.steps) else None
    named = replace(found, name=name, version=version, title=title or f"存自{tenant.name}", workflow=flow)
    return named.generalised(name=tenant.name, short_name=tenant.short_name)
