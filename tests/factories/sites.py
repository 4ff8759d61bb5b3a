"""A city and its sites, opened the way operations open them."""

import datetime as dt
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import time_machine

from provisioning import services
from provisioning.contract import SiteSpec
from registry.contract import Kind, State, TenantRef
from registry.models import Tenant
from registry.selectors import forget_directory, tenant_by_slug
from tests.factories.copies import made_once

TAIYUAN = "140100"
COUNTIES = {
    "xiaodian": ("140105", "小店区"),
    "yingze": ("140106", "迎泽区"),
    "qingxu": ("140121", "清徐县"),
    "yangqu": ("140122", "阳曲县"),
}


def site_spec(known: str = "xiaodian", /, **changes: Any) -> SiteSpec:
    """Return a request for a site: of the portal `taiyuan`, of a county above, or of a made-up department."""
    if known == "taiyuan":
        spec = SiteSpec(known, "太原市人民政府", "太原市", Kind.CITY, "taiyuan", TAIYUAN, "vermilion")
    elif known in COUNTIES:
        code, name = COUNTIES[known]
        spec = SiteSpec(known, f"太原市{name}人民政府", name, Kind.COUNTY, "taiyuan", code, "azure")
    else:
        spec = SiteSpec(known, f"太原市{known}局", f"{known}局", Kind.DEPARTMENT, "taiyuan", TAIYUAN, "vermilion")
    return replace(spec, **{"override_officer": "示例", "override_reason": "测试用站点，没有真实备案"} | changes)


def open_sites(*slugs: str, **changes: Any) -> list[TenantRef]:
    """Open the city and the named sites for real; needs the `database` fixture."""
    services.open_city("taiyuan", region_code=TAIYUAN)
    for slug in slugs:
        services.open_site(site_spec(slug, **changes))
    return [tenant_by_slug(slug) for slug in slugs]


def copied_sites(*slugs: str, opened: dt.datetime | None = None, **changes: Any) -> list[TenantRef]:
    """Give what `open_sites` gives, from its second run on as a copy, see tests/factories/copies.py; needs the `database` fixture.

    To be called first, while the database is empty, and not where a test has put other code in place for the opening. Where a test sets
    the clock, `opened` says when the sites were opened: a while before, for an opening takes some seconds.
    """
    with time_machine.travel(opened) if opened else nullcontext():
        made_once((slugs, sorted(changes.items()), opened), lambda: open_sites(*slugs, **changes), is_clock_set=opened is not None)
    return [tenant_by_slug(slug) for slug in slugs]


def put_into(state: State, *tenants: TenantRef) -> None:
    """Put sites into a state whatever the life cycle says, without a verb."""
    Tenant.objects.filter(pk__in=[tenant.id for tenant in tenants]).update(state=state.value)
    forget_directory()
