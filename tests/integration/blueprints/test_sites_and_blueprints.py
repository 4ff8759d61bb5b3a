"""Blueprints at real sites: opened with one, compared with one, given another, saved as one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from wagtail.models import GroupApprovalTask, GroupPagePermission, Page, Workflow

from blueprints import catalogue
from blueprints.contract import Blueprint, Column, SamplePage, Verdict, WorkflowStep
from blueprints.contract import Workflow as Review
from blueprints.models import AppliedBlueprint, KeptBlueprint
from blueprints.writing import write_blueprint
from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode
from provisioning import blueprints, services, verbs
from provisioning.contract import BlueprintRefusedError, StateError
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from registry.selectors import forget_directory, tenant_by_slug
from search.models import Projection
from tenants.pages.models import ArticlePage, ColumnPage, HomePage
from tests.factories.blueprints import blueprint as small
from tests.factories.pages import publish_article
from tests.factories.sites import copied_sites, open_sites, put_into, site_spec

pytestmark = pytest.mark.usefixtures("database")


def county(**changes: Any) -> Blueprint:
    return replace(replace(blueprints.load("county"), name="ours", version=1), **changes)


def apply(site: TenantRef, blueprint: Blueprint) -> tuple[str, ...]:
    return services.carry_out(verbs.APPLY, verbs.apply_request(site.slug, blueprint), by="zhangsan").ran


def differences(site: TenantRef, blueprint: Blueprint) -> list[tuple[str, Verdict]]:
    return [(entry.subject, entry.verdict) for entry in blueprints.differences(tenant_by_slug(site.slug), blueprint)]


def paths(site: TenantRef) -> list[str]:
    with in_schema_of(site):
        return [page.url_path.removeprefix("/home/").strip("/") for page in ColumnPage.objects.order_by("path")]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_new_site_is_as_the_blueprint_of_its_kind_says() -> None:
    city, site = copied_sites("taiyuan", "xiaodian")

    assert differences(site, blueprints.load("county")) == []
    assert differences(city, blueprints.load("city-portal")) == []
    assert {row.tenant.slug: str(row.blueprint)[:13] for row in AppliedBlueprint.objects.all()} == {
        "taiyuan": "city-portal 4",
        "xiaodian": f"county 4 {AppliedBlueprint.objects.get(tenant_id=site.id).blueprint_id[:4]}",
    }
    with in_schema_of(site):
        guide = ArticlePage.objects.get()
        assert (guide.title, guide.live) == ("太原市小店区人民政府政府信息公开指南（样稿）", False)


def test_a_site_is_opened_with_a_blueprint_of_the_operators(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(write_blueprint(small(columns=tuple(replace(column, type="news") for column in small().columns))), encoding="utf-8")

    (site,) = copied_sites("xiaodian", blueprint=blueprints.kept_name(str(file)))

    assert paths(site) == ["news", "news/notices", "guide"]
    with in_schema_of(site):
        page = ArticlePage.objects.get()
        assert (page.title, page.live, page.summary) == ("欢迎访问太原市小店区人民政府", True, "样稿")
        assert HomePage.objects.get().most_panels == 4
    assert Projection.objects.live().get().title == "欢迎访问太原市小店区人民政府"


def test_a_second_application_changes_nothing() -> None:
    (site,) = copied_sites("xiaodian")

    assert apply(site, county()) == ("shape",)
    assert apply(site, county()) == ()
    assert KeptBlueprint.objects.filter(name="ours").count() == 1


def test_a_changed_blueprint_changes_what_nobody_touched_and_leaves_the_work_of_the_sites_people_alone() -> None:
    (site,) = copied_sites("xiaodian")
    with in_schema_of(site), transaction.atomic():
        edited = ColumnPage.objects.get(slug="hdjl")
        edited.title = "政民互动"
        edited.save_revision().publish()
        ColumnPage.objects.get(slug="zcjd").delete()
        ColumnPage.objects.get(slug="bsfw").add_child(instance=ColumnPage(title="一件事", slug="yijianshi"))
        publish_article("本站要闻")
    columns = {column.path: column for column in county().columns}
    columns["zwdt/yaowen"] = replace(columns["zwdt/yaowen"], title="今日要闻")
    columns["hdjl"] = replace(columns["hdjl"], title="互动")
    columns["zwdt/ztzl"] = Column("zwdt/ztzl", "专题专栏", "news")
    order = ["zwgk", "zwgk/zcwj", "zwgk/flfg", "zwgk/zcjd", "zwdt", "zwdt/yaowen", "zwdt/ztzl", "zwdt/tzgg"]
    rest = [path for path in columns if path not in order]
    wanted = county(
        version=2,
        theme="vermilion",
        settings={"home_panels": 3},
        roles={"editor": ("add",)},
        workflow=Review("两级审核", (WorkflowStep("初审", ("editor",)), WorkflowStep("终审", ("reviewer",)))),
        columns=tuple(columns[path] for path in [*order, *rest]),
    )
    left = [
        ("columns/zwgk/zcjd", Verdict.REMOVED),
        ("columns/hdjl title", Verdict.EDITED),
        ("columns/bsfw/yijianshi", Verdict.OWN),
    ]

    before = differences(site, wanted)
    apply(site, wanted)

    assert before == [
        ("theme", Verdict.CHANGE),
        ("settings home_panels", Verdict.CHANGE),
        ("roles/editor", Verdict.CHANGE),
        ("workflow", Verdict.CHANGE),
        left[0],
        ("columns/zwdt/yaowen title", Verdict.CHANGE),
        ("columns/zwdt/ztzl", Verdict.ADD),
        left[1],
        ("order/", Verdict.CHANGE),
        left[2],
    ]
    assert differences(site, wanted) == left
    assert [path for path in paths(site) if path in order][:6] == ["zwgk", "zwgk/zcwj", "zwgk/flfg", "zwdt", "zwdt/yaowen", "zwdt/ztzl"]
    assert tenant_by_slug("xiaodian").theme == "vermilion"
    with in_schema_of(site):
        assert list(Workflow.objects.values_list("name", flat=True)) == ["两级审核"]
        assert [task.name for task in Workflow.objects.get().tasks] == ["初审", "终审"]
        assert sorted(group.name for task in GroupApprovalTask.objects.filter(name="初审") for group in task.groups.all()) == ["编辑"]
        assert list(GroupPagePermission.objects.filter(group__name="编辑").values_list("permission__codename", flat=True)) == ["add_page"]
        assert (ColumnPage.objects.get(slug="yaowen").title, ColumnPage.objects.get(slug="hdjl").title) == ("今日要闻", "政民互动")
        assert HomePage.objects.get().most_panels == 3
        assert Page.find_problems() == ([], [], [], [], [])
    assert Projection.objects.live().get().path == "/zwdt/yaowen/article/"
    assert AuditEntry.objects.filter(action="site.apply", actor="zhangsan").count() == 1


FORMER = Path(__file__).parent / "former" / "county-1.toml"  # as it was shipped
NEW = {
    "zwgk/jgzn": ("机构职能", "organs"),
    "zwgk/ldxx": ("领导信息", "leaders"),
    "zwgk/qzqd": ("权责清单", "powers"),
    "xmt": ("政务新媒体", "new_media"),
    "hdjl/hygq": ("回应关切", "dialogue"),
    "hdjl/yjzj": ("意见征集", "consultations"),
    "hdjl/lx": ("来信", "letters"),
    "zt": ("专题专栏", "topics"),
}


def test_a_site_of_the_former_version_gets_the_new_columns_and_keeps_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as release:
        former_release = {**catalogue.shipped(), "county": catalogue.Source("county.toml", FORMER.read_text("utf-8"), is_shipped=True)}
        release.setattr(catalogue, "shipped", lambda: former_release)
        (site,) = open_sites("xiaodian")
    former = paths(site)
    with in_schema_of(site), transaction.atomic():
        edited = ColumnPage.objects.get(slug="bsfw")
        edited.title = "一网通办"
        edited.save_revision().publish()
        ColumnPage.objects.get(slug="hdjl").add_child(instance=ColumnPage(title="在线访谈", slug="zxft"))
        ColumnPage.objects.get(slug="zcjd").delete()
        kept = publish_article("本站要闻")
    assert set(former) & set(NEW) == set()
    assert str(AppliedBlueprint.objects.get().blueprint)[:8] == "county 1"

    run(capsys, "blueprint", "apply", "county", "--site", "xiaodian", "--yes")

    with in_schema_of(site):
        columns = {page.url_path.removeprefix("/home/").strip("/"): page for page in ColumnPage.objects.live()}
        assert {path: (columns[path].title, columns[path].column_type) for path in NEW} == NEW
        assert columns["zfxxgk/zhidu"].column_type == "regulations"  # nobody had touched it
        assert HomePage.objects.get().layout == ""  # what the former version did not mention is the site's own
        assert (columns["bsfw"].title, columns["hdjl/zxft"].title) == ("一网通办", "在线访谈")
        assert "zwgk/zcjd" not in columns  # the site's people took it away
        assert ArticlePage.objects.live().get() == kept
        assert Page.find_problems() == ([], [], [], [], [])
    assert set(paths(site)) == (set(former) - {"zwgk/zcjd"}) | set(NEW) | {"hdjl/zxft"}
    assert str(AppliedBlueprint.objects.get().blueprint)[:8] == "county 4"
    assert differences(site, blueprints.load("county")) == [
        ("settings home_layout", Verdict.EDITED),
        ("columns/zwgk/zcjd", Verdict.REMOVED),
        ("columns/bsfw title", Verdict.EDITED),
        ("columns/hdjl/zxft", Verdict.OWN),
    ]
    run(capsys, "blueprint", "apply", "county", "--site", "xiaodian", "--yes")  # a second time finds nothing to do
    assert AuditEntry.objects.filter(action="site.apply").count() == 1


def test_an_application_is_taken_back_but_not_what_was_changed_since() -> None:
    (site,) = copied_sites("xiaodian")
    new = (Column("a", "甲", "news"), Column("b", "乙", "news"))
    wanted = county(version=2, theme="vermilion", columns=(*county().columns, *new), settings={"home_panels": 3})
    before = paths(site)
    apply(site, wanted)
    with in_schema_of(site), transaction.atomic():
        ColumnPage.objects.get(slug="b").add_child(instance=ArticlePage(title="本站的", slug="own"))

    services.roll_back(verbs.APPLY, "xiaodian", by="zhangsan")

    assert paths(site) == [*before, "b"]
    assert tenant_by_slug("xiaodian").theme == "azure"
    assert str(AppliedBlueprint.objects.get().blueprint).startswith("county 4")
    assert differences(site, blueprints.load("county")) == [("columns/b", Verdict.OWN)]
    with in_schema_of(site):
        assert HomePage.objects.get().most_panels == 6
        assert Page.find_problems() == ([], [], [], [], [])


def test_a_sample_text_follows_the_blueprint_until_somebody_writes_on_it() -> None:
    first, second = copied_sites("xiaodian", "yingze")
    page = SamplePage("zwdt/tzgg", "hello", "{short_name}通知", "document", "第一条 甲。\n第二条 乙。")
    for site in (first, second):
        apply(site, county(version=2, pages=(page,)))
    with in_schema_of(second), transaction.atomic():
        draft = Page.objects.get(slug="hello").specific
        draft.title = "迎泽区自己的通知"
        draft.save_revision()

    for site in (first, second):
        apply(site, county(version=3, pages=(replace(page, text="第一条 丙。"),)))

    with in_schema_of(first):
        latest = Page.objects.get(slug="hello").get_latest_revision_as_object()
        assert (latest.title, latest.live, str(latest.body[0].value)) == ("小店区通知", False, "第一条 丙。")
    assert differences(second, county(version=3, pages=(replace(page, text="第一条 丙。"),))) == [
        ("pages/zwdt/tzgg/hello title", Verdict.EDITED)
    ]


def test_a_site_saved_as_a_blueprint_opens_another_that_differs_in_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site,) = copied_sites("xiaodian")
    with in_schema_of(site), transaction.atomic():
        ColumnPage.objects.get(slug="hdjl").delete()
        ColumnPage.objects.get(slug="bsfw").add_child(
            instance=ColumnPage(
                title="小店区一件事", slug="yijianshi", column_type="services", introduction="太原市小店区人民政府“一件事”。"
            )
        )
        home = HomePage.objects.get()
        home.panel_rows = 5
        home.save()
    file = tmp_path / "from-xiaodian.toml"

    saved = run(capsys, "blueprint", "save", "xiaodian", str(file))
    checked = run(capsys, "blueprint", "check", str(file))
    (other,) = copied_sites("yingze", blueprint=blueprints.kept_name(str(file)))

    assert checked["problems"] == []
    assert saved["text"] == file.read_text(encoding="utf-8")
    assert 'title = "{short_name}一件事"' in saved["text"]
    assert differences(other, blueprints.load(str(file))) == []
    assert differences(site, blueprints.load(str(file))) == []
    with in_schema_of(other):
        found = ColumnPage.objects.get(slug="yijianshi")
        assert (found.title, found.introduction) == ("迎泽区一件事", "太原市迎泽区人民政府“一件事”。")
    with pytest.raises(CommandFailure, match="is there already"):
        call_command("blueprint", "save", "xiaodian", str(file))


def test_the_command_shows_applies_and_says_what_it_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = copied_sites("xiaodian", "yingze")
    with in_schema_of(first), transaction.atomic():
        edited = ColumnPage.objects.get(slug="hdjl")
        edited.title = "政民互动"
        edited.save_revision().publish()
    columns = tuple(replace(column, title="互动") if column.path == "hdjl" else column for column in county().columns)
    file = tmp_path / "ours.toml"
    file.write_text(write_blueprint(county(version=2, columns=columns)), encoding="utf-8")

    planned = run(capsys, "blueprint", "apply", str(file), "--city", "taiyuan", "--dry-run")
    kept = KeptBlueprint.objects.filter(name="ours").count()
    done = run(capsys, "blueprint", "apply", str(file), "--site", "xiaodian,yingze")
    again = run(capsys, "blueprint", "apply", str(file), "--city", "taiyuan")
    listed = {row["name"]: row["sites"] for row in run(capsys, "blueprint", "list")}
    back = run(capsys, "blueprint", "apply", str(file), "--site", "yingze", "--rollback", "--yes")

    assert kept == 0
    assert {slug: [entry["verdict"] for entry in found] for slug, found in planned["sites"].items()} == {
        "xiaodian": ["edited"],
        "yingze": ["change"],
    }
    assert (done["changed"], done["left_alone"]) == (["xiaodian", "yingze"], {"xiaodian": ["columns/hdjl title"], "yingze": []})
    assert (again["changed"], again["unchanged"]) == ([], ["xiaodian", "yingze"])
    assert listed == {"city-portal": "", "county": "", "department": "", "ours": "version 2: 2"}
    assert back["changed"] == ["yingze"]
    with in_schema_of(second):
        assert ColumnPage.objects.get(slug="hdjl").title == "互动交流"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nothing"), "There is no blueprint 'nothing'. Blueprints: city-portal, county, department"),
        (("check", "/nonexistent.toml"), "No such file"),
        (("diff", "county", "--site", "nowhere"), "There is no site 'nowhere'. Sites: xiaodian."),
        (("diff", "county", "--city", "datong"), "The city 'datong' has no sites"),
        (("apply", "county"), "Say where"),
        (("save", "xiaodian", "/tmp/x.yaml"), "does not end in .toml"),  # noqa: S108 - refused before it is written
    ],
)
def test_a_wrong_request_is_refused_with_code_2(arguments: tuple[str, ...], says: str) -> None:
    copied_sites("xiaodian")

    with pytest.raises(CommandFailure) as caught:
        call_command("blueprint", *arguments)

    assert says in str(caught.value)
    assert caught.value.returncode == ExitCode.WRONG_USAGE


def test_wrong_files_sites_and_versions_are_refused_and_change_nothing(tmp_path: Path) -> None:
    (site,) = copied_sites("xiaodian")
    apply(site, county(version=2))
    broken = tmp_path / "broken.toml"
    broken.write_text(write_blueprint(county(theme="pink")), encoding="utf-8")

    with pytest.raises(BlueprintRefusedError, match="unknown theme 'pink'"):
        blueprints.load(str(broken))
    with pytest.raises(BlueprintRefusedError, match="version = 3"):
        apply(site, county(version=2, theme="vermilion"))
    with pytest.raises(BlueprintRefusedError, match="is for sites of kind city; 'xiaodian' is a county"):
        apply(site, replace(blueprints.load("city-portal"), name="portal"))
    with pytest.raises(BlueprintRefusedError, match="is for sites of kind city, not county"):
        services.open_site(site_spec("yingze", blueprint="city-portal"))
    put_into(State.READ_ONLY, site)
    with pytest.raises(StateError, match="read_only"):
        apply(site, county(version=3))
    taken = tmp_path / "county.toml"
    taken.write_text(write_blueprint(blueprints.load("county")), encoding="utf-8")
    with pytest.raises(BlueprintRefusedError, match="name of a blueprint of the release"):
        blueprints.load(str(taken))
    forget_directory()
    assert str(AppliedBlueprint.objects.get().blueprint).startswith("ours 2")
