"""What staff see and do: columns that need somebody, how far each entry is, which columns fulfil it, where a column's content goes."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from typing_extensions import override
from wagtail.models import Page

from accounts.models import User
from catalogues.contract import Kind
from catalogues.models import Standing
from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import enter_schema_of, in_schema_of
from rules.contract import Key, Place
from rules.selectors import rules_of
from search.models import Projection
from tenants.openness.contract import Duty, Progress, State
from tenants.openness.models import AnnualReportPage, Fulfilment
from tenants.openness.selectors.duties import duties, warned
from tenants.openness.selectors.progress import gaps, lateness, progress, totals
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage
from tests.conftest import empty_database
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.people import person
from tests.factories.sites import copied_sites

ROLES = (Role.ADMINISTRATOR, Role.REVIEWER, Role.EDITOR, Role.AUDITOR)
TODAY = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
ROOT = "/admin/openness/"
LATER_THAN_ALL = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def _site(module_database: None) -> TenantRef:
    empty_database()
    (site,) = copied_sites("xiaodian")
    for role in ROLES:
        person(role.value, roles={role: [site]})
    return site


@pytest.fixture
def site(_site: TenantRef) -> Iterator[TenantRef]:
    """The site inside its schema, with nothing but its blueprint's columns; what a test leaves is taken back."""
    with in_schema_of(_site):
        yield _site
        with transaction.atomic():
            Fulfilment.objects.all().delete()
            Page.objects.exclude(content_type__model__in=("columnpage", "homepage")).filter(depth__gt=1, live=True).delete()
            ColumnPage.objects.filter(slug__startswith="own-").delete()
            ColumnPage.objects.update(responsible="", update_days=None, least_items=None)


class Editor(Client):
    """An editor's browser; a request ends in `public`, so the test is brought back into the site."""

    def __init__(self, site: TenantRef) -> None:
        super().__init__(headers={"host": site.editor_domain}, raise_request_exception=False)
        self.site = site

    @override
    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        enter_schema_of(self.site)
        return response


def client(site: TenantRef, role: Role) -> Editor:
    made = Editor(site)
    made.force_login(User.objects.get(username=role.value), backend="accounts.backends.ShadowBackend")
    return made


def aged(page: Page, days: int, *, today: dt.date = TODAY) -> None:
    """Let a page have been published so many days ago."""
    at = dt.datetime.combine(today - dt.timedelta(days=days), dt.time(4), tzinfo=dt.UTC)
    Page.objects.filter(pk=page.pk).update(first_published_at=at)


def duty_of(site: TenantRef, slug: str) -> Duty:
    pk = column(slug).pk
    return next(duty for duty in duties(site, today=TODAY) if duty.page_id == pk)


def progress_of(site: TenantRef, code: str, *, kind: Kind = Kind.STATUTORY) -> Progress:
    return next(row for row in progress(site, today=TODAY) if row.kind is kind and row.item.code == code)


def csv_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_blank_overdue_and_due_columns_are_told_worst_first(site: TenantRef) -> None:
    """S33, D22, D23: news after 14 days, notices after 6 months; a column of columns has no duty of its own."""
    aged(publish_article("要闻", slug="a1"), 15)
    aged(publish_article("公告", slug="a2", parent="tzgg"), 178)

    found = {duty.page_id: duty for duty in duties(site, today=TODAY)}

    news, notices, policies = (found[column(slug).pk] for slug in ("yaowen", "tzgg", "zcwj"))
    assert (news.count, news.due, news.state, news.days) == (1, dt.date(2026, 11, 24), State.OVERDUE, 1)
    assert (notices.due, notices.state, notices.days) == (dt.date(2026, 11, 30), State.DUE_SOON, 5)
    assert policies.state is State.BLANK
    assert column("zwdt").pk not in found
    home = next(duty for duty in found.values() if duty.url == "/")
    assert (home.count, home.state, home.days) == (2, State.OVERDUE, 1)
    order = [duty.state for duty in warned(found.values())]
    assert order == sorted(order, key=[State.BLANK, State.OVERDUE, State.SHORT, State.DUE_SOON].index)
    assert found[column("zfxxgk").pk].state is State.FINE if column("zfxxgk").pk in found else True


def test_own_deadline_and_least_number_make_a_column_stricter(site: TenantRef) -> None:
    for number in range(3):
        aged(publish_article(f"要闻{number}", slug=f"b{number}"), 6)
    ColumnPage.objects.filter(slug="yaowen").update(update_days=5, least_items=4, responsible="样例科")

    late = duty_of(site, "yaowen")
    ColumnPage.objects.filter(slug="yaowen").update(update_days=None)
    short = duty_of(site, "yaowen")
    ColumnPage.objects.filter(slug="yaowen").update(least_items=3)

    assert (late.state, late.days, late.owner) == (State.OVERDUE, 1, "样例科")
    assert (short.state, short.count, short.least) == (State.SHORT, 3, 4)
    assert duty_of(site, "yaowen").state is State.FINE


def test_an_own_deadline_longer_than_the_rule_is_refused_beside_the_field(site: TenantRef) -> None:
    page = column("yaowen")
    page.update_days = 14
    page.full_clean()
    page.update_days = 15

    with pytest.raises(ValidationError, match="规定最长 14 天") as refused:
        page.full_clean()

    assert list(refused.value.message_dict) == ["update_days"]


def test_a_document_is_late_after_twenty_working_days_over_the_national_holiday(site: TenantRef) -> None:
    """D1: signed on 2025-09-16, the twentieth working day is 2025-10-20: 1 to 8 October are free, two weekend days worked."""
    for number, day in enumerate(((2025, 10, 19), (2025, 10, 20), (2025, 10, 21))):
        page = publish_document(f"文{number}", slug=f"c{number}", signed_date=dt.date(2025, 9, 16))
        aged(page, 0, today=dt.date(*day))
    aged(publish_document("旧文", slug="old", signed_date=dt.date(2019, 5, 14)), 0)
    aged(publish_document("无日历", slug="none", signed_date=dt.date(2026, 12, 20)), 0, today=dt.date(2027, 3, 1))
    place = Place.of(region_code="140105", tenant="xiaodian")

    found = lateness(rules_of([Key.OPENNESS_PUBLISH], on=TODAY, place=place)[Key.OPENNESS_PUBLISH], [])

    assert [(late.title, late.due, late.published) for late in found.late] == [("文2", dt.date(2025, 10, 20), dt.date(2025, 10, 21))]
    assert (found.judged, found.unknown) == (3, 1)
    assert progress_of(site, "20-01").late == 1


@pytest.mark.parametrize(
    ("count", "age", "state", "days"),
    [(3, 10, State.SHORT, 0), (4, 10, State.FINE, 0), (4, 90, State.DUE_SOON, 0), (4, 91, State.OVERDUE, 1), (3, 91, State.OVERDUE, 1)],
)
def test_an_entry_of_the_standard_needs_four_texts_and_one_in_ninety_days(
    site: TenantRef, count: int, age: int, state: State, days: int
) -> None:
    """D24, S11: counted over the chosen columns, each text once."""
    for number in range(count):
        aged(publish_article(f"要闻{number}", slug=f"d{number}"), age)
    for slug in ("zwdt", "yaowen"):
        Fulfilment.objects.create(kind="standard", code="03", page=column(slug))

    row = progress_of(site, "03", kind=Kind.STANDARD)

    assert (row.count, row.least, row.state, row.days) == (count, 4, state, days)
    assert [target.title for target in row.targets] == ["政务动态", "要闻"]


def test_entries_without_a_column_and_blank_ones_lower_the_share(site: TenantRef) -> None:
    before = totals(row for row in progress(site, today=TODAY) if row.kind is Kind.STATUTORY)
    aged(publish_document("办法", slug="e1"), 1)
    text = publish_article("财政预算", slug="e2")
    Fulfilment.objects.create(kind="statutory", code="20-07", page=text)

    after = totals(row for row in progress(site, today=TODAY) if row.kind is Kind.STATUTORY)

    assert (before["entries"], before["fulfilled"], before["percent"]) == (30, 0, 0)
    assert (after["fulfilled"], after["percent"]) == (2, 6)
    assert before["blank"] - after["blank"] == 1
    assert before["unmapped"] - after["unmapped"] == 1
    assert progress_of(site, "20-07").count == 1


def test_missing_years_of_reports_are_told_after_their_last_day(site: TenantRef) -> None:
    """D13: a government's report of last year is due on 31 March."""
    with transaction.atomic():
        for year in (2021, 2023):
            page = AnnualReportPage(title=f"{year}年年报（样例）", slug=f"r{year}", year=year, live=False)
            column("nianbao").add_child(instance=page)
            page.save_revision().publish()

    assert gaps(site, today=dt.date(2026, 3, 31)) == {"guide": ["公开指南尚未发布"], "reports": ["2022", "2024"]}
    assert gaps(site, today=dt.date(2026, 4, 1))["reports"] == ["2022", "2024", "2025"]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_looks_and_only_two_change(site: TenantRef, role: Role) -> None:
    editor = client(site, role)
    looked = {path: editor.get(ROOT + path).status_code for path in ("columns/", "entries/", "late/", "columns/?format=csv")}

    told = AuditEntry.objects.filter(action="openness.fulfilled_by", actor=role.value)
    before = told.count()
    changed = editor.post(ROOT + "entries/statutory/20-03/", {"columns": [column("yaowen").pk]})

    assert set(looked.values()) == {200}
    may = role in (Role.ADMINISTRATOR, Role.REVIEWER)
    assert changed.headers["Location"] == (f"{ROOT}entries/?catalogue=statutory" if may else "/admin/")
    assert Fulfilment.objects.count() == may
    assert told.count() - before == may


def test_the_start_page_names_the_columns_and_the_reports_are_files_too(site: TenantRef) -> None:
    ColumnPage.objects.filter(slug="yaowen").update(responsible="=样例科")
    editor = client(site, Role.EDITOR)

    start = editor.get("/admin/").content.decode()
    columns = csv_of(editor.get(ROOT + "columns/?format=csv"))
    entries = csv_of(editor.get(ROOT + "entries/?format=csv&catalogue=standard&field=财政预决算"))

    assert "需要更新的栏目" in start
    row = next(row for row in columns if row[0] == "要闻")
    assert row[2:6] == ["政务动态", "'=样例科", "0", "1"]
    assert row[8] == "空白"
    assert [row[2] for row in entries[1:]] == ["财政预决算", "政府预算、决算（样例）", "部门预算、决算（样例）"]


def test_a_chosen_column_counts_in_place_of_the_types_until_it_is_taken_back(site: TenantRef) -> None:
    """S33: the mapping is the site's; without one the columns' types decide."""
    editor = client(site, Role.ADMINISTRATOR)
    usual = [target.title for target in progress_of(site, "20-01").targets]

    editor.post(ROOT + "entries/statutory/20-01/", {"columns": [column("tzgg").pk]})
    chosen = [target.title for target in progress_of(site, "20-01").targets]
    editor.post(ROOT + "entries/statutory/20-01/", {})

    assert "政策文件" in usual
    assert chosen == ["通知公告"]
    assert [target.title for target in progress_of(site, "20-01").targets] == usual
    assert editor.get(ROOT + "entries/statutory/99-99/").status_code == 404
    assert editor.get(ROOT + "entries/other/20-01/").status_code == 404


def own_column(slug: str = "own-a") -> ColumnPage:
    page: ColumnPage = column("zwdt").add_child(instance=ColumnPage(title="临时栏目", slug=slug, column_type="other"))
    return page


def test_deleting_a_column_asks_where_its_content_goes_and_moves_it(site: TenantRef) -> None:
    """Nothing is lost silently: texts and what they fulfil move, search follows, the column goes, the audit trail knows."""
    old = own_column()
    text = publish_article("要搬走的", slug="moved", parent="own-a")
    Fulfilment.objects.create(kind="statutory", code="20-03", page=old)
    admin = client(site, Role.ADMINISTRATOR)

    asked = admin.get(f"/admin/pages/{old.pk}/delete/")
    unanswered = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "move"})
    kept = ColumnPage.objects.filter(pk=old.pk).exists()
    done = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "move", "target": column("tzgg").pk})

    assert "里还有 1 个页面" in asked.content.decode()
    assert "请选择内容移到哪个栏目" in unanswered.content.decode()
    assert kept
    assert done.status_code == 302
    assert not Page.objects.filter(pk=old.pk).exists()
    moved = ArticlePage.objects.get(pk=text.pk)
    assert moved.live
    assert moved.get_parent().slug == "tzgg"
    assert list(Fulfilment.objects.values_list("code", "page__slug")) == [("20-03", "tzgg")]
    assert Projection.objects.get(tenant_id=site.id, page_id=text.pk).path == "/zwdt/tzgg/moved/"
    entry = AuditEntry.objects.filter(action="column.deleted").latest("pk")
    assert entry.detail == {"moved": 1, "to": "/zwdt/tzgg/"}


def test_a_column_goes_with_its_content_only_when_its_name_is_typed(site: TenantRef) -> None:
    old = own_column()
    text = publish_article("要删除的", slug="lost", parent="own-a")
    admin = client(site, Role.ADMINISTRATOR)

    wrong = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "delete", "confirmed": "别的"})
    kept = ArticlePage.objects.filter(pk=text.pk).exists()
    done = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "delete", "confirmed": "临时栏目"})

    assert "请输入栏目名称" in wrong.content.decode()
    assert kept
    assert done.status_code == 302
    assert not ArticlePage.objects.filter(pk=text.pk).exists()
    assert AuditEntry.objects.filter(action="column.deleted").latest("pk").detail == {"deleted": 1, "first": ["要删除的"]}


def test_content_does_not_move_where_an_address_is_taken_or_the_kind_is_not_allowed(site: TenantRef) -> None:
    old = own_column()
    publish_article("同名甲", slug="same", parent="own-a")
    publish_article("同名乙", slug="same", parent="tzgg")
    admin = client(site, Role.ADMINISTRATOR)

    refused = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "move", "target": column("tzgg").pk}).content.decode()
    inside = admin.post(f"/admin/pages/{old.pk}/delete/", {"choice": "move", "target": old.pk}).content.decode()

    assert "“同名甲”与“通知公告”里的“同名乙”网址相同（same）" in refused
    assert "help-critical" in inside or "error" in inside
    assert Page.objects.get(pk=old.pk).get_children().count() == 1


def test_columns_with_content_are_not_deleted_in_bulk_and_empty_ones_are_not_asked_about(site: TenantRef) -> None:
    full, empty = own_column("own-full"), own_column("own-empty")
    publish_article("文", slug="f1", parent="own-full")
    admin = client(site, Role.ADMINISTRATOR)

    bulk = admin.post(f"/admin/bulk/wagtailcore/page/delete/?id={full.pk}&id={empty.pk}")

    assert bulk.status_code == 302
    assert ColumnPage.objects.filter(pk__in=[full.pk, empty.pk]).count() == 2
    assert "去向" not in admin.get(f"/admin/pages/{empty.pk}/delete/").content.decode()


def test_a_publication_time_is_corrected_with_a_reason_and_audited(site: TenantRef) -> None:
    """§2: a back-dated value needs a reason; nobody but who may publish sets one; the system's own is never in the form."""
    page = publish_article("旧闻", slug="g1")
    address = f"{ROOT}pages/{page.pk}/publication-time/"
    reviewer = client(site, Role.REVIEWER)
    soon = timezone.localtime() + LATER_THAN_ALL

    without = reviewer.post(address, {"published_at": "2020-05-01T09:30", "reason": ""})
    ahead = reviewer.post(address, {"published_at": soon.strftime("%Y-%m-%dT%H:%M"), "reason": "试"})
    refused = client(site, Role.EDITOR).post(address, {"published_at": "2020-05-01T09:30", "reason": "试"})
    untouched = Page.objects.get(pk=page.pk).first_published_at
    done = reviewer.post(address, {"published_at": "2020-05-01T09:30", "reason": "从旧网站迁入"})

    assert (without.status_code, ahead.status_code, done.status_code) == (200, 200, 302)
    assert refused.headers["Location"] == "/admin/"
    assert untouched == page.first_published_at
    after = Page.objects.get(pk=page.pk).first_published_at
    assert after is not None
    assert timezone.localtime(after).strftime("%Y-%m-%d %H:%M") == "2020-05-01 09:30"
    assert Projection.objects.get(tenant_id=site.id, page_id=page.pk).published_at == after
    entry = AuditEntry.objects.filter(action="page.publication_time.corrected").latest("pk")
    assert (entry.actor, entry.detail["reason"]) == ("reviewer", "从旧网站迁入")
    assert dt.datetime.fromisoformat(entry.detail["after"]) == after
    assert "first_published_at" not in {panel.field_name for panel in ArticlePage.content_panels if hasattr(panel, "field_name")}
    assert client(site, Role.REVIEWER).get(f"{ROOT}pages/{column('yaowen').pk}/publication-time/").status_code == 404


@pytest.mark.usefixtures("known_sites")
def test_the_report_s_queries_do_not_grow(site: TenantRef) -> None:
    publish_document("办法", slug="h", signed_date=dt.date(2026, 1, 5))
    Fulfilment.objects.create(kind="statutory", code="20-03", page=column("yaowen"))
    progress(site, today=TODAY)
    with CaptureQueriesContext(connection) as few:
        progress(site, today=TODAY)
        duties(site, today=TODAY)
    with transaction.atomic():
        for number in range(6):
            publish_document(f"办法{number}", slug=f"h{number}", signed_date=dt.date(2026, 1, 5 + number))
            Fulfilment.objects.create(kind="statutory", code=f"21-0{number + 1}", page=column("yaowen"))

    with CaptureQueriesContext(connection) as many:
        found = progress(site, today=TODAY)
        duties(site, today=TODAY)

    assert len(many) == len(few)
    assert len(found) == 62
    assert DocumentPage.objects.count() == 7


def test_a_site_is_measured_for_the_city(site: TenantRef) -> None:
    publish_document("办法", slug="i1")

    dry = io.StringIO()
    call_command("openness", "measure", "--site", "xiaodian", "--dry-run", stdout=dry, stderr=io.StringIO())
    before = Standing.objects.count()
    call_command("openness", "measure", "--site", "xiaodian", "--yes", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("openness", "measure", "--site", "xiaodian", "--yes", stdout=io.StringIO(), stderr=io.StringIO())
    out = io.StringIO()
    call_command("openness", "status", "--city", "taiyuan", stdout=out)

    kept = Standing.objects.get()
    assert before == 0
    assert (kept.platform_path, kept.entries, kept.fulfilled) == ("/zfxxgk/", 62, 1)
    assert kept.blank == sum(duty.state is State.BLANK for duty in duties(site, today=timezone.localdate()))
    assert "1 sites: 1 of 62 entries fulfilled" in out.getvalue()
    Standing.objects.all().delete()
