"""One number is one thing in all sites; a form sent twice is taken once; robots and the hasty are told, and nothing of them is kept."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from intake import services, views
from intake.contract import HastyFormError, Purpose, StaleFormError, TooManyError
from intake.forms import PublicForm
from intake.models import Receipt
from registry.contract import TenantRef
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("module_database")
NOON = dt.datetime(2026, 11, 26, 4, tzinfo=dt.UTC)  # at noon in China
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    here, there = open_sites("xiaodian", "yingze")
    return here, there


@pytest.fixture(autouse=True)
def _no_receipts(sites: Sites) -> None:
    Receipt.objects.all().delete()


def issued(site: TenantRef, token: str, *, sender: str = "", now: dt.datetime = NOON) -> Any:
    return services.issue(token, tenant=site, purpose=Purpose.LETTER, sender=sender, now=now)


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
