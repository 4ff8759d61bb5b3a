"""Publications side by side: of two versions of one text, and beside a relay; nobody waits for another in a circle."""

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Collection

import pytest
from django.db import connection, transaction

from registry.contract import TenantRef
from search import services
from search.models import Projection, Suggestion, SuggestionSource
from search.services import publishing
from tests.factories.documents import document, publish

pytestmark = pytest.mark.usefixtures("database")
MakeSite = Callable[..., TenantRef]


def test_two_versions_of_a_text_published_at_the_same_moment_both_come_in(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    city, county = make_site("taiyuan"), make_site("xiaodian")
    publish(document(city, version_date=dt.date(2019, 1, 1)), document(county, version_date=dt.date(2020, 1, 1)))
    settle, both = publishing._settle_groups, threading.Barrier(2)
    failed: list[Exception] = []

    def settle_together(groups: Collection[str]) -> list[str]:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(1)  # until each has written its own page, if nothing keeps it from that
        return settle(groups)

    def change(site: TenantRef, year: int) -> None:
        try:
            publish(document(site, version_date=dt.date(year, 1, 1)))  # each changes which one leads
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(publishing, "_settle_groups", settle_together)
    threads = [threading.Thread(target=change, args=given) for given in ((city, 2023), (county, 2018))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    leading = dict(Projection.objects.values_list("tenant_id", "latest"))
    assert leading == {city.id: True, county.id: False}


def test_a_page_is_withdrawn_while_a_relay_writes_its_suggestion(make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site))
    is_written, may_end = threading.Event(), threading.Event()

    def relay() -> None:
        with transaction.atomic():
            suggestion = Suggestion.objects.create(text="停车管理办法", weight=1)
            SuggestionSource.objects.create(suggestion=suggestion, projection_id=document(site).key)
            connection.check_constraints()  # as at the end of the transaction: the page's row is held so that it stays
            is_written.set()
            may_end.wait(10)
        connection.close()

    beside = threading.Thread(target=relay)
    beside.start()
    assert is_written.wait(10)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            services.withdraw(site, page_id=1)
    finally:
        may_end.set()
        beside.join()

    assert Projection.objects.get().state == "withdrawn"
    assert SuggestionSource.objects.count() == 1
