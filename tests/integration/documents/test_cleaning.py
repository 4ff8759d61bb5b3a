"""Campaigns of cleaning: listed on a day, decided by each site for itself, in effect together, published, resumable."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from wagtail.models import Page

from library import services
from library.contract import ConcludedError, Decision, NothingToCleanError, ReasonError, RelationKind, UndecidedError
from library.models import Campaign, CampaignItem, Conclusion
from library.selectors import progress_of
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import ArticlePage, ColumnPage
from tests.conftest import empty_database
from tests.factories.library import clear, document, say, validity_of
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

DAY = dt.date(2026, 6, 30)
EARLIER = {"document_class": "normative", "signed_date": dt.date(2026, 1, 1)}
ROLES = (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR)
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here = copied_sites("taiyuan", "xiaodian")
    for role in ROLES:
        person(role.value, roles={role: [portal, here]})
    return portal, here


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    yield opened
    Campaign.objects.all().delete()
    for site in opened:
        with in_schema_of(site), transaction.atomic():
            for page in ArticlePage.objects.filter(slug__startswith="qingli-"):
                page.delete()
    clear(*opened)
    Projection.objects.all().delete()


def client(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def city_campaign() -> Campaign:
    return services.open_campaign("2026年清理", as_of=DAY, city_slug="taiyuan", by="tests")


def test_a_campaign_lists_what_is_in_force_on_its_day_and_nothing_else(sites: Sites) -> None:
    """S16, D21: a campaign lists the documents of a day, of a site or of the whole city."""
    portal, here = sites
    document(portal, "市办法", slug="city", doc_no="并政发〔2026〕1号", **EARLIER)
    document(here, "区办法", slug="county", **EARLIER)
    document(here, "后来的", slug="later", document_class="normative", signed_date=dt.date(2026, 7, 1))
    document(here, "已废止", slug="gone", validity="repealed", **EARLIER)
    document(here, "法律", slug="law", category="law", signed_date=dt.date(2020, 1, 1))

    whole = city_campaign()
    own = services.open_campaign("区清理", as_of=DAY, city_slug="taiyuan", site=here, by="tests")

    assert list(whole.items.order_by("pk").values_list("site", "title", "doc_no")) == [
        (portal.uuid, "市办法", "并政发〔2026〕1号"),
        (here.uuid, "区办法", ""),
    ]
    assert list(own.items.values_list("title", flat=True)) == ["区办法"]
    with pytest.raises(NothingToCleanError):
        services.open_campaign("太早", as_of=dt.date(1990, 1, 1), city_slug="taiyuan", by="tests")
    assert Campaign.objects.count() == 2


def test_decisions_take_effect_together_are_published_and_a_second_time_changes_nothing(sites: Sites) -> None:
    """S16: 废止和失效 lists are published as a page; what was decided is in force at once, on this site alone."""
    portal, here = sites
    repealed, kept, expired = (document(here, title, slug=slug, **EARLIER) for title, slug in (("甲", "a"), ("乙", "b"), ("丙", "c")))
    citys = document(portal, "市办法", slug="city", **EARLIER)
    campaign = city_campaign()
    decided = {repealed: Decision.REPEAL, kept: Decision.KEEP, expired: Decision.EXPIRE}
    for member, decision in decided.items():
        services.decide(campaign, site=here, page=member.page, decision=decision, reason=f"{decision.label}的理由", by="editor")

    before = [validity_of(here, member) for member in decided]
    first = services.conclude(campaign, site=here, by="reviewer")
    again = services.conclude(campaign, site=here, by="reviewer")

    assert before == ["in_force", "in_force", "in_force"]
    assert [validity_of(here, member) for member in decided] == ["repealed", "in_force", "expired"]
    assert validity_of(portal, citys) == "in_force"
    assert Projection.objects.get(pk=repealed.key).validity == "repealed"
    assert (first.pk, Conclusion.objects.count()) == (again.pk, 1)
    with in_schema_of(here):
        assert ArticlePage.objects.filter(slug=f"qingli-{campaign.pk}").count() == 1
    html = Client(headers={"host": here.primary_domain}).get(first.path).content.decode()
    cells = re.findall(r"<t[dh][^>]*>\s*([^<]*?)\s*</t[dh]>", html[html.index("废止的文件目录") :])
    assert [cell for cell in cells if cell in {"甲", "乙", "丙", "废止的理由", "失效的理由"}] == ["甲", "废止的理由", "丙", "失效的理由"]
    assert "保留 1 件，修改 0 件，废止 1 件，失效 1 件" in html
    assert [(each.site.slug, each.total, each.decided, bool(each.path)) for each in progress_of(campaign)] == [
        ("taiyuan", 1, 0, False),
        ("xiaodian", 3, 3, True),
    ]
    with pytest.raises(ConcludedError):
        services.decide(campaign, site=here, page=kept.page, decision=Decision.REPEAL, reason="后悔", by="editor")


def test_nothing_takes_effect_while_one_document_is_undecided_or_the_list_cannot_be_published(sites: Sites) -> None:
    _, here = sites
    one, two = document(here, "甲", slug="a", **EARLIER), document(here, "乙", slug="b", **EARLIER)
    campaign = city_campaign()
    services.decide(campaign, site=here, page=one.page, decision=Decision.REPEAL, reason="已有新规定", by="editor")

    with pytest.raises(UndecidedError, match="《乙》"):
        services.conclude(campaign, site=here, by="reviewer")
    with pytest.raises(ReasonError, match="《乙》"):
        services.decide(campaign, site=here, page=two.page, decision=Decision.EXPIRE, reason=" ", by="editor")
    services.decide(campaign, site=here, page=two.page, decision=Decision.EXPIRE, reason="届满", by="editor")
    with in_schema_of(here):
        columns = list(ColumnPage.objects.filter(column_type="documents").values_list("pk", flat=True))
        ColumnPage.objects.filter(pk__in=columns).update(column_type="other")
    with pytest.raises(ValueError, match="政策文件"):
        services.conclude(campaign, site=here, by="reviewer")
    untouched = [validity_of(here, member) for member in (one, two)]
    with in_schema_of(here):
        ColumnPage.objects.filter(pk__in=columns).update(column_type="documents")
    services.conclude(campaign, site=here, by="reviewer")

    assert untouched == ["in_force", "in_force"]
    assert [validity_of(here, member) for member in (one, two)] == ["repealed", "expired"]


def test_what_was_amended_or_deleted_meanwhile_does_not_stop_a_campaign(sites: Sites) -> None:
    portal, here = sites
    gone, amended = document(here, "甲", slug="a", **EARLIER), document(here, "乙", slug="b", **EARLIER)
    new = document(portal, "新", slug="new", signed_date=dt.date(2026, 7, 1))
    campaign = city_campaign()
    for member in (gone, amended):
        services.decide(campaign, site=here, page=member.page, decision=Decision.REPEAL, reason="过时", by="editor")
    with in_schema_of(here), transaction.atomic():
        Page.objects.get(pk=gone.page).delete()
    say(portal, new, (RelationKind.AMENDS, amended))

    services.conclude(campaign, site=here, by="reviewer")
    say(portal, new)

    assert validity_of(here, amended) == "repealed"


def test_each_site_decides_its_own_by_its_own_people(sites: Sites) -> None:
    portal, here = sites
    mine, citys = document(here, "甲", slug="a", **EARLIER), document(portal, "市办法", slug="city", **EARLIER)
    opened = client(portal, Role.REVIEWER).post(
        "/admin/document-cleaning/", {"title": "全市清理", "as_of": "2026-06-30", "is_for_city": "on"}
    )
    campaign = Campaign.objects.get()
    address = f"/admin/document-cleaning/{campaign.pk}/"
    own, other = (CampaignItem.objects.get(page=member.page, site=member.site) for member in (mine, citys))
    choice = {f"decision-{own.pk}": "repeal", f"reason-{own.pk}": "过时", f"decision-{other.pk}": "repeal", f"reason-{other.pk}": "越权"}

    decided, concluded = [], []
    for role in (Role.AUDITOR, Role.EDITOR):
        client(here, role).post(address, choice)
        decided.append(CampaignItem.objects.get(pk=own.pk).decision)
    for role in (Role.EDITOR, Role.REVIEWER):
        client(here, role).post(f"{address}conclude/")
        concluded.append(Conclusion.objects.count())
    shown = client(here, Role.AUDITOR).get(address).content.decode()

    assert (opened.status_code, opened.headers["Location"]) == (302, address)
    assert (decided, concluded) == (["", "repeal"], [0, 1])
    own.refresh_from_db()
    other.refresh_from_db()
    assert ((own.decision, own.decided_by), other.decision) == (("repeal", "editor"), "")
    assert (validity_of(here, mine), validity_of(portal, citys)) == ("repealed", "in_force")
    assert ("市办法" in shown, "太原市人民政府" in shown, "过时" in shown) == (False, True, True)


def test_a_sites_own_campaign_is_no_other_sites_business(sites: Sites) -> None:
    portal, here = sites
    document(here, "甲", slug="a", **EARLIER)
    campaign = services.open_campaign("区清理", as_of=DAY, city_slug="taiyuan", site=here, by="tests")
    address = f"/admin/document-cleaning/{campaign.pk}/"

    assert client(here, Role.EDITOR).get(address).status_code == 200
    assert client(portal, Role.ADMINISTRATOR).get(address).status_code == 404
    assert client(portal, Role.ADMINISTRATOR).post(f"{address}conclude/").status_code == 404
    assert "区清理" not in client(portal, Role.ADMINISTRATOR).get("/admin/document-cleaning/").content.decode()
    assert "is_for_city" not in client(here, Role.ADMINISTRATOR).get("/admin/document-cleaning/").content.decode()
