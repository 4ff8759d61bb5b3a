"""Accounts kept elsewhere: the register readers see, how fresh each is, who may note what."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.images import get_image_model

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.channels import selectors
from tenants.channels.models import Post
from tenants.pages.models import ColumnPage
from tests.factories import guides
from tests.factories.pages import publish_article
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

DAY = dt.date(2026, 11, 25)
MOST_QUERIES = 15
# Wagtail leaves the temporary file of a new rendition to the garbage collector.
CUTS_PICTURES = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    (tenant,) = copied_sites("xiaodian")
    for role in Role:
        person(role.value, roles={role: [tenant]})
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    yield opened
    with in_schema_of(opened), transaction.atomic():
        for slug in ("xmt", "yaowen"):
            for page in ColumnPage.objects.get(slug=slug).get_children().specific():
                page.delete()


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "xiaodian.localhost"})


def picture(tmp_path_name: str) -> int:
    Image.new("RGB", (300, 300), "white").save(tmp_path_name)
    with open(tmp_path_name, "rb") as stream:  # noqa: PTH123 - Django's file wants the stream
        image = get_image_model().objects.create(title="码", file=ImageFile(stream, name="qr.png"))
    return int(image.pk)


@CUTS_PICTURES
def test_the_register_lists_accounts_by_platform_with_words_for_pictures(site: TenantRef, reader: Client, tmp_path: object) -> None:
    """S36: what the government keeps elsewhere, whose it is, when it last spoke; closed accounts by themselves."""
    with in_schema_of(site):
        shown = guides.publish_account(qr_id=picture(f"{tmp_path}/qr.png"), account_id="sample", link="https://wx.example/")
        guides.publish_account("样例微博", slug="weibo", kind="weibo")
        guides.publish_account("旧账号", slug="old", state="closed", closed_date=dt.date(2025, 3, 1))
        guides.publish_account("没有公开的", slug="draft").__class__.objects.filter(slug="draft").update(live=False)
        guides.post(shown, "2026-11-20")
        guides.post(shown, "2026-11-18", "更早的")

    response = reader.get("/xmt/")

    html = response.content.decode()
    context = response.context_data or {}
    assert [(group["title"], [account["title"] for account in group["accounts"]]) for group in context["groups"]] == [
        ("微信公众号", ["样例发布"]),
        ("微博", ["样例微博"]),
    ]
    assert [account["title"] for account in context["closed"]] == ["旧账号"]
    assert re.search(r'<img class="account-qr"[^>]* alt="微信公众号“样例发布”的二维码"', html)
    assert re.search(r"最近发布 <time[^>]*>2026-11-20</time>", html)
    assert re.search(r"已于 <time[^>]*>2025-03-01</time> 关停", html)
    assert "没有公开的" not in html


def test_an_account_shows_its_facts_and_newest_posts(site: TenantRef, reader: Client) -> None:
    """S24: what was said elsewhere is noted with its day and link; a text of our own only where readers may open it."""
    with in_schema_of(site):
        account = guides.publish_account(filing_no="备案1号", responsible="宣传科")
        text, hidden = publish_article("要闻", slug="a1"), publish_article("撤下的", slug="a2")
        type(hidden).objects.filter(pk=hidden.pk).update(live=False)
        guides.post(account, "2026-11-20", "有本站文章", page=text, link="https://wx.example/1")
        guides.post(account, "2026-11-19", "文章撤下了", page=hidden, link="https://wx.example/2")
        guides.post(account, "2026-11-18", "没有链接")

    response = reader.get("/xmt/account/")

    assert [(post["title"], post["url"]) for post in (response.context_data or {})["posts"]] == [
        ("有本站文章", "/zwdt/yaowen/a1/"),
        ("文章撤下了", "https://wx.example/2"),
        ("没有链接", ""),
    ]
    assert "备案1号" in response.content.decode()
    row = Projection.objects.get(page_id=account.pk, state="live")
    assert (row.issuer, "责任部门：宣传科" in row.body) == ("小店区政府办", True)


def test_silence_is_measured_by_the_rule(site: TenantRef) -> None:
    """D22: 14 days after the last post, or after the opening; closed accounts are not asked; the day itself is in time."""
    with in_schema_of(site):
        for slug, day in (("fresh", "2026-11-20"), ("edge", "2026-11-11"), ("late", "2026-11-10")):
            guides.post(guides.publish_account(slug, slug=slug), day)
        guides.publish_account("new", slug="new", opened_date=dt.date(2026, 11, 24))
        guides.publish_account("never", slug="never")
        guides.publish_account("closed", slug="closed", state="closed", closed_date=DAY)

        found = selectors.freshness(site, on=DAY)

    assert [(each.account.title, each.due, each.is_stale) for each in found] == [
        ("never", None, True),
        ("late", dt.date(2026, 11, 24), True),
        ("edge", dt.date(2026, 11, 25), False),
        ("fresh", dt.date(2026, 12, 4), False),
        ("new", dt.date(2026, 12, 8), False),
    ]


@CUTS_PICTURES
@pytest.mark.parametrize("path", ["/xmt/", "/xmt/account/"])
@pytest.mark.usefixtures("known_sites")
def test_the_cost_does_not_grow_with_accounts_and_posts(site: TenantRef, reader: Client, path: str, tmp_path: object) -> None:
    with in_schema_of(site):
        pictures = [picture(f"{tmp_path}/qr.png") for _ in range(4)]
        account = guides.publish_account(qr_id=pictures[0])
        guides.post(account, "2026-11-20")
    reader.get(path)
    with CaptureQueriesContext(connection) as few:
        assert reader.get(path).status_code == 200
    with in_schema_of(site):
        for number, qr in enumerate(pictures[1:]):
            guides.publish_account(f"账号{number}", slug=f"more{number}", qr_id=qr)
        for number in range(30):
            guides.post(account, "2026-11-19", f"消息{number}")
    reader.get(path)  # cuts the pictures once

    with CaptureQueriesContext(connection) as many:
        assert reader.get(path).status_code == 200

    assert len(many) == len(few) <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in many.captured_queries)


def test_the_database_refuses_a_post_twice_and_a_closing_without_a_day(site: TenantRef) -> None:
    with in_schema_of(site):
        account = guides.publish_account()
        guides.post(account, "2026-11-20")
        with pytest.raises(IntegrityError, match="a_post_once"), transaction.atomic():
            guides.post(account, "2026-11-20")
        with pytest.raises(IntegrityError, match="closed_has_its_day"), transaction.atomic():
            type(account).objects.filter(pk=account.pk).update(state="closed")
        with pytest.raises(ValidationError, match="https://"):
            Post(account=account, posted_date=DAY, title="x", link="ftp://wx.example/").clean()


@pytest.mark.parametrize(
    ("role", "may_add", "may_delete"),
    [(Role.EDITOR, True, False), (Role.REVIEWER, True, True), (Role.ADMINISTRATOR, True, True), (Role.AUDITOR, False, False)],
)
def test_each_role_notes_posts_as_it_may_and_sees_the_check(
    site: TenantRef,
    role: Role,
    may_add: bool,  # noqa: FBT001 - a table
    may_delete: bool,  # noqa: FBT001
) -> None:
    with in_schema_of(site):
        account = guides.publish_account()
        noted = guides.post(account, "2026-01-01")
    client = signed_in(site, role.value)

    check = client.get("/admin/new-media/").content.decode()
    given = {"account": account.pk, "posted_date": "2026-11-25", "title": "新消息", "link": "", "page": ""}
    client.post("/admin/media-posts/new/", given)
    client.post(f"/admin/media-posts/delete/{noted.pk}/")

    with in_schema_of(site):
        assert Post.objects.filter(title="新消息").exists() is may_add
        assert Post.objects.filter(pk=noted.pk).exists() is not may_delete
    assert "1 个账号超过规定期限没有更新" in check
    assert re.search(r"超期 \d+ 天", check)
