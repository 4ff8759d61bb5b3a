"""Searches and clicks as they are kept: masked, without persons, and never at a search's cost."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from registry.contract import TenantRef
from search import selectors
from search.analytics import keeping, recording, services
from search.analytics.masking import NUMBER
from search.models import ClickRecord, SearchDay, SearchRecord, SessionSalt
from tests.factories.documents import document, publish
from tests.factories.sites import copied_sites
from tests.factories.tables import execute, rows

pytestmark = pytest.mark.usefixtures("database")

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
PLANTED = ["140105199003071234", "14010519900307123X", "13800138000", "6222021234567890123", "zhangsan@example.com", "03517121234"]


@pytest.fixture(autouse=True)
def _nothing_waits(settings: Any) -> Iterator[None]:
    """Begin and end with an empty queue, and without an engine: what is recorded does not depend on it."""
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    recording._waiting.clear()
    yield
    recording._waiting.clear()


@pytest.fixture
def site() -> TenantRef:
    (made,) = copied_sites("xiaodian")
    publish(document(made, 1, title="停车管理办法"))
    return made


def client(agent: str = BROWSER, host: str = "xiaodian.localhost", **headers: str) -> Client:
    return Client(headers={"host": host, "user-agent": agent, **headers})


def search(query: str, *, asking: Client | None = None, **parameters: str) -> Any:
    response = (asking or client()).get("/search/", {"q": query, **parameters})
    recording.flush()
    return response


def test_a_search_is_recorded_with_what_it_found(site: TenantRef) -> None:
    response = search("停车 管理", year="2024")

    (row,) = SearchRecord.objects.all()
    assert (row.tenant_id, row.text, row.normal, row.channel, row.reach, row.page) == (site.id, "停车 管理", "停车 管理", "page", "site", 1)
    assert (row.total, row.is_filtered, row.is_degraded) == (0, True, True)
    assert row.city is not None
    assert row.city.slug == "taiyuan"
    assert f"{row.pk}".count("-") == 4
    assert response.status_code == 200


def test_planted_numbers_are_in_no_table_in_any_form(site: TenantRef) -> None:
    for planted in PLANTED:
        search(f"停车 {planted}")
        search("停车" + " ".join(planted))
        client().get("/api/search/", {"q": planted})
    recording.flush()

    assert SearchRecord.objects.count() == len(PLANTED) * 3
    tables = [name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'search_%'")]
    assert "search_searchrecord" in tables
    for table in tables:
        kept = "\n".join(text for (text,) in rows(f'SELECT row_to_json(t)::text FROM public."{table}" t'))  # noqa: S608 - names of our own tables
        assert [planted for planted in PLANTED if planted in kept.replace(" ", "")] == []
    assert SearchRecord.objects.filter(text__contains=NUMBER).count() >= 10


def test_no_address_and_no_agent_is_kept(site: TenantRef) -> None:
    search("停车", asking=Client(headers={"host": "xiaodian.localhost", "user-agent": BROWSER}, REMOTE_ADDR="203.0.113.77"))

    kept = str(rows("SELECT row_to_json(t)::text FROM search_searchrecord t"))
    assert "203.0.113.77" not in kept
    assert "Mozilla" not in kept
    assert not {field.name for field in SearchRecord._meta.get_fields()} & {"address", "ip", "user", "agent", "user_agent"}


def test_one_visitor_is_one_session_for_a_day_and_nobody_can_link_two_days(site: TenantRef) -> None:
    search("停车")
    search("公园")
    search("停车", asking=client(BROWSER + " other"))
    sessions = list(SearchRecord.objects.order_by("at").values_list("session", flat=True))
    assert sessions[0] == sessions[1] != sessions[2]
    (salt,) = SessionSalt.objects.all()

    SessionSalt.objects.update(day=salt.day - dt.timedelta(days=1))
    search("停车")

    assert SearchRecord.objects.order_by("-at").values_list("session", flat=True)[0] not in sessions
    assert [kept.day for kept in SessionSalt.objects.all()] == [salt.day]
    assert bytes(SessionSalt.objects.get().salt) != bytes(salt.salt)


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0 (compatible; Baiduspider/2.0)", "curl/8.5", "python-requests/2.32", "kube-probe/1.30", "Googlebot/2.1", "Wget/1.21"],
)
def test_programs_are_not_counted(site: TenantRef, agent: str) -> None:
    assert search("停车", asking=client(agent)).status_code == 200

    assert SearchRecord.objects.count() == 0


def test_what_nobody_waited_for_is_not_counted(site: TenantRef) -> None:
    search("停车", asking=client(**{"sec-purpose": "prefetch;prerender"}))
    client().head("/search/", {"q": "停车"})
    search("")

    assert recording.flush() == 0
    assert SearchRecord.objects.count() == 0


def test_a_click_is_counted_once_in_the_session_that_searched(site: TenantRef) -> None:
    number = search("停车").context["search"]["id"]
    told = {"search": str(number), "rank": "2", "document": f"{site.uuid}:page:1"}

    answers = [client().post("/search/click/", told) for _ in range(2)]
    client(BROWSER + " other").post("/search/click/", {**told, "document": f"{site.uuid}:page:2"})
    recording.flush()

    assert [(answer.status_code, answer.content, answer.headers.get("Location")) for answer in answers] == [(204, b"", None)] * 2
    assert list(ClickRecord.objects.values_list("search", "rank", "document")) == [(number, 2, f"{site.uuid}:page:1")]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"search": "x", "rank": "1", "document": "x"},
        {"search": str(uuid.uuid4()), "rank": "1", "document": "6f1c1c1e-0000-4000-8000-000000000000:page:1"},
        {"search": str(uuid.uuid4()), "rank": "0", "document": "6f1c1c1e-0000-4000-8000-000000000000:page:1"},
        {"search": str(uuid.uuid4()), "rank": "99999", "document": "6f1c1c1e-0000-4000-8000-000000000000:page:1"},
        {"search": str(uuid.uuid4()), "rank": "1", "document": "https://evil.example/"},
        {"search": str(uuid.uuid4()), "rank": "1", "document": "x", "url": "https://evil.example/", "next": "//evil.example"},
    ],
)
def test_whatever_it_is_told_a_click_leads_nowhere(site: TenantRef, told: dict[str, str]) -> None:
    response = client().post("/search/click/", told)
    recording.flush()

    assert (response.status_code, response.content) == (204, b"")
    assert "Location" not in response.headers
    assert ClickRecord.objects.count() == 0
    assert client().get("/search/click/", told).status_code == 405


def test_a_search_answers_when_nothing_can_be_recorded(site: TenantRef) -> None:
    execute("ALTER TABLE search_searchrecord RENAME TO search_searchrecord_away")
    try:
        response = search("停车")
    finally:
        execute("ALTER TABLE search_searchrecord_away RENAME TO search_searchrecord")

    assert response.status_code == 200
    assert "停车管理办法" in response.content.decode().replace("<mark>", "").replace("</mark>", "")
    assert SearchRecord.objects.count() == 0


def test_a_locked_table_costs_the_record_and_no_more_than_its_limit(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "TIMEOUT_MILLISECONDS", 50)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE public.search_searchrecord IN ACCESS EXCLUSIVE MODE")
            assert search("停车").status_code == 200
    finally:
        other.close()

    assert SearchRecord.objects.count() == 0
    assert recording.flush() == 0


def test_the_queue_is_bounded(site: TenantRef) -> None:
    visitor = recording.Visitor("203.0.113.1", BROWSER)
    for rank in range(recording.MOST_WAITING + 50):
        recording.note(visitor, recording.Clicked(uuid.uuid4(), dt.datetime.now(dt.UTC), rank, "x"))

    assert len(recording._waiting) == recording.MOST_WAITING


def test_what_waits_is_written_after_a_response(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_written_at", 0.0)

    client().get("/search/", {"q": "停车"})

    assert SearchRecord.objects.count() == 1


def aged(site: TenantRef, days: int, now: dt.datetime, **fields: Any) -> SearchRecord:
    values = {"session": "s", "channel": "page", "reach": "site", "text": "停车", "normal": "停车", "total": 1, "took_ms": 10}
    made: SearchRecord = SearchRecord.objects.create(at=now - dt.timedelta(days=days), tenant_id=site.id, **(values | fields))
    return made


def test_texts_go_when_their_time_has_come_and_the_figures_stay(site: TenantRef) -> None:
    now = dt.datetime(2027, 6, 1, 3, tzinfo=dt.UTC)
    term = keeping.text_days(on=now.date())
    old, young = aged(site, term + 1, now), aged(site, term - 1, now)
    aged(site, term + 1, now, session="t", total=0, took_ms=30)
    ClickRecord.objects.create(search=old, at=old.at, rank=1, document="x")
    SessionSalt.objects.create(day=now.date() - dt.timedelta(days=1), salt=b"x")

    planned = services.purge(now=now, is_dry_run=True)
    assert SearchRecord.objects.count() == 3
    done = services.purge(now=now)

    assert (planned, done) == (services.Purged(2, 2, 1, 0), services.Purged(2, 2, 1, 0))
    assert list(SearchRecord.objects.values_list("pk", flat=True)) == [young.pk]
    assert (ClickRecord.objects.count(), SessionSalt.objects.count()) == (0, 0)
    figures = SearchDay.objects.order_by("day").values_list("searches", "sessions", "without_result", "with_click", "took_p95_ms")
    assert list(figures) == [(2, 2, 1, 1, 30), (1, 1, 0, 0, 10)]
    assert services.purge(now=now) == services.Purged(0, 0, 0, 0)


def test_a_database_that_is_away_costs_nothing_but_the_record(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_day: dt.date) -> bytes:
        raise OperationalError("away")

    monkeypatch.setattr(recording, "_salt", fails)

    assert search("停车").status_code == 200
    assert SearchRecord.objects.count() == 0
    assert selectors.scope_of_site(site).sites == (site.uuid,)
