"""Opening sites: the whole walk, what is refused, and a process killed after each step."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from provisioning import cloning, services
from provisioning.contract import (
    BusyError,
    CityError,
    ClosedError,
    DifferentRequestError,
    DomainError,
    PersonError,
    ProvisioningError,
    RegionError,
    SlugError,
    StepFailedError,
    ThemeError,
)
from provisioning.models import Operation, Step
from provisioning.steps.opening import OPEN_SITE
from registry.contract import State
from registry.models import Domain, Tenant
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.pages.models import ColumnPage, HomePage
from tests.factories.sites import TAIYUAN, open_sites, put_into, site_spec
from tests.factories.tables import wait_until_alone

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]
ROOT = Path(__file__).resolve().parents[3]
STEPS = [step.name for step in OPEN_SITE]

KILLED_AFTER = """
import os, signal, sys
import django
django.setup()
from provisioning import services
from tests.factories.sites import site_spec

def die(report):
    if report.name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)

services.open_site(site_spec("xiaodian"), on_step=die)
"""


def facts_of(slug: str) -> dict[str, Any]:
    tenant = tenant_by_slug(slug)
    with in_schema_of(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT hostname, port, is_default_site FROM wagtailcore_site")
        sites = cursor.fetchall()
        pages = list(ColumnPage.objects.order_by("path").values_list("slug", flat=True))
        homes = list(HomePage.objects.values_list("title", flat=True))
        cursor.execute("SELECT count(*) FROM accounts_user")
        users = cursor.fetchone()[0]
    return {"state": tenant.state, "sites": sites, "pages": pages, "homes": homes, "users": users}


def test_a_site_is_opened_with_its_pages_and_nobody_in_it() -> None:
    (tenant,) = open_sites("xiaodian")

    facts = facts_of("xiaodian")
    assert facts["state"] is State.LIVE
    assert facts["sites"] == [("xiaodian.localhost", 8000, True)]
    assert facts["homes"] == ["太原市小店区人民政府"]
    assert facts["pages"][:3] == ["zwdt", "yaowen", "tzgg"]
    assert len(facts["pages"]) == 23
    assert facts["users"] == 0
    assert tenant.schema_name == "s_xiaodian"
    assert list(Domain.objects.order_by("domain").values_list("domain", "purpose", "is_primary")) == [
        ("xiaodian.localhost", "public", True),
        ("xiaodian.manage.localhost", "editor", True),
    ]


def test_no_foreign_key_leaves_a_sites_schema() -> None:
    open_sites("xiaodian")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid "
            "WHERE c.contype = 'f' AND t.relnamespace = 's_xiaodian'::regnamespace AND r.relnamespace <> t.relnamespace",
        )
        assert cursor.fetchone() == (0,)


def test_a_second_run_changes_nothing_and_says_so() -> None:
    open_sites("xiaodian")
    before = facts_of("xiaodian")

    outcome = services.open_site(site_spec("xiaodian"))

    assert (outcome.changed, outcome.ran) == (False, ())
    assert facts_of("xiaodian") == before
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_any_step_the_same_request_goes_on(step: str) -> None:
    services.open_city("taiyuan", region_code=TAIYUAN)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER, step], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    wait_until_alone()
    done_before = STEPS[: STEPS.index(step) + 1]
    assert list(Step.objects.order_by("position").values_list("name", flat=True)) == done_before
    assert tenant_by_slug("xiaodian").state is {"approve": State.APPROVED, "live": State.LIVE}.get(step, State.PREPARING)

    outcome = services.open_site(site_spec("xiaodian"))

    assert list(outcome.ran) == [name for name in STEPS if name not in done_before]
    assert facts_of("xiaodian") == facts_of("xiaodian") | {"state": State.LIVE, "sites": [("xiaodian.localhost", 8000, True)], "users": 0}
    assert len(facts_of("xiaodian")["pages"]) == 23
    assert Operation.objects.get().state == Operation.State.DONE


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"slug": "X!"}, SlugError, "2 to 40 small letters"),
        ({"slug": "platform"}, SlugError, "reserved"),
        ({"slug": "yingze"}, SlugError, "belongs to 太原市迎泽区人民政府"),
        ({"region_code": "999999"}, RegionError, "no region '999999'"),
        ({"city_slug": "datong"}, CityError, "no city 'datong'"),
        ({"theme": "pink"}, ThemeError, "pink"),
        ({"domain": "no host"}, DomainError, "no domain name"),
        ({"domain": "yingze.localhost"}, DomainError, "belongs to 太原市迎泽区人民政府"),
        ({"aliases": ("yingze.manage.localhost",)}, DomainError, "belongs to 太原市迎泽区人民政府"),
        ({"administrator": "nobody"}, PersonError, "no person 'nobody'"),
    ],
)
def test_a_wrong_request_is_refused_and_changes_nothing(changes: dict[str, Any], error: type[ProvisioningError], says: str) -> None:
    open_sites("yingze")

    with pytest.raises(error) as caught:
        services.open_site(site_spec("xiaodian", **changes))

    assert says in str(caught.value)
    assert Tenant.objects.count() == 1
    assert Operation.objects.count() == 1
    assert not cloning.has_schema("s_xiaodian")


def test_a_closed_site_is_not_opened_again() -> None:
    (tenant,) = open_sites("xiaodian")
    put_into(State.CLOSED, tenant)

    with pytest.raises(ClosedError, match="closed"):
        services.open_site(site_spec("xiaodian"))


def test_a_failing_step_is_reported_kept_in_the_journal_and_gone_on_from(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    services.open_city("taiyuan", region_code=TAIYUAN)
    builders, settings.SITE_BUILDERS = settings.SITE_BUILDERS, ["tests.integration.provisioning.test_open_site.broken_builder"]

    with pytest.raises(StepFailedError, match="step 'pages' failed: no paper") as caught:
        services.open_site(site_spec("xiaodian"))

    assert caught.value.step == "pages"
    operation = Operation.objects.get()
    assert (operation.state, operation.error) == ("failed", "pages: no paper")
    assert list(operation.steps.order_by("position").values_list("name", "state")) == [
        ("reserve", "done"),
        ("schema", "done"),
        ("pages", "failed"),
    ]
    settings.SITE_BUILDERS = builders
    assert services.open_site(site_spec("xiaodian")).ran == ("pages", "staff", "approve", "live")


def broken_builder(_tenant: Any) -> None:
    raise RuntimeError("no paper")


def test_an_unfinished_opening_is_not_continued_with_other_facts(settings: Any) -> None:
    services.open_city("taiyuan", region_code=TAIYUAN)
    settings.SITE_BUILDERS = ["tests.integration.provisioning.test_open_site.broken_builder"]
    with pytest.raises(StepFailedError):
        services.open_site(site_spec("xiaodian"))

    with pytest.raises(DifferentRequestError, match="theme='azure'"):
        services.open_site(site_spec("xiaodian", theme="vermilion"))


def test_two_at_once_do_not_collide() -> None:
    services.open_city("taiyuan", region_code=TAIYUAN)
    other = connection.copy()
    other.set_schema_to_public()  # type: ignore[attr-defined] # django-tenants' connection
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('site xiaodian', 0))")
        with pytest.raises(BusyError, match="Another process"):
            services.open_site(site_spec("xiaodian"))
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed session keeps its locks until the server notices
    finally:
        other.close()

    assert services.open_site(site_spec("xiaodian")).changed
