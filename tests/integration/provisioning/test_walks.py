"""Every verb, killed after every one of its steps: the next run ends in the wanted state, the way back in the state before."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from blueprints.contract import Column
from memberships.contract import Role
from memberships.models import Membership
from observability.models import AuditEntry
from provisioning import blueprints, cloning, services, verbs
from provisioning.contract import (
    DomainRequest,
    IrreversibleError,
    OfflineRequest,
    PurgeRequest,
    RenameRequest,
    RetireRequest,
    SiteRequest,
    SiteSpec,
)
from provisioning.models import Backup, Operation
from provisioning.steps.cloning import CloneSpec
from registry.contract import State
from registry.models import Closure, Domain, Filing, Outage, Tenant
from registry.schemas import in_schema_of
from registry.selectors import directory, forget_directory, tenant_by_slug
from search.models import Projection
from tenants.pages.models import ArticlePage
from tests.factories.crashes import killed_after
from tests.factories.pages import publish_article
from tests.factories.people import person
from tests.factories.sites import copied_sites, site_spec

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OPENED = NOW - dt.timedelta(days=60)
SLUG = "walked"
BY: dict[str, Any] = {"by": "zhangsan", "address": "203.0.113.7"}


@dataclass(frozen=True)
class Case:
    """How a site comes to where a verb begins, what is asked of it, and where it ends."""

    arrange: Callable[[str], Any]
    ends: State
    slug: Callable[[str], str] = lambda slug: slug


def _live(slug: str) -> None:
    _, tenant = copied_sites("taiyuan", slug, opened=OPENED)
    with in_schema_of(tenant):
        publish_article("关于公共停车场的通知", slug="notice")


def _opening(slug: str) -> SiteSpec:
    copied_sites("taiyuan", opened=OPENED)
    person(f"admin-{slug}")
    return site_spec(slug, administrator=f"admin-{slug}", aliases=(f"www.{slug}.test",))


def _suspending(slug: str) -> SiteRequest:
    _live(slug)
    return SiteRequest(slug, "例行检查")


def _resuming(slug: str) -> SiteRequest:
    _live(slug)
    services.carry_out(verbs.OFFLINE, _away(slug), **BY)
    services.carry_out(verbs.READ_ONLY, SiteRequest(slug), **BY)
    return SiteRequest(slug)


def _going_offline(slug: str) -> OfflineRequest:
    _live(slug)
    return _away(slug)


def _away(slug: str) -> OfflineRequest:
    return OfflineRequest(slug, "机房改造", first_day=dt.date(2026, 4, 1), last_day=dt.date(2026, 4, 3))


def _renaming(slug: str) -> RenameRequest:
    _live(slug)
    return RenameRequest(slug, new_slug=f"new-{slug}", new_domain=f"www.{slug}.localhost")


def _adding_a_domain(slug: str) -> DomainRequest:
    _live(slug)
    return DomainRequest(slug, domain=f"more.{slug}.localhost")


def _removing_a_domain(slug: str) -> DomainRequest:
    request = _adding_a_domain(slug)
    services.carry_out(verbs.ADD_DOMAIN, request, **BY)
    return request


def _retiring(slug: str) -> RetireRequest:
    _live(slug)
    return RetireRequest(slug, "机构改革", redirect_to="https://www.example.gov.cn/")


def _purging(slug: str) -> PurgeRequest:
    with time_machine.travel(NOW - dt.timedelta(days=40)):
        services.carry_out(verbs.RETIRE, _retiring(slug), **BY)
    folder = Path(settings.MEDIA_ROOT) / tenant_by_slug(slug).schema_name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "picture.png").write_bytes(b"sample")
    return PurgeRequest(slug)


def _cloning(slug: str) -> CloneSpec:
    _live(f"old-{slug}")
    spec = CloneSpec(**asdict(site_spec(slug)), source=f"old-{slug}", with_content=True)
    return verbs.clone_request(spec)


def _applying(slug: str) -> Any:
    _live(slug)
    wanted = replace(blueprints.load("department"), name=slug, theme="azure", settings={"home_panels": 3})
    return verbs.apply_request(slug, replace(wanted, columns=(*wanted.columns, Column("ztzl", "专题专栏", "news"))))


CASES = {
    "site prepare": Case(_opening, State.PREPARING),
    "site open": Case(_opening, State.LIVE),
    "site clone": Case(_cloning, State.LIVE),
    "site apply": Case(_applying, State.LIVE),
    "site suspend": Case(_suspending, State.SUSPENDED),
    "site resume": Case(_resuming, State.LIVE),
    "site read-only": Case(_suspending, State.READ_ONLY),
    "site offline": Case(_going_offline, State.LIVE),
    "site rename": Case(_renaming, State.LIVE, slug=lambda slug: f"new-{slug}"),
    "site add-domain": Case(_adding_a_domain, State.LIVE),
    "site remove-domain": Case(_removing_a_domain, State.LIVE),
    "site retire": Case(_retiring, State.CLOSED),
    "site purge": Case(_purging, State.PURGED),
}
WALKED_ELSEWHERE = {"site restore", "site import"}  # need an archive in hand: test_restoring, test_exchange


@pytest.fixture(autouse=True)
def _own_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_DIR", str(tmp_path / "backups"))


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def world(*slugs: str) -> dict[str, Any]:
    """Return all that the platform holds of a site, under any of these slugs."""
    forget_directory()
    tenant = Tenant.objects.filter(slug__in=slugs).first()
    closing = [f"closing-{slug}" for slug in slugs]
    with in_schema_of(tenant_by_slug("taiyuan")):
        notices = ArticlePage.objects.filter(slug__in=closing).count()
    facts: dict[str, Any] = {"notices": notices, "archives": sorted(path.name for path in Path(settings.BACKUP_DIR).rglob(f"{slugs[0]}-*"))}
    if tenant is None:
        return facts | {"schema": cloning.has_schema(f"s_{slugs[0].replace('-', '_')}")}
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    row = Tenant.objects.filter(pk=tenant.pk).values().get()
    domains = Domain.objects.filter(tenant=tenant).order_by("domain").values_list("domain", "purpose", "is_primary", "redirect_until")
    return facts | {
        "row": row,
        "domains": list(domains),
        "outages": list(Outage.objects.filter(tenant=tenant).values_list("starts_at", "ends_at", "cancelled_at")),
        "closures": Closure.objects.filter(tenant=tenant).count(),
        "filings": Filing.objects.filter(tenant=tenant).count(),
        "backups": Backup.objects.filter(tenant_uuid=tenant.uuid).count(),
        "members": list(Membership.objects.filter(tenant=tenant, is_active=True).values_list("person__username", "role")),
        "found": list(Projection.objects.filter(tenant=tenant).order_by("pk").values_list("title", "state")),
        "schema": cloning.has_schema(tenant.schema_name),
        "address": _address(tenant),
        "files": sorted(path.name for path in folder.rglob("*")) if folder.exists() else [],
    }


def _address(tenant: Tenant) -> list[str]:
    if not cloning.has_schema(tenant.schema_name):
        return []
    with in_schema_of(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT hostname FROM wagtailcore_site")
        return [name for (name,) in cursor.fetchall()]


def test_every_verb_is_walked() -> None:
    assert set(CASES) | WALKED_ELSEWHERE == set(verbs.ALL)


@pytest.mark.parametrize(("name", "step"), [(name, step.name) for name in CASES for step in verbs.ALL[name].steps])
def test_killed_after_a_step_it_goes_back_and_it_goes_on(name: str, step: str) -> None:
    verb, case, slug = verbs.ALL[name], CASES[name], SLUG
    request = case.arrange(slug)
    slugs = (slug, case.slug(slug))
    before = world(*slugs)
    planned = [each.name for each in services.plan(verb, request).steps]
    assert world(*slugs) == before  # a plan changes nothing
    assert planned == [each.name for each in verb.steps]
    until = planned[: planned.index(step) + 1]

    killed_after(step, lambda on_step: services.carry_out(verb, request, on_step=on_step, **BY))
    operation = Operation.objects.filter(verb=name, subject=slug).latest("number")
    assert [row.name for row in operation.steps.order_by("position")] == until
    if all(each.undo for each in verb.steps[: len(until)]):
        _goes_back_even_if_killed(name, slug, until)
        assert world(*slugs) == before
        killed_after(step, lambda on_step: services.carry_out(verb, request, on_step=on_step, **BY))
    else:
        with pytest.raises(IrreversibleError, match="has no way back"):
            services.roll_back(verb, slug, **BY)
    assert set(services.carry_out(verb, request, **BY).ran) == set(planned) - set(until)

    assert tenant_by_slug(slugs[-1]).state is case.ends
    assert not services.carry_out(verb, request, **BY).changed
    entries = AuditEntry.objects.filter(action=verb.action, subject=slug)
    assert [(entry.actor, entry.address) for entry in entries] == [("zhangsan", "203.0.113.7")] * entries.count()
    assert entries.count() == (2 if step == planned[-1] and all(each.undo for each in verb.steps) else 1)


def _goes_back_even_if_killed(name: str, slug: str, done: list[str]) -> None:
    """Take a walk back in two processes: the first dies after its first step back."""
    verb = verbs.ALL[name]
    killed_after(done[-1], lambda on_step: services.roll_back(verb, slug, on_step=on_step, **BY))
    assert services.roll_back(verb, slug, **BY).ran == tuple(reversed(done[:-1]))
    assert not services.roll_back(verb, slug, **BY).changed
    assert AuditEntry.objects.filter(action=f"{verb.action}.rolled_back", subject=slug).count() == 1


def test_an_administrator_of_a_finished_opening_is_let_in_and_taken_out() -> None:
    slug = SLUG
    services.carry_out(verbs.OPEN, _opening(slug), **BY)
    assert world(slug)["members"] == [(f"admin-{slug}", Role.ADMINISTRATOR.value)]

    services.roll_back(verbs.OPEN, slug, **BY)

    assert world(slug) == {"notices": 0, "archives": [], "schema": False}
    assert slug not in directory().by_slug


def test_the_journal_orders_operations_even_when_the_clock_goes_back() -> None:
    slug = SLUG
    _live(slug)
    services.carry_out(verbs.SUSPEND, SiteRequest(slug), **BY)
    with time_machine.travel(NOW - dt.timedelta(days=400)):
        services.carry_out(verbs.RESUME, SiteRequest(slug), **BY)
        services.carry_out(verbs.SUSPEND, SiteRequest(slug, "又一次"), **BY)

    services.roll_back(verbs.SUSPEND, slug, **BY)  # the last one, though it was begun "earlier"

    assert tenant_by_slug(slug).state is State.LIVE
    assert list(Operation.objects.filter(subject=slug).order_by("number").values_list("verb", "state")) == [
        ("site open", "done"),
        ("site suspend", "done"),
        ("site resume", "done"),
        ("site suspend", "undone"),
    ]


def test_the_purged_site_leaves_its_row_its_journal_and_its_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    slug = SLUG
    services.carry_out(verbs.PURGE, _purging(slug), **BY)

    left = world(slug)
    assert (left["schema"], left["found"], left["files"], left["domains"]) == (False, [], [], [])
    assert (left["row"]["state"], left["closures"], left["backups"]) == ("purged", 1, 1)
    assert Operation.objects.filter(subject=slug).count() == 3
    call_command("site", "receipt", slug)
    printed = capsys.readouterr().out
    assert "网站关停回执" in printed
    assert Closure.objects.get(tenant__slug=slug).receipt["sha256"] in printed.replace("\n", "")
