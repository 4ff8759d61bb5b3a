"""A home page from the site's own blocks and from the layouts that are ready."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from accounts.models import User
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.organs.models import OrganLeader, OrganPage
from tenants.pages.composing.front import blocks_of
from tenants.pages.contract import ColumnType, HomeLayout
from tenants.pages.models import ColumnPage, HomePage
from tenants.topics.models import TopicPage
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

MOST_STATEMENTS = 15


@pytest.fixture(scope="module")
def site(module_database: None) -> TenantRef:
    (made,) = copied_sites("xiaodian")
    with in_schema_of(made):
        publish_article("区政府召开常务会议", slug="meeting", summary="研究冬季供热。")
        publish_document("小店区供热管理办法", slug="heating", doc_no="小政发〔2026〕1号")
        with transaction.atomic():
            ColumnPage.objects.get(slug="zt").add_child(instance=TopicPage(title="六稳专题", slug="liuwen", topic="liuwen"))
            organs = ColumnPage.objects.filter(column_type=ColumnType.ORGANS).first()
            organ = organs.add_child(instance=OrganPage(title="小店区人民政府", slug="government", kind="government"))
            OrganLeader.objects.create(organ=organ, name="样例甲", post="区长")
    return made


def _compose(site: TenantRef, *, layout: str = "", blocks: list[tuple[str, Any]] | None = None) -> None:
    with in_schema_of(site), transaction.atomic():
        home = HomePage.objects.get()
        home.layout, home.blocks = layout, blocks or []
        home.save_revision().publish()


def _home(site: TenantRef) -> Any:
    response = Client(headers={"host": site.primary_domain}).get("/")
    assert response.status_code == 200, response.content.decode()[:600]
    return response


def _kinds(response: Any) -> list[str]:
    return [part["kind"] for part in response.context_data["parts"]]


def test_without_blocks_and_layout_the_home_page_is_as_it_was(site: TenantRef) -> None:
    _compose(site)

    shown = _home(site).context_data

    assert "parts" not in shown
    assert "要闻" in "".join(panel["title"] for panel in shown["panels"])


@pytest.mark.parametrize(
    ("layout", "kinds"),
    [
        (HomeLayout.NEWS, ["lead", "lists", "topics", "leaders"]),
        (HomeLayout.SERVICES, ["lists", "lead", "topics"]),
        (HomeLayout.OPENNESS, ["lists", "lead", "leaders", "topics"]),
    ],
)
def test_each_layout_is_ready_and_hides_what_has_nothing_to_show(site: TenantRef, layout: HomeLayout, kinds: list[str]) -> None:
    """S31: whatever the layout, the entry of openness stands on the home page, behind the first block."""
    _compose(site, layout=layout)

    response = _home(site)
    html = response.content.decode()

    assert _kinds(response) == kinds
    assert html.count('class="openness"') == 1
    first, second = response.context_data["parts"][:2]
    assert first["kind"] == kinds[0]
    assert html.index('class="openness"') < html.index(
        f'id="{second["panels"][0]["id"]}"' if "panels" in second else f'id="{second["id"]}"'
    )
    assert "小店区供热管理办法" in html


# Wagtail leaves the temporary file of a new rendition to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_site_composes_its_own_blocks_and_dead_ones_hide(site: TenantRef) -> None:
    """S31, S36: own blocks in their order; the entry of openness cannot be left out."""
    with in_schema_of(site):
        news = ColumnPage.objects.get(slug="yaowen")
        empty = ColumnPage.objects.get(column_type=ColumnType.ANNUAL_REPORT)
        picture = get_image_model().objects.create(title="滨河步道", file=get_test_image_file(size=(1600, 900)))
        story = publish_article("步道贯通", slug="path")
    figure = {"label": "新增就业", "value": "12,345", "unit": "人"}
    _compose(
        site,
        layout=HomeLayout.NEWS,  # the site's own blocks count
        blocks=[
            ("figures", {"title": "数据", "period": "2026年1—10月", "source": "样例", "figures": [figure]}),
            (
                "lead",
                {"page": story, "pictures": [{"image": picture, "alt": "步道", "title": "步道", "page": story}], "columns": [], "rows": 5},
            ),
            ("lists", {"columns": [empty], "rows": 5, "across": "2"}),
            ("lists", {"columns": [empty, news], "rows": 1, "across": "3"}),
            ("services", {"title": "", "rows": 4}),
            ("links", {"title": "链接", "links": [{"title": "步道", "page": story, "url": ""}, {"title": "无", "page": None, "url": ""}]}),
            ("banner", {"image": picture, "title": "横幅", "page": story}),
        ],
    )

    response = _home(site)
    parts = {part["kind"]: part for part in response.context_data["parts"]}

    assert _kinds(response) == ["figures", "lead", "lists", "links", "banner"]
    assert parts["lead"]["lead"].title == "步道贯通"
    assert [(each["title"], each["url"]) for each in parts["lead"]["pictures"]] == [("步道", "/zwdt/yaowen/path/")]
    assert [(panel["title"], len(panel["items"])) for panel in parts["lists"]["panels"]] == [(news.title, 1)]
    assert parts["links"]["links"] == [{"title": "步道", "url": "/zwdt/yaowen/path/"}]
    assert parts["banner"]["url"] == "/zwdt/yaowen/path/"
    assert response.content.decode().count('class="openness"') == 1


def test_a_withdrawn_story_takes_its_block_with_it(site: TenantRef) -> None:
    with in_schema_of(site), transaction.atomic():
        story = publish_article("即将撤下", slug="soon-gone")
        _compose(site, blocks=[("links", {"title": "链接", "links": [{"title": "去", "page": story, "url": ""}]})])
        story.unpublish()

    assert _home(site).context_data["parts"] == []


@pytest.mark.usefixtures("known_sites")
def test_a_full_home_page_takes_at_most_fifteen_statements_however_many_texts_there_are(site: TenantRef) -> None:
    _compose(site, layout=HomeLayout.NEWS)
    _home(site)
    with CaptureQueriesContext(connection) as few:
        _home(site)
    with in_schema_of(site):
        for number in range(6):
            publish_article(f"会议{number}", slug=f"meeting-{number}")

    with CaptureQueriesContext(connection) as many:
        _home(site)

    once, again = (
        [query["sql"] for query in queries if "registry_directoryversion" not in query["sql"]]  # asked for again after half a second
        for queries in (few, many)
    )
    assert len(again) == len(once)
    assert len(many) <= MOST_STATEMENTS, "\n".join(query["sql"][:160] for query in many)


def test_the_editor_previews_the_layout_before_anybody_else_sees_it(site: TenantRef) -> None:
    _compose(site)
    with in_schema_of(site):
        home = HomePage.objects.get()
        home.layout = HomeLayout.OPENNESS
        home.save_revision()
        request = home.get_latest_revision_as_object().make_preview_request()
        shown = request.context_data["parts"]

    assert [part["kind"] for part in shown] == ["lists", "lead", "leaders", "topics"]
    assert "parts" not in _home(site).context_data


def test_the_lead_is_not_repeated_in_the_list_beside_it(site: TenantRef) -> None:
    with in_schema_of(site):
        older = publish_article("供热季开始", slug="season")
    _compose(site, layout=HomeLayout.NEWS)

    lead = _home(site).context_data["parts"][0]

    listed = [item.title for panel in lead["panels"] for item in panel["items"]]
    assert lead["lead"].title == "供热季开始"
    assert "供热季开始" not in listed
    assert listed != []
    with in_schema_of(site), transaction.atomic():
        older.delete()


# --- a layout as blocks -------------------------------------------------------


def editor(site: TenantRef, role: Role) -> Client:
    name = f"home-{role.value}"
    if not User.objects.filter(username=name).exists():
        person(name, roles={role: [site]})
    return signed_in(site, name, raise_request_exception=False)


def test_a_layout_becomes_blocks_of_the_draft_and_readers_see_nothing_of_it(site: TenantRef) -> None:
    """S31: the layout's blocks name this site's columns; published, they show what the layout showed."""
    _compose(site, layout=HomeLayout.NEWS)
    before = _home(site)
    with in_schema_of(site):
        home = HomePage.objects.get()
        address = f"/admin/home/{home.pk}/layouts/"
        revisions = home.revisions.count()
    client = editor(site, Role.EDITOR)

    offered = client.get(address)
    answer = client.post(address, {"layout": "news"})
    again = client.post(address, {"layout": "news"})

    with in_schema_of(site):
        home = HomePage.objects.get()
        draft = home.get_latest_revision_as_object()
        drafted = [(block.block_type, [column.slug for column in block.value.get("columns", [])]) for block in draft.blocks]
        counts = (home.revisions.count() - revisions, len(home.blocks), home.has_unpublished_changes)
    unpublished = _home(site)
    with in_schema_of(site), transaction.atomic():
        draft.full_clean()
        home.latest_revision.publish()
    published = _home(site)

    assert "要闻为主" in offered.content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/pages/{home.pk}/edit/")
    assert again.status_code == 302
    assert drafted == [
        ("lead", ["yaowen", "tzgg"]),
        ("lists", ["zcwj", "zcjd"]),
        ("services", []),
        ("topics", []),
        ("lists", ["hdjl"]),
        ("leaders", []),
    ]
    assert counts == (1, 0, True)
    assert _kinds(unpublished) == _kinds(before) == _kinds(published) == ["lead", "lists", "topics", "leaders"]
    assert [part.get("panels") for part in published.context_data["parts"]] == [part.get("panels") for part in before.context_data["parts"]]


def test_blocks_a_layout_replaced_come_back_from_the_history(site: TenantRef) -> None:
    with in_schema_of(site):
        news = ColumnPage.objects.get(slug="yaowen")
    _compose(site, blocks=[("lists", {"columns": [news], "rows": 3, "across": "1"})])
    with in_schema_of(site):
        home = HomePage.objects.get()
        former = home.latest_revision
    client = editor(site, Role.REVIEWER)
    address = f"/admin/home/{home.pk}/layouts/"

    warned = client.get(address).content.decode()
    client.post(address, {"layout": "openness"})
    with in_schema_of(site):
        replaced = [block.block_type for block in HomePage.objects.get().get_latest_revision_as_object().blocks]
    client.get(f"/admin/pages/{home.pk}/revisions/{former.pk}/revert/")
    with in_schema_of(site):
        kept = [(block.block_type, block.value["rows"]) for block in former.as_object().blocks]

    assert "现有的 1 个板块（栏目列表）将被替换" in warned
    assert replaced == ["lists", "lead", "leaders", "topics", "lists"]
    assert kept == [("lists", 3)]


def test_a_site_without_the_columns_gets_the_blocks_that_can_stand_there(site: TenantRef) -> None:
    with in_schema_of(site):
        columns = list(ColumnPage.objects.filter(column_type=ColumnType.NOTICES))

        made = blocks_of(HomeLayout.SERVICES, columns)

    kinds = [(block["type"], [each["value"] for each in block["value"].get("columns", [])]) for block in made]
    assert kinds == [("services", []), ("lists", [columns[0].pk]), ("lead", []), ("topics", [])]


def test_only_who_may_edit_the_unlocked_home_page_turns_a_layout_into_blocks(site: TenantRef) -> None:
    _compose(site, layout=HomeLayout.NEWS)
    with in_schema_of(site):
        home = HomePage.objects.get()
        address = f"/admin/home/{home.pk}/layouts/"
    auditor, writer = editor(site, Role.AUDITOR), editor(site, Role.EDITOR)

    refused = auditor.post(address, {"layout": "news"})
    unknown = writer.post(address, {"layout": "nothing"})
    with in_schema_of(site):
        HomePage.objects.update(locked=True)
    locked = writer.post(address, {"layout": "news"}, follow=True)
    with in_schema_of(site):
        HomePage.objects.update(locked=False)
        drafted = len(HomePage.objects.get().get_latest_revision_as_object().blocks)

    assert refused.status_code in {302, 403}
    assert unknown.status_code == 200
    assert "首页已锁定，请先解除锁定再生成板块。" in locked.content.decode()
    assert drafted == 0
