"""What comes first among texts that fit as well: what is in force, and what is of the place named or stood on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from registry.selectors import tenant_by_slug
from search import selectors
from search.contract import Question, Validity
from search.curation.rules import NO_RULES
from search.explaining import explain
from tests.conftest import empty_database
from tests.factories.documents import document, publish
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("_texts")]
PORTAL, COUNTY = "taiyuan.localhost", "xiaodian.localhost"


@pytest.fixture(scope="module")
def _texts(module_index: Any) -> None:
    """Texts that differ in validity alone, and texts that differ in place alone; ids favour the ones that must come later."""
    empty_database()
    portal, xiaodian, yingze = copied_sites("taiyuan", "xiaodian", "yingze")
    validities = (Validity.REPEALED, Validity.EXPIRED, Validity.UNKNOWN, Validity.IN_FORCE)
    publish(
        *(
            document(portal, 900_001 + number, title=f"供热管理{word}", body=f"第一条 供热{word}。", validity=validity)
            for number, (word, validity) in enumerate(zip(("规定", "规则", "细则", "办法"), validities, strict=True))
        ),
        document(portal, 900_011, title="供水条例", body="甲", validity=Validity.REPEALED, doc_nos=("并政发〔2001〕9号",)),
        document(portal, 900_012, title="供水条例实施办法", body="供水条例 供水条例", validity=Validity.IN_FORCE),
        document(portal, 900_013, title="关于供水条例的说明", body="供水条例", validity=Validity.IN_FORCE),
        *(document(site, 900_021, title="校车安全通告", body=f"校车安全。{site.slug}") for site in (portal, yingze, xiaodian)),
        document(portal, 900_022, title="接送学生", body="校车安全。"),
        document(xiaodian, 900_023, title="接送孩子", body="校车安全。"),
        document(portal, 900_024, title="小店校车安全方案", body="乙"),
    )
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()


@pytest.fixture(autouse=True)
def _breaker() -> Iterator[None]:
    selectors.breaker.close()
    yield
    selectors.breaker.close()


def shown(host: str, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = Client(headers={"host": host}).get("/search/", query).context["search"]
    return found


def titles(text: str) -> list[str]:
    found = selectors.find(Question(text=text), scope=selectors.scope_of_everything())
    assert found.is_degraded is False
    return [hit.title for hit in found.hits]


def places(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return whose texts were found, in order, and their titles without marks."""
    return [(hit["site_name"], hit["title_html"].replace("<mark>", "").replace("</mark>", "")) for hit in found["hits"]]


def test_what_is_no_longer_in_force_stands_behind_and_is_not_hidden() -> None:
    found = titles("供热管理")

    assert sorted(found[:2]) == ["供热管理办法", "供热管理细则"]  # whether a text is in force is often unknown
    assert sorted(found[2:]) == ["供热管理规则", "供热管理规定"]


@pytest.mark.parametrize("query", ["供水条例", "并政发〔2001〕9号", "gongshuitiaoli"])
def test_a_repealed_text_asked_for_by_name_comes_first(query: str) -> None:
    assert titles(query)[0] == "供水条例"


@pytest.mark.parametrize(("slug", "name"), [("xiaodian", "小店区"), ("yingze", "迎泽区")])
def test_the_county_one_stands_on_comes_first_among_equals(slug: str, name: str) -> None:
    found = shown(f"{slug}.localhost", q="校车安全", scope="city")

    own = f"太原市{name}人民政府"
    equals = [(site, title) for site, title in places(found) if title == "校车安全通告"]
    assert equals[0][0] == own
    assert len(equals) == 3
    assert found["lift"] == {"names": name, "is_on": True, "url": found["lift"]["url"]}
    assert places(found).index(("太原市小店区人民政府", "接送孩子")) > places(found).index(equals[-1])  # a better match stays before


def test_a_place_named_comes_first_though_its_texts_do_not_name_it() -> None:
    for query in ("小店 校车安全", "校车安全 小店区"):
        found = shown(PORTAL, q=query)

        assert [title for site, title in places(found) if site == "太原市小店区人民政府"] == ["校车安全通告", "接送孩子"]
        notices = [site for site, title in places(found) if title == "校车安全通告"]
        assert (notices[0], len(notices)) == ("太原市小店区人民政府", 3)
        assert found["lift"]["names"] == "小店区"


def test_an_exact_title_stands_before_the_place_it_names() -> None:
    found = shown(PORTAL, q="小店校车安全方案")

    assert places(found)[0] == ("太原市人民政府", "小店校车安全方案")
    assert ("太原市小店区人民政府", "校车安全通告") in places(found)


def test_lifting_is_said_and_turned_off_and_on_by_a_link() -> None:
    reader = Client(headers={"host": COUNTY})
    on = reader.get("/search/", {"q": "校车安全", "scope": "city"})
    url = on.context["search"]["lift"]["url"]
    off = reader.get(url)

    assert "已优先显示小店区的结果。" in on.content.decode()
    assert "lift=0" in url
    assert "已优先显示" not in off.content.decode()
    back = off.context["search"]["lift"]["url"].replace("&", "&amp;")
    assert f'href="{back}" rel="nofollow">优先显示小店区的结果</a>' in off.content.decode()
    assert sorted(places(off.context["search"])) == sorted(places(on.context["search"]))
    assert "lift" not in back
    assert all("lift=0" in tab["url"] for tab in off.context["search"]["tabs"])


@pytest.mark.parametrize(
    ("host", "query"),
    [
        (COUNTY, {"q": "校车安全", "scope": "site"}),  # one place alone
        (PORTAL, {"q": "校车安全"}),
        (PORTAL, {"q": "太原校车安全"}),  # all of it is the city's
        (COUNTY, {"q": "校车安全", "scope": "city", "sort": "date"}),
        (COUNTY, {"q": "校车安全", "scope": "city", "region": "140106"}),
        (COUNTY, {"q": "供热管理", "scope": "city"}),  # nothing of the place among the hits
        (COUNTY, {"q": "", "scope": "city"}),
    ],
)
def test_nothing_is_said_where_nothing_is_lifted(host: str, query: dict[str, str]) -> None:
    assert shown(host, **query)["lift"] is None


def test_programs_lift_and_refuse_the_same() -> None:
    reader = Client(headers={"host": COUNTY})

    lifted = reader.get("/api/search/", {"q": "校车安全", "scope": "city"}).json()
    level = reader.get("/api/search/", {"q": "校车安全", "scope": "city", "lift": "0"}).json()
    wrong = reader.get("/api/search/", {"q": "校车安全", "lift": "2"})

    assert next(hit["site"] for hit in lifted["hits"] if hit["title"] == "校车安全通告") == "xiaodian"
    assert sorted(hit["id"] for hit in level["hits"]) == sorted(hit["id"] for hit in lifted["hits"])
    assert (wrong.status_code, wrong.json()["errors"]) == (422, [{"field": "lift", "message": "lift 只能是 0。"}])


def test_an_explanation_sums_up_to_the_score() -> None:
    scope = selectors.scope_of_everything()
    portal = tenant_by_slug("taiyuan")

    for page in (900_001, 900_004):
        told = explain(Question(text="供热管理"), f"{portal.uuid}:page:{page}", scope=scope, rules=NO_RULES).place
        assert told is not None
        assert sum(part.score for part in told.parts) == pytest.approx(told.score, abs=0.1)
        assert "其他因素" not in {part.label for part in told.parts}
