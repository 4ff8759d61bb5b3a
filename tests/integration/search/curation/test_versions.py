"""Drafts change nothing; versions do, and can be taken back."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from observability.models import AuditEntry
from registry.contract import TenantRef
from search.contract import Owner
from search.curation import services
from search.curation.current import CHECK_EVERY_SECONDS, forget_rules, rules_for
from search.models import CurationVersion, Rule

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _fresh_rules() -> None:
    forget_rules()


def synonym(owner: Owner, phrase: str, words: str) -> Rule:
    return services.save_rule(Rule(kind="synonym", phrase=phrase, words=words), owner=owner, by="lisi")


def words(site: TenantRef, query: str) -> tuple[str, ...]:
    return rules_for(site, today=TODAY).expansions(query)


def test_a_draft_changes_nothing_until_it_is_put_into_force(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    owner = services.owner_of(site)
    synonym(owner, "低保", "最低生活保障")
    assert words(site, "低保") == ()

    made = services.activate(owner, by="wangwu", note="首次")

    assert words(site, "低保") == ("最低生活保障",)
    assert (made.number, made.activated_by, made.note, len(made.changes)) == (1, "wangwu", "首次", 1)
    assert services.changes_of(owner) == []
    with pytest.raises(services.NothingToActivateError):
        services.activate(owner, by="wangwu")
    assert CurationVersion.objects.count() == 1


def test_undoing_brings_back_what_was_before_and_undoing_again_what_was_undone(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    owner = services.owner_of(site)
    first = synonym(owner, "低保", "最低生活保障")
    services.activate(owner, by="wangwu")
    services.delete_rule(first, owner=owner, by="lisi")
    synonym(owner, "社保", "社会保险")
    services.activate(owner, by="wangwu")
    assert (words(site, "低保"), words(site, "社保")) == ((), ("社会保险",))

    services.restore(owner, number=1, by="wangwu")
    assert (words(site, "低保"), words(site, "社保")) == (("最低生活保障",), ())
    assert [value.phrase for value in services.draft_of(owner)] == ["低保"]

    services.restore(owner, number=2, by="wangwu")
    assert (words(site, "低保"), words(site, "社保")) == ((), ("社会保险",))
    assert [version.number for version in services.versions_of(owner)] == [4, 3, 2, 1]
    assert CurationVersion.objects.filter(is_active=True).values_list("number", flat=True).get() == 4


def test_the_first_version_can_be_undone_too_and_an_unknown_one_cannot(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    owner = services.owner_of(site)
    with pytest.raises(services.NoSuchVersionError):
        services.restore(owner, number=0, by="wangwu")
    synonym(owner, "低保", "最低生活保障")
    services.activate(owner, by="wangwu")

    services.restore(owner, number=0, by="wangwu")

    assert words(site, "低保") == ()
    with pytest.raises(services.NoSuchVersionError):
        services.restore(owner, number=9, by="wangwu")


def test_a_citys_rules_reach_its_sites_and_a_sites_nobody_else(make_site: Callable[..., TenantRef]) -> None:
    portal, here, there = make_site("taiyuan"), make_site("xiaodian"), make_site("yingze")
    synonym(services.owner_of(portal), "低保", "最低生活保障")
    synonym(services.owner_of(here), "社保", "社会保险")
    services.activate(services.owner_of(portal), by="a")
    services.activate(services.owner_of(here), by="b")

    assert [words(site, "低保") for site in (portal, here, there)] == [("最低生活保障",)] * 3
    assert [words(site, "社保") for site in (portal, here, there)] == [(), ("社会保险",), ()]
    assert rules_for(None, today=TODAY).values == ()


def test_another_process_follows_within_a_second(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    assert words(site, "低保") == ()
    synonym(services.owner_of(site), "低保", "最低生活保障")
    version = services.activate(services.owner_of(site), by="a")

    assert CHECK_EVERY_SECONDS <= 1
    assert version.pk > 0
    assert words(site, "低保") == ("最低生活保障",)


def test_each_step_is_in_the_audit_trail(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    owner = services.owner_of(site)
    synonym(owner, "低保", "最低生活保障")
    services.activate(owner, by="wangwu")
    services.restore(owner, number=0, by="wangwu")

    trail = AuditEntry.objects.filter(action__startswith="search.").order_by("pk").values_list("action", "actor", "tenant_uuid")
    assert list(trail) == [
        ("search.rule_added", "lisi", site.uuid),
        ("search.rules_activated", "wangwu", site.uuid),
        ("search.rules_restored", "wangwu", site.uuid),
    ]


def test_the_same_rule_twice_is_refused_and_nothing_is_left_of_it(make_site: Callable[..., TenantRef]) -> None:
    owner = services.owner_of(make_site("xiaodian"))
    synonym(owner, "低保", "最低生活保障")

    with pytest.raises(IntegrityError), transaction.atomic():
        synonym(owner, "低保", "最低生活保障")

    assert Rule.objects.count() == 1
    assert AuditEntry.objects.filter(action="search.rule_added").count() == 1


def test_a_discarded_draft_is_what_is_in_force(make_site: Callable[..., TenantRef]) -> None:
    owner = services.owner_of(make_site("xiaodian"))
    synonym(owner, "低保", "最低生活保障")
    services.activate(owner, by="wangwu")
    synonym(owner, "社保", "社会保险")

    services.discard_draft(owner, by="lisi")

    assert [value.phrase for value in services.draft_of(owner)] == ["低保"]
    assert services.changes_of(owner) == []
