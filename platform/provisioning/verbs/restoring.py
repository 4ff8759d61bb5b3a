"""Restoring a site from an archive: what is refused, and when nothing is left to do."""

from provisioning import cloning
from provisioning.backups import loading
from provisioning.contract import CityError, IrreversibleError, RefusedError, SlugError, Verb
from provisioning.models import Operation
from provisioning.steps import restoring
from provisioning.steps.opening import editor_domain, schema_name
from provisioning.steps.restoring import RestoreRequest
from provisioning.steps.states import site_picture
from provisioning.verbs.opening import check_domain, check_slug_form, region_of
from registry.models import City, Tenant

NAME = "site restore"


class UnconfirmedError(RefusedError):
    """The state before an earlier restore is still kept."""


def check(request: RestoreRequest) -> None:
    """Refuse what cannot be carried out.

    Raises:
        SlugError, CityError, RegionError, DomainError, UnconfirmedError: what is wrong, and what to do.

    """
    if is_done(request):
        return
    if request.is_new:
        _check_new(request)
    elif cloning.has_schema(restoring.kept_name(request.slug)):
        raise UnconfirmedError(
            f"The state of {request.slug!r} before its last restore is still kept. Remove it with `backup confirm {request.slug}`, "
            f"or go back to it with `backup rollback {request.slug}`."
        )


def _check_new(request: RestoreRequest) -> None:
    check_slug_form(request.slug)
    if Tenant.objects.filter(slug=request.slug).exists():
        raise SlugError(f"There is a site {request.slug!r}. Choose another slug, or restore into it: --into {request.slug}.")
    if taken := Tenant.objects.filter(schema_name=schema_name(request.slug)).first():
        raise SlugError(f"The slug {request.slug!r} is too close to that of {taken}. Choose another slug.")
    site = restoring.archive_in_hand().manifest.site
    if not City.objects.filter(slug=site["city_slug"]).exists():
        raise CityError(f"There is no city {site['city_slug']!r}. Open it first: manage.py city open.")
    region_of(site["region_code"])
    for domain in (restoring.own_host(request.slug), editor_domain(request.slug)):
        check_domain(domain, slug=request.slug)


def is_done(request: RestoreRequest) -> bool:
    """Whether the last restore of the site was of this archive and is neither confirmed nor taken back."""
    last = Operation.objects.filter(verb=NAME, subject=request.slug).order_by("-number").first()
    if last is None or last.state != Operation.State.DONE or last.request.get("sha256") != request.sha256:
        return False
    return bool(last.memory.get("made_site")) or cloning.has_schema(restoring.kept_name(request.slug))


def prepare(_request: RestoreRequest) -> None:
    """Make sure of the tables' template; its migrations cannot run inside a transaction."""
    loading.template_of(restoring.archive_in_hand().manifest)


def check_undo(request: RestoreRequest) -> None:
    """Refuse to take a restore back once it was confirmed.

    Raises:
        IrreversibleError: the state before it is gone.

    """
    if not request.is_new and not cloning.has_schema(restoring.kept_name(request.slug)):
        raise IrreversibleError(f"The restore of {request.slug!r} was confirmed; the state before it is gone.")


RESTORE = Verb(
    name=NAME,
    label="从备份恢复",
    request=RestoreRequest,
    steps=restoring.RESTORE_SITE,
    check=check,
    is_done=is_done,
    prepare=prepare,
    check_undo=check_undo,
    picture=site_picture,
)
