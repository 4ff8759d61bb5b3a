"""Validity by the calendar: documents begin and end on their day, and the end is announced."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from wagtail.models import Site

from library.contract import RelationKind
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.documents import services
from tenants.documents.contract import NotIssuableError, Turned
from tenants.documents.models import DocumentNumbering
from tenants.pages.models import DocumentPage
from tests.conftest import empty_database
from tests.factories.library import clear, document, say, validity_of
from tests.factories.pages import publish_document
from tests.factories.sites import copied_sites, put_into

TODAY = dt.date(2026, 11, 25)
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here = copied_sites("taiyuan", "xiaodian")
    return portal, here


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    yield opened
    put_into(State.LIVE, *opened)
    clear(*opened)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC), tick=True):
        yield


def known(site: TenantRef) -> dict[str, tuple[str, str]]:
    with in_schema_of(site):
        pages = {page.slug: page for page in DocumentPage.objects.all()}
    rows = {row.page_id: row.validity for row in Projection.objects.live().filter(tenant_id=site.id)}
    return {slug: (page.validity, rows[page.pk]) for slug, page in pages.items()}


def test_documents_end_the_day_after_their_last_and_begin_on_their_first(sites: Sites) -> None:
    """S16, D21: 失效 by itself at the end of validity, 现行有效 on the effective date."""
    portal, _ = sites
    document(portal, "昨日届满", slug="over", valid_until=dt.date(2026, 11, 26))
    document(portal, "另一日届满", slug="later", valid_until=dt.date(2026, 11, 27))
    document(portal, "将施行", slug="soon", effective_date=dt.date(2026, 11, 27))
    document(portal, "长期", slug="long")
    start = known(portal)

    eve = services.turn(portal, today=dt.date(2026, 11, 26))
    day = services.turn(portal, today=dt.date(2026, 11, 27))
    on_the_day = known(portal)
    again = services.turn(portal, today=dt.date(2026, 11, 27))

    assert start["soon"] == ("pending", "pending")
    assert (eve, day, again) == (Turned(), Turned(in_force=1, expired=1), Turned())
    assert on_the_day == {
        "over": ("expired", "expired"),
        "later": ("in_force", "in_force"),
        "soon": ("in_force", "in_force"),
        "long": ("in_force", "in_force"),
    }


def test_a_repealed_document_does_not_expire_and_an_amended_one_does(sites: Sites) -> None:
    portal, here = sites
    new = document(portal, "新办法", slug="new")
    repealed = document(here, "甲办法", slug="repealed", valid_until=TODAY)
    amended = document(here, "乙办法", slug="amended", valid_until=TODAY)
    say(portal, new, (RelationKind.REPEALS, repealed), (RelationKind.AMENDS, amended))

    done = services.turn(here, today=dt.date(2026, 11, 26))

    assert done == Turned(expired=1)
    assert (validity_of(here, repealed), validity_of(here, amended)) == ("repealed", "expired")
    say(portal, new)
    assert validity_of(here, amended) == "expired"


def test_a_repeal_of_another_site_takes_effect_by_the_command_on_its_day(sites: Sites, capsys: Any) -> None:
    portal, here = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    say(portal, new, (RelationKind.REPEALS, old, dt.date(2026, 12, 1)))

    with time_machine.travel(dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)):
        call_command("documents", "due", "--yes")
    eve = validity_of(here, old)
    with time_machine.travel(dt.datetime(2026, 11, 30, 16, 1, tzinfo=dt.UTC)):  # 1 December in China
        call_command("documents", "due", "--dry-run")
        dry = validity_of(here, old)
        call_command("documents", "due", "--yes")
        call_command("documents", "due", "--yes")

    assert (eve, dry, validity_of(here, old)) == ("in_force", "in_force", "repealed")
    assert capsys.readouterr().out.splitlines() == [
        "0 came into force, 0 expired, 0 changed by others, 0 failed, on 2 sites.",
        "1 documents on 1 sites would change.",
        "0 came into force, 0 expired, 1 changed by others, 0 failed, on 2 sites.",
        "0 came into force, 0 expired, 0 changed by others, 0 failed, on 2 sites.",
    ]


def test_a_site_that_is_read_only_is_left_alone(sites: Sites) -> None:
    _, here = sites
    old = document(here, "旧办法", slug="old", valid_until=TODAY)
    put_into(State.READ_ONLY, here)

    with time_machine.travel(dt.datetime(2026, 12, 1, tzinfo=dt.UTC)):
        call_command("documents", "due", "--yes")

    assert validity_of(here, old) == "in_force"


def test_what_ends_within_the_days_of_the_rule_is_listed_first_to_end_first(sites: Sites) -> None:
    """D21: a warning before the end, 90 days by the platform's rule."""
    portal, here = sites
    document(here, "九十日", slug="ninety", valid_until=dt.date(2027, 2, 23))
    document(here, "九十一日", slug="more", valid_until=dt.date(2027, 2, 24))
    document(here, "今日", slug="today", valid_until=TODAY, doc_no="小政发〔2021〕1号")
    document(here, "已废止", slug="gone", valid_until=TODAY, validity="repealed")

    found = services.expiring(here, today=TODAY)

    assert [(each.title, each.doc_no, each.days) for each in found] == [("今日", "小政发〔2021〕1号", 0), ("九十日", "", 90)]
    assert services.expiring(portal, today=TODAY) == []


def test_a_county_relays_rules_and_issues_none(sites: Sites) -> None:
    """D5: 规章 are made by cities and above."""
    portal, here = sites
    with in_schema_of(here):
        relayed = publish_document(
            "市停车规章", slug="relayed", document_class="rule", issuer="太原市人民政府", source_url="https://www.example.cn/1"
        )
        with pytest.raises(NotIssuableError, match="只能由设区的市以上"):
            publish_document("区停车规章", slug="own", document_class="rule", issuer="小店区人民政府")
        assert not DocumentPage.objects.filter(slug="own").exists()
    with in_schema_of(portal):
        own = publish_document("市停车规章", slug="own", document_class="rule", issuer="太原市人民政府")

    assert (relayed.live, own.live) == (True, True)


def test_index_numbers_follow_the_sites_template_and_no_two_are_the_same(sites: Sites) -> None:
    portal, here = sites
    for site, code in ((portal, "110140000"), (here, "110140105")):
        with in_schema_of(site), transaction.atomic():
            numbering = DocumentNumbering.for_site(Site.objects.get(is_default_site=True))
            numbering.code, numbering.template = code, "{code}/{year}-{number:05}"
            numbering.save()

    with in_schema_of(here):
        publish_document("占号", slug="taken", index_no="110140105/2026-00002")
        pages = [publish_document(f"办法{number}", slug=f"n{number}") for number in range(3)]
        old = publish_document("旧办法", slug="old", signed_date=dt.date(2025, 3, 1))
        again = publish_document("自有编号", slug="given", index_no="自有-1")
        latest = [DocumentPage.objects.get(pk=page.pk).get_latest_revision_as_object().index_no for page in pages]
    with in_schema_of(portal):
        citys = publish_document("市办法", slug="citys")

    assert [page.index_no for page in pages] == ["110140105/2026-00001", "110140105/2026-00003", "110140105/2026-00004"]
    assert latest == [page.index_no for page in pages]
    assert (old.index_no, again.index_no, citys.index_no) == ("110140105/2025-00001", "自有-1", "110140000/2026-00001")
