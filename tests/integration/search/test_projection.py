"""Publishing and withdrawing in the projection: one revision a change, one event a change, nothing for nothing."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction

from outbox.models import Event
from outbox.services import OutsideTransactionError
from registry.contract import TenantRef
from search import services
from search.models import Projection, ShownRow
from search.selectors.rows import live_copies, live_pages, words_of
from tests.factories.documents import document, publish, withdraw

pytestmark = pytest.mark.usefixtures("database")
MakeSite = Callable[..., TenantRef]


def events() -> list[str]:
    return sorted(Event.objects.values_list("key", flat=True))


def test_each_change_gets_a_revision_and_an_event(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    key = document(site).key

    assert publish(document(site)) == [1]
    assert publish(document(site)) == [1]  # nothing changed
    assert events() == [key]
    assert publish(document(site, title="停车管理条例")) == [2]
    assert events() == [key, key]


def test_a_withdrawn_page_keeps_its_number_and_loses_its_text(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site))

    for _ in range(2):
        withdraw(site)

    row = Projection.objects.get()
    assert (row.state, row.revision, row.body, row.body_terms, row.title_terms) == ("withdrawn", 2, "", "", "")
    assert len(events()) == 2
    assert publish(document(site)) == [3]


def test_outside_a_transaction_nothing_is_written(make_site: MakeSite) -> None:
    site = make_site("xiaodian")

    with pytest.raises(OutsideTransactionError):
        services.publish(document(site))
    with pytest.raises(OutsideTransactionError):
        services.withdraw(site, page_id=1)

    assert (Projection.objects.count(), Event.objects.count()) == (0, 0)


def test_a_rollback_takes_projection_and_event_together(make_site: MakeSite) -> None:
    site = make_site("xiaodian")

    with transaction.atomic():
        services.publish(document(site))
        transaction.set_rollback(True)

    assert (Projection.objects.count(), Event.objects.count()) == (0, 0)


def test_the_newest_version_leads_its_text(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    old, new = (document(site, year, group="办法", version_date=dt.date(year, 1, 1), body=str(year)) for year in (2001, 2020))

    publish(old)
    publish(new)
    assert dict(Projection.objects.values_list("page_id", "latest")) == {2001: False, 2020: True}
    assert Projection.objects.get(page_id=2001).revision == 2

    withdraw(site, 2020)
    assert Projection.objects.get(page_id=2001).latest is True
    assert events().count(old.key) == 3


def test_a_search_reads_the_values_that_are_kept_of_live_pages_alone(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(
        document(site, 1, doc_nos=("并政发〔2024〕3号",), published_at=dt.datetime(2024, 3, 1, tzinfo=dt.UTC)),
        document(site, 2, title="放假通知"),
        document(site, 3, title="撤下的通知"),
    )
    withdraw(site, 3)
    kept = list(Projection.objects.order_by("page_id"))
    assert [row.state for row in kept] == ["live", "live", "withdrawn"]

    by_text, by_page = live_copies([row.group for row in kept]), live_pages([row.pk for row in kept])

    assert sorted(by_text) == sorted(by_page) == sorted(ShownRow(*(getattr(row, name) for name in ShownRow._fields)) for row in kept[:2])
    assert words_of([kept[0].pk], most=4) == {kept[0].pk: (kept[0].body[:4], kept[0].file_text)}
    assert words_of([], most=4) == {}


def test_copies_share_a_group_and_strangers_do_not(make_site: MakeSite) -> None:
    site, other = make_site("xiaodian"), make_site("yingze")
    publish(
        document(site, 1, doc_nos=("并政发〔2024〕3号",)),
        document(other, 2, doc_nos=("并政发[2024]第3号",), body="转载"),
        document(site, 3, title="放假通知", body="元旦放假一天。"),
        document(other, 4, title="放假通知", body="元旦放假 一天"),
        document(other, 5, title="放假通知", body="春节放假七天。"),
    )

    groups = dict(Projection.objects.values_list("page_id", "group"))
    assert groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups.values())) == 3


def test_hostile_text_is_stored(make_site: MakeSite) -> None:
    site = make_site("xiaodian")

    publish(
        document(
            site, title="a\x00\ud800'\\b" + "长" * 3000, body="x" * 5000 + " " + "\x00'\\ & | ! :* <->" + "甲" * 10, doc_nos=("\x00号'",)
        )
    )

    row = Projection.objects.get()
    assert row.title.startswith("a '\\b长")
    assert len(row.title) == 500


def test_a_book_of_different_pairs_is_stored(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    body = "".join(chr(0x4E00 + (number * 7919) % 20_000) + chr(0x4E00 + number % 20_000) for number in range(150_000))

    publish(document(site, body=body))

    assert len(Projection.objects.get().body) == 300_000


def test_an_importer_writes_many_at_once(make_site: MakeSite) -> None:
    site = make_site("xiaodian")

    with transaction.atomic():
        first = services.publish_many(document(site, number, title=f"第{number}号") for number in range(250))
        second = services.publish_many(document(site, number, title=f"第{number}号") for number in range(250))

    assert (first, second, Event.objects.count()) == (250, 0, 250)
