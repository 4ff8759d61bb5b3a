"""Whether a document is in force by its own dates, and how a late refusal is answered; without a database."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from library.contract import RelationKind, SelfRelationError, own_by_time
from library.selectors import standing
from search.contract import Validity
from tenants.documents.middleware import RefusedDocuments

TODAY = dt.date(2026, 11, 25)
EVE, MORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("own", "effective", "until", "expected"),
    [
        (Validity.IN_FORCE, None, None, Validity.IN_FORCE),
        (Validity.UNKNOWN, None, TODAY, Validity.UNKNOWN),
        (Validity.UNKNOWN, None, EVE, Validity.EXPIRED),
        (Validity.IN_FORCE, MORROW, None, Validity.PENDING),
        (Validity.PENDING, TODAY, None, Validity.IN_FORCE),
        (Validity.PENDING, None, None, Validity.PENDING),
        (Validity.REPEALED, MORROW, EVE, Validity.REPEALED),
        (Validity.EXPIRED, TODAY, None, Validity.EXPIRED),
    ],
)
def test_a_documents_own_dates(own: Validity, effective: dt.date | None, until: dt.date | None, expected: Validity) -> None:
    assert own_by_time(own, effective=effective, until=until, today=TODAY) is expected


def test_a_repeal_outweighs_all_and_an_amendment_what_is_not_over() -> None:
    both = {RelationKind.REPEALS, RelationKind.AMENDS}

    assert standing(Validity.EXPIRED, both) is Validity.REPEALED
    assert standing(Validity.EXPIRED, {RelationKind.AMENDS}) is Validity.EXPIRED
    assert standing(Validity.UNKNOWN, {RelationKind.AMENDS}) is Validity.AMENDED
    assert standing(Validity.UNKNOWN, {RelationKind.BASED_ON}) is Validity.UNKNOWN


def refused(request: HttpRequest, error: Exception) -> HttpResponse | None:
    request._messages = CookieStorage(request)  # type: ignore[attr-defined] # what Django's middleware does
    return RefusedDocuments(lambda _request: HttpResponse()).process_exception(request, error)


@pytest.mark.urls("config.urls.editor")
def test_a_late_refusal_leads_back_in_the_editor_with_its_words_and_nowhere_else() -> None:
    error = SelfRelationError(RelationKind.REPEALS, "甲办法")
    back = RequestFactory().post("/admin/pages/1/edit/", headers={"referer": "http://testserver/admin/pages/1/edit/", "host": "testserver"})
    abroad = RequestFactory().post("/admin/pages/1/edit/", headers={"referer": "http://elsewhere.example/", "host": "testserver"})

    answer, away = refused(back, error), refused(abroad, error)

    assert answer is not None
    assert away is not None
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://testserver/admin/pages/1/edit/")
    assert [str(message) for message in get_messages(back)] == ["《甲办法》不能废止它自己。请改选另一份文件。"]
    assert "elsewhere" not in away.headers["Location"]
    assert refused(RequestFactory().get("/zwgk/"), error) is None
    assert refused(RequestFactory().get("/admin/"), ValueError("another")) is None


@pytest.mark.urls("config.urls.editor")
def test_an_index_number_refused_at_an_approval_leads_back_with_its_words() -> None:
    taken = ValidationError({"index_no": ["索引号“A-1”已用于《停车办法》。"], "title": ["别的"]})
    back = RequestFactory().post("/admin/workflows/1/", headers={"host": "testserver"})
    other = RequestFactory().post("/admin/workflows/1/", headers={"host": "testserver"})

    answer = refused(back, taken)

    assert answer is not None
    assert (answer.status_code, [str(message) for message in get_messages(back)]) == (302, ["索引号“A-1”已用于《停车办法》。"])
    assert refused(other, ValidationError({"title": ["别的"]})) is None
    assert refused(other, ValidationError("别的")) is None
    assert refused(other, IntegrityError("another constraint")) is None
