"""The API as programs see it, a saved search as a feed, and what readers say of an answer."""

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from defusedxml import ElementTree
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from registry.contract import TenantRef
from registry.selectors import tenant_by_slug
from search.models import Feedback, RequestCount
from search.requests.parameters import NAMES
from tests.conftest import empty_database
from tests.factories.documents import document, publish, withdraw
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("_site")]
HOST = "xiaodian.localhost"
ATOM = "{http://www.w3.org/2005/Atom}"
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def _site(module_index: Any) -> None:
    """A county with thirty notices."""
    empty_database()
    (site,) = copied_sites("xiaodian")
    publish(*(notice(site, number) for number in range(1, 31)))
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()


def notice(site: TenantRef, number: int) -> Any:
    return document(
        site,
        900_000 + number,
        title=f"停车公告第{number}号",
        body=f"停车内容{number}",
        published_at=dt.datetime(2024, 1, number, 8, tzinfo=CHINA),
        path=f"/{number}/",
        doc_nos=(f"小政发〔2024〕{number}号",),
    )


def get(path: str, query: dict[str, str] | None = None, **headers: str) -> Any:
    return Client(headers={"host": HOST} | headers).get(path, query)


# --- the API ------------------------------------------------------------------


def test_the_description_is_openapi_and_answers_are_as_described() -> None:
    described = get("/api/search/openapi.json").json()

    validate(described)
    operation = described["paths"]["/api/search/"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == NAMES
    assert described["openapi"] == "3.1.0"
    for query, status, schema in (({"q": "停车"}, 200, "Answer"), ({"q": "停车怎么办理"}, 200, "Answer"), ({"year": "x"}, 422, "Errors")):
        answered = get("/api/search/", query)
        assert answered.status_code == status
        whole = {"$ref": f"#/components/schemas/{schema}", "components": described["components"]}
        Draft202012Validator(whole).validate(answered.json())
    assert get("/api/search/", {"q": "停车"}).json()["hits"] != []


@pytest.mark.parametrize("name", sorted(NAMES - {"q", "issuer"}))
def test_what_the_description_forbids_is_refused(name: str) -> None:
    described = get("/api/search/openapi.json").json()["paths"]["/api/search/"]["get"]["parameters"]
    schema = next(parameter["schema"] for parameter in described if parameter["name"] == name)

    refused = get("/api/search/", {name: "nonsense!"})

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [name]
    for value in schema.get("enum", []):
        assert get("/api/search/", {name: value}).status_code == 200
    if "maximum" in schema:
        assert get("/api/search/", {name: str(schema["minimum"])}).status_code == 200
        assert get("/api/search/", {name: str(schema["maximum"] + 1)}).status_code == 422


def test_an_unchanged_answer_is_not_sent_again() -> None:
    first = get("/api/search/", {"q": "停车"})
    again = get("/api/search/", {"q": "停车"}, **{"if-none-match": first.headers["ETag"]})
    other = get("/api/search/", {"q": "停车公告第3号"}, **{"if-none-match": first.headers["ETag"]})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert other.status_code == 200


def test_other_origins_may_read_and_nothing_else() -> None:
    client = Client(headers={"host": HOST, "origin": "https://elsewhere.example"})
    asked = client.options("/api/search/", headers={"access-control-request-method": "GET"})

    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    for response in (asked, client.get("/api/search/"), client.get("/api/search/", {"x": "1"}), client.get("/api/search/openapi.json")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert not response.cookies


def test_one_address_has_its_limit_and_others_have_theirs(settings: Any) -> None:
    settings.SEARCH_REQUESTS_PER_MINUTE, settings.PROXY_COUNT = 3, 1
    RequestCount.objects.all().delete()

    def statuses(address: str, count: int) -> list[int]:
        return [get("/api/search/", None, **{"x-forwarded-for": address}).status_code for _ in range(count)]

    assert statuses("192.0.2.7", 4) == [200, 200, 200, 429]
    assert statuses("192.0.2.8", 1) == [200]
    assert statuses("2001:db8:1:1::1", 2) == [200, 200]
    assert statuses("2001:db8:1:1:ffff::9", 2) == [200, 429]  # the same /64
    assert statuses("2001:db8:1:2::1", 1) == [200]
    refused = get("/search/feed/", None, **{"x-forwarded-for": "192.0.2.7"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "192.0.2" not in str(list(RequestCount.objects.values_list("network", flat=True)))


def test_people_can_read_the_description_too() -> None:
    text = get("/search/api/").content.decode()

    assert all(f"<code>{name}</code>" in text for name in NAMES)
    assert "http://xiaodian.localhost" in text


# --- a saved search -------------------------------------------------------------


def entries(**query: str) -> list[str]:
    response = get("/search/feed/", query)
    assert response.status_code == 200, response.content.decode()
    return [str(entry.findtext(f"{ATOM}title")) for entry in ElementTree.fromstring(response.content).findall(f"{ATOM}entry")]


def test_a_feed_has_the_newest_of_its_search() -> None:
    found = entries(q="停车公告", page="7", sort="relevance", utm_source="x")

    assert found == [f"停车公告第{number}号" for number in range(30, 10, -1)]
    assert entries(q="停车公告", date_to="2024-01-02") == ["停车公告第2号", "停车公告第1号"]
    assert entries(q="量子引力") == []


def test_the_page_names_its_feed_and_the_feed_its_page() -> None:
    page = get("/search/", {"q": "停车公告", "year": "2024", "page": "2"})
    address = page.context["search"]["feed_url"]

    assert address == "/search/feed/?q=%E5%81%9C%E8%BD%A6%E5%85%AC%E5%91%8A&scope=site&year=2024"
    assert 'rel="alternate" type="application/atom+xml"' in page.content.decode()
    feed = ElementTree.fromstring(get(address).content)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["alternate"] == f"http://{HOST}/search/?q=%E5%81%9C%E8%BD%A6%E5%85%AC%E5%91%8A&scope=site&year=2024"


def test_a_feed_that_did_not_change_is_not_sent_again() -> None:
    first = get("/search/feed/", {"q": "停车公告"})

    assert first.headers["Last-Modified"] == "Tue, 30 Jan 2024 00:00:00 GMT"
    assert get("/search/feed/", {"q": "停车公告"}, **{"if-none-match": first.headers["ETag"]}).status_code == 304
    assert get("/search/feed/", {"q": "停车公告"}, **{"if-modified-since": first.headers["Last-Modified"]}).status_code == 304
    assert get("/search/feed/", {"q": "停车公告", "year": "x"}).status_code == 422


def test_a_feed_shows_nothing_withdrawn(module_index: Any) -> None:
    site = tenant_by_slug("xiaodian")
    publish(document(site, 900_100, title="停车公告撤回", published_at=dt.datetime(2024, 6, 1, tzinfo=CHINA), path="/w/"))
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    assert entries(q="停车公告")[0] == "停车公告撤回"

    withdraw(site, 900_100)

    assert "停车公告撤回" not in entries(q="停车公告")


# --- was it useful --------------------------------------------------------------


def said() -> list[tuple[Any, ...]]:
    return list(Feedback.objects.order_by("pk").values_list("tenant__slug", "query", "scope", "total", "is_useful", "reason"))


def test_a_reader_says_whether_it_helped_without_saying_who() -> None:
    Feedback.objects.all().delete()
    client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    page = client.get("/search/", {"q": "停车 13800138000"})
    token = str(page.context["csrf_token"])

    thanks = client.post(
        "/search/feedback/", {"q": "停车 13800138000", "scope": "site", "total": "3", "useful": "no", "csrfmiddlewaretoken": token}
    )

    assert (thanks.status_code, "已收到，谢谢" in thanks.content.decode()) == (200, True)
    (kept,) = said()
    assert kept[0] == "xiaodian"
    assert kept[1].startswith("停车")
    assert "13800138000" not in kept[1]
    assert kept[2:] == ("site", 3, False, "")
    assert {field.name for field in Feedback._meta.get_fields()} == {
        "id",
        "tenant",
        "query",
        "scope",
        "total",
        "is_useful",
        "reason",
        "created_at",
    }


def test_without_the_token_nothing_is_kept() -> None:
    Feedback.objects.all().delete()
    client = Client(headers={"host": HOST}, enforce_csrf_checks=True)

    assert client.post("/search/feedback/", {"scope": "site", "total": "1", "useful": "yes"}).status_code == 403
    assert said() == []


@pytest.mark.parametrize("change", [{"useful": "maybe"}, {"total": "-1"}, {"total": "x"}, {"scope": "world"}, {"reason": "gossip"}])
def test_what_is_not_clear_is_asked_again(change: dict[str, str]) -> None:
    Feedback.objects.all().delete()

    answered = Client(headers={"host": HOST}).post(
        "/search/feedback/", {"q": "停车", "scope": "site", "total": "1", "useful": "no"} | change
    )

    assert answered.status_code == 422
    assert "请重新选择" in answered.content.decode()
    assert said() == []


def test_nobody_can_say_it_a_hundred_times(settings: Any) -> None:
    settings.PROXY_COUNT = 1
    Feedback.objects.all().delete()
    RequestCount.objects.all().delete()
    client = Client(headers={"host": HOST, "x-forwarded-for": "192.0.2.99"})

    answers = [client.post("/search/feedback/", {"scope": "site", "total": "1", "useful": "yes"}).status_code for _ in range(12)]

    assert answers == [200] * 10 + [429] * 2
    assert len(said()) == 10
    assert json.dumps(said()).count("xiaodian") == 10
