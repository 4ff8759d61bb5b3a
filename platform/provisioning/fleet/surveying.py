"""Where everything stands: what `public` lacks, each site's version, and what each version lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioning import cloning
from provisioning.fleet import additive, planning, versions
from provisioning.fleet.contract import Key, Site, UnknownSiteError
from provisioning.fleet.planning import Named, Plan
from registry.contract import TEMPLATE_SCHEMA
from registry.schemas import in_public, in_schema_of


@dataclass
class Survey:
    """What a fleet migration would have to do now; `plans` has one plan for each version that is found."""

    public: Plan
    sites: Sequence[Site]
    digests: Mapping[str, str]
    plans: Mapping[str, Plan]
    needs_template: bool
    needs_roles: bool

    def plan(self, site: Site) -> Plan:
        """Return what a site of this version lacks."""
        return self.plans[self.digests[site.schema_name]]

    @property
    def behind(self) -> list[Site]:
        """Return the sites that have to be worked on."""
        return [site for site in self.sites if self.needs_roles or self.plan(site).migrations]

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.public.migrations or self.needs_template or self.needs_roles or self.behind)


def survey(only: Sequence[str] = ()) -> Survey:
    """Read every schema's version, in a fixed number of queries, and plan once for each version there is.

    Raises:
        UnknownSiteError: a site named in `only` is not there.

    """
    with in_public():
        public = planning.plan_of("public")
        found = versions.sites()
        if unknown := sorted(set(only) - {site.slug for site in found}):
            raise UnknownSiteError(f"There is no site {unknown[0]!r} with tables. `manage.py site list` shows all.")
        chosen = [site for site in found if not only or site.slug in only]
        template = [TEMPLATE_SCHEMA] if TEMPLATE_SCHEMA in versions.schemas_with_history() else []
        schemas = [*(site.schema_name for site in chosen), *template]
        digests = versions.digests(schemas)
        plans = {digest: planning.plan_of(names[0]) for digest, names in versions.groups(digests, schemas).items()}
        is_behind = any(plans[digests[name]].migrations for name in template)
        needs_roles, has_dump = (False, False) if public.migrations else _template_facts(has_sites=bool(found))
        needs_template = bool(template or found) and (needs_roles or is_behind or not has_dump)
        return Survey(public, chosen, digests, plans, needs_template, needs_roles)


def _template_facts(*, has_sites: bool) -> tuple[bool, bool]:
    """Return whether the sites need roles, and whether there is a dump for this code; the shared tables have to be current to tell."""
    return has_sites and cloning.roles_of_sites() != cloning.roles_mark(), cloning.current_template() is not None


def check(found: Survey, *, accepted: Sequence[str] = ()) -> None:
    """Refuse what would break code that still runs, in the shared tables and in every version of a site's.

    Raises:
        ContractingError: see `additive.check`.

    """
    pending: set[Key] = {key for plan in (found.public, *found.plans.values()) for key in plan.keys}
    for plan in (found.public, *found.plans.values()):
        if plan.migrations:
            with in_schema_of(Named(plan.schema_name)):
                additive.check(plan.migrations, plan.state(), accepted=accepted, pending_elsewhere=pending)
