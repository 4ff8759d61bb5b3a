"""One number is one thing in all sites; a form sent twice is taken once; robots and the hasty are told, and nothing of them is kept."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from intake import services, views
from intake.contract import HastyFormError, Purpose, StaleFormError, TooManyError, TooManyOfPhoneError
from intake.forms import PublicForm
from intake.models import Receipt
from registry.contract import TenantRef
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("module_database")
NOON = dt.datetime(2026, 11, 26, 4, tzinfo=dt.UTC)  # at noon in China
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    here, there = copied_sites("xiaodian", "yingze")
    return here, there


@pytest.fixture(autouse=True)
def _no_receipts(sites: Sites) -> None:
    Receipt.objects.all().delete()


def issued(site: TenantRef, token: str, *, sender: str = "", contact: str = "", now: dt.datetime = NOON) -> Any:
    return services.issue(token, tenant=site, purpose=Purpose.LETTER, sender=sender, contact=contact, now=now)


def test_numbers_run_on_over_all_sites_and_the_database_refuses_a_second_one(sites: Sites) -> None:
    here, there = sites

    first, second = (issued(site, services.open_form(site, Purpose.LETTER)) for site in sites)

    assert (first.number[:8], first.is_new, second.is_new) == ("20261126", True, True)
    assert int(second.number[8:]) == int(first.number[8:]) + 1
    assert list(Receipt.objects.order_by("pk").values_list("number", "site")) == [(first.number, here.uuid), (second.number, there.uuid)]
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Receipt.objects.create(number=first.number, purpose=Purpose.COMMENT, site=there.uuid, form="x", issued_at=NOON)
    assert Receipt.objects.count() == 2


def test_a_form_sent_twice_has_one_number_and_the_same_code_which_is_kept_nowhere(sites: Sites) -> None:
    token = services.open_form(sites[0], Purpose.LETTER)

    first, second = issued(sites[0], token), issued(sites[0], token)

    assert (second.number, second.code, second.is_new) == (first.number, first.code, False)
    assert len(first.code) == 8
    row = Receipt.objects.get()
    assert not any(first.code in str(value) or token[:20] in str(value) for value in vars(row).values())


def test_a_code_opens_its_own_number_alone() -> None:
    kept = services.digest("ABCD2345", "20261126000001")

    assert services.is_code(" abcd2345 ", "20261126000001", kept)
    assert not services.is_code("ABCD2346", "20261126000001", kept)
    assert not services.is_code("ABCD2345", "20261126000002", kept)
    assert not services.is_code("ABCD2345", "20261126000001", "")


def test_a_form_of_another_site_or_of_yesterday_is_refused_and_nothing_is_kept(sites: Sites) -> None:
    here, there = sites
    with time_machine.travel(timezone.now() - dt.timedelta(hours=25), tick=False):
        old = services.open_form(here, Purpose.LETTER)

    for token in (services.open_form(there, Purpose.LETTER), services.open_form(here, Purpose.COMMENT), old, "made up"):
        with pytest.raises(StaleFormError):
            issued(here, token)

    assert Receipt.objects.count() == 0


def test_what_comes_back_too_soon_is_refused_and_taken_a_little_later(sites: Sites, settings: Any) -> None:
    settings.FORM_LEAST_SECONDS = 3
    token = services.open_form(sites[0], Purpose.LETTER)

    with pytest.raises(HastyFormError):
        issued(sites[0], token)
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5), tick=False):
        later = issued(sites[0], token)

    assert later.is_new
    assert Receipt.objects.count() == 1


def test_of_one_address_so_much_is_kept_an_hour_and_no_more(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_HOUR = 2
    tokens = [services.open_form(sites[0], Purpose.LETTER) for _ in range(4)]

    for token in tokens[:2]:
        issued(sites[0], token, sender="a")
    with pytest.raises(TooManyError):
        issued(sites[1], services.open_form(sites[1], Purpose.LETTER), sender="a")

    assert Receipt.objects.count() == 2
    assert not issued(sites[0], tokens[0], sender="a").is_new  # sent again: its number, not a refusal
    assert issued(sites[0], tokens[2], sender="b").is_new
    assert issued(sites[0], tokens[3], sender="a", now=NOON + dt.timedelta(hours=2)).is_new


def test_so_much_a_day_names_one_telephone_on_all_sites_and_from_any_address(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_PHONE = 2
    here, there = sites

    def hand_in(site: TenantRef, contact: str, now: dt.datetime = NOON) -> Any:
        return issued(site, services.open_form(site, Purpose.LETTER), sender=contact, contact=contact, now=now)

    hand_in(here, "13800000000")
    hand_in(there, "＋86 138-0000-0000（微信同号）")
    with pytest.raises(TooManyOfPhoneError, match=r"一天内已提交 2 件.*请明天再提交，或者把联系方式改为电子邮箱"):
        hand_in(here, "138 0000 0000", NOON + dt.timedelta(hours=23))

    assert Receipt.objects.count() == 2
    others = ("13800000001", "a@example.cn", "a@example.cn", "a@example.cn", "", "7000000")
    assert all(hand_in(here, contact).is_new for contact in others)
    assert hand_in(here, "13800000000", NOON + dt.timedelta(hours=25)).is_new


def test_of_a_telephone_a_digest_is_kept_for_a_day_and_never_the_number(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_PHONE = 2
    issued(sites[0], services.open_form(sites[0], Purpose.LETTER), sender="a" * 32, contact="13800000000")
    kept = Receipt.objects.get()

    issued(sites[1], services.open_form(sites[1], Purpose.LETTER), now=NOON + dt.timedelta(hours=23))
    assert Receipt.objects.get(pk=kept.pk).sender == "a" * 32
    issued(sites[1], services.open_form(sites[1], Purpose.LETTER), now=NOON + dt.timedelta(hours=24))

    assert len(kept.phone) == 32
    assert not any("13800000000" in str(value) for value in vars(kept).values())
    assert list(Receipt.objects.values_list("sender", "phone")) == [("", "")] * 3


def test_one_telephone_is_one_however_it_is_written() -> None:
    ways = ("13800000000", "+8613800000000", "0086 138 0000 0000", "138-0000-0000", "电话：13800000000")
    mobile = {services.phone_digest(way) for way in ways}
    office = {services.phone_digest(way) for way in ("0351-7000000", "03517000000", "0351 7000000-12")}

    assert (len(mobile), len(office)) == (1, 1)
    assert mobile.isdisjoint(office | {""})
    assert [services.phone_digest(way) for way in ("", "a13800@example.cn", "7000000", "140100199001011234", "1380000000")] == [""] * 5


def test_an_order_of_another_system_has_one_number_in_all_sites_of_the_city(sites: Sites) -> None:
    here, there = sites

    first = services.issue_for("12345:A1", tenant=here, purpose=Purpose.LETTER, now=NOON)
    again = services.issue_for("12345:A1", tenant=there, purpose=Purpose.LETTER, now=NOON)

    assert (first.is_new, again.is_new, again.number) == (True, False, first.number)


def test_each_purpose_counts_the_minutes_of_an_address_by_itself(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_MINUTE = 2
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.9")

    with time_machine.travel(NOON, tick=False):
        waits = [views.seconds_to_wait(request, purpose) for purpose in ("letter", "letter", "letter", "query")]

    assert waits == [0, 0, 60, 0]
    assert views.sender_of(request) not in ("", "192.0.2.9")


def test_who_fills_in_the_field_that_is_to_stay_empty_is_told() -> None:
    form = PublicForm({"token": "x", "homepage": "https://example.org"})

    assert not form.is_valid()
    assert list(form.errors) == ["homepage"]
    assert PublicForm({"token": "x", "homepage": ""}).is_valid()
