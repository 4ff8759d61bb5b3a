"""Relations of documents across sites: kept on both sides, undone without a trace, refused where they contradict."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.log_actions import LogContext
from wagtail.models import Page, PageLogEntry

from accounts.models import User
from library import services
from library.contract import (
    ContradictionError,
    CycleError,
    Member,
    NotEntitledError,
    PartnerLockedError,
    RelationError,
    RelationKind,
    SelfRelationError,
    UnknownDocumentError,
)
from library.models import Relation
from library.selectors import find_document, relations_of, relations_of_many
from memberships.contract import Role
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.documents.services import settle
from tenants.pages.importing import find_column, import_texts
from tenants.pages.models import DocumentPage
from tests.conftest import empty_database
from tests.factories.library import clear, document, say, validity_of
from tests.factories.people import person
from tests.factories.sites import copied_sites, put_into

REPEALS, AMENDS, BASED_ON = RelationKind.REPEALS, RelationKind.AMENDS, RelationKind.BASED_ON
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    yield opened
    put_into(State.LIVE, *opened)
    clear(*opened)


def shown(member: Member) -> list[tuple[str, bool, str, str, str]]:
    return [
        (each.kind.value, each.is_inverse, each.partner.title, each.partner.url, each.partner.validity.value)
        for each in relations_of(member)
    ]


def found(member: Member) -> tuple[str, str]:
    row = Projection.objects.get(pk=member.key)
    return row.state, row.validity


def test_a_repeal_reaches_the_document_of_another_site_in_its_page_its_draft_and_search_and_is_taken_back(sites: Sites) -> None:
    """S16: repealing sets 废止 on the other side, in one transaction, and taking it back restores what was."""
    portal, here, there = sites
    new = document(portal, "停车管理办法", slug="new", doc_no="并政发〔2026〕1号")
    old = document(here, "停车暂行办法", slug="old", doc_no="小政发〔2020〕9号")
    stranger = document(there, "停车暂行办法实施细则", slug="stranger")
    with in_schema_of(here):  # a draft that says more and still thinks the document in force
        draft = DocumentPage.objects.get(pk=old.page)
        draft.summary = "尚未发布的摘要"
        draft.save_revision()

    say(portal, new, (REPEALS, old))

    assert (validity_of(here, old), found(old)) == ("repealed", ("live", "repealed"))
    assert (validity_of(there, stranger), found(stranger)) == ("in_force", ("live", "in_force"))
    with in_schema_of(here):
        page = DocumentPage.objects.get(pk=old.page)
        assert (page.summary, page.own_validity, page.get_latest_revision_as_object().validity) == ("", "in_force", "repealed")
        assert page.get_latest_revision_as_object().summary == "尚未发布的摘要"
    assert shown(new) == [("repeals", False, "停车暂行办法", "http://xiaodian.localhost:8000/zwgk/zcwj/old/", "repealed")]
    assert shown(old) == [("repeals", True, "停车管理办法", "http://taiyuan.localhost:8000/zwgk/zcwj/new/", "in_force")]
    assert shown(stranger) == []

    say(portal, new)

    assert (validity_of(here, old), found(old)) == ("in_force", ("live", "in_force"))
    assert (shown(new), shown(old)) == ([], [])
    with in_schema_of(here):
        page = DocumentPage.objects.get(pk=old.page)
        assert (page.own_validity, page.get_latest_revision_as_object().validity) == ("", "in_force")


def test_whoever_repeals_at_one_site_is_in_no_history_of_another(sites: Sites) -> None:
    portal, here, _ = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    person("reviewer", roles={Role.REVIEWER: [portal]})
    with in_schema_of(portal):
        reviewer = User.objects.get(username="reviewer")

    with LogContext(user=reviewer):
        say(portal, new, (REPEALS, old))

    with in_schema_of(here):
        entries = PageLogEntry.objects.filter(page=old.page, action="documents.validity")
        assert [(entry.user_id, entry.data) for entry in entries] == [(None, {"before": "in_force", "after": "repealed"})]


def test_of_two_repeals_the_last_one_taken_back_restores(sites: Sites) -> None:
    portal, here, _ = sites
    first, second = document(portal, "甲办法", slug="first"), document(here, "乙办法", slug="second")
    old = document(here, "旧办法", slug="old", validity="unknown")
    say(portal, first, (REPEALS, old))
    say(here, second, (AMENDS, old))

    say(portal, first)
    with_one = validity_of(here, old)
    say(here, second)

    assert (with_one, validity_of(here, old)) == ("amended", "unknown")


def test_publishing_an_old_draft_does_not_bring_a_repealed_document_back(sites: Sites) -> None:
    portal, here, _ = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    say(portal, new, (REPEALS, old))

    say(here, old, validity="in_force", summary="改了摘要")

    with in_schema_of(here):
        page = DocumentPage.objects.get(pk=old.page)
        assert (page.validity, page.summary) == ("repealed", "改了摘要")
    assert found(old) == ("live", "repealed")


def test_a_repeal_with_a_day_takes_effect_on_that_day(sites: Sites) -> None:
    portal, here, _ = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    day = dt.date(2099, 1, 1)
    say(portal, new, (REPEALS, old, day))

    before = validity_of(here, old)
    with transaction.atomic():
        settle(here, page=old.page, today=dt.date(2098, 12, 31))
        eve = validity_of(here, old)
        settle(here, page=old.page, today=day)

    assert (before, eve, validity_of(here, old)) == ("in_force", "in_force", "repealed")
    assert relations_of(old)[0].effective_on == day


def test_relations_survive_a_new_title_and_a_new_address_and_lose_their_link_with_the_partner(sites: Sites) -> None:
    portal, here, _ = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    say(portal, new, (REPEALS, old))

    say(here, old, title="旧办法（已改名）", slug="renamed")

    assert shown(new) == [("repeals", False, "旧办法（已改名）", "http://xiaodian.localhost:8000/zwgk/zcwj/renamed/", "repealed")]
    with in_schema_of(here), transaction.atomic():
        Page.objects.get(pk=old.page).specific.unpublish()
    assert shown(new) == [("repeals", False, "旧办法（已改名）", "", "unknown")]
    with in_schema_of(here), transaction.atomic():
        Page.objects.get(pk=old.page).delete()
    assert shown(new) == [("repeals", False, "旧办法（已改名）", "", "unknown")]
    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(pk=new.page).delete()
    assert Relation.objects.count() == 1


@pytest.mark.parametrize("kind", [REPEALS, AMENDS, BASED_ON])
def test_circles_and_contradictions_are_refused_with_both_titles_and_change_nothing(sites: Sites, kind: RelationKind) -> None:
    """S16: a document repealing itself, two repealing each other, a circle of amendments are refused."""
    portal, _, _ = sites
    one, two, three = (document(portal, f"{name}办法", slug=slug) for name, slug in (("甲", "one"), ("乙", "two"), ("丙", "three")))
    say(portal, one, (kind, two))
    say(portal, two, (kind, three))
    before = list(Relation.objects.order_by("pk").values())

    with pytest.raises(SelfRelationError, match="《甲办法》"):
        say(portal, one, (kind, one))
    with pytest.raises(CycleError, match=r"《乙办法》.*《甲办法》"):
        say(portal, two, (kind, one), (kind, three))
    with pytest.raises(CycleError, match=r"《丙办法》.*《甲办法》.*《乙办法》.*《丙办法》"):
        say(portal, three, (kind, one))

    assert list(Relation.objects.order_by("pk").values()) == before
    assert validity_of(portal, one) == "in_force"


def test_one_document_cannot_both_repeal_and_amend_another(sites: Sites) -> None:
    portal, _, _ = sites
    one, two = document(portal, "甲办法", slug="one"), document(portal, "乙办法", slug="two")

    with pytest.raises(ContradictionError, match=r"《甲办法》.*《乙办法》"):
        say(portal, one, (REPEALS, two), (AMENDS, two))

    assert (Relation.objects.count(), validity_of(portal, two)) == (0, "in_force")


def test_a_county_cannot_repeal_what_the_city_or_another_county_issued(sites: Sites) -> None:
    portal, here, there = sites
    mine = document(here, "小店区办法", slug="mine")
    citys, neighbours = document(portal, "市办法", slug="citys"), document(there, "迎泽区办法", slug="neighbours")

    for target in (citys, neighbours):
        with pytest.raises(NotEntitledError):
            say(here, mine, (REPEALS, target))
    say(here, mine, (BASED_ON, citys))

    assert (validity_of(portal, citys), validity_of(there, neighbours)) == ("in_force", "in_force")
    assert [(each.kind, each.partner.title) for each in relations_of(mine)] == [(BASED_ON, "市办法")]


def test_a_site_that_is_read_only_is_not_written_to(sites: Sites) -> None:
    portal, here, _ = sites
    new, old = document(portal, "新办法", slug="new"), document(here, "旧办法", slug="old")
    put_into(State.READ_ONLY, here)

    with pytest.raises(PartnerLockedError, match=r"《旧办法》.*小店区"):
        say(portal, new, (REPEALS, old))

    assert (Relation.objects.count(), validity_of(here, old), found(old)) == (0, "in_force", ("live", "in_force"))


def test_a_draft_or_a_page_of_no_site_cannot_be_related_to(sites: Sites) -> None:
    portal, here, _ = sites
    new = document(portal, "新办法", slug="new")
    with in_schema_of(here), transaction.atomic():
        column = Page.objects.get(slug="zcwj")
        draft = column.add_child(instance=DocumentPage(title="征求意见中的办法", slug="draft", live=False))

    for target in (Member(here.uuid, draft.pk), Member(here.uuid, 999_999)):
        with pytest.raises(UnknownDocumentError):
            services.relate(REPEALS, source=new, source_title="新办法", target=target)

    assert Relation.objects.count() == 0


def test_other_rooms_relate_their_texts_and_take_it_back(sites: Sites) -> None:
    portal, here, _ = sites
    policy = document(portal, "停车管理办法", slug="policy")
    reading = Member(here.uuid, 4711)

    for _ in range(2):
        services.relate(RelationKind.INTERPRETS, source=reading, source_title="一图读懂", target=policy)

    assert [(each.label, each.partner.title, each.partner.url) for each in relations_of(policy)] == [("解读", "一图读懂", "")]
    assert services.unrelate(RelationKind.INTERPRETS, source=reading, target=policy)
    assert not services.unrelate(RelationKind.INTERPRETS, source=reading, target=policy)
    assert relations_of(policy) == []


def test_a_document_is_found_by_number_title_or_address_in_its_own_city(sites: Sites) -> None:
    portal, here, there = sites
    policy = document(here, "停车管理办法", slug="policy", doc_no="小政发〔2026〕3号")
    document(portal, "收费办法", slug="fees")
    document(there, "收费办法", slug="fees")

    for reference in ("小政发〔2026〕3号", "《停车管理办法》", "http://xiaodian.localhost:8000/zwgk/zcwj/policy/", policy.key):
        assert find_document(reference, city_slug="taiyuan") == policy
    with pytest.raises(RelationError, match=r"http://taiyuan\.localhost:8000/zwgk/zcwj/fees/"):
        find_document("收费办法", city_slug="taiyuan")
    with pytest.raises(UnknownDocumentError, match="没有的文件"):
        find_document("没有的文件", city_slug="taiyuan")
    with pytest.raises(UnknownDocumentError):
        find_document("停车管理办法", city_slug="datong")


@pytest.mark.usefixtures("known_sites")
def test_relations_cost_the_same_however_many_there_are(sites: Sites) -> None:
    portal, here, _ = sites
    one = document(portal, "甲办法", slug="one")
    texts = [Member(here.uuid, number) for number in range(1, 30)]
    for text in texts:
        services.relate(RelationKind.INTERPRETS, source=text, source_title=f"解读{text.page}", target=one)
    relations_of(one)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = relations_of_many([one, *texts])

    assert len(queries) == 2
    assert (len(found[one]), {len(found[text]) for text in texts}) == (29, {1})


def test_importing_a_repealed_document_again_does_not_bring_it_back(sites: Sites) -> None:
    portal, here, _ = sites
    line = json.dumps({"id": "D1", "title": "旧办法", "body": "第一条　停车。", "kind": "dept_rule", "validity": "in_force"})
    with in_schema_of(here):
        column = find_column("zcwj")
        import_texts(column, [line])
        page = DocumentPage.objects.get(source_id="D1")
    new, old = document(portal, "新办法", slug="new"), Member(here.uuid, page.pk)
    say(portal, new, (REPEALS, old))

    with in_schema_of(here):
        again = import_texts(column, [line])

    assert (page.document_class, again.unchanged, validity_of(here, old), found(old)) == ("rule", 1, "repealed", ("live", "repealed"))
