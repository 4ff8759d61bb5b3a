"""What rules do to searches, on the real engine and without it; and why a page is where it is."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from outbox.models import Event
from registry.contract import TenantRef
from search import explaining, previewing, selectors
from search.contract import Found, Question, Validity
from search.curation import services
from search.curation.rules import NO_RULES, Rules, RuleValue
from search.explaining import explain
from search.models import Rule
from search.querying.bodies import Purpose, body
from search.requests.parameters import Reach
from search.requests.understanding import understand
from tests.conftest import empty_database
from tests.factories.documents import document, publish, withdraw
from tests.factories.indices import SearchIndex
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch]
TODAY = dt.date(2026, 11, 25)


@pytest.fixture(scope="module")
def city(module_index: Any) -> tuple[TenantRef, TenantRef]:
    empty_database()
    portal, site = copied_sites("taiyuan", "xiaodian")
    publish(
        document(portal, 1, title="停车收费标准", body="停车收费标准全文", path="/a/1/"),
        document(portal, 2, title="停车收费公告", body="关于停车收费的公告", path="/a/2/"),
        document(portal, 3, title="机动车停放服务办法", body="机动车停放服务的价格由政府定", path="/a/3/"),
        document(portal, 4, title="公园游览须知", body="开放时间", path="/a/4/"),
        document(site, 5, title="小店区停车收费方案", body="停车收费方案", path="/a/5/"),
    )
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    return portal, site


def key(site: TenantRef, number: int) -> str:
    return document(site, number).key


def ask(query: str, *values: RuleValue, scope: Any = None) -> Found:
    rules = Rules.of(values, today=TODAY)
    return selectors.find(Question(text=query), scope=scope or selectors.scope_of_city("taiyuan"), rules=rules)


def titles(found: Found) -> list[str]:
    return [hit.title for hit in found.hits]


@pytest.mark.parametrize("engine", ["up", "down"])
def test_a_promoted_page_is_first_and_shown_once(city: Any, settings: Any, engine: str) -> None:
    if engine == "down":
        settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    portal, _ = city
    found = ask("停车收费", RuleValue(kind="best", phrase="停车收费", address="x", page=key(portal, 2), title="怎么交停车费"))

    assert [(each.title, each.path) for each in found.promoted] == [("怎么交停车费", "/a/2/")]
    assert "停车收费公告" not in titles(found)
    assert "停车收费标准" in titles(found)
    assert found.is_degraded is (engine == "down")


def test_a_page_no_query_would_find_can_be_promoted_and_one_elsewhere_too(city: Any) -> None:
    portal, _ = city
    found = ask(
        "停车收费",
        RuleValue(kind="best", phrase="停车", match="contains", address="x", page=key(portal, 4)),
        RuleValue(kind="best", phrase="停车收费", address="https://www.gov.cn/x", title="全国平台", position=2),
    )

    assert [(each.title, each.address) for each in found.promoted] == [("公园游览须知", ""), ("全国平台", "https://www.gov.cn/x")]


def test_a_withdrawn_page_is_not_promoted(city: Any) -> None:
    portal, _ = city
    publish(document(portal, 77, title="临时公告", body="停车收费临时", path="/a/77/"))
    rule = RuleValue(kind="best", phrase="停车收费", address="x", page=key(portal, 77))
    assert len(ask("停车收费", rule).promoted) == 1

    withdraw(portal, 77)

    assert ask("停车收费", rule).promoted == ()


def test_a_citys_promotion_stays_within_the_readers_scope_and_a_sites_own_does_not(city: Any) -> None:
    portal, site = city
    scope = selectors.scope_of_site(site)
    citys = RuleValue(kind="best", phrase="停车收费", address="x", page=key(portal, 2))

    assert ask("停车收费", citys, scope=scope).promoted == ()
    assert len(ask("停车收费", dataclasses.replace(citys, is_own=True), scope=scope).promoted) == 1


@pytest.mark.parametrize("engine", ["up", "down"])
def test_a_hidden_page_is_in_no_result_for_its_query_alone(city: Any, settings: Any, engine: str) -> None:
    if engine == "down":
        settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    portal, _ = city
    rule = RuleValue(kind="worst", phrase="停车收费", page=key(portal, 1), effect="hide")

    assert "停车收费标准" not in titles(ask("停车收费", rule))
    assert "停车收费标准" in titles(ask("停车收费标准", rule))


def test_a_lowered_page_comes_last(city: Any) -> None:
    portal, _ = city
    before = titles(ask("停车收费"))
    rule = RuleValue(kind="worst", phrase="停车收费", page=key(portal, 1), effect="lower")

    after = titles(ask("停车收费", rule))

    assert before[-1] != "停车收费标准"
    assert after[-1] == "停车收费标准"
    assert sorted(after) == sorted(before)


def test_another_word_for_the_same_finds_what_the_query_does_not(city: Any) -> None:
    rule = RuleValue(kind="synonym", phrase="泊位", words="机动车停放服务")
    assert titles(ask("泊位")) == []

    assert titles(ask("泊位", rule)) == ["机动车停放服务办法"]
    beside = RuleValue(kind="synonym", phrase="停车收费", words="机动车停放服务")
    found = titles(ask("停车收费标准", beside))
    assert found[0] == "停车收费标准"
    assert "机动车停放服务办法" in found


def test_without_rules_the_search_is_the_same_id_by_id(city: Any) -> None:
    unrelated = RuleValue(kind="synonym", phrase="低保", words="最低生活保障")

    assert [hit.key for hit in ask("停车收费", unrelated).hits] == [hit.key for hit in ask("停车收费").hits]


def test_the_page_marks_what_is_recommended(city: Any) -> None:
    portal, _ = city
    owner = services.owner_of(portal)
    services.save_rule(Rule(kind="best", phrase="停车收费", address="x", page=key(portal, 2), title="怎么交停车费"), owner=owner, by="a")
    services.activate(owner, by="a")
    try:
        html = Client(headers={"host": "taiyuan.localhost"}).get("/search/", {"q": "停车收费"}).content.decode()
    finally:
        services.restore(owner, number=0, by="a")

    promoted = html[html.index('class="promoted"') : html.index('class="hits"')]
    assert "推荐" in promoted
    assert "怎么交停车费" in promoted
    assert 'class="promoted"' not in Client(headers={"host": "taiyuan.localhost"}).get("/search/", {"q": "停车收费"}).content.decode()


def draft(portal: TenantRef, **fields: Any) -> None:
    """Write one rule into the city's draft, as its only one."""
    services.discard_draft(services.owner_of(portal), by="a")
    services.save_rule(Rule(**fields), owner=services.owner_of(portal), by="a")


def test_the_preview_searches_as_readers_do_and_shows_what_a_pair_of_spellings_changes(city: Any, settings: Any) -> None:
    settings.SEARCH_LABELLED_QUERIES = ""
    previewing.labelled_queries.cache_clear()
    portal, _ = city
    draft(portal, kind="spelling", phrase="泊车费", words="停车收费")

    (change,) = previewing.preview(portal, today=TODAY).queries

    assert change.query == "泊车费"
    assert not any(title.partition("】")[2] == "停车收费" for title in change.before)
    assert change.after == ("【您是不是要找】停车收费", *change.before)
    services.discard_draft(services.owner_of(portal), by="a")


def test_the_preview_shows_the_queries_that_lose_a_correction_to_a_denied_word(city: Any, settings: Any, tmp_path: Path) -> None:
    labelled = tmp_path / "queries.jsonl"
    rows = [("1", "公元游览须知"), ("2", "停车收费")]
    lines = [json.dumps({"qid": qid, "kind": "typo", "query": query, "grades": {"x": 2}}) for qid, query in rows]
    labelled.write_text("\n".join(lines), encoding="utf-8")
    settings.SEARCH_LABELLED_QUERIES = str(labelled)
    previewing.labelled_queries.cache_clear()
    portal, _ = city
    draft(portal, kind="denied", phrase="公园游览")

    found = previewing.preview(portal, today=TODAY)

    previewing.labelled_queries.cache_clear()
    assert (found.labelled, found.touched) == (2, 1)
    own, labelled_one = found.queries
    assert (own.query, own.before, own.after) == ("公园游览", ("公园游览须知",), ("公园游览须知",))
    assert (labelled_one.query, labelled_one.before[0]) == ("公元游览须知", "【您是不是要找】公园游览须知")
    assert labelled_one.after == labelled_one.before[1:]
    services.discard_draft(services.owner_of(portal), by="a")


# --- why ------------------------------------------------------------------------


def why(query: str | Question, page: str, *values: RuleValue, scope: Any = None) -> Any:
    question = query if isinstance(query, Question) else Question(text=query)
    return explain(question, page, scope=scope or selectors.scope_of_city("taiyuan"), rules=Rules(values))


def test_a_found_page_is_told_its_place_and_what_it_consists_of(city: Any) -> None:
    portal, _ = city
    order = [hit.key for hit in ask("停车收费").hits]

    told = why("停车收费", order[1])

    assert told.reasons == ()
    assert told.place.rank == 2
    assert [each.rank for each in told.above] == [1]
    assert told.above[0].score >= told.place.score > 0
    assert sum(part.percent for part in told.place.parts) in range(97, 104)
    assert "标题中的词" in [part.label for part in told.place.parts]
    assert abs(sum(part.score for part in told.place.parts) - told.place.score) < 0.1
    assert portal.name


@pytest.mark.parametrize(
    ("number", "query", "said"),
    [
        (4, "停车收费", "没有：“停车”"),
        (999, "停车收费", "从未公开发布"),
        (5, "停车收费", "不在这次搜索的范围内"),
    ],
)
def test_a_page_that_is_not_found_is_told_why(city: Any, number: int, query: str, said: str) -> None:
    portal, site = city
    page = key(site if number == 5 else portal, number)

    told = why(query, page, scope=selectors.scope_of_site(portal))

    assert told.place is None
    assert said in " ".join(told.reasons)


def test_a_page_in_whose_place_another_is_shown_is_told_which(city: Any) -> None:
    portal, site = city
    asked, tomorrow = "夜间施工许可办法", timezone.localdate() + dt.timedelta(days=1)
    pages: dict[int, dict[str, Any]] = {
        301: {"version_date": dt.date(2015, 1, 1), "validity": Validity.REPEALED},
        302: {"version_date": dt.date(2020, 1, 1), "title": f"{asked}（2020年修订）"},
        303: {"version_date": dt.date(2020, 1, 1)},
        304: {"version_date": dt.date(2026, 1, 1), "effective_date": tomorrow},
    }
    same: dict[str, Any] = {"title": asked, "body": "夜间施工", "group": "g"}
    publish(*(document(portal, number, **(same | {"path": f"/{number}/"} | changes)) for number, changes in pages.items()))
    publish(document(site, 305, **same, version_date=dt.date(2020, 1, 1)))
    call_command("relay", "run", "--once", verbosity=0)
    SearchIndex().refresh()
    shown = "夜间施工许可办法（2020年修订）"
    assert [hit.title for hit in ask(asked).hits] == [shown]

    told = {number: why(asked, key(portal, number)).reasons for number in pages} | {305: why(asked, key(site, 305)).reasons}
    assert told == {
        301: (f"同一份文件有更新的版本，搜索结果只显示那一个：“{shown}”（2020-01-01）。",),
        302: (),
        303: ("本网站另有一页发布了同一份文件，搜索结果只显示那一页：/302/",),
        304: (f"这个版本自 {tomorrow} 起施行；在那之前，搜索结果显示现行版本“{shown}”，旁边注明新版本。",),
        305: (f"同一份文件在“{portal.name}”也有发布，搜索结果只显示那一份，其他网站列在“另有……发布”里。",),
    }
    older = why(Question(text=asked, validity=Validity.REPEALED), key(portal, 302)).reasons
    assert older == ("本网站另有一页发布了同一份文件，搜索结果只显示那一页：/301/",)  # which is not newer, but what was chosen
    for number in pages:
        withdraw(portal, number)
    withdraw(site, 305)


def test_a_withdrawn_a_hidden_and_a_waiting_page_are_told_why(city: Any) -> None:
    portal, _ = city
    hidden = why("停车收费", key(portal, 1), RuleValue(kind="worst", phrase="停车收费", page=key(portal, 1)))
    assert "屏蔽与降低" in hidden.reasons[0]

    publish(document(portal, 88, title="停车收费新规", body="停车收费新规定", path="/a/88/"))
    waiting = why("停车收费", key(portal, 88))
    assert waiting.place is None
    assert "正在写进搜索" in waiting.reasons[0]
    assert "还没有收录" in waiting.reasons[1]

    Event.objects.filter(key=key(portal, 88)).update(parked_at=dt.datetime.now(dt.UTC))
    assert "转给运维" in why("停车收费", key(portal, 88)).reasons[0]

    withdraw(portal, 88)
    assert "没有公开发布" in why("停车收费", key(portal, 88)).reasons[0]
    Event.objects.all().delete()
    assert NO_RULES.values == ()


def test_what_a_query_is_understood_as_is_told(city: Any) -> None:
    portal, site = city
    publish(
        document(portal, 90, title="住房公积金提取办法", body="提取住房公积金", path="/a/90/"),
        document(site, 91, title="小店区住房公积金提取", body="住房公积金", path="/a/91/", validity=Validity.REPEALED),
    )
    call_command("relay", "run", "--once", verbosity=0)
    SearchIndex().refresh()

    def asked(words: str, tenant: TenantRef) -> Question:
        return understand({"q": words, "scope": "city"}, tenant=tenant, default_reach=Reach.CITY).question

    assert why("公积金提取", key(portal, 90)).notes == ("搜索词里有简称或口语，还按正式名称查找：住房公积金提取。",)
    synonym = RuleValue(kind="synonym", phrase="提取", words="支取")
    assert "按同义词规则，还查找：支取（得分比原词低）。" in why("公积金提取", key(portal, 90), synonym).notes
    assert why("老板一直拖欠工资怎么办？", key(portal, 90)).notes[0].startswith("这是一个问题，还按公文的说法查找：用人单位")
    assert why("停车收费", key(portal, 1)).notes == ()

    named = why(asked("小店区公积金提取", portal), key(site, 91))
    assert [note for note in named.notes if "1.6" in note] == ["搜索词里写明了地名，“小店区”的结果得分乘以 1.6；这个网页属于该地。"]
    assert "它已废止或失效，除标题、文号完全一致外，得分乘以 0.2。" in named.notes
    standing = why(asked("公积金提取", site), key(portal, 90))
    assert "读者在该地的网站上搜索，“小店区”的结果得分乘以 1.15；这个网页不属于该地。" in standing.notes
    withdraw(portal, 90)
    withdraw(site, 91)


def test_the_score_told_is_the_score_ranked_by_behind_the_best_hundred_too(city: Any) -> None:
    portal, _ = city
    behind = [200 + number for number in range(110)]
    publish(*(document(portal, number, title=f"绿化通报{number}", body=f"绿化养护{'其他事项' * number}") for number in behind))
    call_command("relay", "run", "--once", verbosity=0)
    SearchIndex().refresh()
    scope = selectors.scope_of_city("taiyuan")
    question = selectors.understood(Question(text="绿化养护"), vocabulary=selectors.vocabulary())
    ranked = explaining._ranked(body(Purpose.HITS, question, scope=scope), None)
    assert len(ranked) == 110

    for place in (0, 99, 100, 109):  # passages are compared of the first hundred
        told = why("绿化养护", ranked[place]["key"]).place
        assert told.rank == place + 1
        assert abs(told.score - ranked[place]["score"]) < 0.01
        assert abs(sum(part.score for part in told.parts) - told.score) < 0.05
        assert ("最相关的条文" in [part.label for part in told.parts]) is (place < 100)
    for number in behind:
        withdraw(portal, number)
