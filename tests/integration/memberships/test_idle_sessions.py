"""A session nobody uses ends after half an hour; one in which somebody types does not."""

import time

import pytest
from django.conf import settings
from django.test import Client

from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.people import PASSWORD, person, signed_in
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")

HALF_AN_HOUR = 30 * 60


def signed_on() -> Client:
    person()
    client = Client(headers={"host": settings.PLATFORM_HOST})
    client.post("/sign-in/", {"username": "zhangsan", "password": PASSWORD})
    return client


def leave_for(client: Client, seconds: float) -> None:
    session = client.session
    session["seen_at"] = time.time() - seconds
    session.save()


def test_after_half_an_hour_away_a_person_signs_on_again() -> None:
    client = signed_on()
    assert client.get("/sites/").status_code == 200

    leave_for(client, HALF_AN_HOUR + 1)
    response = client.get("/sites/")

    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in/")
    assert AuditEntry.objects.filter(action="session.idle", actor="zhangsan").count() == 1
    assert client.get("/sites/").status_code == 302


def test_use_within_half_an_hour_goes_on_and_counts() -> None:
    client = signed_on()
    client.get("/sites/")
    leave_for(client, HALF_AN_HOUR - 5)

    assert client.get("/sites/").status_code == 200

    assert time.time() - client.session["seen_at"] < 5


def test_a_page_that_renews_itself_is_no_use() -> None:
    client = signed_on()
    client.get("/sites/")
    leave_for(client, HALF_AN_HOUR - 5)
    before = client.session["seen_at"]

    client.get("/sites/?auto")

    assert client.session["seen_at"] == before


@pytest.fixture
def site() -> TenantRef:
    return copied_sites("xiaodian")[0]


@pytest.mark.parametrize(("pings", "is_use"), [({"is_editing": "1"}, True), ({}, False)])
def test_an_open_editor_is_used_only_while_something_is_typed(site: TenantRef, pings: dict[str, str], *, is_use: bool) -> None:
    person("editor", roles={Role.EDITOR: [site]})
    client = signed_in(site, "editor")
    with in_schema_of(site):
        leave_for(client, HALF_AN_HOUR - 5)
    client.post("/admin/editing-sessions/ping/pages/page/1/", pings)

    with in_schema_of(site):
        assert (time.time() - client.session["seen_at"] < 5) is is_use


def test_an_editor_left_alone_is_signed_off(site: TenantRef) -> None:
    person("editor", roles={Role.EDITOR: [site]})
    client = signed_in(site, "editor")
    with in_schema_of(site):
        leave_for(client, HALF_AN_HOUR + 1)

    response = client.get("/admin/")

    assert response.status_code == 302
    assert "/enter/" in response.headers["Location"]
    assert AuditEntry.objects.get(action="session.idle").tenant_uuid == site.uuid
