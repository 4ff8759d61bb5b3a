"""What is sent to the engine: exact, and never without visibility and scope."""

import datetime as dt
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from search.analysis.shape import is_question
from search.contract import Category, FileType, Lift, Place, Question, Scope, Sort, Tab, Validity
from search.querying.bodies import Purpose, body
from search.querying.intent import wants_to_get_done

SITE, OTHER, HIDDEN = UUID(int=1), UUID(int=2), UUID(int=3)
OLDER = {"bool": {"should": [{"wildcard": {"_index": "*-pages-v2-*"}}, {"wildcard": {"_index": "*-pages-v3-*"}}]}}
TEXTS = {
    "texts": {"cardinality": {"field": "group_no", "precision_threshold": 1000}},
    "older": {"filter": OLDER, "aggs": {"texts": {"cardinality": {"field": "group", "precision_threshold": 1000}}}},
}
QUERIES = ("", "道路交通安全法", "laodongfa", "国发〔2019〕5号", "被拖欠工资应该怎么办？", "🙂", "水", '" OR *:* --')


def filters(request: dict[str, Any]) -> list[Any]:
    found: list[Any] = visible(request)["filter"]
    return found


def visible(request: dict[str, Any]) -> dict[str, Any]:
    """Return the query that limits a request; a search by vectors carries it inside."""
    found: dict[str, Any] = (request["knn"]["filter"] if "knn" in request else request["query"])["bool"]
    return found


@pytest.mark.parametrize(("purpose", "text", "sort"), list(product(Purpose, QUERIES, Sort)))
def test_no_body_lacks_visibility_and_scope(purpose: Purpose, text: str, sort: Sort) -> None:
    request = body(purpose, Question(text=text, sort=sort), scope=Scope(sites=(SITE, OTHER), hidden=(HIDDEN,)))

    assert {"term": {"state": "live"}} in filters(request)
    assert {"terms": {"site": [str(SITE), str(OTHER)]}} in filters(request)
    assert visible(request)["must_not"] == [{"terms": {"site": [str(HIDDEN)]}}]
    assert "query_string" not in str(request)


def test_everything_is_scoped_by_the_deny_list_alone() -> None:
    request = body(Purpose.HITS, Question(), scope=Scope(sites=None, hidden=(HIDDEN,)))

    assert filters(request) == [{"term": {"state": "live"}}]
    assert request["query"]["bool"]["must_not"] == [{"terms": {"site": [str(HIDDEN)]}}]


def test_browsing_by_date_with_filters() -> None:
    question = Question(site=SITE, kind=Category.LAW, year=2024, page=3, size=20)

    assert body(Purpose.HITS, question, scope=Scope(sites=None, hidden=())) == {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"state": "live"}},
                    {"term": {"site": str(SITE)}},
                    {"term": {"kind": "law"}},
                    {"term": {"year": 2024}},
                ]
            }
        },
        "from": 40,
        "size": 30,
        "_source": False,
        "track_total_hits": False,
        "collapse": {"field": "group"},
        "sort": [{"date": {"order": "desc", "missing": "_last"}}, {"id": "asc"}],
    }


def test_the_clauses_of_a_title() -> None:
    request = body(Purpose.HITS, Question(text="安全生产法"), scope=Scope(sites=None, hidden=()))

    assert request["query"]["bool"]["must"] == [
        {
            "bool": {
                "filter": [
                    {
                        "bool": {
                            "should": [
                                {"constant_score": {"filter": {"terms": {"title_keys": ["安全生产法"]}}, "boost": 1000.0}},
                                matching("title.uni", "安 全 生 产 法", minimum_should_match="75%"),
                                {
                                    "bool": {
                                        "should": [
                                            matching("holds", "安全 全生 生产 产法", minimum_should_match="2<67% 6<50%"),
                                            in_older_indices(
                                                {
                                                    "multi_match": {
                                                        "query": "安全 全生 生产 产法",
                                                        "type": "cross_fields",
                                                        "fields": ["title", "body", "place", "file_text"],
                                                        "analyzer": "whitespace",
                                                        "minimum_should_match": "2<67% 6<50%",
                                                    }
                                                }
                                            ),
                                        ],
                                        "minimum_should_match": 1,
                                    }
                                },
                            ],
                            "minimum_should_match": 1,
                        }
                    }
                ],
                "must": [
                    {
                        "bool": {
                            "should": [
                                {"constant_score": {"filter": {"terms": {"title_keys": ["安全生产法"]}}, "boost": 1000.0}},
                                {"constant_score": {"filter": {"terms": {"py_full": ["anquanshengchanfa"]}}, "boost": 300.0}},
                                weighed(
                                    matching("title.uni", "安 全 生 产 法", boost=1.5, minimum_should_match="75%"),
                                    matching("title", "安全 全生 生产 产法", boost=3.0),
                                    {
                                        "constant_score": {
                                            "filter": matching("title", "安全 全生 生产 产法", minimum_should_match="100%"),
                                            "boost": 10.0,
                                        }
                                    },
                                    {
                                        "constant_score": {
                                            "filter": matching("title", "安全 全生 生产 产法", minimum_should_match="75%"),
                                            "boost": 3.0,
                                        }
                                    },
                                    {
                                        "constant_score": {
                                            "filter": matching("title.uni", "安 全 生 产 法", minimum_should_match="100%"),
                                            "boost": 20.0,
                                        }
                                    },
                                    matching("body", "安全 全生 生产 产法"),
                                    {
                                        "function_score": {
                                            "query": {"match_phrase": {"body": "安全生产法"}},
                                            "functions": [{"weight": 24.0}],
                                            "boost_mode": "sum",
                                        }
                                    },
                                    {"constant_score": {"filter": {"match_phrase": {"title": "安全生产法"}}, "boost": 32.0}},
                                    matching("place", "安全 全生 生产 产法", boost=3.0),
                                    matching("file_text", "安全 全生 生产 产法", boost=0.3),
                                ),
                            ],
                            "minimum_should_match": 1,
                        }
                    }
                ],
                "should": [weighed({"constant_score": {"filter": {"term": {"latest": True}}, "boost": 0.5}})],
            }
        }
    ]
    passage = {"nested": {"path": "arts", "score_mode": "max", "query": matching("arts.text", "安全 全生 生产 产法"), "boost": 0.3}}
    assert request["rescore"] == {
        "window_size": 100,
        "query": {"score_mode": "total", "rescore_query": weighed(passage)},
    }
    assert "sort" not in request  # the engine takes no other order beside a second comparison


def test_a_quoted_phrase_must_occur() -> None:
    request = body(Purpose.HITS, Question(text='物业 "限期改正"'), scope=Scope(sites=None, hidden=()))

    assert request["query"]["bool"]["must"][0]["bool"]["filter"][1:] == [
        {
            "bool": {
                "should": [{"match_phrase": {"title.uni": "限期改正"}}, {"match_phrase": {"body": "限期改正"}}],
                "minimum_should_match": 1,
            }
        }
    ]


def test_order_by_date_is_not_compared_again() -> None:
    request = body(Purpose.HITS, Question(text="安全生产法", sort=Sort.DATE), scope=Scope(sites=None, hidden=()))

    assert "rescore" not in request
    assert request["sort"] == [{"date": {"order": "desc", "missing": "_last"}}, {"id": "asc"}]


def test_a_short_name_counts_as_the_official_one() -> None:
    request = body(Purpose.HITS, Question(text="公积金条例", rewritings=("住房公积金条例",)), scope=Scope(sites=None, hidden=()))

    *_, shape = request["query"]["bool"]["must"][0]["bool"]["must"][0]["bool"]["should"]
    official = {"constant_score": {"filter": {"terms": {"title_keys": ["住房公积金条例"]}}, "boost": 100.0}}
    assert official in shape["function_score"]["query"]["bool"]["should"]


def test_a_question_is_compared_by_passages_with_its_official_words() -> None:
    question = Question(text="老板不给钱应该怎么办？", expansions=("用人单位",))

    request = body(Purpose.HITS, question, scope=Scope(sites=None, hidden=()))

    most, all_of_them = request["rescore"]["query"]["rescore_query"]["function_score"]["query"]["bool"]["should"]
    assert (most["nested"]["score_mode"], all_of_them["nested"]["score_mode"]) == ("max", "sum")
    assert most["nested"]["query"]["match"]["arts.text"]["query"] == "老板 板不 不给 给钱 用人 人单 单位"


def test_every_choice_is_a_filter_and_days_are_days_in_china() -> None:
    question = Question(
        text="停车",
        tab=Tab.NEWS,
        region="140105",
        issuer="财政部",
        validity=Validity.REPEALED,
        file=FileType.PDF,
        since=dt.date(2024, 1, 1),
        until=dt.date(2024, 1, 31),
        place=Place.TITLE,
    )

    found = filters(body(Purpose.HITS, question, scope=Scope(sites=None, hidden=())))

    assert found[1:3] == [
        {"range": {"date": {"gte": "2024-01-01T00:00:00+08:00"}}},
        {"range": {"date": {"lt": "2024-02-01T00:00:00+08:00"}}},
    ]
    assert matching("title", "停车", minimum_should_match="2<67% 6<50%") in found[3]["bool"]["should"]
    assert found[4:] == [
        {"term": {"tab": "news"}},
        {"term": {"region": "140105"}},
        {"term": {"issuer": "财政部"}},
        {"term": {"validity": "repealed"}},
        {"term": {"file": "pdf"}},
    ]


def test_service_cards_are_service_pages_within_the_same_limits() -> None:
    question = Question(text="公积金怎么提取", since=dt.date(2024, 1, 1), page=3, size=50)

    request = body(Purpose.SERVICES, question, scope=Scope(sites=(SITE,), hidden=()))

    assert {"term": {"tab": "service"}} in filters(request)
    assert {"range": {"date": {"gte": "2024-01-01T00:00:00+08:00"}}} in filters(request)
    assert (request["from"], request["size"]) == (0, 10)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("住房公积金怎么提取", True),
        ("办理居住证", True),
        ("身份证补办", True),
        ("不动产登记条例", False),
        ("关于办理施工许可的通知", False),
        ("养老服务", False),
        ("", False),
    ],
)
def test_who_wants_to_get_something_done(query: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert wants_to_get_done(query) is expected


def test_facets_are_counted_by_text_and_with_the_other_choices() -> None:
    question = Question(kind=Category.LAW, year=2024)

    aggregations = body(Purpose.COUNTS, question, scope=Scope(sites=None, hidden=()))["aggs"]

    law, year = {"term": {"kind": "law"}}, {"term": {"year": 2024}}
    assert aggregations["found"] == {"filter": {"bool": {"filter": [law, year]}}, "aggs": TEXTS}
    assert aggregations["site"]["filter"] == {"bool": {"filter": [law, year]}}
    assert aggregations["kind"]["filter"] == {"bool": {"filter": [year]}}
    assert aggregations["year"]["filter"] == {"bool": {"filter": [law]}}
    assert aggregations["kind"]["aggs"]["values"]["aggs"] == TEXTS
    assert aggregations["tab"]["filter"] == {"bool": {"filter": [law, year]}}
    assert "texts" not in aggregations["tab"]["aggs"]  # without a class chosen, those of all classes are all that are found
    assert set(aggregations) == {"found", "tab", "site", "region", "issuer", "kind", "year", "validity", "file"}


def test_what_is_only_counted_is_asked_for_without_what_orders_it() -> None:
    request = body(Purpose.COUNTS, Question(text="安全生产法"), scope=Scope(sites=None, hidden=()))

    hits = body(Purpose.HITS, Question(text="安全生产法"), scope=Scope(sites=None, hidden=()))
    enough = hits["query"]["bool"]["must"][0]["bool"]["filter"]
    assert request["query"]["bool"]["must"] == [{"bool": {"filter": enough}}]
    assert "boost" not in str(request["query"]).replace("'boost': 1000.0", "")  # of an exact name, which is a way to be found


def test_a_question_is_found_by_its_official_words_alone() -> None:
    request = body(Purpose.COUNTS, Question(text="狗咬人谁负责", expansions=("饲养动物",)), scope=Scope(sites=None, hidden=()))

    enough = request["query"]["bool"]["must"][0]["bool"]["filter"][0]["bool"]["should"]
    assert [each["bool"]["should"][0] for each in enough[-2:]] == [
        matching("holds", "狗咬 咬人", minimum_should_match="20%"),
        matching("holds", "饲养 养动 动物", minimum_should_match="100%"),
    ]


def test_a_part_is_enough_where_that_is_asked_for() -> None:
    request = body(Purpose.HITS, Question(text="餐馆卫生投诉", is_partial=True), scope=Scope(sites=None, hidden=()))

    (enough,) = request["query"]["bool"]["must"][0]["bool"]["filter"]
    assert enough["bool"]["should"][-1]["bool"]["should"][0] == matching("holds", "餐馆 馆卫 卫生 生投 投诉", minimum_should_match="20%")


def test_marks_in_a_question_cite_or_stress() -> None:
    request = body(Purpose.HITS, Question(text="“复利”“利滚利”的约定合法吗？"), scope=Scope(sites=None, hidden=()))

    assert "match_phrase" not in str(request)


def test_a_question_is_counted_by_what_it_has_to_hold() -> None:
    request = body(Purpose.COUNTS, Question(text="被拖欠工资应该怎么办？"), scope=Scope(sites=None, hidden=()))

    (wanted,) = request["query"]["bool"]["must"]
    *_, held = wanted["bool"]["filter"]
    by_name, by_title, by_words = held["bool"]["should"]
    assert list(by_name["constant_score"]["filter"]["terms"]) == ["title_keys"]
    assert by_title == matching("title", "被拖 拖欠 欠工 工资", minimum_should_match="50%")
    assert list(by_words["match"]) == ["body"]


@pytest.mark.parametrize(
    ("query", "held", "ordered"),
    [
        ("我可以放弃遗产的继承吗？", "我可 以放 放弃 弃遗 遗产 产的 的继 继承", "我可 以放 放弃 弃遗 遗产 产的 的继 继承"),
        ("工作部门可以进行管理吗？", "作部 门可 以进 行管", "作部 门可 以进 行管"),
        ("城市教育收费可以吗？", "城市 市教 教育 育收 收费 费可", "市教 育收 收费 费可"),
        ("我可以？可以？可以？", "我可", "我可 可以"),  # too little would be left to order by
    ],
)
def test_what_nearly_every_text_holds_finds_no_question_and_orders_few(query: str, held: str, ordered: str) -> None:
    request = body(Purpose.HITS, Question(text=query), scope=Scope(sites=None, hidden=()))

    (wanted,) = request["query"]["bool"]["must"]
    (enough,) = wanted["bool"]["filter"]
    newer, older = enough["bool"]["should"][-1]["bool"]["should"]
    assert newer["match"]["holds"]["query"] == held
    assert older["bool"]["filter"][1]["multi_match"]["query"] == held
    *_, ordering = wanted["bool"]["must"][0]["bool"]["should"][-1]["function_score"]["query"]["bool"]["should"]
    assert ordering["match"]["body"]["query"] == ordered


def test_a_text_is_put_in_order_by_what_few_hold() -> None:
    request = body(Purpose.HITS, Question(text="中华人民共和国契税暂行条例"), scope=Scope(sites=None, hidden=()))

    by_shape = request["query"]["bool"]["must"][0]["bool"]["must"][0]["bool"]["should"][-1]["function_score"]["query"]["bool"]["should"]
    matches = [(field, match["query"]) for clause in by_shape for field, match in clause.get("match", {}).items()]
    whole = by_shape[2]["constant_score"]["filter"]["match"]["title"]
    assert matches[1:3] == [("title", "国契 契税 税暂 暂行 行条"), ("body", "国契 契税 税暂 暂行 行条")]
    assert (whole["query"].split()[0], whole["minimum_should_match"]) == ("中华", "100%")


@pytest.mark.parametrize(
    ("query", "looked_for"),
    [
        ("太原市电动自行车停放充电安全管理办法", True),
        ("最高人民法院关于审理涉及驰名商标保护的民事纠纷案件的解释", False),
        (" ".join(map(str, range(25))), True),
    ],
)
def test_a_long_query_is_looked_for_in_pairs_alone(query: str, looked_for: bool) -> None:  # noqa: FBT001 - a table
    for purpose in (Purpose.HITS, Purpose.COUNTS):
        request = body(purpose, Question(text=query), scope=Scope(sites=None, hidden=()))

        assert ("'title.uni'" in str(request)) is looked_for


def test_an_order_by_date_is_asked_for_without_scores() -> None:
    by_date = body(Purpose.HITS, Question(text="安全生产法", sort=Sort.DATE), scope=Scope(sites=None, hidden=()))

    assert "function_score" not in str(by_date)


def test_the_engine_marks_nothing() -> None:
    assert all("highlight" not in body(purpose, Question(text="安全生产法"), scope=Scope(sites=None, hidden=())) for purpose in Purpose)


def test_offices_are_few() -> None:
    aggregations = body(Purpose.COUNTS, Question(), scope=Scope(sites=None, hidden=()))["aggs"]

    sizes = {name: each["aggs"]["values"]["terms"]["size"] for name, each in aggregations.items() if name != "found"}
    assert {name for name, size in sizes.items() if size != 100} == {"issuer"}
    assert sizes["issuer"] == 20


def test_the_texts_of_all_classes_are_counted_where_a_class_is_chosen() -> None:
    aggregations = body(Purpose.COUNTS, Question(tab=Tab.NEWS), scope=Scope(sites=None, hidden=()))["aggs"]

    assert aggregations["tab"]["filter"] == {"match_all": {}}
    assert {"values": aggregations["tab"]["aggs"]["values"]} | TEXTS == aggregations["tab"]["aggs"]
    assert "texts" not in aggregations["kind"]["aggs"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("被公司拖欠工资应该怎么办", True),
        ("租房合同到期不退押金怎么维权？", True),
        ("怎么办", False),  # about nothing
        ("护照怎么办理", True),  # short ones are typed most
        ("低保多少钱", True),
        ("肇事逃逸判几年", True),
        ("近几年的工作报告", False),
        ("哪吒", False),
        ("道路交通安全法实施条例", False),
        ("国务院令第188号", False),
    ],
)
def test_questions_are_told_by_their_shape(query: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_question(query) is expected


@pytest.mark.parametrize(("is_named", "weight"), [(True, 1.6), (False, 1.15)])
def test_a_place_weighs_more_wherever_the_score_is_not_a_name(is_named: bool, weight: float) -> None:  # noqa: FBT001 - a table
    lift = Lift(regions=("140105",), names=("小店区",), is_named=is_named)

    request = body(Purpose.HITS, Question(text="停车", lift=lift), scope=Scope(sites=None, hidden=()))

    (place,) = lifted_by(request)
    assert place == {"weight": weight, "filter": {"terms": {"region": ["140105"]}}}
    assert lifted_by(body(Purpose.HITS, Question(text="停车", lift=replace(lift, is_on=False)), scope=Scope(sites=None, hidden=()))) == []


def test_a_named_places_own_texts_need_not_name_it() -> None:
    lift = Lift(regions=("140105",), names=("小店区",), is_named=True, rest="停车")

    request = body(Purpose.COUNTS, Question(text="小店停车", lift=lift), scope=Scope(sites=None, hidden=()))

    anywhere, own = request["query"]["bool"]["must"][0]["bool"]["filter"][0]["bool"]["should"]
    assert matching("title.uni", "小 店 停 车", minimum_should_match="75%") in anywhere["bool"]["should"]
    assert own["bool"]["filter"][0] == {"terms": {"region": ["140105"]}}
    assert matching("title.uni", "停 车", minimum_should_match="75%") in own["bool"]["filter"][1]["bool"]["should"]


def lifted_by(request: dict[str, Any]) -> list[Any]:
    """Return the weights of places in a request, which are the same for query and passages."""
    shape = request["query"]["bool"]["must"][0]["bool"]["must"][0]["bool"]["should"][-1]["function_score"]["functions"]
    passages = request["rescore"]["query"]["rescore_query"]["function_score"]["functions"]
    assert shape == passages
    found: list[Any] = shape[1:]
    return found


def weighed(*clauses: dict[str, Any]) -> dict[str, Any]:
    """Return clauses as they count less in texts that are no longer in force."""
    return {
        "function_score": {
            "query": {"bool": {"should": list(clauses), "minimum_should_match": 1}},
            "functions": [{"weight": 0.2, "filter": {"terms": {"validity": ["repealed", "expired"]}}}],
            "score_mode": "multiply",
            "boost_mode": "multiply",
        }
    }


def in_older_indices(clause: dict[str, Any]) -> dict[str, Any]:
    """Return a clause as only indices of before are asked it."""
    return {"bool": {"filter": [{"wildcard": {"_index": "*-pages-v2-*"}}, clause]}}


def matching(field: str, parts: str, **options: Any) -> dict[str, Any]:
    return {"match": {field: {"query": parts, "analyzer": "whitespace", **options}}}
