"""Applying a blueprint to a site: what is refused, and when nothing is left to do."""

from blueprints.contract import Blueprint
from provisioning import blueprints
from provisioning.contract import BlueprintRefusedError, StateError, Verb
from provisioning.steps import blueprints as steps
from provisioning.steps.blueprints import ApplyRequest
from provisioning.steps.states import site_picture
from provisioning.verbs.states import site_of
from registry.contract import WRITABLE, State
from registry.selectors import tenant_by_slug


def apply_request(slug: str, blueprint: Blueprint) -> ApplyRequest:
    """Return the request to apply a blueprint, whose text is kept from now on.

    Raises:
        BlueprintRefusedError: its name and version mean another text already.

    """
    return ApplyRequest(slug, str(blueprint), blueprints.keep(blueprint).digest)


def check(request: ApplyRequest) -> None:
    """Refuse a site that is not there, is closed, or is of another kind.

    Raises:
        UnknownSiteError, StateError, BlueprintRefusedError: what is wrong.

    """
    tenant = site_of(request.slug)
    if State(tenant.state) not in WRITABLE:
        raise StateError(f"The site {request.slug!r} is {tenant.state}; nobody may change it. Resume it first.")
    wanted = steps.kept(request).kind
    if tenant.kind != wanted:
        raise BlueprintRefusedError(f"Blueprint {request.blueprint!r} is for sites of kind {wanted}; {request.slug!r} is a {tenant.kind}.")


def is_done(request: ApplyRequest) -> bool:
    """Whether the site was given this very text last and nothing of it is left to add or to change."""
    tenant = tenant_by_slug(request.slug)
    found = blueprints.differences(tenant, steps.kept(request))
    return blueprints.given_digest(tenant) == request.digest and all(entry.is_left_alone for entry in found)


APPLY = Verb(
    name="site apply",
    label="套用蓝本",
    request=ApplyRequest,
    steps=steps.APPLY,
    check=check,
    is_done=is_done,
    picture=site_picture,
)
