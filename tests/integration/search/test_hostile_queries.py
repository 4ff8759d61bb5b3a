"""Two thousand hostile queries: never an error of ours, never a text that is not published, never an engine's word."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.contract import State, TenantRef
from registry.services import change_state
from search.requests.parameters import NAMES as PARAMETER_NAMES
from search.views.api import SearchAPI
from tests.factories.documents import document, publish, withdraw
from tests.factories.hostile import PIECES

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.text(st.characters(), max_size=4)), max_size=10).map("".join)
VALUES = ["city", "site", "law", "date", "2024", "2024-02-29", "title", "policy", "pdf"]
OTHERS = st.one_of(TEXTS, st.integers(-5, 5000).map(str), st.sampled_from(VALUES))
NAMES = st.sampled_from([*sorted(PARAMETER_NAMES - {"q"}), "x"])
ask = SearchAPI.as_view()


def answer(text: str, others: dict[str, str]) -> tuple[int, dict[str, Any]]:
    words = {"q": text} | others
    request = RequestFactory().get("/api/search/?" + "&".join(f"{quote(k)}={quote(v, errors='surrogatepass')}" for k, v in words.items()))
    request.tenant = None  # type: ignore[attr-defined] # the platform's own host
    response: Any = ask(request)
    return response.status_code, json.loads(response.content)


def test_no_query_breaks_the_search(search_index: Any, make_site: Callable[..., TenantRef]) -> None:
    site, suspended = make_site("xiaodian"), make_site("yingze")
    for each in (site, suspended):
        publish(*(document(each, number, title=f"停车税第{number}号", body="国令 laodongfa _ \\ ' 🙂") for number in range(20)))
    withdraw(site, 0)
    change_state(suspended, State.SUSPENDED)
    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    published = {document(site, number).key for number in range(1, 20)}

    @settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS, st.dictionaries(NAMES, OTHERS, max_size=2))
    def never_an_error(text: str, others: dict[str, str]) -> None:
        status, found = answer(text, others)

        assert status in (200, 422)
        if status == 200:
            assert found["degraded"] is False
            assert {hit["id"] for hit in found["hits"]} <= published
            assert len(found["query"]) <= 200
        else:
            assert {error["field"] for error in found["errors"]} <= {*others, ""}

    never_an_error()


def test_a_query_of_ten_thousand_characters_is_cut(make_site: Callable[..., TenantRef]) -> None:
    make_site("xiaodian")

    status, found = answer("停" * 10_000, {})

    assert (status, found["query"]) == (200, "停" * 200)
