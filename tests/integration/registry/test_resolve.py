"""Host to site: found in every spelling, refused in its own way each, and never from an old copy for long."""

import pytest
from django.test import Client
from wagtail.models import Page

from registry import selectors
from registry.contract import Plane, Resolved, SiteClosedError, SitePreparingError, SiteSuspendedError, State, UnknownHostError
from registry.models import DirectoryVersion, Domain, Tenant
from registry.schemas import in_schema_of
from tests.factories.sites import copied_sites, put_into

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("host", ["xiaodian.localhost", "XIAODIAN.localhost", "xiaodian.localhost.", "xiaodian.localhost:8000"])
def test_every_spelling_of_a_host_finds_the_site(host: str) -> None:
    (tenant,) = copied_sites("xiaodian")

    resolved = selectors.resolve(host)

    assert (resolved.plane, resolved.tenant, resolved.is_alias) == (Plane.SITE, tenant, False)


def test_the_three_planes() -> None:
    (tenant,) = copied_sites("xiaodian")

    assert selectors.resolve("platform.localhost") == Resolved(Plane.PLATFORM, "platform.localhost")
    assert selectors.resolve("xiaodian.manage.localhost").plane is Plane.EDITOR
    assert selectors.resolve("xiaodian.manage.localhost").tenant == tenant


def test_an_unknown_host_is_404() -> None:
    with pytest.raises(UnknownHostError):
        selectors.resolve("nowhere.localhost")

    response = Client(headers={"host": "nowhere.localhost"}).get("/")
    assert response.status_code == 404
    assert "没有这个网站" in response.content.decode()


@pytest.mark.parametrize(
    ("state", "error", "status", "says"),
    [
        (State.PREPARING, SitePreparingError, 503, "尚未开通"),
        (State.APPROVED, SitePreparingError, 503, "尚未开通"),
        (State.SUSPENDED, SiteSuspendedError, 503, "暂停服务"),
        (State.CLOSED, SiteClosedError, 410, "已关闭"),
        (State.PURGED, SiteClosedError, 410, "已关闭"),
    ],
)
def test_a_site_that_readers_may_not_see_answers_with_a_plain_page(state: State, error: type[Exception], status: int, says: str) -> None:
    (tenant,) = copied_sites("xiaodian")
    put_into(state, tenant)

    with pytest.raises(error):
        selectors.resolve("xiaodian.localhost")
    response = Client(headers={"host": "xiaodian.localhost"}).get("/")

    assert response.status_code == status
    assert says in response.content.decode()
    assert response.headers.get("Retry-After") == ("3600" if status == 503 else None)


def test_an_alias_leads_to_the_primary_domain() -> None:
    copied_sites("xiaodian", aliases=("www.xiaodian.test",))

    response = Client(headers={"host": "www.xiaodian.test"}).get("/zwgk/?page=2")

    assert (response.status_code, response.headers["Location"]) == (301, "http://xiaodian.localhost:8000/zwgk/?page=2")


def test_what_is_no_host_is_400() -> None:
    assert Client(headers={"host": "a b"}).get("/").status_code == 400


def test_the_copy_is_renewed_when_the_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    (tenant,) = copied_sites("xiaodian")
    monkeypatch.setattr(selectors, "CHECK_EVERY_SECONDS", 0.0)
    first = selectors.directory()
    assert selectors.directory() is first

    Domain.objects.create(domain="neu.test", tenant_id=tenant.id)  # as another process would: nobody tells this one

    assert selectors.resolve("neu.test").is_alias is True
    Tenant.objects.filter(pk=tenant.id).update(name="新名称")
    assert selectors.directory().by_slug["xiaodian"].name == "新名称"


def test_between_looks_the_copy_costs_no_query(django_assert_num_queries: object) -> None:
    copied_sites("xiaodian")
    selectors.directory()

    with django_assert_num_queries(0):  # type: ignore[operator] # pytest-django's fixture
        selectors.resolve("xiaodian.localhost")


def test_an_unchanged_copy_costs_one_statement_and_leaves_the_search_path_alone(django_assert_num_queries: object) -> None:
    (tenant,) = copied_sites("xiaodian")
    first = selectors.directory()
    selectors._copy.compared_at = float("-inf")

    with in_schema_of(tenant):
        Page.objects.exists()
        with django_assert_num_queries(2):  # type: ignore[operator] # pytest-django's fixture
            assert selectors.directory() is first
            assert Page.objects.filter(depth=2).exists()  # still in the site's schema, without a `SET search_path`


def test_every_change_raises_the_version() -> None:
    (tenant,) = copied_sites("xiaodian")
    before = DirectoryVersion.objects.get().number

    Tenant.objects.filter(pk=tenant.id).update(short_name="小店")
    Domain.objects.create(domain="neu.test", tenant_id=tenant.id)
    Domain.objects.filter(domain="neu.test").delete()

    assert DirectoryVersion.objects.get().number == before + 3
