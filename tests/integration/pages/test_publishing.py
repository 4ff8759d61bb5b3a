"""What Wagtail does to a page, and what search may know of it afterwards, in the same transaction."""

import contextlib
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import PageViewRestriction

from outbox.models import Event
from outbox.services import OutsideTransactionError
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages import services
from tenants.pages.contract import ColumnType
from tenants.pages.models import DocumentPage
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")


def state_of(page_id: int) -> tuple[str, str]:
    row = Projection.objects.get(page_id=page_id)
    return row.state, row.title


def tabs() -> dict[int, str]:
    return dict(Projection.objects.live().values_list("page_id", "tab"))


def test_publishing_writes_projection_and_event_together() -> None:
    (tenant,) = copied_sites("xiaodian")

    with in_schema_of(tenant):
        page = publish_document(
            "小店区停车管理办法", "第一条 为了规范停车，制定本办法。", doc_no="小政发〔2026〕3号", issuer="小店区人民政府"
        )

    row = Projection.objects.get()
    assert (row.tenant_id, row.page_id, row.state, row.revision) == (tenant.id, page.pk, "live", 1)
    assert (row.title, row.path, row.doc_nos, row.issuer) == (
        "小店区停车管理办法",
        "/zwgk/zcwj/text/",
        ["小政发〔2026〕3号"],
        "小店区人民政府",
    )
    assert row.body == "第一条 为了规范停车，制定本办法。"
    assert Event.objects.filter(key=row.pk).exists()


def test_a_failed_transaction_leaves_neither() -> None:
    (tenant,) = copied_sites("xiaodian")

    with in_schema_of(tenant), contextlib.suppress(RuntimeError), transaction.atomic():
        publish_document("小店区停车管理办法")
        raise RuntimeError

    assert (Projection.objects.count(), Event.objects.count()) == (0, 0)
    with in_schema_of(tenant):
        assert DocumentPage.objects.count() == 0


def test_publishing_outside_a_transaction_is_refused() -> None:
    (tenant,) = copied_sites("xiaodian")

    with in_schema_of(tenant):
        page = column("zcwj").add_child(instance=DocumentPage(title="办法", slug="a", live=False))
        revision = page.save_revision()
        with pytest.raises(OutsideTransactionError):
            revision.publish()


def test_a_draft_is_unknown_and_an_unpublished_page_is_a_tombstone() -> None:
    (tenant,) = copied_sites("xiaodian")

    with in_schema_of(tenant), transaction.atomic():
        draft = column("zcwj").add_child(instance=DocumentPage(title="草稿", slug="draft", live=False))
        draft.save_revision()
    assert not Projection.objects.exists()

    with in_schema_of(tenant):
        page = publish_document("办法")
        with transaction.atomic():
            page.unpublish()
    row = Projection.objects.get(page_id=page.pk)
    assert (row.state, row.revision, row.body) == ("withdrawn", 2, "")


def test_deleting_a_column_takes_its_texts_out() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        pages = [publish_document(f"办法{number}", slug=f"t{number}") for number in range(3)]

        with transaction.atomic():
            column("zcwj").delete()

    assert {state_of(page.pk)[0] for page in pages} == {"withdrawn"}


def test_a_restricted_column_hides_its_texts_until_it_is_open_again() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_document("办法")

        with transaction.atomic():
            restriction = PageViewRestriction.objects.create(page=column("zwgk"), restriction_type=PageViewRestriction.LOGIN)
        assert state_of(page.pk)[0] == "withdrawn"

        with transaction.atomic():
            restriction.delete()
        assert state_of(page.pk) == ("live", "办法")


def test_a_column_says_in_which_class_its_texts_are_found() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_article("停车登记", parent="yaowen")
        document = publish_document("办法")
        assert tabs() == {page.pk: "news", document.pk: "policy"}

        with transaction.atomic():
            news = column("yaowen")
            news.column_type = ColumnType.SERVICES
            news.save_revision().publish()
        assert tabs() == {page.pk: "service", document.pk: "policy"}

        with transaction.atomic():
            news.column_type = ColumnType.OTHER
            news.save_revision().publish()
        assert tabs()[page.pk] == "news"  # what the column above says

        with transaction.atomic():
            page.move(column("hdjl"), pos="last-child")
        assert tabs()[page.pk] == "dialogue"


def test_what_search_knows_is_brought_in_step_after_an_upgrade() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_article("停车登记", parent="bsfw")
    Projection.objects.update(tab="other", content_hash="")
    Event.objects.all().delete()

    call_command("content", "project", "--dry-run", "--yes", verbosity=0)
    assert (tabs(), Event.objects.count()) == ({page.pk: "other"}, 0)

    call_command("content", "project", "--yes", verbosity=0)
    assert (tabs(), Event.objects.count()) == ({page.pk: "service"}, 1)

    call_command("content", "project", "--site", "xiaodian", "--yes", verbosity=0)
    assert Event.objects.count() == 1


def test_a_renamed_column_gives_its_texts_new_addresses() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_document("办法")
        zcwj = column("zcwj")
        zcwj.slug = "wenjian"
        with transaction.atomic():
            zcwj.save_revision().publish()

    assert Projection.objects.get(page_id=page.pk).path == "/zwgk/wenjian/text/"


def test_a_moved_text_has_its_new_address() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_document("办法")
        with transaction.atomic():
            page.move(column("flfg"), pos="last-child")

    assert Projection.objects.get(page_id=page.pk).path == "/zwgk/flfg/text/"


def test_an_article_is_known_by_its_words_without_markup() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        page = publish_article("要闻", "<p>春季<b>植树</b>活动</p><ul><li>第一项</li></ul>")

    row = Projection.objects.get(page_id=page.pk)
    assert (row.kind, row.path) == ("article", "/zwdt/yaowen/article/")
    assert "<" not in row.body
    assert "植树" in row.body
    assert "第一项" in row.body


def test_scheduled_texts_go_live_on_time_on_every_site_and_a_broken_one_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = copied_sites("xiaodian", "yingze")
    past = timezone.now() - timedelta(minutes=1)
    for tenant in (first, second):
        with in_schema_of(tenant), transaction.atomic():
            page = column("zcwj").add_child(instance=DocumentPage(title=f"{tenant.slug}定时", slug="due", live=False, go_live_at=past))
            page.save_revision(approved_go_live_at=past)
            later = column("zcwj").add_child(instance=DocumentPage(title="以后", slug="later", live=False))
            later.save_revision(approved_go_live_at=timezone.now() + timedelta(hours=1))
            gone = publish_document("到期", slug="gone")
            type(gone).objects.filter(pk=gone.pk).update(expire_at=past)

    call_command("publish", "due", "--json")

    assert '"published": 1' in capsys.readouterr().out
    assert set(Projection.objects.live().values_list("title", flat=True)) == {"xiaodian定时", "yingze定时"}
    assert set(Projection.objects.exclude(state="live").values_list("title", flat=True)) == {"到期"}
    with in_schema_of(first):
        assert services.publish_due(timezone.now()) == services.Due()
