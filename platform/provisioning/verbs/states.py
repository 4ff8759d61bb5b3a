"""Suspending, resuming, making read-only."""

from provisioning.contract import SiteRequest, StateError, UnknownSiteError, Verb
from provisioning.steps.states import move_to, site_picture
from registry.contract import TRANSITIONS, State, TransitionError
from registry.models import Tenant


def site_of(slug: str) -> Tenant:
    """Return a site's row.

    Raises:
        UnknownSiteError: there is none.

    """
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        known = ", ".join(Tenant.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise UnknownSiteError(f"There is no site {slug!r}. Sites: {known}.")
    return tenant


def check_move(slug: str, wanted: State) -> None:
    """Refuse a move the life cycle does not know.

    Raises:
        UnknownSiteError, StateError: what is wrong.

    """
    before = State(site_of(slug).state)
    if before is not wanted and wanted not in TRANSITIONS[before]:
        raise StateError(str(TransitionError(slug, before, wanted)))


def _mover(name: str, label: str, wanted: State) -> Verb[SiteRequest]:
    return Verb(
        name=name,
        label=label,
        request=SiteRequest,
        steps=(move_to(wanted, label=label),),
        check=lambda request: check_move(request.slug, wanted),
        is_done=lambda request: site_of(request.slug).state == wanted,
        picture=site_picture,
    )


SUSPEND = _mover("site suspend", "暂停站点", State.SUSPENDED)
RESUME = _mover("site resume", "恢复站点", State.LIVE)
READ_ONLY = _mover("site read-only", "转为只读", State.READ_ONLY)
