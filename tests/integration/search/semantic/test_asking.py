"""Questions by meaning: the best texts in a better order, nothing else changed, and never needed."""

import dataclasses
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from search import client, selectors
from search.contract import Guidance, Place, Question, Scope, Sort
from search.curation.rules import NO_RULES
from search.explaining import explain
from search.semantic import asking, model, passages
from search.semantic.asking import Meaning
from tests.factories.meaning import ASKED, read_by_the_model, titles
from tests.factories.sites import open_sites
from tests.factories.texts import queries

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("by_meaning")]


@pytest.fixture(scope="module")
def scope(module_database: None, module_index: Any, model_folder: Path) -> Scope:
    """Return the scope of a site with three texts, found by their words and read by the model."""
    (site,) = open_sites("xiaodian")
    read_by_the_model(site, model_folder)
    return selectors.scope_of_site(site)


def test_the_text_that_answers_comes_before_the_one_that_has_the_words(scope: Scope) -> None:
    by_words, by_meaning = titles(ASKED, scope, Meaning.OFF), titles(ASKED, scope)

    assert by_words[0] == "夜班手册"
    assert by_meaning[0] == "养犬管理条例"
    assert sorted(by_meaning) == sorted(by_words)  # the same texts
    assert titles(ASKED, scope, Meaning.MEASURED) == by_meaning


def test_off_is_the_default_and_nothing_is_asked_of_the_model(scope: Scope, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEARCH_SEMANTIC = False
    monkeypatch.setattr(asking, "nearest", None)

    assert titles(ASKED, scope) == titles(ASKED, scope, Meaning.OFF)


@pytest.fixture
def _index_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "read_alias", lambda: "nowhere-read")


@pytest.fixture
def _model_gone(settings: Any, tmp_path: Path) -> None:
    settings.SEARCH_SEMANTIC_FOLDER = tmp_path


@pytest.fixture
def _no_packages(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    settings.SEARCH_SEMANTIC_FOLDER = tmp_path


@pytest.fixture
def _too_slow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.SEARCH_SEMANTIC_SECONDS = 0.05
    is_over, nearest = threading.Event(), asking.nearest

    def late(*given: Any) -> dict[str, float]:
        is_over.wait(60)
        return nearest(*given)

    monkeypatch.setattr(asking, "nearest", late)
    yield
    is_over.set()


@pytest.fixture
def _refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.querying.bodies.NEAREST_TEXTS", 1_000_000)


@pytest.mark.parametrize("trouble", ["_index_gone", "_model_gone", "_no_packages", "_too_slow", "_refused"])
def test_in_trouble_the_words_alone_answer_as_if_it_were_off(scope: Scope, trouble: str, request: pytest.FixtureRequest) -> None:
    expected = selectors.find(Question(text=ASKED), scope=scope, meaning=Meaning.OFF)

    request.getfixturevalue(trouble)
    found = selectors.find(Question(text=ASKED), scope=scope)

    assert dataclasses.replace(found, took_ms=0) == dataclasses.replace(expected, took_ms=0)
    assert not asking.breaker.allows()  # the next one does not wait for it
    if trouble != "_too_slow":
        with pytest.raises((client.EngineDownError, model.ModelMissingError)):
            asking.nearest(Question(text=ASKED), scope, Guidance(), 10.0)


def test_other_queries_ask_nothing_of_it_and_find_the_same_id_by_id(scope: Scope) -> None:
    others = [each["query"] for each in queries() if each["kind"] != "lay_question"]

    assert len(others) == 415
    assert [query for query in others if asking.applies_to(Question(text=query))] == []
    assert all(asking.applies_to(Question(text=each["query"])) for each in queries() if each["kind"] == "lay_question")
    assert asking.applies_to(Question(text="餐馆卫生投诉", is_partial=True)) is False
    for query in ["停车管理办法", "养犬", "tcbf", "国发〔2019〕5号", "", *others[::40]]:
        on, off = (selectors.find(Question(text=query), scope=scope, meaning=meaning) for meaning in (Meaning.AS_SET, Meaning.OFF))
        assert dataclasses.replace(on, took_ms=0) == dataclasses.replace(off, took_ms=0)


@pytest.mark.parametrize(
    "choice", [{"sort": Sort.DATE}, {"place": Place.TITLE}, {"page": 10}], ids=["by date", "in titles", "far behind the best"]
)
def test_where_words_alone_are_asked_for_meaning_is_not(choice: dict[str, Any], scope: Scope) -> None:
    question = Question(text=ASKED, **choice)

    assert asking.start(question, scope=scope, guidance=Guidance()) is None
    assert titles(question, scope) == titles(question, scope, Meaning.OFF)


def test_pages_of_the_answer_fit_together(scope: Scope) -> None:
    one_a_page = [titles(Question(text=ASKED, page=page, size=1), scope) for page in (1, 2, 3, 4)]

    assert one_a_page == [[each] for each in titles(ASKED, scope)] + [[]] * (4 - len(titles(ASKED, scope)))


def test_why_a_page_is_where_it_is_follows_the_order_readers_get(scope: Scope) -> None:
    order = [hit.key for hit in selectors.find(Question(text=ASKED), scope=scope).hits]

    told = [explain(Question(text=ASKED), key, scope=scope, rules=NO_RULES) for key in order]

    assert [each.place.rank for each in told if each.place] == list(range(1, len(order) + 1))
    assert all("语义" in each.notes[-1] for each in told)


def test_an_evaluation_shows_what_meaning_changes_against_figures_of_its_own(scope: Scope, tmp_path: Path, capsys: Any) -> None:
    queries = tmp_path / "some.jsonl"
    queries.write_text(json.dumps({"qid": "1", "kind": "lay_question", "query": ASKED, "grades": {"养犬管理条例": 2}}), encoding="utf-8")

    call_command("search", "evaluate", str(queries), "--json", "--record")
    (by_words,) = json.loads(capsys.readouterr().out)
    call_command("search", "evaluate", str(queries), "--semantic", "--json", "--record")
    (by_meaning,) = json.loads(capsys.readouterr().out)

    assert (by_words["ndcg"], by_words["success"]) == (0.6309, 0.0)  # second
    assert (by_meaning["ndcg"], by_meaning["success"], by_meaning["by_words"]) == (1.0, 1.0, 0.6309)
    recorded = [json.loads((tmp_path / name).read_text()) for name in ("some.reached.json", "some.reached-semantic.json")]
    assert recorded == [{"lay_question": 0.6309}, {"lay_question": 1.0}]
