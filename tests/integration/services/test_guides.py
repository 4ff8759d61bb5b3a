"""Guides as readers get them: tables, anchors, files, facts for machines, the column's ways to choose, and what they cost."""

import html as html_module
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import ColumnPage
from tenants.services.contract import Element
from tenants.services.models import LifeEvent, Material, ServicePage
from tests.factories import guides
from tests.factories.pages import publish_article
from tests.factories.sites import copied_sites

MOST_QUERIES = 15


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    (tenant,) = copied_sites("xiaodian")
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    yield opened
    with in_schema_of(opened), transaction.atomic():
        for page in ColumnPage.objects.get(slug="bsfw").get_children().specific():
            page.delete()


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "xiaodian.localhost"})


def _answer(reader: Client, path: str) -> Any:
    return reader.get(path)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", html_module.unescape(re.sub(r"<[^>]+>", " ", html)))


def test_a_guide_shows_its_ten_elements_as_tables_with_anchors(site: TenantRef, reader: Client) -> None:
    """S21: every key element stands on the page, under an anchor the menu names."""
    with in_schema_of(site):
        page = guides.publish_guide(form=guides.file())
        assert page.missing_elements == ()

    response = reader.get("/bsfw/guide/")

    html = response.content.decode()
    text = words(html)
    menu = html.split('class="guide-menu"')[1].split("</nav>")[0]
    anchors = re.findall(r'href="#([a-z]+)"', menu)
    assert response.status_code == 200
    assert anchors == ["facts", "basis", "conditions", "materials", "steps", "windows", "fees", "result", "phones", "questions"]
    assert all(html.count(f'id="{anchor}"') == 1 for anchor in anchors)
    facts = ("小店区样例审批局", "第三条", "有住所", "示例路1号一层", "不收费", "0351-0000000", "在线提交")
    for said in (*facts, "原件 1 份，复印件 1 份", "承诺办结时限 1 个工作日"):
        assert said in text
    assert re.search(r'href="/documents/\d+/form[^"]*"', html)
    assert 'class="service-entry" href="https://zw.example/kaiban"' in html


def test_a_guide_tells_machines_what_it_is(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        guides.publish_guide()

    html = reader.get("/bsfw/guide/").content.decode()

    told = [json.loads(block) for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)]
    (service,) = [facts for facts in told if facts["@type"] == "GovernmentService"]
    assert service["name"] == "企业开办"
    assert service["provider"]["name"] == "小店区样例审批局"
    assert service["availableChannel"] == [
        {
            "@type": "ServiceChannel",
            "serviceLocation": {"@type": "Place", "name": "企业开办专窗", "address": "示例路1号一层", "telephone": "0351-0000001"},
        },
        {"@type": "ServiceChannel", "serviceUrl": "https://zw.example/kaiban"},
    ]


def test_what_a_guide_lacks_is_left_out_and_named(site: TenantRef, reader: Client) -> None:
    """S21: the model names what is missing, the page shows no empty table."""
    with in_schema_of(site):
        missing = guides.publish_bare_guide("样例事项", slug="bare", fee="charged", needs_no_material=True).missing_elements

    html = reader.get("/bsfw/bare/").content.decode()

    assert missing == (
        *(Element.BASIS, Element.CONDITIONS, Element.PLACE, Element.ORGAN),
        *(Element.FEES, Element.HOURS, Element.PHONE, Element.STEPS),
    )
    assert re.findall(r'<section id="([a-z]+)"', html) == ["facts", "materials", "fees"]
    assert "无需提交材料" in html


@pytest.mark.parametrize(
    ("entry", "is_taken"),
    [
        ("https://zw.example/a", True),
        ("/zaixian/", True),
        ("http://xiaodian.localhost/a", True),
        ("", True),
        ("http://zw.example/a", False),
        ("//zw.example/a", False),
        ("/\\zw.example", False),
        ("javascript:alert(1)", False),
        ("zaixian", False),
        ("https://[", False),
    ],
)
def test_the_entry_is_on_https_or_on_the_site(site: TenantRef, entry: str, is_taken: bool) -> None:  # noqa: FBT001 - a table
    with in_schema_of(site):
        page = ServicePage(title="事项", slug="entry", entry=entry)

        if is_taken:
            page.clean()
        else:
            with pytest.raises(ValidationError, match="https://"):
                page.clean()


def test_the_database_refuses_a_promise_beyond_the_law_and_a_code_twice(site: TenantRef) -> None:
    with in_schema_of(site):
        page = guides.publish_guide(code="A1")
        with pytest.raises(IntegrityError, match="promise_within_law"), transaction.atomic():
            ServicePage.objects.filter(pk=page.pk).update(promised_days=16)
        guides.publish_bare_guide("另一项", slug="other")
        guides.publish_bare_guide("又一项", slug="third")  # without a code there may be many
        with pytest.raises(IntegrityError, match="one_guide_a_code"), transaction.atomic():
            guides.publish_bare_guide("第四项", slug="fourth", code="A1")
        assert ServicePage.objects.count() == 3


def test_a_column_of_services_lets_people_choose(site: TenantRef, reader: Client) -> None:
    """S38: by person, enterprise, event of life and organ; other texts stay below."""
    with in_schema_of(site):
        guides.publish_guide()
        guides.publish_guide(
            "新生儿落户", slug="birth", audiences=["person"], events=["birth", "household"], organ_name="小店区样例公安分局"
        )
        publish_article("办事提示", parent="bsfw")

    whole, chosen, both, none = (_answer(reader, f"/bsfw/{query}") for query in ("", "?for=person", "?for=person&event=birth", "?event=no"))

    def listed(response: Any) -> list[str]:
        return [row["title"] for row in response.context_data["services"]]

    assert listed(whole) == ["企业开办", "新生儿落户"]
    assert [
        (group["title"], [(value["label"], value["count"], value["url"]) for value in group["values"]])
        for group in whole.context_data["choices"]
    ] == [
        ("服务对象", [("个人", 1, "?for=person"), ("企业", 1, "?for=enterprise")]),
        ("个人生命周期", [("出生", 1, "?event=birth"), ("户籍", 1, "?event=household")]),
        ("企业生命周期", [("企业开办", 1, "?event=founding")]),
        (
            "办理机构",
            [
                ("小店区样例公安分局", 1, "?organ=%E5%B0%8F%E5%BA%97%E5%8C%BA%E6%A0%B7%E4%BE%8B%E5%85%AC%E5%AE%89%E5%88%86%E5%B1%80"),
                ("小店区样例审批局", 1, "?organ=%E5%B0%8F%E5%BA%97%E5%8C%BA%E6%A0%B7%E4%BE%8B%E5%AE%A1%E6%89%B9%E5%B1%80"),
            ],
        ),
    ]
    assert [item.title for item in whole.context_data["others"]] == ["办事提示"]
    assert listed(chosen) == listed(both) == ["新生儿落户"]
    assert listed(none) == []
    assert "没有同时符合这些条件的事项" in none.content.decode()
    assert 'name="tab" value="service"' in whole.content.decode()


def test_drafts_and_restricted_guides_are_neither_listed_nor_counted(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        guides.publish_guide()
        gone = guides.publish_guide("撤下的", slug="gone")
        with transaction.atomic():
            gone.unpublish()

    shown = reader.get("/bsfw/").context_data

    assert shown is not None
    assert ([row["title"] for row in shown["services"]], shown["total"]) == (["企业开办"], 1)
    assert reader.get("/bsfw/gone/").status_code == 404


def test_many_tips_have_pages_of_their_own(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        for number in range(10):
            publish_article(f"提示{number}", slug=f"tip{number}", parent="bsfw")

    column, all_tips, beyond = (reader.get(f"/bsfw/{query}") for query in ("", "?texts=1", "?texts=1&page=9"))

    assert column.content.decode().count("/bsfw/tip") == 8
    assert all_tips.content.decode().count("/bsfw/tip") == 10
    assert beyond.status_code == 404


@pytest.mark.parametrize("path", ["/bsfw/", "/bsfw/?for=enterprise", "/bsfw/g0/"])
@pytest.mark.usefixtures("known_sites")
def test_the_cost_does_not_grow_with_guides_and_rows(site: TenantRef, reader: Client, path: str) -> None:
    with in_schema_of(site):
        form = guides.file()
        first = guides.publish_guide(slug="g0", form=form)
        publish_article("提示", parent="bsfw")
    reader.get(path)
    with CaptureQueriesContext(connection) as few:
        assert reader.get(path).status_code == 200
    with in_schema_of(site):
        for number in range(1, 22):
            guides.publish_guide(f"事项{number}", slug=f"g{number}", organ_name=f"机构{number}")
        first.materials = [Material(name=f"材料{number}", form_file=form) for number in range(12)]
        with transaction.atomic():
            first.save_revision().publish()

    with CaptureQueriesContext(connection) as many:
        assert reader.get(path).status_code == 200

    assert len(many) == len(few) <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in few.captured_queries)


def test_search_knows_the_guide_its_card_and_its_forms(site: TenantRef) -> None:
    with in_schema_of(site):
        form = guides.file()
        page = guides.publish_guide(form=form)

        row = Projection.objects.get(page_id=page.pk, state="live")

    assert (row.tab, row.issuer) == ("service", "小店区样例审批局")
    assert row.card == {
        "facts": [
            {"label": "设定依据", "text": "《市场主体登记管理条例》第三条"},
            {"label": "办理材料", "text": "2 份：设立登记申请书、住所使用证明"},
            {"label": "承诺时限", "text": "1 个工作日"},
            {"label": "办理地点", "text": "示例路1号一层"},
            {"label": "咨询电话", "text": "0351-0000000"},
        ],
        "entry": "https://zw.example/kaiban",
    }
    assert [file["title"] for file in row.files] == ["设立登记申请书"]
    for said in ("住所使用证明", "在线提交", "示例路1号一层", "可以代办吗？"):
        assert said in row.body


def test_a_withdrawn_guide_leaves_no_card(site: TenantRef) -> None:
    with in_schema_of(site):
        page = guides.publish_guide()
        with transaction.atomic():
            page.unpublish()

    assert Projection.objects.filter(page_id=page.pk).values_list("state", "card").get() == ("withdrawn", {})


def test_each_site_begins_with_the_events_of_life(site: TenantRef) -> None:
    with in_schema_of(site):
        codes = list(LifeEvent.objects.filter(audience="enterprise").order_by("position").values_list("code", flat=True))

    assert codes == ["founding", "changing", "operating", "construction", "employing", "taxation", "closing"]
