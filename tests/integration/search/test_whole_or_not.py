"""An index that lacks much of what is published is kept from readers, and comes back by itself; one that takes no writes loses nothing."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from outbox import relay
from outbox.contract import TransportDownError
from outbox.models import Event
from outbox.services import record
from registry.contract import TenantRef
from search import mapping, selectors
from search.contract import TOPIC, Question
from search.indexing import filling, indices
from search.models import SearchIndex
from tests.factories.documents import document, publish

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
MakeSite = Callable[..., TenantRef]


@pytest.fixture(autouse=True)
def _no_pause() -> Iterator[None]:
    """Let each search try the engine: what an earlier one remembers is another test's matter."""
    selectors.breaker.close()
    yield
    selectors.breaker.close()


def found(text: str) -> tuple[bool, int]:
    """Return whether PostgreSQL answered, and how many texts were found; the engine is tried each time."""
    selectors.breaker.close()
    answer = selectors.find(Question(text=text), scope=selectors.scope_of_everything())
    return answer.is_degraded, answer.total


def carry_out(index: Any) -> None:
    call_command("relay", "run", "--once", verbosity=0, stdout=StringIO())
    index.refresh()


def test_a_first_index_is_read_once_it_is_whole(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"水库办法之{number}") for number in range(30)))
    carry_out(search_index)
    assert found("水库") == (False, 30)
    search_index.remove()

    relay.prepare()
    relay.run_batch(TOPIC, limit=10)
    search_index.refresh()
    (half,) = search_index.names()
    assert found("水库") == (True, 30)
    assert [(row.name, row.is_reading) for row in SearchIndex.objects.filter(is_writing=True)] == [(half, False)]
    assert filling.settle() is False

    carry_out(search_index)
    assert found("水库") == (False, 30)
    assert [(row.name, row.is_reading, row.filling_since) for row in SearchIndex.objects.filter(is_writing=True)] == [(half, True, None)]


def test_an_index_that_lost_half_is_hidden_filled_and_shown_again(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"水库办法之{number}") for number in range(40)))
    carry_out(search_index)
    assert filling.watch() is False
    operations = [{"delete": {"_id": document(site, number).key}} for number in range(20)]
    search_index.client.bulk(index=mapping.write_alias(), operations=operations, refresh=True)
    assert found("水库") == (False, 20)

    assert filling.watch() is True
    assert found("水库") == (True, 40)
    assert indices.aliased(mapping.read_alias()) is None
    assert filling.watch() is False


def test_a_few_late_pages_hide_nothing(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"水库办法之{number}") for number in range(40)))
    carry_out(search_index)
    publish(*(document(site, number, title=f"水库办法之{number}") for number in range(40, 60)))

    assert filling.watch() is False
    assert found("水库") == (False, 40)


@pytest.mark.parametrize("block", ["read_only", "write", "read_only_allow_delete"])
def test_an_index_that_takes_no_writes_is_searched_on_and_parks_nothing(block: str, search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site, 1, title="水库办法"))
    carry_out(search_index)
    (name,) = search_index.names()
    search_index.client.indices.put_settings(index=name, settings={f"index.blocks.{block}": True})
    publish(document(site, 2, title="水库细则"))

    with pytest.raises(TransportDownError, match="cluster_block_exception"):
        relay.drain()
    assert found("水库") == (False, 1)
    assert list(Event.objects.values_list("attempts", "parked_at")) == [(0, None)]

    search_index.client.indices.put_settings(index=name, settings={f"index.blocks.{block}": None})
    carry_out(search_index)
    assert found("水库") == (False, 2)
    assert Event.objects.count() == 0


def test_what_the_previous_index_refuses_holds_nothing_up(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site, 1, title="水库办法"))
    carry_out(search_index)
    call_command("search", "rebuild", verbosity=0, stdout=StringIO())
    before = indices.aliased(mapping.previous_alias())
    search_index.client.indices.delete(index=before)

    with transaction.atomic():
        record(TOPIC, key=document(site, 1).key)
    publish(document(site, 2, title="水库细则"))
    carry_out(search_index)

    assert found("水库") == (False, 2)
    assert Event.objects.count() == 0
    assert SearchIndex.objects.filter(is_writing=True).count() == 1
    with pytest.raises(indices.NoPreviousError, match="Build one"):
        indices.go_back()
