"""The three officers are three people: the database and every verb see to it."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from memberships import selectors, services
from memberships.contract import PlatformRole, Role
from memberships.models import Membership, Officer, SignInFailure
from observability.models import AuditEntry
from observability.terminal import CommandFailure
from registry.contract import Plane
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")

PAIRS = [(held, other) for held in PlatformRole for other in PlatformRole if held is not other]


def test_an_officer_is_granted_recorded_and_known() -> None:
    zhang, security = person(), person("security")

    assert services.grant_platform(zhang, PlatformRole.AUDIT, by=security) is True
    assert services.grant_platform(zhang, PlatformRole.AUDIT, by=security) is False

    assert selectors.platform_role_of(zhang) is PlatformRole.AUDIT
    entry = AuditEntry.objects.get(action="officer.granted")
    assert (entry.actor, entry.subject) == ("security", "zhangsan")
    assert entry.detail == {"before": {"role": None}, "after": {"role": "audit"}}


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_no_account_holds_two(held: PlatformRole, other: PlatformRole) -> None:
    zhang = person()
    services.grant_platform(zhang, held, by="tests")

    with pytest.raises(services.SeparationOfDutiesError, match="nobody holds two"):
        services.grant_platform(zhang, other, by="tests")
    with pytest.raises(IntegrityError), transaction.atomic():
        Officer.objects.create(person=zhang, role=other.value, granted_at=timezone.now())

    assert [(officer.person_id, officer.role) for officer in selectors.officers()] == [(zhang.pk, held.value)]


def test_nobody_changes_their_own_role() -> None:
    security = person()

    with pytest.raises(services.OwnRoleError):
        services.grant_platform(security, PlatformRole.SECURITY, by=security)
    services.grant_platform(security, PlatformRole.SECURITY, by="tests")
    with pytest.raises(services.OwnRoleError):
        services.revoke_platform(security, by=security)
    with pytest.raises(IntegrityError), transaction.atomic():
        Officer.objects.update(granted_by=security)

    assert selectors.platform_role_of(security) is PlatformRole.SECURITY


def test_roles_at_sites_that_defeat_the_separation_are_refused_both_ways() -> None:
    (site,) = open_sites("xiaodian")
    tried = [(platform, role) for platform in PlatformRole for role in Role]
    refused = set()

    for number, (platform, role) in enumerate(tried):
        first, second = person(f"first-{number}"), person(f"second-{number}")
        services.grant_platform(first, platform, by="tests")
        services.grant(second, site, role, by="tests")
        try:
            services.grant(first, site, role, by="tests")
        except services.SeparationOfDutiesError:
            refused.add((platform, role))
        try:
            services.grant_platform(second, platform, by="tests")
        except services.SeparationOfDutiesError:
            assert (platform, role) in refused
            assert selectors.platform_role_of(second) is None
        else:
            assert (platform, role) not in refused
            assert Membership.objects.filter(person=first).count() == 1

    assert refused == {
        (PlatformRole.OPERATIONS, Role.AUDITOR),
        (PlatformRole.SECURITY, Role.ADMINISTRATOR),
        (PlatformRole.SECURITY, Role.AUDITOR),
        (PlatformRole.AUDIT, Role.ADMINISTRATOR),
        (PlatformRole.AUDIT, Role.EDITOR),
        (PlatformRole.AUDIT, Role.REVIEWER),
    }


def test_a_closed_account_is_no_officer() -> None:
    zhang = person()
    services.grant_platform(zhang, PlatformRole.OPERATIONS, by="tests")

    services.deactivate_person(zhang, by="tests")

    assert selectors.platform_role_of(zhang) is None
    assert AuditEntry.objects.get(action="person.deactivated").detail["before"] == {"platform_role": "operations"}
    with pytest.raises(services.InactivePersonError):
        services.grant_platform(zhang, PlatformRole.OPERATIONS, by="tests")


def test_a_locked_name_is_seen_and_unlocked() -> None:
    zhang = person()
    request = RequestFactory().post("/sign-in/")
    request.plane = Plane.PLATFORM  # type: ignore[attr-defined] # as the middleware does
    for _ in range(5):
        assert services.check_credentials(request, username="ZhangSan", password="wrong") is None
    with pytest.raises(services.SignInLockedError):
        services.check_credentials(request, username="zhangsan", password=PASSWORD)

    (seen,) = selectors.failures_by_name(since=timezone.now() - timedelta(hours=1))
    assert (seen.username, seen.count) == ("zhangsan", 5)
    assert services.unlock("zhangsan", by=zhang) is True
    assert services.unlock("zhangsan", by=zhang) is False

    assert services.check_credentials(request, username="zhangsan", password=PASSWORD) == zhang
    assert AuditEntry.objects.get(action="person.unlocked").detail == {"before": {"failures": 5}}
    assert SignInFailure.objects.count() == 0


def test_the_command_grants_lists_and_revokes() -> None:
    person()

    def run(*arguments: str) -> dict[str, object]:
        out = io.StringIO()
        call_command("person", *arguments, "--json", stdout=out)
        document: dict[str, object] = json.loads(out.getvalue())
        return document

    assert run("grant-platform", "zhangsan", "--role", "audit", "--dry-run")["changed"] is False
    assert selectors.officers() == []
    assert run("grant-platform", "zhangsan", "--role", "audit")["changed"] is True
    assert run("grant-platform", "zhangsan", "--role", "audit")["changed"] is False
    assert run("list")["people"] == [{"username": "zhangsan", "name": "示例人员", "site": "(platform)", "role": "audit", "active": True}]
    with pytest.raises(CommandFailure, match="nobody holds two"):
        run("grant-platform", "zhangsan", "--role", "security")
    assert run("revoke-platform", "zhangsan", "--yes")["changed"] is True
    assert run("revoke-platform", "zhangsan", "--yes")["changed"] is False
    assert run("unlock", "zhangsan")["changed"] is False
