"""The numbers beside the hits: as many as there are hits, whatever is asked; asked for beside them, and never without them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from elasticsearch import ConnectionTimeout, Elasticsearch

from registry.contract import TenantRef
from search import client, mapping, selectors
from search.contract import Guidance, Lift, Question, Sort
from search.models import Projection
from search.querying import answers
from search.querying.bodies import Purpose, body
from tests.factories.documents import document, publish
from tests.factories.texts import all_texts

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
MakeSite = Callable[..., TenantRef]
TEXTS = 90
QUESTIONS = (
    Question(),
    Question(text="条例"),
    Question(text="水"),
    Question(text="环境保护条例"),
    Question(text="环境保护条例", sort=Sort.DATE),
    Question(text="被拖欠工资应该怎么办？"),
    Question(text="老板不给钱应该怎么办？", expansions=("用人单位", "劳动报酬")),
    Question(text="公积金条例", rewritings=("住房公积金条例",)),
    Question(text="人社局条例", rewritings=("人力资源和社会保障局条例",)),
    Question(text="hjbh"),
    Question(text='管理 "行政处罚"'),
    Question(text="国务院令第188号"),
    Question(text="小店消防条例", lift=Lift(regions=("140105",), names=("小店区",), is_named=True, rest="消防条例")),
    Question(text="消防条例", is_loose=True),
    Question(text="🙂"),
)


@pytest.fixture
def city(search_index: Any, make_site: MakeSite) -> TenantRef:
    """A site with ninety real texts."""
    site = make_site("xiaodian")
    texts = all_texts()[:: len(all_texts()) // TEXTS][:TEXTS]
    publish(*(document(site, number, title=text["title"], body=text["body"][:3000]) for number, text in enumerate(texts, 1)))
    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    return site


@pytest.mark.usefixtures("city")
def test_as_many_are_counted_as_are_found() -> None:
    everywhere = selectors.scope_of_everything()
    some = Guidance(expansions=("住房公积金", "消防"), lowered=tuple(Projection.objects.values_list("pk", flat=True)[:5]))

    for question in QUESTIONS:
        for guidance in (Guidance(), some):
            wanted = body(Purpose.HITS, question, scope=everywhere, guidance=guidance) | {"size": 1000}
            hits = engine().search(index=mapping.read_alias(), body=wanted)
            counted = engine().search(index=mapping.read_alias(), body=body(Purpose.COUNTS, question, scope=everywhere, guidance=guidance))
            assert answers.counts(counted.body).total == len(answers.candidates(hits.body)), question
    assert len(answers.candidates(hits_of(Question(text="条例")))) > 5


def test_titles_alone_are_asked_for_without_numbers(city: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = spied(monkeypatch)

    found = selectors.titles(Question(text="条例", size=3), scope=selectors.scope_of_site(city))

    assert found == [hit.title for hit in selectors.find(Question(text="条例", size=3), scope=selectors.scope_of_site(city)).hits]
    assert len(found) == 3
    assert [("aggs" in asked, "collapse" in asked) for asked in sent[:1]] == [(False, True)]
    assert len(sent) == 1 + 2  # titles; then hits and numbers


def test_hits_without_their_numbers_are_no_answer(city: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    perform = Elasticsearch.perform_request

    def late(self: Elasticsearch, method: str, path: str, **rest: Any) -> Any:
        if any("aggs" in line for line in rest.get("body") or ()):
            raise ConnectionTimeout("too slow")
        return perform(self, method, path, **rest)

    monkeypatch.setattr(Elasticsearch, "perform_request", late)

    found = selectors.find(Question(text="条例"), scope=selectors.scope_of_site(city))

    assert found.is_degraded is True
    assert found.total > 0
    assert not selectors.breaker.allows()


def engine() -> Elasticsearch:
    return client.writer()


def hits_of(question: Question) -> dict[str, Any]:
    request = body(Purpose.HITS, question, scope=selectors.scope_of_everything()) | {"size": 1000}
    return dict(engine().search(index=mapping.read_alias(), body=request).body)


def spied(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what will have been sent to the engine."""
    sent: list[dict[str, Any]] = []
    perform = Elasticsearch.perform_request

    def spy(self: Elasticsearch, method: str, path: str, **rest: Any) -> Any:
        asked = rest.get("body")
        sent.extend(list(asked or ())[1::2] if "_msearch" in path else [dict(asked or {})])
        return perform(self, method, path, **rest)

    monkeypatch.setattr(Elasticsearch, "perform_request", spy)
    return sent
