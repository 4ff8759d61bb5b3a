"""What a query means, through the real engine: articles, quoted phrases, short names, typing errors."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.contract import TenantRef
from search import correcting, selectors
from search.contract import Correction, Found, Match, Question, Sort, Tab
from tests.factories.documents import document, publish

pytestmark = [pytest.mark.elasticsearch]
LAW = "\n".join(f"第{number}条　{words}" for number, words in (("一", "为了规范物业服务，制定本条例。"), ("二", "业主有权更换门锁。")))


@pytest.fixture
def site(database: None, search_index: Any, make_site: Callable[..., TenantRef]) -> TenantRef:
    site = make_site("xiaodian")
    publish(
        document(site, 1, title="太原市物业管理条例", body=LAW, source_id="wuye"),
        document(site, 2, title="住房公积金管理条例", body="第一条　提取。", source_id="gjj"),
        document(site, 3, title="公积金中心公告", body="限期改正以后，再责令改正。", source_id="gg"),
        document(site, 4, title="李晓明主任调研养老服务", body="新闻。", source_id="xw"),
        document(site, 5, title="太原市电动自行车停放充电安全管理办法", body="第一条　略。", source_id="ddc"),
    )
    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    return site


def everywhere(text: str, **fields: Any) -> Found:
    return correcting.find(Question(text=text, **fields), scope=selectors.scope_of_everything())


def ids(found: Found) -> list[str]:
    return [hit.source_id for hit in found.hits]


def test_what_a_query_means(site: TenantRef) -> None:
    hit, *_ = everywhere("物业管理条例 第二条").hits
    assert (hit.source_id, hit.article, hit.anchor) == ("wuye", "第二条", "art-2")
    assert Match.ARTICLE in hit.matches
    assert Match.BODY not in hit.matches
    assert hit.snippet_html.startswith("<mark>第二条</mark>　业主")

    hit, *_ = everywhere("业主有权更换门锁吗？").hits
    assert (hit.source_id, hit.anchor) == ("wuye", "art-2")

    assert ids(everywhere("公积金管理条例"))[0] == "gjj"
    assert ids(everywhere("“限期改正以后”")) == ["gg"]
    assert ids(everywhere("“改正限期”")) == []

    offered = everywhere("物业管里条例")
    assert (ids(offered)[0], offered.correction) == ("wuye", Correction("物业管理条例", is_applied=False))
    taken = everywhere("物业官里")
    assert (ids(taken), taken.correction) == (["wuye"], Correction("物业管理", is_applied=True))
    verbatim = everywhere("物业官里", is_verbatim=True)
    assert (ids(verbatim), verbatim.total, verbatim.correction) == ([], 0, None)
    assert ids(everywhere("太圆市电洞自行车亭放冲电安全管理办法")) == ["ddc"]  # few pairs are left, most characters are
    assert everywhere("李小明主任").correction is None
    assert everywhere("物业管理条例").correction is None


def test_what_holds_a_part_is_shown_where_nothing_holds_enough(site: TenantRef) -> None:
    for query in ("更换门锁的餐馆投诉电话", "餐馆里的饭菜不卫生投诉更换门锁"):
        assert selectors.find(Question(text=query), scope=selectors.scope_of_everything()).total == 0
        found = everywhere(query)
        assert (ids(found), found.is_partial, found.correction) == (["wuye"], True, None)
    assert everywhere("餐馆里的饭菜不卫生投诉更换门锁", sort=Sort.DATE).is_partial
    assert everywhere("餐馆里的饭菜不卫生投诉更换门锁", tab=Tab.SERVICE).total == 0
    again = everywhere("餐馆里的饭菜不卫生投诉更换门锁", page=2)
    assert (again.hits, again.total, again.is_partial) == ((), 1, True)

    whole = everywhere("物业管理条例")
    assert (whole.total > 0, whole.is_partial) == (True, False)


def test_a_part_of_a_number_a_word_or_what_is_quoted_is_nothing(site: TenantRef) -> None:
    for query in ("餐馆", "并政发〔2031〕99号", "“餐馆投诉限期改正”", "qwerty uiop"):
        found = everywhere(query)
        assert (found.total, found.is_partial) == (0, False), query
    verbatim = everywhere("餐馆里的饭菜不卫生投诉更换门锁", is_verbatim=True)
    assert (verbatim.total, verbatim.is_partial) == (0, False)


def test_the_readers_own_choices_that_leave_nothing_are_not_read_as_a_part(site: TenantRef) -> None:
    found = everywhere("物业管理条例", year=1949)

    assert (found.total, found.is_partial) == (0, False)


def test_a_title_that_sounds_like_the_query_comes_first(site: TenantRef) -> None:
    assert ids(everywhere("物业官理条例"))[0] == "wuye"


def test_figures_are_compared_recorded_and_never_lowered(site: TenantRef, tmp_path: Path) -> None:
    queries, recorded = tmp_path / "queries.jsonl", tmp_path / "queries.reached.json"
    rows = [
        {"qid": "1", "kind": "title", "query": "物业管理条例", "grades": {"wuye": 2}},
        {"qid": "2", "kind": "lost", "query": "物业管理条例", "grades": {"nothing": 2}},
    ]
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    call_command("search", "evaluate", str(queries), "--record", stdout=StringIO())

    assert json.loads(recorded.read_text(encoding="utf-8")) == {"all": 0.5, "lost": 0.0, "title": 1.0}
    recorded.write_text('{"lost": 0.5, "title": 0.9}', encoding="utf-8")
    with pytest.raises((CommandError, SystemExit)):
        call_command("search", "evaluate", str(queries), "--record", stdout=StringIO(), stderr=StringIO())
    assert json.loads(recorded.read_text(encoding="utf-8")) == {"all": 0.5, "lost": 0.5, "title": 1.0}
