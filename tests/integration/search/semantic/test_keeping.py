"""The index of passages follows what is published: all of it, once, and only what changed."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.contract import TenantRef
from search import client
from search.contract import Validity
from search.indexing import indices
from search.models import Projection
from search.semantic import keeping, passages
from tests.factories.documents import document, publish, withdraw

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("search_index", "by_meaning")]
BODY = "第一条　养犬人应当为犬只办理登记。\n第二条　携犬出户应当用犬链牵领。"


def held() -> dict[str, dict[str, Any]]:
    """Return every passage of the index by its id."""
    client.writer().indices.refresh(index=passages.index_name())
    hits = client.writer().search(index=passages.index_name(), size=1000)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


@pytest.fixture
def site(make_site: Callable[..., TenantRef]) -> TenantRef:
    """Return a site with two texts."""
    site = make_site("xiaodian")
    publish(document(site, 1, title="养犬条例", body=BODY), document(site, 2, title="停车办法", body="第一条　车辆应当按位停放。"))
    return site


def test_everything_is_read_once_and_only_changes_again(site: TenantRef) -> None:
    first = keeping.build()
    second = keeping.build()

    assert (first.pages, first.embedded, first.reused, first.removed) == (2, 3, 0, 0)
    assert (second.pages, second.embedded, second.removed) == (0, 0, 0)
    kept = held()
    assert len(kept) == 3
    assert all(len(each["vector"]) == 512 and each["state"] == "live" for each in kept.values())

    publish(document(site, 1, title="养犬条例", body=BODY, validity=Validity.REPEALED))
    third = keeping.build()

    assert (third.pages, third.embedded, third.reused) == (1, 0, 2)  # its words are the same
    assert {each["validity"] for key, each in held().items() if ":1#" in key} == {"repealed"}

    publish(document(site, 1, title="养犬条例", body=BODY.splitlines()[0]))
    assert keeping.build().embedded == 0
    assert len(held()) == 2


def test_the_same_words_on_another_site_are_embedded_once(site: TenantRef, make_site: Callable[..., TenantRef]) -> None:
    keeping.build()
    publish(document(make_site("yingze"), 7, title="养犬条例", body=BODY))

    again = keeping.build()

    assert (again.pages, again.embedded, again.reused) == (1, 0, 2)
    assert len(held()) == 5


def test_what_was_withdrawn_goes_and_status_says_how_far_behind_it_is(site: TenantRef, capsys: Any) -> None:
    assert not keeping.status().is_in_step
    keeping.build()
    withdraw(site, 1)
    publish(document(site, 3, title="公积金办法"))

    behind = keeping.status()
    with pytest.raises(CommandError, match="Not in step"):
        call_command("search", "semantic", "status")
    assert "1 of 2 pages to read, 1 to remove" in " ".join(capsys.readouterr().out.split())
    call_command("search", "semantic", "build", "--dry-run")
    assert keeping.status() == behind

    call_command("search", "semantic", "build", "--json")

    done = json.loads(capsys.readouterr().out.split("changed.", 1)[1])
    assert (done["pages"], done["removed"], done["embedded"]) == (1, 1, 1)
    assert keeping.status().is_in_step
    assert {each["id"] for each in held().values()} == set(Projection.objects.live().values_list("pk", flat=True))
    call_command("search", "semantic", "build")
    assert "0 changes" in capsys.readouterr().out


def test_a_run_that_was_stopped_goes_on_where_it_was(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "CHUNKS_PER_WRITE", 1)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeping.build(report=stop)

    assert indices.aliased(passages.read_alias()) is None  # half of it is not read
    assert keeping.status().behind == 1
    done = keeping.build()
    assert (done.pages, done.embedded) == (1, keeping.status().published - 1)
    assert indices.aliased(passages.read_alias()) == passages.index_name()


def test_passages_of_a_page_cut_off_in_the_middle_are_written_again(site: TenantRef) -> None:
    keeping.build()
    page = next(key for key in held() if ":1#0" in key)
    client.writer().delete(index=passages.index_name(), id=page)  # passage 0 is written last

    assert keeping.status().behind == 1
    assert dataclasses.astuple(keeping.build())[1:5] == (1, 0, 1, 1)
    assert keeping.status().is_in_step


def test_an_index_of_another_model_is_dropped_once_this_one_is_whole(site: TenantRef) -> None:
    old = f"{passages.pattern()[:-1]}old"
    client.writer().indices.create(index=old)

    assert keeping.build().dropped == (old,)
    assert not client.writer().indices.exists(index=old)
