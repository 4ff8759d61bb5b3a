"""Which rule holds when and where; the table is only added to."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command

from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode
from rules.contract import Key, Mark, NoRuleError, Place, RuleExistsError, Scope, Unit
from rules.models import Rule
from rules.selectors import day_of, rule, value
from rules.services import Wanted, set_rule

pytestmark = pytest.mark.usefixtures("database")

D = dt.date
TAIYUAN = Place.of(region_code="140105", tenant="xiaodian")
LOCAL = Wanted("site.offline.notice", 15, Unit.WORKING_DAYS, "示例文件", Mark.OWN, D(2026, 1, 1), Scope.CITY, "140100")


@pytest.mark.parametrize("key", Key)
def test_every_rule_that_code_asks_for_is_there_with_its_basis(key: Key) -> None:
    rows = list(Rule.objects.filter(key=key.value))

    assert rows
    assert [row for row in rows if not (row.basis and row.note and row.mark)] == []


def test_the_rules_of_sites_are_those_of_the_guide() -> None:
    ours = [key for key in Key if key.startswith(("site.offline", "site.closing.grace", "site.domain", "search."))]

    assert {key.value: value(key, on=D(2026, 11, 25), place=TAIYUAN) for key in ours} == {
        "site.offline.notice": 10, "site.offline.longest": 30, "site.offline.times": 1, "site.closing.grace": 30, "site.domain.jump": 3,
        "search.text.kept": 180, "search.figures.kept": 1830,
    }  # fmt: skip
    assert value(Key.CLOSING_NOTICE, on=D(2026, 11, 25), place=Place.of(region_code="350100")) == 1


def test_the_rules_of_publishing_are_those_of_the_law_and_of_the_province() -> None:
    there = Place.of(region_code="350100")
    ours = [key for key in Key if not key.startswith(("site.offline", "site.closing", "site.domain", "search."))]

    rows = [rule(key, on=D(2026, 11, 25), place=TAIYUAN) for key in ours]

    assert {row.key: (row.value, row.unit) for row in rows} == {
        "openness.publish": (20, "working_days"), "openness.budget": (20, "days"), "openness.penalty.withdraw": (3, "days"),
        "openness.report.organ": (131, "month_day"), "openness.report.government": (331, "month_day"), "site.report": (131, "month_day"),
        "openness.item.records": (4, "records"), "openness.item.stale": (90, "days"),
        "document.publish": (20, "working_days"), "document.force.after": (30, "days"), "document.valid.longest": (60, "months"),
        "document.valid.trial": (24, "months"), "document.valid.warning": (90, "days"), "document.cleaning": (24, "months"),
        "interpretation.latest": (3, "working_days"), "interpretation.diversified": (70, "percent"),
        "interpretation.channels": (50, "percent"),
        "response.emergency": (5, "hours"), "response.press": (24, "hours"), "response.opinion": (48, "hours"),
        "response.misreading": (24, "hours"),
        "home.stale": (14, "days"), "column.news.stale": (14, "days"), "column.notices.stale": (6, "months"),
        "column.documents.stale": (6, "months"),
        "column.personnel.stale": (12, "months"), "column.planning.stale": (12, "months"), "new_media.stale": (14, "days"),
        "column.items": (1, "records"), "column.warning": (7, "days"),
        "service.elements.missing": (4, "records"), "service.items.incomplete": (5, "records"), "relay.state_council": (24, "hours"),
        "letter.answer.consult": (5, "working_days"), "letter.answer": (15, "working_days"),
        "letter.longest": (3, "months"), "letter.kept": (36, "months"),
        "consultation.decision": (30, "days"), "consultation.rule": (30, "days"), "consultation.market": (30, "days"),
        "consultation.normative": (30, "days"), "consultation.feedback": (30, "working_days"),
        "consultation.a_year": (6, "times_a_year"), "consultation.contact.kept": (12, "months"),
    }  # fmt: skip
    assert value(Key.RELAY_STATE_COUNCIL, on=D(2026, 11, 25), place=there) == 8
    assert day_of(Key.OPENNESS_REPORT_GOVERNMENT, year=2027, place=TAIYUAN) == D(2027, 3, 31)
    with pytest.raises(NoRuleError, match=r"interpretation\.channels"):
        value(Key.INTERPRETATION_CHANNELS, on=D(2026, 11, 25), place=there)
    with pytest.raises(ValueError, match=r"'home.stale' counts days; a day of the year is needed"):
        day_of(Key.HOME_STALE, year=2027, place=TAIYUAN)


def test_a_rule_of_another_province_and_a_day_before_all_rules_have_no_answer() -> None:
    with pytest.raises(NoRuleError, match=r"No rule 'site.closing.notice' holds on 2026-11-25 there.*manage.py rule set"):
        value(Key.CLOSING_NOTICE, on=D(2026, 11, 25), place=TAIYUAN)
    with pytest.raises(NoRuleError, match="holds on 2010-01-01"):
        value(Key.OFFLINE_NOTICE, on=D(2010, 1, 1), place=TAIYUAN)


def test_the_narrowest_scope_wins_and_only_where_and_when_it_holds() -> None:
    set_rule(LOCAL, by="tests")
    set_rule(replace(LOCAL, value=20, scope=Scope.TENANT, scope_code="xiaodian", valid_to=D(2026, 6, 30)), by="tests")
    set_rule(replace(LOCAL, value=12, scope=Scope.PROVINCE, scope_code="14"), by="tests")

    def asked(day: dt.date, place: Place) -> int:
        return value(Key.OFFLINE_NOTICE, on=day, place=place)

    assert asked(D(2026, 6, 30), TAIYUAN) == 20
    assert asked(D(2026, 7, 1), TAIYUAN) == 15
    assert asked(D(2026, 7, 1), Place.of(region_code="140200")) == 12
    assert asked(D(2026, 7, 1), Place.of(region_code="350100")) == 10
    assert asked(D(2025, 12, 31), TAIYUAN) == 10
    assert rule(Key.OFFLINE_NOTICE, on=D(2026, 7, 1), place=TAIYUAN).basis == "示例文件"


def test_setting_ends_what_held_before_is_audited_and_says_so_the_second_time() -> None:
    set_rule(LOCAL, by="zhangsan", address="203.0.113.7")

    assert set_rule(replace(LOCAL, value=5, valid_from=D(2026, 3, 1)), by="zhangsan")
    assert not set_rule(replace(LOCAL, value=5, valid_from=D(2026, 3, 1)), by="zhangsan")

    rows = Rule.objects.filter(scope="city").order_by("valid_from").values_list("value", "valid_from", "valid_to")
    assert list(rows) == [(15, D(2026, 1, 1), D(2026, 2, 28)), (5, D(2026, 3, 1), None)]
    entries = AuditEntry.objects.filter(action="rule.set").order_by("id")
    assert [(entry.actor, entry.address, entry.detail["after"]["value"]) for entry in entries] == [
        ("zhangsan", "203.0.113.7", "15"),
        ("zhangsan", None, "5"),
    ]


def test_a_rule_is_never_rewritten() -> None:
    set_rule(LOCAL, by="tests")

    with pytest.raises(RuleExistsError, match="never rewritten"):
        set_rule(replace(LOCAL, value=1), by="tests")

    assert Rule.objects.get(scope="city").value == 15


def test_the_command_lists_shows_and_sets(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> Any:
        call_command("rule", *arguments, "--json")
        return json.loads(capsys.readouterr().out)

    command = ["set", "site.domain.jump", "6", "--unit", "months", "--basis", "示例文件", "--from", "2026-12-01", "--scope", "city"]
    assert run(*command, "--code", "140100", "--dry-run") == {"would_set": "site.domain.jump"}
    assert Rule.objects.filter(scope="city").count() == 0
    assert run(*command, "--code", "140100")["changed"] is True
    assert run(*command, "--code", "140100")["changed"] is False
    assert [row["value"] for row in run("show", "site.domain.jump")] == [6, 3]
    assert "city 140100" not in {row["scope"] for row in run("list", "--on", "2026-11-30")}
    assert "city 140100" in {row["scope"] for row in run("list", "--on", "2026-12-01")}
    for wrong in (command, ["show", "no.such"]):
        with pytest.raises(CommandFailure) as caught:
            call_command("rule", *wrong)
        assert caught.value.returncode == ExitCode.WRONG_USAGE
