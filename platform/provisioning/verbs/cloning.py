"""Making a site after another: what is refused, and when nothing is left to do."""

from dataclasses import replace
from typing import Any

from provisioning import blueprints
from provisioning.contract import RefusedError, StateError, Verb
from provisioning.steps import cloning as steps
from provisioning.steps.cloning import CloneSpec
from provisioning.steps.states import site_picture
from provisioning.verbs import opening
from provisioning.verbs.states import site_of
from registry.contract import READABLE, State
from registry.selectors import tenant_by_slug

ABOUT_THE_SOURCE = ("identifier", "icp", "police_record")  # given to one site and one domain; a clone has none of them


def clone_request(spec: CloneSpec) -> CloneSpec:
    """Return the request to open a site after another; without content, the source's structure is kept as a blueprint first.

    Raises:
        UnknownSiteError, BlueprintRefusedError: there is no such source, or it cannot be written as a blueprint.

    """
    source = tenant_by_slug(site_of(spec.source).slug)
    spec = replace(spec, theme=spec.theme or source.theme, kind=source.kind)
    if spec.with_content:
        return spec
    name = f"like-{source.slug}"[:40].rstrip("-")
    saved = replace(blueprints.saved(source, name=name), pages=())
    known = blueprints.newest_kept(name)
    if known is None or replace(known, version=saved.version) != saved:
        blueprints.keep(saved)
    return replace(spec, blueprint=name)


def check(request: CloneSpec) -> None:
    """Refuse what an opening is refused for, and a source that cannot be copied.

    Raises:
        RefusedError: what is wrong, in one of the ways of `provisioning.contract`.

    """
    source = site_of(request.source)
    if request.source == request.slug:
        raise RefusedError("A site is not cloned into itself. Give the new one a slug of its own.")
    if State(source.state) not in READABLE:
        raise StateError(f"The site {request.source!r} is {source.state}: only what readers may see is cloned. Resume it first.")
    if request.with_content and not steps.is_migrated(tenant_by_slug(request.source)):
        raise RefusedError(f"The tables of {request.source!r} are of another version than the template. Run `fleet migrate` first.")
    opening.check_opening(request)


def prepare(request: CloneSpec) -> None:
    """Bring the template up to date."""
    opening.prepare(request)


CLONE: Verb[Any] = Verb(
    name="site clone",
    label="复制站点",
    request=CloneSpec,
    steps=steps.CLONE_SITE,
    check=check,
    is_done=opening.is_open,
    prepare=prepare,
    check_undo=opening.check_undo,
    also_locks=lambda request: (request.source,),
    picture=site_picture,
)
