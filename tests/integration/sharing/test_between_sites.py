"""The city publishes once, its counties receive; what becomes of the original reaches every copy; a notice is everywhere or nowhere."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image
from wagtail.models import Page

from exchange import services as exchange
from exchange.contract import DecidedError, ExchangeError, Mode, NoReceiverError, NotAnnouncedError
from exchange.models import Announcement, Delivery, Sending
from jobs.worker import Worker
from library import services as library
from library.contract import Member, RelationKind
from library.models import Relation
from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from search.contract import document_key
from search.models import Projection
from tenants.documents.models import DocumentRelation
from tenants.media.models import SiteFile, SiteImage
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage
from tenants.sharing import services
from tenants.sharing.services import NoColumnError, NotSentError
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites, open_sites, put_into

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture
def sites() -> Sites:
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


def work() -> None:
    Worker().run(should_stop=lambda: False, once=True)


def send(portal: TenantRef, page: Any, *receivers: TenantRef, mode: Mode = Mode.AT_ONCE) -> Sending:
    with in_schema_of(portal):
        return services.send(page, receivers=receivers, mode=mode, by="zhangsan")


def copy_at(site: TenantRef, title: str) -> Any:
    with in_schema_of(site):
        page = Page.objects.filter(title=title).first()
        return page.specific if page else None


def states(sending: Sending) -> list[tuple[str, int, str]]:
    return list(sending.deliveries.order_by("pk").values_list("state", "version", "reason"))


def read(site: TenantRef, path: str) -> str:
    answer = Client(headers={"host": site.primary_domain}).get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_city_publishes_once_and_counties_have_it_with_its_source(sites: Sites) -> None:
    """S2: what the city publishes is live at its counties in one go."""
    portal, here, there = sites
    with in_schema_of(portal):
        page = publish_document(
            "停车管理办法", doc_no="并政发〔2026〕3号", issuer="太原市人民政府", source_id="parking-1", validity="in_force"
        )

    sending = send(portal, page, here, there)
    work()

    assert states(sending) == [("carried", 1, ""), ("carried", 1, "")]
    copies = [copy_at(site, "停车管理办法") for site in (here, there)]
    assert [(type(copy), copy.doc_no, copy.issuer, copy.source, copy.validity, copy.source_id, copy.live) for copy in copies] == [
        (DocumentPage, "并政发〔2026〕3号", "太原市人民政府", "太原市人民政府", "in_force", None, True)
    ] * 2
    with in_schema_of(here):
        assert copies[0].get_parent().slug == "zcwj"
    html = read(here, f"/zwgk/zcwj/ts{sending.pk}/")
    assert '本文转载自<a href="http://taiyuan.localhost:8000/zwgk/zcwj/text/">太原市人民政府</a>。' in html
    rows = Projection.objects.live().filter(title="停车管理办法")
    assert (rows.count(), rows.values("group").distinct().count()) == (3, 1)  # one text in search


def test_a_text_brings_its_pictures_files_and_links_but_nothing_of_the_senders_tree(sites: Sites) -> None:
    portal, here, _ = sites
    with in_schema_of(portal):
        target = publish_article("原市内页面", slug="target")
        picture = BytesIO()
        Image.new("RGB", (20, 10), "red").save(picture, "PNG")
        image = SiteImage.objects.create(title="图", file=ContentFile(picture.getvalue(), "red.png"), width=20, height=10)
        file = SiteFile.objects.create(title="附表", file=ContentFile(b"a,b\n", "table.csv"))
        html = f'<p>见<a linktype="page" id="{target.pk}">页面</a>与<a linktype="document" id="{file.pk}">附表</a>。</p>'
        page = publish_article("带附件的通知", html, slug="with-files", attachments=[("file", file)])
        page.body = [("paragraph", html), ("image", {"image": image, "caption": "", "alt": "红"})]
        with transaction.atomic():
            page.save_revision().publish()

    sending = send(portal, page, here)
    work()
    send(portal, page, here)  # a second time, nothing is there twice
    work()

    assert states(sending) == [("carried", 2, "")]
    copy = copy_at(here, "带附件的通知")
    with in_schema_of(here):
        files, images = list(SiteFile.objects.all()), list(SiteImage.objects.all())
        with files[0].file.open() as content:
            assert (files[0].title, len(files), content.read()) == ("附表", 1, b"a,b\n")
        assert [(each.title, each.width) for each in images] == [("图", 20)]
        assert f'linktype="document" id="{files[0].pk}"' in str(copy.body.raw_data[0]["value"])
        assert 'href="http://taiyuan.localhost:8000/zwdt/yaowen/target/"' in str(copy.body.raw_data[0]["value"])
        assert [child.value.pk for child in copy.attachments] == [files[0].pk]
        assert Page.objects.filter(title="原市内页面").count() == 0


def test_after_acceptance_means_a_person_decides_where_or_why_not(sites: Sites) -> None:
    portal, here, there = sites
    with in_schema_of(portal):
        page = publish_article("全市停水通知")
    sending = send(portal, page, here, there, mode=Mode.AFTER_ACCEPTANCE)
    work()
    assert (copy_at(here, "全市停水通知"), copy_at(there, "全市停水通知")) == (None, None)
    mine, theirs = sending.deliveries.order_by("pk")

    with in_schema_of(here):
        column = ColumnPage.objects.get(slug="tzgg")
    services.carry(mine, column=column.pk, by="lisi", now=timezone.now())
    with pytest.raises(ExchangeError, match="请说明不予采用的理由"):
        exchange.decline(theirs, by="wangwu", reason=" ", now=timezone.now())
    exchange.decline(theirs, by="wangwu", reason="与本区无关", now=timezone.now())

    assert states(sending) == [("carried", 1, ""), ("declined", 0, "与本区无关")]
    with in_schema_of(here):
        assert copy_at(here, "全市停水通知").get_parent().slug == "tzgg"
    with pytest.raises(DecidedError, match="已经发布"):
        services.carry(mine, by="lisi", now=timezone.now())


def test_a_changed_original_changes_its_copies(sites: Sites) -> None:
    portal, here, there = sites
    with in_schema_of(portal):
        page = publish_article("通告", "<p>旧文。</p>")
    sending = send(portal, page, here)
    asked = send(portal, page, there, mode=Mode.AT_ONCE)
    work()

    with in_schema_of(portal), transaction.atomic():
        page.refresh_from_db()
        page.title, page.body = "通告（修订）", [("paragraph", "<p>新文。</p>")]
        page.save_revision().publish()
    work()

    sending.refresh_from_db()
    assert asked.pk == sending.pk
    assert (sending.version, [version for _, version, _ in states(sending)]) == (3, [3, 3])
    assert "新文。" in read(here, f"/zwdt/yaowen/ts{sending.pk}/")
    with in_schema_of(here):
        assert ArticlePage.objects.filter(title__startswith="通告").count() == 1


def test_each_site_keeps_the_way_it_was_given_a_text(sites: Sites) -> None:
    """At once here, after acceptance there: a newer version comes to each in its own way."""
    portal, here, there = sites
    with in_schema_of(portal):
        page = publish_article("通告", "<p>旧文。</p>")
    sending = send(portal, page, here)
    send(portal, page, there, mode=Mode.AFTER_ACCEPTANCE)
    work()
    services.carry(sending.deliveries.get(receiver=there.uuid), by="lisi", now=timezone.now())

    with in_schema_of(portal), transaction.atomic():
        page.refresh_from_db()
        page.body = [("paragraph", "<p>新文。</p>")]
        page.save_revision().publish()
    work()

    sending.refresh_from_db()
    assert states(sending) == [("carried", 3, ""), ("carried", 2, "")]
    assert "新文。" in read(here, f"/zwdt/yaowen/ts{sending.pk}/")
    assert "旧文。" in read(there, f"/zwdt/yaowen/ts{sending.pk}/")


def test_a_withdrawn_original_is_flagged_everywhere_with_a_receipt(sites: Sites) -> None:
    portal, here, there = sites
    with in_schema_of(portal):
        page = publish_article("错误的通告")
    sending = send(portal, page, here, there)
    work()

    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(pk=page.pk).specific.unpublish()

    for site in (here, there):
        html = read(site, f"/zwdt/yaowen/ts{sending.pk}/")
        assert "<strong>原文已撤下</strong>" in html
        assert "本文转载自太原市人民政府。" in html  # without a link to what is gone
    first, second = sending.deliveries.order_by("pk")
    assert exchange.acknowledge(first, by="lisi", now=timezone.now())
    assert not exchange.acknowledge(first, by="lisi", now=timezone.now())
    assert list(sending.deliveries.order_by("pk").values_list("seen_mark", "seen_by")) == [("withdrawn", "lisi"), ("", "")]
    assert second.seen_at is None


def test_a_repealed_original_repeals_its_copies(sites: Sites) -> None:
    """S16: 立改废 reaches every site that carries the text."""
    portal, here, _ = sites
    with in_schema_of(portal):
        page = publish_document("停车管理办法", validity="in_force")
    sending = send(portal, page, here)
    work()

    with in_schema_of(portal), transaction.atomic():
        page.refresh_from_db()
        page.validity = "repealed"
        page.save_revision().publish()
    work()

    assert copy_at(here, "停车管理办法").validity == "repealed"
    assert Projection.objects.live().filter(title="停车管理办法", validity="repealed").count() == 2
    assert "<strong>原文已废止</strong>" in read(here, f"/zwgk/zcwj/ts{sending.pk}/")


def test_a_deleted_original_is_flagged_too(sites: Sites) -> None:
    portal, here, _ = sites
    with in_schema_of(portal):
        page = publish_article("通告")
    sending = send(portal, page, here)
    work()

    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(pk=page.pk).specific.delete()

    assert "原文已撤下" in read(here, f"/zwdt/yaowen/ts{sending.pk}/")


def test_what_cannot_be_sent_is_refused(sites: Sites) -> None:
    portal, here, there = sites
    (department,) = open_sites("jyj")
    with in_schema_of(portal):
        page = publish_article("通告")
        draft = publish_article("草稿", slug="draft")
        with transaction.atomic():
            draft.unpublish()
        draft.refresh_from_db()
    with in_schema_of(here):
        county = publish_article("区通告")

    with pytest.raises(NoReceiverError, match="请至少选择一个接收网站"):
        send(portal, page)
    with pytest.raises(NoReceiverError, match="不能推送到：太原市"):
        send(portal, page, portal)
    with pytest.raises(NotSentError, match="只有已发布、公开的内容可以推送"):
        send(portal, draft, here)
    with pytest.raises(NoReceiverError, match="不能推送到：迎泽区"):
        send(here, county, there)  # counties do not send
    assert (Sending.objects.count(), Delivery.objects.count()) == (0, 0)
    assert send(portal, page, department).deliveries.count() == 1


def test_one_site_without_a_column_keeps_nobody_else_from_having_it(sites: Sites) -> None:
    portal, here, there = sites
    with in_schema_of(here), transaction.atomic():
        for column in ColumnPage.objects.filter(column_type="news"):
            column.unpublish()
    with in_schema_of(portal):
        page = publish_article("市政府要闻")

    sending = send(portal, page, here, there)
    work()

    assert states(sending) == [("failed", 0, "本站没有“政务动态”类栏目，请先新建，或由接收网站选择栏目。"), ("carried", 1, "")]
    with pytest.raises(NoColumnError):
        services.carry(sending.deliveries.get(receiver=here.uuid), by="lisi", now=timezone.now())
    assert copy_at(here, "市政府要闻") is None


# --- announcements ------------------------------------------------------------


def test_an_announcement_is_live_on_all_sites_with_one_time_and_down_from_all(sites: Sites) -> None:
    now = timezone.now()

    made = exchange.announce(sites, title="防汛公告", text="第一段。\n第二段 <b>。", by="zhangsan", now=now)

    for site in sites:
        page = copy_at(site, "防汛公告")
        assert (page.first_published_at, page.live) == (now, True)
        assert "<p>第一段。</p><p>第二段 &lt;b&gt;。</p>" in read(site, made.pages[str(site.uuid)]["path"])
    assert AuditEntry.objects.filter(action="exchange.announced", actor="zhangsan").count() == 1
    assert exchange.withdraw(made, by="zhangsan", now=now)
    assert not exchange.withdraw(made, by="zhangsan", now=now)
    assert [copy_at(site, "防汛公告") for site in sites] == [None, None, None]


def test_an_announcement_that_one_site_cannot_show_is_on_none(sites: Sites) -> None:
    portal, here, there = sites
    with in_schema_of(there), transaction.atomic():
        ColumnPage.objects.get(slug="tzgg").unpublish()
    put_into(State.READ_ONLY, here)
    here = next(site for site in open_sites("xiaodian"))

    with pytest.raises(NotAnnouncedError) as caught:
        exchange.announce([portal, here, there], title="防汛公告", text="正文。", by="zhangsan", now=timezone.now())

    assert sorted(caught.value.reasons) == ["xiaodian", "yingze"]
    assert caught.value.reasons["xiaodian"] == "网站未开通、已暂停或只读"
    assert [copy_at(site, "防汛公告") for site in (portal, here, there)] == [None, None, None]
    assert (Announcement.objects.count(), Projection.objects.filter(title="防汛公告").count()) == (0, 0)


def test_operators_announce_from_a_file(sites: Sites, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("正文。", encoding="utf-8")

    call_command("announcement", "publish", "演练公告", str(file), "--dry-run")
    assert Announcement.objects.count() == 0
    call_command("announcement", "publish", "演练公告", str(file), "--yes")
    made = Announcement.objects.get()
    call_command("announcement", "withdraw", str(made.uuid), "--yes")

    assert len(made.pages) == 3
    assert "Live on 3 sites" in capsys.readouterr().out
    assert [copy_at(site, "演练公告") for site in sites] == [None, None, None]


# --- the editor ---------------------------------------------------------------


def editor(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def test_reviewers_send_and_take_editors_and_auditors_look(sites: Sites) -> None:
    portal, here, there = sites
    for role in (Role.REVIEWER, Role.EDITOR, Role.AUDITOR):
        person(role.value, roles={role: [here] if role is Role.AUDITOR else [portal, here, there]})
    with in_schema_of(portal):
        page = publish_article("全市停水通知")
        target = publish_article("别的", slug="other")
    form = {"receivers": [str(here.uuid)], "mode": "after_acceptance"}

    assert editor(portal, Role.EDITOR).get(f"/admin/sharing/send/{page.pk}/").status_code in {302, 403}
    assert editor(portal, Role.EDITOR).post(f"/admin/sharing/send/{page.pk}/", form).status_code in {302, 403}
    assert Sending.objects.count() == 0
    shown = editor(portal, Role.REVIEWER).get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert f"/admin/sharing/send/{page.pk}/" in shown
    assert editor(portal, Role.REVIEWER).post(f"/admin/sharing/send/{page.pk}/", form).url == "/admin/sharing/sent/"  # type: ignore[attr-defined]
    delivery = Delivery.objects.get()
    address = f"/admin/sharing/received/{delivery.pk}/"
    assert "全市停水通知" in editor(here, Role.AUDITOR).get("/admin/sharing/received/").content.decode()
    assert editor(here, Role.EDITOR).post(address, {"accept": "1"}).status_code in {302, 403}
    assert editor(there, Role.REVIEWER).get(address).status_code == 404  # another site's
    assert copy_at(here, "全市停水通知") is None
    with in_schema_of(here):
        column = ColumnPage.objects.get(slug="tzgg")
    assert editor(here, Role.REVIEWER).get(address).status_code == 200
    editor(here, Role.REVIEWER).post(address, {"accept": "1", "column": column.pk, "reason": ""})

    assert copy_at(here, "全市停水通知").live
    assert "已发布" in editor(portal, Role.EDITOR).get("/admin/sharing/sent/").content.decode()
    assert target.pk != page.pk


def test_a_document_that_repeals_another_and_a_rule_travel_without_what_only_the_city_may_say(sites: Sites) -> None:
    """S16, S20: the city's relation is said once; a county may relay 规章 with its address, and issue none."""
    portal, here, there = sites
    with in_schema_of(portal):
        old = publish_document("旧办法", doc_no="并政发〔2020〕1号", slug="old")
        new = publish_document("新办法", doc_no="并政发〔2026〕1号", slug="new", document_class="rule", issuer="太原市人民政府")
        with transaction.atomic():
            new.relations = [DocumentRelation(kind="repeals", reference=old.title, target=document_key(portal.uuid, old.pk))]
            new.save_revision().publish()

    sending = send(portal, new, here, there)
    work()

    assert states(sending) == [("carried", 1, ""), ("carried", 1, "")]
    assert copy_at(here, "新办法").source_url == "http://taiyuan.localhost:8000/zwgk/zcwj/new/"
    with in_schema_of(here):
        assert DocumentRelation.objects.count() == 0
    assert [(row.source_site, row.kind, row.target_page) for row in Relation.objects.all()] == [(portal.uuid, "repeals", old.pk)]


def test_a_document_repealed_by_another_is_marked_on_copies_and_is_in_force_again_with_it(sites: Sites) -> None:
    """S16: nobody edits the old document; what another one does to it reaches its copies, and so does taking it back."""
    portal, here, _ = sites
    with in_schema_of(portal):
        old = publish_document("旧办法", doc_no="并政发〔2020〕1号", slug="old", validity="in_force")
        new = publish_document("新办法", doc_no="并政发〔2026〕1号", slug="new")
    sending = send(portal, old, here, mode=Mode.AFTER_ACCEPTANCE)
    services.carry(sending.deliveries.get(), by="lisi", now=timezone.now())

    library.relate(RelationKind.REPEALS, source=Member(portal.uuid, new.pk), source_title="新办法", target=Member(portal.uuid, old.pk))

    assert copy_at(here, "旧办法").validity == "repealed"
    assert "<strong>原文已废止</strong>" in read(here, f"/zwgk/zcwj/ts{sending.pk}/")
    library.unrelate(RelationKind.REPEALS, source=Member(portal.uuid, new.pk), target=Member(portal.uuid, old.pk))
    assert copy_at(here, "旧办法").validity == "in_force"
    assert "原文已" not in read(here, f"/zwgk/zcwj/ts{sending.pk}/")
