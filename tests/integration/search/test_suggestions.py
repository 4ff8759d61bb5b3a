"""What is suggested while typing: by beginning, inside, pinyin and first letters; never what may not be seen."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from outbox import relay
from registry.contract import TenantRef
from registry.models import Tenant
from registry.selectors import forget_directory
from search import selectors
from search.curation.rules import NO_RULES, Rules, RuleValue
from search.models import Projection, SearchRecord, Suggestion
from search.suggesting import keeping
from search.suggesting.finding import MOST, suggest
from tests.factories.documents import document, publish, withdraw

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("search_index")]
NOW = dt.datetime.now(dt.UTC)


def texts(typed: str, site: TenantRef, rules: Rules = NO_RULES) -> list[str]:
    return [each.text for each in suggest(typed, scope=selectors.scope_of_site(site), rules=rules)]


def carry() -> None:
    relay.prepare()
    relay.drain()


@pytest.fixture
def site(make_site: Callable[..., TenantRef]) -> TenantRef:
    made = make_site("xiaodian", name="太原市小店区人民政府", short_name="小店区")
    publish(
        document(made, 1, title="太原市住房公积金管理办法", body="正文一"),
        document(made, 2, title="公租房申请指南", body="正文二"),
        document(made, 3, title="中华人民共和国公司法（2023年修订）", body="正文三"),
    )
    carry()
    return made


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("公租", "公租房申请指南"),
        ("公", "公租房申请指南"),
        ("公積", "太原市住房公积金管理办法"),
        ("公司法", "中华人民共和国公司法（2023年修订）"),
        ("gongzu", "公租房申请指南"),
        ("gong zu", "公租房申请指南"),
        ("gzfsq", "公租房申请指南"),
        ("gz", "公租房申请指南"),
        ("tyszfgjj", "太原市住房公积金管理办法"),
        ("gongsifa", "中华人民共和国公司法（2023年修订）"),
        ("住房公积金", "太原市住房公积金管理办法"),
        ("ＧＺＦ", "公租房申请指南"),
        ("xiaodian", "太原市小店区人民政府"),
        ("小店", "太原市小店区人民政府"),
    ],
)
def test_a_title_is_suggested_for_what_people_begin_with(site: TenantRef, typed: str, first: str) -> None:
    assert texts(typed, site)[:1] == [first]


@pytest.mark.parametrize("typed", ["", " ", "。", "g", "%", "_", "\\", "'", "' OR 1=1 --", "&|!:*", "很久以前", "公" * 300, "\U0010ffff"])
def test_nothing_is_suggested_for_what_begins_nothing(site: TenantRef, typed: str) -> None:
    assert texts(typed, site) == []


def test_what_was_typed_in_full_is_not_suggested_again(site: TenantRef) -> None:
    assert texts("公租房申请指南", site) == []


def test_a_withdrawn_title_is_gone_before_the_relay_knows(site: TenantRef) -> None:
    withdraw(site, 2)

    assert texts("公租", site) == []
    assert texts("gzf", site) == []
    carry()
    assert Suggestion.objects.get(text="公租房申请指南").sources.count() == 0


def test_a_changed_title_is_suggested_in_its_new_form_alone(site: TenantRef) -> None:
    publish(document(site, 2, title="公共租赁住房申请指南", body="正文二"))

    assert texts("公租", site) == []
    carry()
    assert texts("公共租", site) == ["公共租赁住房申请指南"]
    assert texts("公租", site) == []


def test_a_site_suggests_what_it_carries_and_a_city_what_its_sites_do(site: TenantRef, make_site: Callable[..., TenantRef]) -> None:
    other = make_site("yingze")
    publish(document(other, 1, title="公园管理办法"), document(other, 2, title="公租房申请指南", body="正文二"))
    carry()

    assert texts("公园", site) == []
    assert texts("公园", other) == ["公园管理办法"]
    whole = [each.text for each in suggest("公", scope=selectors.scope_of_city("taiyuan"), rules=NO_RULES)]
    assert whole[:2] == ["公园管理办法", "公租房申请指南"]
    assert whole.count("公租房申请指南") == 1


def test_a_suspended_site_suggests_nothing(site: TenantRef) -> None:
    Tenant.objects.filter(pk=site.id).update(state="suspended")
    forget_directory()

    assert [each.text for each in suggest("公", scope=selectors.scope_of_everything(), rules=NO_RULES)] == []


def test_a_denied_word_is_not_suggested(site: TenantRef) -> None:
    denied = Rules((RuleValue(kind="denied", phrase="公租"),))

    assert texts("公租", site, denied) == []
    assert "公租房申请指南" not in texts("公", site, denied)


def record(site: TenantRef, query: str, *, sessions: int, total: int = 3) -> None:
    SearchRecord.objects.bulk_create(
        SearchRecord(
            id=uuid.uuid4(),
            at=NOW - dt.timedelta(hours=1),
            tenant_id=site.id,
            session=f"{query}-{number}"[:32],
            channel="page",
            reach="site",
            text=query,
            normal=query,
            total=total,
            took_ms=9,
        )
        for number in range(sessions)
    )


def test_a_query_is_suggested_when_five_sessions_found_something(site: TenantRef) -> None:
    record(site, "公租房申请", sessions=5)
    record(site, "公司", sessions=4)
    record(site, "公园游船", sessions=9, total=0)
    record(site, "公租房 ［号码］", sessions=9)

    assert keeping.learn_queries(now=NOW) == 1
    assert texts("公租", site)[0] == "公租房申请"
    assert set(Suggestion.objects.filter(is_query=True).values_list("text", flat=True)) == {"公租房申请"}
    assert keeping.learn_queries(now=NOW) == 1


def test_a_query_is_not_suggested_where_no_live_text_holds_it(site: TenantRef, make_site: Callable[..., TenantRef]) -> None:
    other = make_site("yingze")
    publish(document(other, 1, title="公告"))
    record(site, "公租房申请", sessions=5)
    keeping.learn_queries(now=NOW)
    carry()

    assert texts("公租", other) == []
    withdraw(site, 2)
    assert texts("公租", site) == []


def test_pages_without_a_suggestion_are_found_and_mended(site: TenantRef) -> None:
    Suggestion.objects.all().delete()

    assert keeping.fill(is_dry_run=True) == 3
    assert texts("gzf", site) == []
    assert keeping.fill() == 3
    assert keeping.fill() == 0
    assert texts("gzf", site) == ["公租房申请指南"]


def test_many_titles_of_one_beginning_give_one_page_of_suggestions(site: TenantRef) -> None:
    publish(*[document(site, 100 + number, title=f"公告第{number}号", body=f"正文{number}") for number in range(40)])
    carry()

    assert len(texts("公告", site)) == MOST


def test_a_copy_elsewhere_does_not_keep_a_withdrawn_title_alive_in_another_scope(
    site: TenantRef, make_site: Callable[..., TenantRef]
) -> None:
    other = make_site("yingze")
    publish(document(other, 9, title="公租房申请指南", body="正文二"))
    carry()
    withdraw(site, 2)

    assert texts("公租", site) == []
    assert texts("公租", other) == ["公租房申请指南"]
    assert Projection.objects.live().filter(title="公租房申请指南").count() == 1


def test_the_address_answers_as_json_that_nobody_keeps(site: TenantRef, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"  # suggestions need no engine

    response = Client(headers={"host": "xiaodian.localhost"}).get("/search/suggest/", {"q": "公租"})

    assert response.json() == {"query": "公租", "suggestions": [{"text": "公租房申请指南", "origin": "title"}]}
    assert response.headers["Cache-Control"] == "no-store"
    assert Client(headers={"host": "xiaodian.localhost"}).post("/search/suggest/").status_code == 405
