"""What meaning must never do: show what may not be seen, or undo what editors, the law or an exact name say."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from registry.contract import TenantRef
from search import client, selectors
from search.contract import Guidance, Question, Scope, Tab, Validity
from search.querying.bodies import NO_GUIDANCE
from search.semantic import asking, keeping, passages
from tests.factories.documents import document, publish, withdraw
from tests.factories.meaning import ASKED, TEXTS, read_by_the_model, titles

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("search_index", "by_meaning")]


@pytest.fixture
def site(make_site: Callable[..., TenantRef], model_folder: Path) -> TenantRef:
    """Return a site with three texts, found by their words and read by the model."""
    site = make_site("xiaodian")
    read_by_the_model(site, model_folder)
    return site


@pytest.fixture
def scope(site: TenantRef) -> Scope:
    """Return the scope of that site."""
    return selectors.scope_of_site(site)


def test_withdrawn_and_foreign_texts_never_show_though_their_passages_are_still_there(scope: Scope, site: TenantRef) -> None:
    withdraw(site, 2)

    assert "养犬管理条例" not in titles(ASKED, scope)
    assert len(client.writer().search(index=passages.index_name(), query={"term": {"id": f"{site.uuid}:page:2"}})["hits"]["hits"]) == 1


def test_limits_are_inside_the_search_for_passages(scope: Scope, site: TenantRef, make_site: Callable[..., TenantRef]) -> None:
    other = make_site("yingze")
    publish(document(other, 1, title="犬吠的处理", body=TEXTS["养犬管理条例"], published_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC)))
    keeping.build()
    client.writer().indices.refresh(index=passages.index_name())
    everywhere = Scope(sites=None, hidden=())

    def near(where: Scope, guidance: Guidance = NO_GUIDANCE, **choices: Any) -> int:
        return len(asking.nearest(Question(text=ASKED, **choices), where, guidance, 10.0))

    assert near(everywhere) == 4
    assert near(scope) == 3
    assert near(Scope(sites=None, hidden=(site.uuid,))) == 1
    assert near(Scope(sites=(other.uuid,), hidden=(other.uuid,))) == 0
    assert near(everywhere, Guidance(hidden=(f"{site.uuid}:page:2",))) == 3
    assert (near(everywhere, year=2020), near(everywhere, tab=Tab.NEWS), near(everywhere, site=other.uuid)) == (1, 0, 1)
    assert (near(everywhere, since=dt.date(2020, 5, 2)), near(everywhere, until=dt.date(2020, 5, 1))) == (0, 1)


def test_what_editors_lowered_and_what_is_repealed_gains_nothing_by_meaning(scope: Scope, site: TenantRef) -> None:
    pending = asking.start(Question(text=ASKED), scope=scope, guidance=Guidance(lowered=(f"{site.uuid}:page:2",)))
    assert pending is not None
    hit = {"_id": f"{site.uuid}:page:2", "_score": 5.0, "fields": {"group": ["g"], "validity": ["in_force"]}}
    assert pending._ranked(hit).weight == 0

    publish(document(site, 2, title="养犬管理条例", body=TEXTS["养犬管理条例"], validity=Validity.REPEALED))
    call_command("search", "rebuild", verbosity=0)

    assert titles(ASKED, scope)[0] == "夜班手册"


def test_a_text_named_exactly_comes_first_whatever_is_near(scope: Scope, site: TenantRef) -> None:
    name = "关于晚上睡不着应该找谁管的几点意见"
    publish(document(site, 9, title=name, body="第一条　本意见自发布之日起施行。"))
    call_command("search", "rebuild", verbosity=0)

    assert asking.applies_to(Question(text=name))
    assert titles(name, scope)[0] == name
