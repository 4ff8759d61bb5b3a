"""Tickets: one person, one site, one minute, one use."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from memberships import services
from memberships.contract import Role
from memberships.models import Ticket
from tests.factories.people import person
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_ticket_names_its_owner_once() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    secret = services.issue_ticket(zhang, site, now=NOW)

    owner = services.consume_ticket(secret, site, now=NOW + timedelta(seconds=59))

    assert owner == services.Person(zhang.uuid, "zhangsan", Role.EDITOR)
    with pytest.raises(services.UsedTicketError):
        services.consume_ticket(secret, site, now=NOW + timedelta(seconds=59))


def test_only_the_digest_is_kept() -> None:
    (site,) = copied_sites("xiaodian")
    secret = services.issue_ticket(person(roles={Role.EDITOR: [site]}), site)

    ticket = Ticket.objects.get()

    assert len(ticket.digest) == 64
    assert secret not in str(ticket.__dict__)


def test_a_ticket_expires_after_a_minute() -> None:
    (site,) = copied_sites("xiaodian")
    secret = services.issue_ticket(person(roles={Role.EDITOR: [site]}), site, now=NOW)

    with pytest.raises(services.ExpiredTicketError):
        services.consume_ticket(secret, site, now=NOW + timedelta(seconds=60))

    assert Ticket.objects.get().used_at is None


def test_a_ticket_opens_no_other_site() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.EDITOR: [here, there]})
    secret = services.issue_ticket(zhang, here)

    with pytest.raises(services.OtherSiteTicketError):
        services.consume_ticket(secret, there)

    assert services.consume_ticket(secret, here).uuid == zhang.uuid


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "票", "\udc80", "a\x00b"])
def test_an_invented_ticket_opens_nothing(secret: str) -> None:
    (site,) = copied_sites("xiaodian")

    with pytest.raises(services.UnknownTicketError):
        services.consume_ticket(secret, site)


def test_a_role_revoked_in_between_closes_the_door() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    secret = services.issue_ticket(zhang, site)
    services.revoke(zhang, site, by="tests")

    with pytest.raises(services.MembershipInactiveError):
        services.consume_ticket(secret, site)


def test_an_account_closed_in_between_closes_the_door() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    secret = services.issue_ticket(zhang, site)
    services.deactivate_person(zhang, by="tests")

    with pytest.raises(services.MembershipInactiveError):
        services.consume_ticket(secret, site)


def test_a_stranger_gets_no_ticket() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.EDITOR: [here]})

    with pytest.raises(services.NotAMemberError):
        services.issue_ticket(zhang, there)

    assert Ticket.objects.count() == 0


def test_old_tickets_are_cleared_away() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    services.issue_ticket(zhang, site, now=NOW)

    services.issue_ticket(zhang, site, now=NOW + timedelta(days=1, seconds=1))

    assert Ticket.objects.count() == 1


def test_of_many_with_one_ticket_one_is_let_in() -> None:
    (site,) = copied_sites("xiaodian")
    secret = services.issue_ticket(person(roles={Role.EDITOR: [site]}), site)
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def come() -> None:
        start.wait()
        try:
            outcomes.append(services.consume_ticket(secret, site).username)
        except services.TicketError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["UsedTicketError"] * 7 + ["zhangsan"]
