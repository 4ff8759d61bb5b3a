"""The list of topics: what ships, what operators may change, what is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from observability.models import AuditEntry
from observability.terminal import CommandFailure
from vocabularies.contract import Topic, TopicCircleError, TopicCityError, TopicError, TopicFormError, UnknownTopicError
from vocabularies.models import TopicRow
from vocabularies.selectors import family_of, topics
from vocabularies.services import offer_topic, set_topic

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _only_the_shipped_topics(database: None) -> Iterator[None]:
    kept = list(TopicRow.objects.values())
    yield
    TopicRow.objects.exclude(slug__in=[row["slug"] for row in kept]).delete()
    for row in kept:
        TopicRow.objects.update_or_create(slug=row["slug"], defaults=row)


def test_the_topics_of_the_work_points_ship_with_their_members() -> None:
    """S1, S2, S3, S4, S5, S6, S7, S17: each has its word."""
    known = topics(city="taiyuan")
    titles = {each.slug: each.title for each in known}

    assert [each.title for each in known if not each.parent] == ["六稳", "六保", "六新", "三大攻坚战", "转型发展", "优化营商环境"]
    assert [titles[slug] for slug in family_of("liuwen", known)] == [
        "六稳", "稳就业", "稳金融", "稳外贸", "稳外资", "稳投资", "稳预期",
    ]  # fmt: skip
    assert [titles[slug] for slug in family_of("gongjianzhan", known)] == [
        "三大攻坚战", "防范化解重大风险", "精准脱贫", "污染防治", "蓝天保卫战", "碧水保卫战", "净土保卫战",
    ]  # fmt: skip
    assert [len(family_of(slug, known)) for slug in ("liubao", "liuxin", "zhuanxing", "yingshang")] == [7, 7, 9, 4]


def test_a_topic_of_one_city_is_not_offered_to_another() -> None:
    set_topic(Topic("fenhe", "汾河治理", parent="bishui", city="taiyuan"), by="tests")

    assert "fenhe" in [each.slug for each in topics(city="taiyuan")]
    assert "fenhe" not in [each.slug for each in topics(city="datong")]
    assert "fenhe" in family_of("gongjianzhan", topics(city="taiyuan"))


def test_setting_twice_changes_nothing_and_each_change_is_recorded() -> None:
    wanted = Topic("fenhe", "汾河治理", city="taiyuan")
    before = AuditEntry.objects.count()

    assert [set_topic(wanted, by="tests"), set_topic(wanted, by="tests")] == [True, False]
    assert [offer_topic("fenhe", is_offered=False, by="tests"), offer_topic("fenhe", is_offered=False, by="tests")] == [True, False]

    assert AuditEntry.objects.count() == before + 2
    assert "fenhe" not in [each.slug for each in topics(city="taiyuan")]
    assert "fenhe" in [each.slug for each in topics(city="taiyuan", with_retired=True)]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Topic("六稳", "六稳"), TopicFormError),
        (Topic("new", "新", parent="nowhere"), UnknownTopicError),
        (Topic("liuwen", "六稳", parent="wenjiuye"), TopicCircleError),
        (Topic("liuwen", "六稳", city="taiyuan"), TopicCityError),
        (Topic("other", "六稳"), TopicError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(wanted: Topic, error: type[Exception]) -> None:
    before = list(TopicRow.objects.order_by("slug").values())

    with pytest.raises(error):
        set_topic(wanted, by="tests")

    assert list(TopicRow.objects.order_by("slug").values()) == before


def test_the_database_keeps_a_topic_with_texts_below_it() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TopicRow.objects.create(slug="self", title="自己", parent_id="self")


def test_operators_set_and_retire_at_the_command_line(capsys: Any) -> None:
    call_command("topic", "set", "fenhe", "汾河治理", "--parent", "bishui", "--dry-run", "--json")
    assert not TopicRow.objects.filter(slug="fenhe").exists()
    call_command("topic", "set", "fenhe", "汾河治理", "--parent", "bishui", "--yes", "--json")
    capsys.readouterr()
    call_command("topic", "retire", "fenhe", "--yes", "--json")

    assert json.loads(capsys.readouterr().out) == {"slug": "fenhe", "changed": True}
    with pytest.raises(CommandFailure, match="There is no topic 'nothing'"):
        call_command("topic", "retire", "nothing", "--yes")
