"""The screens for staff: who may look, what they say, files, the editor's warnings; nobody sees another site's."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.interpretations.models import InterpretationDuty, InterpretationPage, PublicIssue, ResponsePage
from tests.conftest import empty_database
from tests.factories.interpretations import CHINA, answer, duty, explain, issue, moment
from tests.factories.pages import column, publish_document
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

ROLES = (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR)
SCREENS = ("explaining/meters/", "explaining/waiting/", "explaining/issues/")
LINK = {"channel": "news_site", "link": "https://news.example.com/1"}
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    here, there = copied_sites("xiaodian", "yingze")
    for role in ROLES:
        person(role.value, roles={role: [here, there] if role is not Role.AUDITOR else [here]})
    return here, there


@pytest.fixture(autouse=True)
def _nothing(sites: Sites) -> Iterator[None]:
    yield
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()
            PublicIssue.objects.all().delete()


def client(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def get(site: TenantRef, path: str, role: Role = Role.EDITOR) -> str:
    response = client(site, role).get(f"/admin/{path}")
    assert response.status_code == 200, path
    return response.content.decode()


def table(site: TenantRef, path: str) -> list[list[str]]:
    text = get(site, path)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_each_screen_lets_all_roles_of_the_site_look_and_nobody_else(sites: Sites) -> None:
    here, _ = sites

    for role in ROLES:
        known = client(here, role)
        assert {path: known.get(f"/admin/{path}").status_code for path in SCREENS} == dict.fromkeys(SCREENS, 200), role
        assert {path: known.post(f"/admin/{path}").status_code for path in SCREENS} == dict.fromkeys(SCREENS, 405), role
    stranger = Client(headers={"host": here.editor_domain}, raise_request_exception=False)
    assert {stranger.get(f"/admin/{path}").status_code for path in SCREENS} <= {302, 403}


def test_the_record_of_issues_is_kept_by_role(sites: Sites) -> None:
    """Editors record, reviewers and administrators also delete, auditors look."""
    here, _ = sites
    posted = {"title": "停水", "kind": "opinion", "noticed_at": "2026-01-05 08:00", "source": "热线", "organ": "甲局", "summary": ""}
    with in_schema_of(here):
        known = issue("旧", noticed_at=moment("2026-01-01 08:00"))

    for role, added in ((Role.AUDITOR, 0), (Role.EDITOR, 1), (Role.REVIEWER, 2)):
        client(here, role).post("/admin/public-issue/new/", {**posted, "source_link": "", "waived_reason": ""})
        with in_schema_of(here):
            assert PublicIssue.objects.filter(title="停水").count() == added
    client(here, Role.EDITOR).post(f"/admin/public-issue/delete/{known.pk}/")
    with in_schema_of(here):
        assert PublicIssue.objects.filter(pk=known.pk).exists()
    client(here, Role.REVIEWER).post(f"/admin/public-issue/delete/{known.pk}/")
    with in_schema_of(here):
        assert not PublicIssue.objects.filter(pk=known.pk).exists()


def test_the_meters_say_what_counts_and_can_be_taken_along(sites: Sites) -> None:
    """S23, S25: the page and the file hold the same numbers and the list behind them; no cell becomes a formula."""
    here, there = sites
    with in_schema_of(here), transaction.atomic():
        paper = publish_document("=HYPERLINK(1)办法", doc_no="小政发〔2025〕1号")
        type(paper).objects.filter(pk=paper.pk).update(first_published_at=moment("2025-09-29 09:00"))
        explain("专家谈", paper, slug="a", kinds=["expert"], organ="甲局", channels=(LINK,), at=moment("2025-10-10 09:00"))
        explain("文字", slug="b", organ="甲局", at=moment("2025-10-10 09:00"))

    html = get(here, "explaining/meters/?year=2025")
    rows = table(here, "explaining/meters/?year=2025&format=csv")

    assert "要求不少于70%（山西省2020年政务公开工作要点）" in html
    assert "未达标，再发布2篇多样化解读即可达标" in html
    assert rows[1] == ["甲局", "2", "1", "50.0%", "未达标", "1", "50.0%", "达标", "1", "1", "100.0%", "0"]
    assert rows[2] == ["合计", *rows[1][1:]]
    assert rows[5:7] == [
        ["专家谈", "2025-10-10", "甲局", "专家解读", "专家解读", "", "新闻网站"],
        ["文字", "2025-10-10", "甲局", "文字解读", "", "只有文字", ""],
    ]
    assert rows[9] == ["'=HYPERLINK(1)办法", "小政发〔2025〕1号", "2025-09-29", "专家谈", "甲局", "2025-10-10", "3", "按时"]
    assert "专家谈" not in get(there, "explaining/meters/?year=2025")
    assert "2025年没有公开的解读" not in html
    assert f"{dt.datetime.now(CHINA).year}年没有公开的解读" in get(here, "explaining/meters/?year=1999")  # a year without any is this year


def test_waiting_documents_and_issues_are_shown_and_can_be_taken_along(sites: Sites) -> None:
    here, there = sites
    with in_schema_of(here):
        paper = publish_document("停车办法")
        type(paper).objects.filter(pk=paper.pk).update(first_published_at=moment("2025-09-29 09:00"))
        duty(paper)
        known = issue("停水", kind="misreading", noticed_at=moment("2026-01-05 08:00"))
        answer(known, "澄清", at=moment("2026-01-06 08:00"))
        issue("谣言", kind="opinion", noticed_at=moment("2026-01-05 08:00"), source="+1+1")

    late, board = get(here, "explaining/waiting/"), get(here, "explaining/issues/")

    assert "停车办法" in late
    assert "个工作日" in late
    assert "没有完整的解读安排" in late
    assert board.index("谣言") < board.index("停水")
    assert "待回应1件" in board
    assert "按时，用时1天" in board
    rows = table(here, "explaining/issues/?format=csv")
    assert [row[:1] + row[3:4] + row[5:6] for row in rows[1:]] == [
        ["谣言", "'+1+1", "予以回应（48小时）"],
        ["停水", "网民留言", "澄清误读（24小时）"],
    ]
    assert rows[2][6:10] == ["政策误读：地方做法，作默认值，可按省、市、站点另设", "2026-01-06 08:00", "2026-01-06 08:00", "按时，用时1天"]
    assert table(here, "explaining/waiting/?format=csv")[1][:4] == ["停车办法", "", "2025-09-29", "2025-10-10"]
    for path in SCREENS:
        assert not any(words in get(there, path) for words in ("停车办法", "停水", "谣言"))


def test_another_sites_record_is_not_there(sites: Sites) -> None:
    here, there = sites
    with in_schema_of(there):
        known = issue("别处的舆情", noticed_at=moment("2026-01-05 08:00"))

    editor = client(here, Role.ADMINISTRATOR)

    for path in (f"public-issue/edit/{known.pk}/", f"public-issue/delete/{known.pk}/", f"public-issue/inspect/{known.pk}/"):
        assert editor.get(f"/admin/{path}").status_code == 404
        assert editor.post(f"/admin/{path}").status_code in (404, 405)
    with in_schema_of(there):
        assert PublicIssue.objects.get().title == "别处的舆情"


def test_the_editor_says_what_an_interpretation_lacks(sites: Sites) -> None:
    """S22: missing elements beside their fields and in one place, a warning and not a wall; forms as check boxes."""
    here, _ = sites
    with in_schema_of(here):
        page = explain(kinds=["text", "video"], background="原办法期满。")

    html = get(here, f"pages/{page.pk}/edit/")

    assert "标为“视频”，但页面上没有视频，不计入多样化解读。" in html
    assert "没有指明解读的是哪个文件" in html
    assert "没有填写解读机关" in html
    assert "解读要素尚未填写：目标任务、主要内容、适用范围、执行标准、注意事项、关键词诠释、惠民利民举措、新旧政策差异。" in html
    assert html.count('<strong class="element-missing">缺项</strong>') == 8
    assert html.count('type="checkbox" name="kinds"') == 11


def test_a_document_that_must_be_interpreted_warns_without_a_plan(sites: Sites) -> None:
    """S22: flagged without a plan is said in the editor; with a plan, or unflagged, nothing is."""
    here, _ = sites
    with in_schema_of(here):
        paper = publish_document("办法")
        path = f"pages/{paper.pk}/edit/"

    assert "本文件需要解读" not in get(here, path)
    with in_schema_of(here):
        made = duty(paper, organ="甲局")
    assert "本文件需要解读，但解读安排还不完整：缺少解读形式、计划发布日期。" in get(here, path)
    with in_schema_of(here):
        InterpretationDuty.objects.filter(pk=made.pk).update(forms="图解", planned_on=dt.date(2026, 1, 8))
    assert "本文件需要解读" not in get(here, path)


def test_an_editor_makes_an_interpretation_by_the_form(sites: Sites) -> None:
    """S22, S24: what the form refuses is said beside the field and nothing is kept; what is right is."""
    here, _ = sites
    with in_schema_of(here):
        paper, parent = publish_document("办法"), column("zcjd")
    editor = client(here, Role.REVIEWER)
    path = f"/admin/pages/add/interpretations/interpretationpage/{parent.pk}/"
    form = {
        "title": "新解读", "slug": "", "subtitle": "", "kinds": ["text", "questions"], "organ": "甲局", "interpreter": "", "summary": "",
        "interpreter_post": "", "source": "", "editor_name": "", "keywords": "", "body-count": "0", "attachments-count": "0",
        **dict.fromkeys(("background", "goals", "content", "scope", "standards", "cautions", "terms", "benefits", "differences"), ""),
        **{f"{name}-{key}": value for name in ("media",) for key, value in _management(0).items()},
        **{f"interpreted-{key}": value for key, value in _management(1).items()},
        **{f"questions-{key}": value for key, value in _management(1).items()},
        **{f"channels-{key}": value for key, value in _management(1).items()},
        "interpreted-0-document": str(paper.pk), "interpreted-0-address": "", "interpreted-0-id": "", "interpreted-0-ORDER": "1",
        "questions-0-question": "收费吗？", "questions-0-answer": "不收。", "questions-0-id": "", "questions-0-ORDER": "1",
        "channels-0-channel": "wechat", "channels-0-published_on": "2026-01-05", "channels-0-outlet": "示例发布", "channels-0-id": "",
        "channels-0-link": "https://evil.example/s", "channels-0-proof": "", "channels-0-ORDER": "1",
        "show_in_menus": "", "seo_title": "", "search_description": "", "comment_notifications": "",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "comments-MIN_NUM_FORMS": "0", "comments-MAX_NUM_FORMS": "",
        "action-publish": "1",
    }  # fmt: skip

    refused = editor.post(path, form)
    none = editor.post(path, {**form, "kinds": [], "channels-0-link": "https://mp.weixin.qq.com/s/a"})

    assert "政务微信的网址应在 weixin.qq.com 之下。" in refused.content.decode()
    assert "请至少选择一种解读形式。" in none.content.decode()
    with in_schema_of(here):
        assert InterpretationPage.objects.count() == 0

    kept = editor.post(path, {**form, "channels-0-link": "https://mp.weixin.qq.com/s/a"})

    assert kept.status_code == 302, kept.content.decode()[-3000:]
    with in_schema_of(here):
        page = InterpretationPage.objects.get()
        assert (page.live, page.kinds, page.organ) == (True, ["text", "questions"], "甲局")
        assert [row.document_id for row in page.interpreted.all()] == [paper.pk]
        assert [str(form) for form in page.diversified] == ["questions"]
        assert page.channels.get().outlet == "示例发布"


def _management(rows: int) -> dict[str, str]:
    return {"TOTAL_FORMS": str(rows), "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}


def test_an_answer_must_say_what_it_answers(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        page = answer(None)

    html = get(here, f"pages/{page.pk}/edit/")

    assert 'name="issue"' in html
    with in_schema_of(here):
        form_class = ResponsePage.get_edit_handler().get_form_class()
        assert form_class(instance=page).fields["issue"].required


def test_the_menu_leads_to_all_of_it(sites: Sites) -> None:
    here, _ = sites

    html = get(here, "")

    for label in ("解读回应", "待解读文件", "解读统计", "舆情回应台账", "舆情登记"):
        assert label in html or label.encode("unicode_escape").decode() in html, label
    assert reverse("interpretation-meters", urlconf="config.urls.editor") == "/admin/explaining/meters/"
