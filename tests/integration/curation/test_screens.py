"""The screens of search in the editor: who may do what, and nobody sees or changes what is another's."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from memberships.contract import Role
from registry.contract import TenantRef
from registry.models import City, Tenant
from registry.schemas import in_schema_of
from search.curation import services
from search.curation.current import forget_rules, rules_for
from search.models import CurationVersion, QueryTask, Rule, SearchRecord
from tests.conftest import empty_database
from tests.factories.pages import publish_document
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch]
ROLES = (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR)
ROOT = "/admin/search-management/"
LOOK = ["", "preview/", "reports/", "tasks/", "why/", "rules/synonym/", "rules/best/export/"]
Places = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_index: Any) -> Places:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    for role in ROLES:
        person(role.value, roles={role: [portal, here, there] if role is not Role.AUDITOR else [here]})
    with in_schema_of(here):
        publish_document("停车收费标准", slug="parking")
    with in_schema_of(there):
        publish_document("迎泽停车办法", slug="parking")
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    return portal, here, there


@pytest.fixture(autouse=True)
def _no_rules(sites: Places) -> Iterator[None]:
    yield
    for model in (Rule, CurationVersion, QueryTask, SearchRecord):
        model.objects.all().delete()
    forget_rules()


def client(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def rule(site: TenantRef, **fields: Any) -> Rule:
    values = {"kind": "synonym", "phrase": "低保", "words": "最低生活保障"} | fields
    return services.save_rule(Rule(**values), owner=services.owner_of(site), by="lisi")


def task(site: TenantRef, normal: str = "落户") -> QueryTask:
    own = None if site.slug == "taiyuan" else Tenant.objects.get(pk=site.id)
    made: QueryTask = QueryTask.objects.create(city=City.objects.get(slug="taiyuan"), tenant=own, normal=normal, sessions=6)
    return made


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_look(sites: Places, role: Role) -> None:
    editor = client(sites[1], role)
    rule(sites[1])

    assert {path: editor.get(ROOT + path).status_code for path in LOOK} == dict.fromkeys(LOOK, 200)


@pytest.mark.parametrize(
    ("role", "may_change", "may_decide"),
    [(Role.AUDITOR, 0, 0), (Role.EDITOR, 1, 0), (Role.REVIEWER, 1, 1), (Role.ADMINISTRATOR, 1, 1)],
)
def test_a_role_may_change_and_decide_what_its_name_says(sites: Places, role: Role, may_change: int, may_decide: int) -> None:
    editor = client(sites[1], role)

    editor.post(f"{ROOT}rules/synonym/new/", {"phrase": "社保", "words": "社会保险"})
    assert Rule.objects.filter(phrase="社保").count() == may_change

    rule(sites[1])
    editor.post(f"{ROOT}activate/")
    assert CurationVersion.objects.count() == may_decide

    services.restore(services.owner_of(sites[1]), number=0, by="x") if may_decide else None
    known = rule(sites[1], phrase="医保", words="医疗保险")
    editor.post(f"{ROOT}rules/synonym/{known.pk}/delete/")
    assert Rule.objects.filter(pk=known.pk).count() == 1 - may_change

    own = task(sites[1])
    editor.post(f"{ROOT}tasks/{own.pk}/", {"state": "done", "action": "none", "holder": "", "note": ""})
    assert QueryTask.objects.get().state == ("done" if may_change else "open")


def test_what_is_another_sites_is_not_there(sites: Places) -> None:
    portal, here, there = sites
    foreign, citys = rule(there, phrase="社保", words="社会保险"), rule(portal, phrase="医保", words="医疗保险")
    services.activate(services.owner_of(there), by="x")
    services.activate(services.owner_of(portal), by="x")
    tasks = [task(there, "地铁"), task(portal, "公交")]
    editor = client(here, Role.ADMINISTRATOR)
    before = sorted(Rule.objects.values_list("pk", "phrase", "words", "tenant"))

    for known in (foreign, citys):
        for path in (f"rules/synonym/{known.pk}/", f"rules/synonym/{known.pk}/delete/"):
            assert editor.get(ROOT + path).status_code == 404
            assert editor.post(ROOT + path, {"phrase": "x", "words": "y"}).status_code == 404
    for other in tasks:
        assert editor.get(f"{ROOT}tasks/{other.pk}/").status_code == 404
        assert editor.post(f"{ROOT}tasks/{other.pk}/", {"state": "done", "action": "none"}).status_code == 404
    for path in LOOK:
        html = editor.get(ROOT + path).content.decode()
        assert [word for word in ("社保", "社会保险", "医保", "地铁", "公交") if word in html] == []
    editor.post(f"{ROOT}versions/1/restore/")
    editor.post(f"{ROOT}versions/0/restore/")
    editor.post(f"{ROOT}discard/")
    editor.post(f"{ROOT}rules/synonym/new/", {"phrase": "低保", "words": "最低生活保障", "tenant": there.id, "city": 1, "page": "x"})

    assert Rule.objects.get(phrase="低保").tenant_id == here.id
    Rule.objects.filter(phrase="低保").delete()
    assert sorted(Rule.objects.values_list("pk", "phrase", "words", "tenant")) == before
    assert CurationVersion.objects.filter(is_active=True).count() == 2
    assert CurationVersion.objects.count() == 2


def test_a_citys_rules_are_made_at_the_portal_alone(sites: Places) -> None:
    portal, here, _ = sites
    client(portal, Role.EDITOR).post(f"{ROOT}rules/synonym/new/", {"phrase": "低保", "words": "最低生活保障"})
    client(here, Role.EDITOR).post(f"{ROOT}rules/synonym/new/", {"phrase": "社保", "words": "社会保险"})

    assert dict(Rule.objects.values_list("phrase", "tenant")) == {"低保": None, "社保": here.id}


def test_the_way_of_a_rule_from_draft_to_the_readers_and_back(sites: Places) -> None:
    here = sites[1]
    editor, reviewer = client(here, Role.EDITOR), client(here, Role.REVIEWER)
    reader = Client(headers={"host": here.primary_domain})
    page = f"http://{here.primary_domain}/zwgk/zcwj/parking/"

    answer = editor.post(
        f"{ROOT}rules/best/new/", {"phrase": "泊车", "match": "exact", "address": page, "title": "怎么停车", "position": "1"}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert "怎么停车" not in reader.get("/search/", {"q": "泊车"}).content.decode()
    seen = reviewer.get(f"{ROOT}preview/").content.decode()
    assert "【推荐】怎么停车" in seen
    reviewer.post(f"{ROOT}activate/", {"note": "试行"})
    assert "怎么停车" in reader.get("/search/", {"q": "泊车"}).content.decode()
    assert "试行" in editor.get(ROOT).content.decode()

    reviewer.post(f"{ROOT}versions/0/restore/")

    assert "怎么停车" not in reader.get("/search/", {"q": "泊车"}).content.decode()
    assert Rule.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "address", "said"),
    [
        ("best", "javascript:alert(1)", "http"),
        ("best", "https://evil.example/", "只能指向"),
        ("best", "https://gov.cn.evil.example/", "只能指向"),
        ("best", "https://www.gov.cn@evil.example/", "http"),
        ("best", "//evil.example/", "http"),
        ("best", "/nowhere/", "没有公开发布"),
        ("best", "http://xiaodian.manage.localhost/admin/", "只能指向"),
        ("worst", "https://www.gov.cn/", "只能屏蔽本市"),
        ("worst", "http://yingze.localhost/zwgk/zcwj/parking/", "只能屏蔽本站"),
    ],
)
def test_an_address_leads_to_pages_of_the_city_or_allowed_hosts(sites: Places, kind: str, address: str, said: str) -> None:
    answer = client(sites[1], Role.EDITOR).post(f"{ROOT}rules/{kind}/new/", {"phrase": "停车", "address": address})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Rule.objects.count() == 0


def test_a_promotion_whose_page_was_withdrawn_is_flagged(sites: Places) -> None:
    rule(sites[1], kind="best", phrase="停车", words="", address="x", page=f"{sites[1].uuid}:page:99999")

    assert "网页已不公开" in client(sites[1], Role.EDITOR).get(f"{ROOT}rules/best/").content.decode()


def upload(site: TenantRef, kind: str, text: str, encoding: str = "utf-8") -> Any:
    given = SimpleUploadedFile("rules.csv", text.encode(encoding), content_type="text/csv")
    return client(site, Role.EDITOR).post(f"{ROOT}rules/{kind}/import/", {"file": given})


def test_rules_come_in_and_go_out_as_a_file(sites: Places) -> None:
    here = sites[1]
    upload(here, "synonym", "词语,同义词,双向,负责人,备注\n低保,最低生活保障,是,李四,\n=cmd,公式,否,,\n", "gb18030")
    out = client(here, Role.AUDITOR).get(f"{ROOT}rules/synonym/export/").content.decode("utf-8-sig")

    assert sorted(Rule.objects.values_list("phrase", "words", "is_two_way", "holder")) == [
        ("=cmd", "公式", False, ""),
        ("低保", "最低生活保障", True, "李四"),
    ]
    assert out.splitlines()[0] == "词语,同义词,双向,负责人,备注"
    assert "'=cmd,公式,否,," in out
    upload(here, "synonym", out)
    assert Rule.objects.count() == 2


def test_a_file_with_mistakes_changes_nothing_and_each_is_told_with_its_line(sites: Places) -> None:
    here = sites[1]
    rule(here)

    answer = upload(here, "best", "搜索词,网页地址,结束日期\n停车,/zwgk/zcwj/parking/,\n公园,https://evil.example/,\n,/x/,不是日期\n")

    html = answer.content.decode()
    assert "第 3 行：网页地址：只能指向" in html
    assert "第 4 行：搜索词：" in html
    assert "第 4 行：结束日期：" in html
    assert "第 2 行" not in html
    assert Rule.objects.values_list("phrase", flat=True).get() == "低保"
    assert "第一行缺少列" in upload(here, "synonym", "甲,乙\n1,2\n").content.decode()


def test_reports_show_the_sites_own_and_the_portal_the_citys(sites: Places) -> None:
    portal, here, there = sites
    for site, query in ((here, "公积金"), (there, "停水")):
        for number in range(5):
            SearchRecord.objects.create(
                id=uuid.uuid4(),
                at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2),
                city=City.objects.get(slug="taiyuan"),
                tenant_id=site.id,
                session=str(number),
                channel="page",
                reach="site",
                text=query,
                normal=query,
                total=1,
                took_ms=5,
            )
    own = client(here, Role.EDITOR).get(f"{ROOT}reports/").content.decode()
    citys = client(portal, Role.EDITOR).get(f"{ROOT}reports/", {"format": "csv"}).content.decode()

    assert "公积金" in own
    assert "停水" not in own
    assert there.name not in own
    assert ("公积金" in citys, "停水" in citys) == (True, True)


def test_why_not_my_page_says_so_in_words(sites: Places) -> None:
    here = sites[1]
    editor = client(here, Role.EDITOR)
    with in_schema_of(here):
        page = publish_document("草稿办法", slug="draft")
    assert "正在写进搜索" in editor.get(f"{ROOT}why/", {"q": "草稿", "address": "/zwgk/zcwj/draft/", "scope": "site"}).content.decode()
    with in_schema_of(here), transaction.atomic():
        page.unpublish()

    def told(address: str, query: str = "停车") -> str:
        html: str = editor.get(f"{ROOT}why/", {"q": query, "address": address, "scope": "site"}).content.decode()
        return html

    assert "第 1 位" in told("/zwgk/zcwj/parking/")
    assert "没有：“公园”" in told("/zwgk/zcwj/parking/", "公园")
    assert "还没有发布" in told("/zwgk/zcwj/draft/")
    assert "没有这个地址" in told("/nowhere/")
    assert "不在这次搜索的范围内" in told("http://yingze.localhost/zwgk/zcwj/parking/")
    assert "站外地址" in told("https://www.gov.cn/")


def test_rules_of_today_reach_this_process_at_once(sites: Places) -> None:
    rule(sites[1])
    services.activate(services.owner_of(sites[1]), by="x")

    assert rules_for(sites[1], today=dt.date(2026, 11, 25)).expansions("低保") == ("最低生活保障",)
