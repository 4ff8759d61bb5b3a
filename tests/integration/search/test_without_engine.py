"""Without the engine readers still get answers, at once, and are told."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from registry.contract import TenantRef
from search import fallback, selectors
from search.contract import Category, Count, Facet, Found, Question, Sort
from search.models import Projection
from tests.factories.documents import document, publish, withdraw

pytestmark = pytest.mark.usefixtures("database")
MakeSite = Callable[..., TenantRef]


@pytest.fixture
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "http://127.0.0.1:9")


@pytest.fixture
def silent_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(settings, "ELASTICSEARCH_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setattr(settings, "ELASTICSEARCH_TIMEOUT_SECONDS", 0.3)
        yield server


def everywhere(text: str = "", **fields: Any) -> Found:
    found = selectors.find(Question(text=text, **fields), scope=selectors.scope_of_everything())
    assert found.is_degraded is True
    return found


@pytest.mark.usefixtures("_nobody_listens")
def test_titles_texts_and_numbers_are_found(make_site: MakeSite) -> None:
    site, other = make_site("xiaodian"), make_site("yingze")
    publish(
        document(site, 1, title="停车管理办法", body="第一条 地下车库归业主。", doc_nos=("并政发〔2024〕3号",), group="g"),
        document(other, 2, title="停车管理办法", body="第一条 地下车库归业主。", group="g"),
        document(other, 3, title="绿化条例", body="第一条 停车场应当种树。", category=Category.LAW),
    )

    found = everywhere("停车管理办法")
    assert ([hit.title for hit in found.hits], found.total) == (["停车管理办法"], 1)
    assert found.hits[0].title_html == "<mark>停车管理办法</mark>"
    assert len(found.hits[0].copies) == 1
    assert [hit.title for hit in everywhere("地下车库").hits] == ["停车管理办法"]
    assert everywhere("地下车库").hits[0].snippet_html == "第一条 <mark>地下车库</mark>归业主。"
    assert [hit.title for hit in everywhere("并政发[2024]3号").hits] == ["停车管理办法"]
    assert [hit.title for hit in everywhere("停車場").hits] == ["绿化条例"]
    both = everywhere("停车")
    assert (both.total, both.facets[Facet.KIND]) == (2, (Count("law", 1), Count("policy", 1)))
    assert [hit.title for hit in everywhere("停车", kind=Category.LAW).hits] == ["绿化条例"]
    assert len(everywhere(sort=Sort.DATE).hits) == 2
    assert everywhere("'\\ & | ! :* <->").hits == ()

    assert [hit.title for hit in everywhere("停车场谁种树？").hits] == ["绿化条例"]  # what is asked with is not looked for
    assert len(everywhere("种树").hits) == 1
    withdraw(other, 3)
    assert everywhere("种树").hits == ()
    assert selectors.find(Question(text="停车"), scope=selectors.scope_of_site(other)).hits[0].site == other


def test_only_one_reader_waits_for_a_silent_engine(silent_engine: socket.socket, make_site: MakeSite) -> None:
    publish(document(make_site("xiaodian")))

    began = time.monotonic()
    assert len(everywhere("停车管理").hits) == 1
    first = time.monotonic() - began
    began = time.monotonic()
    for _ in range(5):
        assert len(everywhere("停车管理").hits) == 1
    others = time.monotonic() - began

    assert 0.3 <= first < 2
    assert others < 0.3 * 5


@pytest.mark.elasticsearch
def test_no_index_yet_is_no_empty_result(django_db_setup: None, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_PREFIX", "nothing-here")
    publish(document(make_site("xiaodian")))

    assert len(everywhere("停车管理").hits) == 1


@pytest.mark.usefixtures("_nobody_listens")
def test_what_takes_too_long_is_looked_for_more_simply(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"停车办法之{number}") for number in range(3)))
    rows, asked = fallback._rows, list[str]()

    def slowly(matching: Any) -> Any:
        asked.append(str(matching.query))
        if len(asked) < 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(5)")
        return rows(matching)

    monkeypatch.setattr(fallback, "_rows", slowly)
    began = time.monotonic()
    assert everywhere("停车办法").total == 3
    assert len(asked) == 3
    assert "ts_rank" not in asked[2]
    assert time.monotonic() - began < 2

    asked.clear()
    monkeypatch.setattr(fallback, "MILLISECONDS", (20, 20, 20))
    monkeypatch.setattr(fallback, "_rows", lambda _: connection.cursor().execute("SELECT pg_sleep(5)"))
    with pytest.raises(selectors.SearchDownError):
        everywhere("停车办法")
    assert Projection.objects.count() == 3
