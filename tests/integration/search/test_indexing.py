"""The index follows the projection: in any order, any number of times, while a new one is built, and after it was lost."""

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from elasticsearch.dsl import Keyword

from observability.terminal import CommandFailure, ExitCode
from outbox import relay
from outbox.models import Event
from outbox.services import record
from registry.contract import TenantRef
from registry.models import Tenant
from search import client, documents, mapping, probing, selectors
from search.contract import TOPIC, Question
from search.indexing import indices, rebuilding, reconciling, writing
from search.models import Projection, SearchIndex
from tests.factories.documents import document, publish, withdraw

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
MakeSite = Callable[..., TenantRef]


def carry_out(index: Any) -> None:
    call_command("relay", "run", "--once", verbosity=0, stdout=StringIO())
    index.refresh()


def wanted() -> dict[str, tuple[int, str]]:
    return {row.pk: (row.revision, row.state) for row in Projection.objects.all()}


def command(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command("search", *words, "--json", verbosity=0, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def counted(done: dict[str, Any]) -> tuple[int, int, int]:
    return done["compared"], done["repaired"], done["erased"]


def test_events_in_any_order_and_number_end_in_the_newest_state(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    for number in range(4):
        publish(document(site, title=f"第{number}稿"))
    carry_out(search_index)
    withdraw(site)
    with transaction.atomic():
        for _ in range(3):
            record(TOPIC, key=document(site).key)
    carry_out(search_index)

    assert search_index.documents() == wanted() == {document(site).key: (5, "withdrawn")}
    search_index.client.index(  # what a relay that slept over the withdrawal would write
        index=mapping.write_alias(),
        id="late",
        version=1,
        version_type="external",
        document={"id": "late", "state": "withdrawn", "site": "x"},
    )
    stale = {"index": {"_id": document(site).key, "version": 4, "version_type": "external"}}
    answer = search_index.client.bulk(index=mapping.write_alias(), operations=[stale, {"id": "x", "state": "live"}])
    assert answer["items"][0]["index"]["status"] == 409


def test_a_refused_document_is_parked_and_the_rest_goes_on(search_index: Any, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site("xiaodian")
    publish(document(site, 1, title="好"), document(site, 2, title="坏"))
    build = documents.to_source
    monkeypatch.setattr(documents, "to_source", lambda row: build(row) | ({"unknown": 1} if row.title == "坏" else {}))

    carry_out(search_index)

    assert list(search_index.documents()) == [document(site, 1).key]
    (parked,) = Event.objects.parked()
    assert parked.key == document(site, 2).key
    assert "strict" in parked.error


def test_a_lost_engine_is_filled_again(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号") for number in range(5)))
    carry_out(search_index)
    search_index.remove()

    publish(document(site, 9))
    carry_out(search_index)

    assert search_index.documents() == wanted()
    assert len(wanted()) == 6
    assert len(search_index.names()) == 1
    assert [(row.is_reading, row.is_writing) for row in SearchIndex.objects.all()] == [(True, True)]


def test_a_rebuilt_index_is_one_segment_that_shows_what_comes_soon(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号") for number in range(40)))
    carry_out(search_index)

    built = rebuilding.rebuild(now=dt.datetime.now(dt.UTC))

    engine = client.writer()
    (shards,) = engine.indices.segments(index=built.index)["indices"][built.index]["shards"].values()
    chosen = engine.indices.get_settings(index=built.index)[built.index]["settings"]["index"]
    assert len(shards[0]["segments"]) == 1
    assert (chosen["refresh_interval"], chosen["merge"]["policy"]["segments_per_tier"]) == (mapping.REFRESH_INTERVAL, "4")


def test_rebuilding_while_publishing_loses_nothing(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号", body="文" * 500) for number in range(300)))
    stop = threading.Event()

    def publish_on() -> None:
        number = 0
        while not stop.is_set():
            publish(document(site, number % 400, title=f"改{number}", body="文" * 500))
            withdraw(site, (number * 7) % 400)
            number += 1
        connection.close()

    def relay_on() -> None:
        relay.run(should_stop=stop.is_set, wait=lambda _: stop.wait(0.05))
        connection.close()

    threads = [threading.Thread(target=publish_on), threading.Thread(target=relay_on)]
    for thread in threads:
        thread.start()
    try:
        before = search_index.names()
        first, second = (rebuilding.rebuild(now=dt.datetime.now(dt.UTC)) for _ in range(2))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    carry_out(search_index)

    live = {key: state for key, state in search_index.documents().items() if state[1] == "live"}
    assert live == {key: state for key, state in wanted().items() if state[1] == "live"}
    assert (first.dropped, list(second.dropped), search_index.names()) == ((), before, [first.index, second.index])
    assert Event.objects.parked().count() == 0


@pytest.mark.parametrize("crash", ["create", "_write_all", "_compare", "swap"])
def test_a_crashed_rebuild_leaves_the_index_in_use_and_the_next_run_clears_up(
    crash: str, search_index: Any, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site("xiaodian")
    publish(document(site))
    carry_out(search_index)
    (before,) = search_index.names()

    class PowerCutError(BaseException):
        """Not even the clean-up runs."""

    def cut(*_: Any, **__: Any) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(indices, "drop", cut)
        patch.setattr(indices if crash in ("create", "swap") else rebuilding, crash, cut)
        with pytest.raises(PowerCutError):
            rebuilding.rebuild(now=timezone.now())

    publish(document(site, 2, title="其间"))
    carry_out(search_index)
    assert indices.aliased(mapping.read_alias()) == before
    assert search_index.documents() == wanted()
    call_command("search", "rebuild", verbosity=0, stdout=StringIO())
    assert search_index.documents() == wanted()
    assert len(search_index.names()) == SearchIndex.objects.count() == 2  # in use, and the one before


def test_two_rebuilds_at_once_are_refused(make_site: MakeSite) -> None:
    make_site("xiaodian")
    seen: list[str] = []

    def second() -> None:
        try:
            rebuilding.rebuild(now=timezone.now())
        except indices.BusyError as error:
            seen.append(str(error))
        finally:
            connection.close()

    with indices.locked():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    assert len(seen) == 1
    assert "Wait for it to end" in seen[0]


def test_reconciling_finds_every_planted_difference(search_index: Any, make_site: MakeSite) -> None:
    site, gone = make_site("xiaodian"), make_site("gone")
    publish(*(document(site, number, title=f"第{number}号") for number in range(20)), document(gone, 99))
    withdraw(site, 0)
    carry_out(search_index)
    assert counted(command("reconcile")) == (21, 0, 0)

    engine, alias = search_index.client, mapping.write_alias()
    engine.delete(index=alias, id=document(site, 1).key, version=1, version_type="external_gte")  # lost
    Projection.objects.filter(page_id=2).update(revision=9)  # an event that was lost
    engine.index(  # the engine has seen the future of a database that was restored
        index=alias,
        id=document(site, 3).key,
        version=50,
        version_type="external",
        document={"id": document(site, 3).key, "state": "live", "content_hash": "x"},
    )
    Tenant.objects.filter(pk=gone.id).delete()
    Projection.objects.filter(page_id=0).update(changed_at=timezone.now() - reconciling.KEEP_TOMBSTONES * 2)

    search_index.refresh()
    assert counted(command("reconcile", "--dry-run")) == (20, 3, 2)
    done = command("reconcile")
    assert counted(done) == (20, 3, 2)
    assert sorted((each["key"], each["what"]) for each in done["differences"]) == sorted(
        [
            (document(site, 1).key, "not in the index"),
            (document(site, 2).key, "older than the database"),
            (document(site, 3).key, "newer than the database"),
            (document(gone, 99).key, "no such page"),
        ]
    )
    carry_out(search_index)

    assert search_index.documents() == {key: state for key, state in wanted().items() if state[1] == "live"}
    assert search_index.documents()[document(site, 3).key] == (51, "live")
    assert counted(command("reconcile")) == (20, 0, 0)
    publish(document(site, 0))  # a tombstone's row stays, so this is a higher revision
    carry_out(search_index)
    assert search_index.documents() == wanted()


def test_status_says_whether_the_index_is_what_was_published(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site))

    out = StringIO()
    with pytest.raises(CommandFailure, match="Is a relay running") as failure:
        call_command("search", "status", "--json", verbosity=0, stdout=out)
    assert failure.value.returncode == ExitCode.FAILED
    status = json.loads(out.getvalue())
    assert (status["published"], status["waiting"], status["differing"]) == (1, 1, [["xiaodian", 0, 1]])
    carry_out(search_index)
    status = command("status")
    assert [(each["use"], each["documents"], each["is_current"]) for each in status["indices"]] == [("in use", 1, True)]
    assert (status["waiting"], status["differing"]) == (0, [])


def test_commands_say_what_to_do_without_the_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "http://127.0.0.1:9")

    for words in (["rebuild"], ["status"], ["reconcile"]):
        with pytest.raises(CommandFailure, match="Check ELASTICSEARCH_URL"):
            call_command("search", *words, verbosity=0, stdout=StringIO())
    with pytest.raises(CommandFailure, match="cannot be read") as failure:
        call_command("search", "evaluate", str(tmp_path / "none"), stdout=StringIO())
    assert failure.value.returncode == ExitCode.WRONG_USAGE
    with pytest.raises(CommandFailure, match="The events stay"):
        call_command("relay", "run", "--once", stdout=StringIO())
    assert issubclass(CommandFailure, CommandError)


def test_a_rebuild_can_be_taken_back_and_forward_again(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号") for number in range(3)))
    carry_out(search_index)
    (before,) = search_index.names()
    rebuilt = rebuilding.rebuild(now=timezone.now())
    withdraw(site, 0)
    publish(document(site, 9, title="其后"))
    carry_out(search_index)

    assert command("rollback", "--dry-run") == {"index": before}
    assert command("rollback") == {"index": before}
    assert search_index.documents() == wanted()
    withdraw(site, 1)
    carry_out(search_index)
    assert search_index.documents() == wanted()
    assert command("rollback") == {"index": rebuilt.index}
    assert search_index.documents() == {key: state for key, state in wanted().items() if key != document(site, 99).key}
    assert [(each["name"], each["use"]) for each in command("status")["indices"]] == [(before, "previous"), (rebuilt.index, "in use")]

    SearchIndex.objects.filter(name=before).update(retired_at=timezone.now() - reconciling.KEEP_PREVIOUS * 2)
    assert command("reconcile")["dropped"] == [before]
    assert search_index.names() == [rebuilt.index]
    with pytest.raises(CommandFailure, match="no earlier index"):
        command("rollback")


def test_an_earlier_index_with_fewer_fields_is_fed_what_it_knows(search_index: Any, make_site: MakeSite, monkeypatch: Any) -> None:
    site = make_site("xiaodian")
    publish(document(site, 1))
    carry_out(search_index)
    (before,) = search_index.names()
    shorter, build = mapping.FIELDS, documents.to_source
    monkeypatch.setattr(mapping, "FIELDS", (*shorter, mapping.FieldSpec("novel", Keyword(), "A field of a later release.")))
    monkeypatch.setattr(documents, "to_source", lambda row: build(row) | ({"novel": "x"} if row.is_live else {}))
    rebuilding.rebuild(now=timezone.now())

    publish(document(site, 2, title="其后"))
    carry_out(search_index)

    assert Event.objects.count() == 0
    assert {hit["_id"] for hit in search_index.client.search(index=before)["hits"]["hits"]} == {document(site, n).key for n in (1, 2)}
    assert command("rollback") == {"index": before}


@pytest.mark.parametrize("fault", ["field", "worse", "slower"])
def test_a_new_index_that_is_not_as_good_is_not_taken(
    fault: str, search_index: Any, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"关于第{number}号水库管理的办法") for number in range(30)))
    carry_out(search_index)
    (before,) = search_index.names()
    build, find, clock = documents.to_source, selectors.find, SimpleNamespace(now=0.0)

    def slowly(question: Question, *, aim: selectors.Aim | None = None, **rest: Any) -> Any:
        clock.now += 0.12 if aim and aim.index != before else 0.01
        return find(question, aim=aim, **rest)

    if fault == "field":  # the first 10 documents are written otherwise than the comparison will make them
        written = iter(range(10))
        monkeypatch.setattr(documents, "to_source", lambda row: build(row) | ({"place": "别处"} if next(written, None) is not None else {}))
    elif fault == "worse":
        monkeypatch.setattr(documents, "to_source", lambda row: build(row) | {"title": "", "title_keys": [], "body": ""})
    else:
        monkeypatch.setattr(selectors, "find", slowly)
        monkeypatch.setattr(probing, "time", SimpleNamespace(perf_counter=lambda: clock.now))  # a busy machine slows both down
    reason = {"field": "30 of the published pages compared, 10 differ", "worse": "of 30 titles 0 come first", "slower": "come first"}[fault]

    with pytest.raises(CommandFailure, match=f"The new index was not taken; readers use the one before.*{reason}"):
        command("rebuild")

    assert search_index.names() == [before]
    assert SearchIndex.objects.get().is_reading is True
    if fault == "field":
        written = iter(range(10))
        with pytest.raises(CommandFailure, match="not taken"):
            command("rebuild", "--force")
    else:
        forced = command("rebuild", "--force")
        assert [(gate["name"], gate["is_passed"]) for gate in forced["gates"]] == [("documents", True), ("titles", False)]


def test_labelled_queries_refuse_an_index_that_answers_a_kind_worse(
    search_index: Any, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site = make_site("xiaodian")
    publish(
        document(site, 1, title="停车办法", source_id="a", doc_nos=("并政发〔2024〕3号",)),
        document(site, 2, title="绿化办法", source_id="b"),
    )
    carry_out(search_index)
    queries = tmp_path / "queries.jsonl"
    rows = [("title", "停车办法", "a"), ("number", "并政发〔2024〕3号", "a"), ("title", "绿化办法", "b")]
    queries.write_text(
        "\n".join(json.dumps({"qid": str(n), "kind": k, "query": q, "grades": {key: 2}}) for n, (k, q, key) in enumerate(rows)),
        encoding="utf-8",
    )
    assert [gate["name"] for gate in command("rebuild", "--queries", str(queries))["gates"]] == ["documents", "titles", "labelled"]
    build = documents.to_source
    monkeypatch.setattr(documents, "to_source", lambda row: build(row) | {"doc_no_key": []})

    with pytest.raises(CommandFailure, match=r"labelled: 3 queries; fallen: number 0\.000 \(1\.000 before\), all"):
        command("rebuild", "--queries", str(queries))


def test_two_hundred_planted_differences_are_all_found_and_mended(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号") for number in range(250)))
    for number in range(200, 250):
        withdraw(site, number)
    carry_out(search_index)
    engine, alias = search_index.client, mapping.write_alias()
    operations: list[dict[str, Any]] = [
        {"delete": {"_id": document(site, number).key} | ({"version": 9, "version_type": "external"} if number % 2 else {})}
        for number in range(40)
    ]
    for number in range(40, 80):  # the right revision, other words
        key = document(site, number).key
        source = engine.get(index=alias, id=key)["_source"] | {"title": "篡改"}
        operations += [{"index": {"_id": key, "version": 1, "version_type": "external_gte"}}, source]
    for number in range(200, 240):  # withdrawn, and back by a mistake of the engine's keeper
        key = document(site, number).key
        operations += [
            {"index": {"_id": key, "version": 2, "version_type": "external_gte"}},
            {"id": key, "state": "live", "site": str(site.uuid)},
        ]
    for number in range(40):
        operations += [{"index": {"_id": f"stranger-{number}"}}, {"id": f"stranger-{number}", "state": "live", "site": "x"}]
    answer = engine.bulk(index=alias, operations=operations, refresh=True)
    assert [item for item in answer["items"] if next(iter(item.values()))["status"] not in (200, 201)] == []
    Projection.objects.filter(page_id__range=(80, 119)).update(revision=5)  # events that were lost

    found = command("reconcile", "--thorough", "--dry-run")
    assert counted(found) == (250, 160, 40)
    assert Counter(each["what"] for each in found["differences"]) == {
        "not in the index": 40,
        "other fields": 40,
        "other text or state at the same revision": 40,
        "older than the database": 40,
        "no such page": 40,
    }
    assert counted(command("reconcile", "--thorough")) == (250, 160, 40)
    carry_out(search_index)

    assert search_index.documents() == wanted()
    assert counted(command("reconcile", "--thorough")) == (250, 0, 0)


def test_parts_are_sent_one_after_the_other_and_all_are_answered_for(
    search_index: Any, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号公告") for number in range(10)))
    rows = list(Projection.objects.order_by("page_id"))
    monkeypatch.setattr(writing, "BYTES_PER_BULK", 5000)  # two or three documents

    answered = list(writing.write(iter(rows), alias=mapping.write_alias()))

    assert [answer.key for answer in answered] == [row.pk for row in rows]
    assert {answer.status for answer in answered} == {201}
    search_index.refresh()
    assert len(selectors.find(Question(text="公告"), scope=selectors.scope_of_everything()).hits) == 10


@pytest.mark.usefixtures("search_index")
def test_what_was_answered_for_before_the_engine_went_is_told(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"第{number}号公告") for number in range(9)))
    monkeypatch.setattr(writing, "BYTES_PER_BULK", 1)  # each document alone
    sent, bulk = [], writing._send

    def send(operations: Any, alias: str) -> Any:
        sent.append(operations)
        if len(sent) > 3:
            raise client.EngineDownError("gone")
        return bulk(operations, alias)

    monkeypatch.setattr(writing, "_send", send)
    written = writing.write(Projection.objects.order_by("page_id"), alias=mapping.write_alias())

    assert [next(written).status for _ in range(3)] == [201, 201, 201]
    with pytest.raises(client.EngineDownError):
        next(written)
    assert len(sent) <= 5  # nothing more is sent but what was on its way
