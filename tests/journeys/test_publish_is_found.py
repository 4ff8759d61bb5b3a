"""Published in one county, found from another and from the platform; withdrawn, gone at once."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from registry.contract import State
from registry.schemas import in_schema_of
from registry.services import change_state
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
TITLE = "小店区机动车停放服务收费管理办法"


def ask(host: str, **query: str) -> dict[str, Any]:
    response = Client(headers={"host": host}).get(f"/api/search/?{urlencode(query)}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def relay() -> None:
    call_command("relay", "run", "--once", verbosity=0)


def refresh(index: Any) -> None:
    relay()
    index.refresh()


def test_published_in_one_county_found_everywhere_and_gone_when_withdrawn(search_index: Any) -> None:
    _portal, xiaodian, _yingze = open_sites("taiyuan", "xiaodian", "yingze")
    with in_schema_of(xiaodian):
        page = publish_document(TITLE, "第一条　为了规范停车收费，制定本办法。", doc_no="小政规〔2026〕7号", issuer="小店区人民政府")
    refresh(search_index)

    for host in ("yingze.localhost", "taiyuan.localhost", "platform.localhost"):
        found = ask(host, q="停放服务收费", scope="city")
        (hit,) = found["hits"]
        assert (found["total"], found["degraded"]) == (1, False)
        assert (hit["title"], hit["site"], hit["doc_no"]) == (TITLE, "xiaodian", "小政规〔2026〕7号")
        assert hit["url"] == "http://xiaodian.localhost:8000/zwgk/zcwj/text/"
        assert "<mark>停放服务收费</mark>" in hit["title_html"]
    assert ask("yingze.localhost", q="停放服务收费", scope="site")["hits"] == []
    assert len(ask("xiaodian.localhost", q="停放服务收费", scope="site")["hits"]) == 1
    assert [hit["title"] for hit in ask("taiyuan.localhost", q="小政规[2026] 第7号")["hits"]] == [TITLE]

    with in_schema_of(xiaodian), transaction.atomic():
        page.unpublish()

    for host in ("yingze.localhost", "platform.localhost", "xiaodian.localhost"):  # no relay ran: Elasticsearch still has it
        assert ask(host, q="停放服务收费", scope="city")["hits"] == []


def test_a_suspended_sites_texts_are_gone_at_once_and_back_when_it_resumes(search_index: Any) -> None:
    _portal, xiaodian = open_sites("taiyuan", "xiaodian")
    with in_schema_of(xiaodian):
        publish_document(TITLE)
    refresh(search_index)

    change_state(xiaodian, State.SUSPENDED)
    assert ask("taiyuan.localhost", q=TITLE, scope="city")["hits"] == []

    change_state(xiaodian, State.LIVE)
    assert [hit["title"] for hit in ask("taiyuan.localhost", q=TITLE, scope="city")["hits"]] == [TITLE]


def test_a_published_change_replaces_what_was_found(search_index: Any) -> None:
    _portal, xiaodian = open_sites("taiyuan", "xiaodian")
    with in_schema_of(xiaodian):
        page = publish_document(TITLE)
    refresh(search_index)
    with in_schema_of(xiaodian), transaction.atomic():
        page.title = "小店区绿化管理办法"
        page.save_revision().publish()
    refresh(search_index)

    assert ask("taiyuan.localhost", q="停放服务收费")["hits"] == []
    assert [hit["title"] for hit in ask("taiyuan.localhost", q="绿化管理")["hits"]] == ["小店区绿化管理办法"]
