"""Whatever address of search is asked, on a site and on the platform: no request leaves for the engine without visibility and scope."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from elasticsearch import Elasticsearch

from registry.contract import State, TenantRef
from registry.services import change_state
from search import selectors, urls
from search.semantic import keeping
from tests.factories.documents import document, publish
from tests.factories.sites import open_sites

pytestmark = pytest.mark.elasticsearch
ROOT = Path(__file__).resolve().parents[3]
# Where readers' connection may be taken: by the one function that asks, by the probe that asks for an alias, and by what tells an editor
# why a page of theirs stands where it does, which sends the readers' own body again or looks at that page alone; for passages a
# question is nearest to, by the one module that puts them in order.
READERS = {f"platform/search/{name}.py" for name in ("selectors/sending", "selectors/showing", "checks", "explaining", "semantic/asking")}
# Addresses that ask the engine nothing: what they show comes from the projection, or from nowhere.
WITHOUT_ENGINE = {"search/suggest/", "search/click/", "search/feedback/", "search/api/", "api/search/openapi.json"}
HOSTS = {"xiaodian.localhost": ("site", "city"), "platform.localhost": ("",)}


@pytest.fixture(scope="module")
def sites(module_database: None, module_index: Any) -> list[TenantRef]:
    """Three sites with a text each; the last one is suspended."""
    opened = open_sites("xiaodian", "yingze", "gujiao")
    publish(*(document(site, 10_000, title=f"停车办法 {site.slug}") for site in opened))
    change_state(opened[-1], State.SUSPENDED)
    return opened


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every search that leaves for the engine: in `_msearch` the lines after the headers, else the body."""
    bodies: list[dict[str, Any]] = []
    perform = Elasticsearch.perform_request

    def spy(self: Elasticsearch, method: str, path: str, **rest: Any) -> Any:
        body = rest.get("body")
        if "_msearch" in path:
            bodies.extend(list(body or ())[1::2])
        elif "_search" in path:
            bodies.append(dict(body or {}))
        return perform(self, method, path, **rest)

    monkeypatch.setattr(Elasticsearch, "perform_request", spy)
    return bodies


def asked(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the filter and the exclusions of each query in a body; a search by vectors carries its own."""
    queries = [body["query"]["bool"]] if "query" in body else []
    vectors = body.get("knn", [])
    queries += [each["filter"]["bool"] for each in (vectors if isinstance(vectors, list) else [vectors])]
    return queries


def expect_limits(sent: list[dict[str, Any]], scope: str, sites: list[TenantRef]) -> None:
    """Expect every query of every body to be limited to what may be seen from there."""
    own, other, hidden = sites
    limits = {"site": [{str(own.uuid)}], "city": [{str(own.uuid), str(other.uuid)}], "": []}  # the platform shows all but the hidden
    for query in [each for body in sent for each in asked(body)]:
        assert {"term": {"state": "live"}} in query["filter"]
        assert [set(each["terms"]["site"]) for each in query["filter"] if "site" in each.get("terms", {})] == limits[scope]
        assert {"terms": {"site": [str(hidden.uuid)]}} in query["must_not"]
    assert all(asked(body) for body in sent)


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: str(pattern.pattern))
def test_every_request_is_limited_to_what_may_be_seen(pattern: Any, sent: list[dict[str, Any]], sites: list[TenantRef]) -> None:
    selectors.breaker.close()

    for host, scopes in HOSTS.items():
        for scope in scopes:
            for words in ("停车办法", "停车应该怎么办理手续呢？", "tcbf", "", "停车 site:gujiao *"):
                sent.clear()
                parameters = {"q": words} | ({"scope": scope} if scope else {})
                response = Client(headers={"host": host}).get(f"/{pattern.pattern}", parameters)

                assert response.status_code in (200, 204, 304, 405), (host, scope, words)
                assert "停车办法 gujiao" not in response.content.decode()
                if str(pattern.pattern) in WITHOUT_ENGINE:
                    assert sent == []
                    continue
                assert sent, (host, scope, words)
                expect_limits(sent, scope, sites)


@pytest.mark.usefixtures("by_meaning")
@pytest.mark.parametrize("path", ["/search/", "/api/search/"])
def test_a_search_by_meaning_has_the_same_limits_inside(path: str, sent: list[dict[str, Any]], sites: list[TenantRef]) -> None:
    keeping.build()
    selectors.breaker.close()

    for host, scopes in HOSTS.items():
        for scope in scopes:
            sent.clear()
            response = Client(headers={"host": host}).get(path, {"q": "停车应该怎么办理手续呢？"} | ({"scope": scope} if scope else {}))

            assert response.status_code == 200
            assert "停车办法 gujiao" not in response.content.decode()
            assert len([body for body in sent if "knn" in body]) == 1
            expect_limits(sent, scope, sites)


def test_nobody_else_takes_the_readers_connection() -> None:
    users = {
        str(path.relative_to(ROOT))
        for folder in ("platform", "tenants")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bclient\.reader\w*\(|from search\.client import .*\breader", path.read_text(encoding="utf-8"))
    }

    assert users == READERS
