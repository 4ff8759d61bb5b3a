"""What a blueprint would do to a site: three sides decide, and the work of the site's people is left alone."""

from dataclasses import replace

import pytest

from blueprints.comparing import compare
from blueprints.contract import Blueprint, Column, Verdict, Workflow, WorkflowStep
from tests.factories.blueprints import GUIDE, NEWS, NOTICES, WELCOME, blueprint

SPORT = Column("sport", "体育", "news")


def verdicts(wanted: Blueprint, present: Blueprint, base: Blueprint | None) -> list[tuple[str, Verdict]]:
    return [(entry.subject, entry.verdict) for entry in compare(wanted, present, base=base)]


def test_a_site_as_the_blueprint_says_differs_in_nothing() -> None:
    assert compare(blueprint(), blueprint(), base=None) == []
    assert compare(blueprint(), blueprint(), base=blueprint()) == []


def test_what_the_site_lacks_is_added() -> None:
    bare = blueprint(columns=(NEWS,), pages=())

    assert verdicts(blueprint(), bare, None) == [
        ("columns/news/notices", Verdict.ADD),
        ("columns/guide", Verdict.ADD),
        ("pages/guide/welcome", Verdict.ADD),
    ]


def test_what_is_still_as_applied_is_changed() -> None:
    newer = blueprint(
        theme="vermilion",
        settings={"home_panels": 9},
        roles={"editor": ("add",), "auditor": ()},
        workflow=Workflow("两审", (WorkflowStep("初审", ("editor",)), WorkflowStep("终审", ("reviewer",)))),
        columns=(replace(NEWS, title="新闻", is_on_home=False), NOTICES, GUIDE),
    )

    assert verdicts(newer, blueprint(), blueprint()) == [
        ("theme", Verdict.CHANGE),
        ("settings home_panels", Verdict.CHANGE),
        ("roles/editor", Verdict.CHANGE),
        ("workflow", Verdict.CHANGE),
        ("columns/news title", Verdict.CHANGE),
        ("columns/news on_home", Verdict.CHANGE),
    ]


@pytest.mark.parametrize("base", [None, blueprint()])
def test_what_the_sites_people_changed_is_left_alone(base: Blueprint | None) -> None:
    newer = blueprint(columns=(replace(NEWS, title="新闻"), NOTICES, GUIDE))
    site = blueprint(columns=(replace(NEWS, title="本站动态"), NOTICES, GUIDE), pages=(replace(WELCOME, text="我们自己写的。"),))

    assert verdicts(newer, site, base) == [("columns/news title", Verdict.EDITED), ("pages/guide/welcome text", Verdict.EDITED)]


def test_what_the_sites_people_removed_does_not_come_back_nor_does_anything_below_it() -> None:
    deeper = blueprint(columns=(NEWS, NOTICES, Column("news/notices/old", "旧公告", "notices"), GUIDE))
    site = blueprint(columns=(GUIDE,), pages=())

    assert verdicts(deeper, site, blueprint()) == [
        ("columns/news", Verdict.REMOVED),
        ("columns/news/notices", Verdict.REMOVED),
        ("columns/news/notices/old", Verdict.REMOVED),
        ("pages/guide/welcome", Verdict.REMOVED),
    ]


def test_what_the_blueprint_drops_and_what_is_the_sites_own_stays() -> None:
    smaller = blueprint(columns=(NEWS, GUIDE), pages=())
    site = blueprint(columns=(NEWS, NOTICES, GUIDE, SPORT))

    assert verdicts(smaller, site, blueprint()) == [
        ("columns/news/notices", Verdict.DROPPED),
        ("columns/sport", Verdict.OWN),
        ("pages/guide/welcome", Verdict.DROPPED),
    ]


def test_a_page_of_the_site_where_the_blueprint_wants_a_column_is_left_alone() -> None:
    taken = blueprint(columns=(NEWS, NOTICES, GUIDE, Column("guide/welcome", "欢迎", "guide")), pages=())

    assert ("columns/guide/welcome", Verdict.OWN) in verdicts(taken, blueprint(), None)


def test_order_is_changed_only_while_it_is_as_applied() -> None:
    turned = blueprint(columns=(GUIDE, NEWS, NOTICES))

    assert verdicts(turned, blueprint(), blueprint()) == [("order/", Verdict.CHANGE)]
    assert verdicts(turned, blueprint(), None) == [("order/", Verdict.EDITED)]
    assert verdicts(blueprint(), turned, blueprint()) == [("order/", Verdict.EDITED)]


def test_the_sites_own_columns_between_do_not_count_as_another_order() -> None:
    assert verdicts(blueprint(), blueprint(columns=(NEWS, NOTICES, SPORT, GUIDE)), blueprint()) == [("columns/sport", Verdict.OWN)]


def test_what_a_blueprint_does_not_mention_is_not_compared() -> None:
    silent = blueprint(settings={}, roles={}, workflow=None)

    assert verdicts(silent, blueprint(), blueprint()) == []
