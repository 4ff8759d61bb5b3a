"""`manage.py rule list|show|set`."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from rules import selectors, services
from rules.contract import Mark, RuleRefusedError, Scope, Unit
from rules.models import Rule

COLUMNS = ["key", "value", "unit", "scope", "from", "to", "mark", "basis"]


class Command(VerbCommand):
    help = "Rules: numbers set by law or order, with the day they hold from and what they rest on."

    @override
    def verbs(self) -> Sequence[Verb]:
        key = argument("key", help="Name of the rule: site.offline.notice.")
        setting = [
            key,
            argument("value", type=int, help="The number."),
            argument("--unit", choices=[unit.value for unit in Unit], required=True, help="What it counts."),
            argument("--basis", required=True, help="The law or document it rests on, with article or number."),
            argument("--mark", choices=[mark.value for mark in Mark], default=Mark.CHECK.value, help="How sure that is."),
            argument("--from", dest="valid_from", type=dt.date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="First day."),
            argument("--to", dest="valid_to", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="Last day; none: it stays valid."),
            argument("--scope", choices=[scope.value for scope in Scope], default=Scope.NATION.value, help="Where it holds."),
            argument("--code", default="", help="Which province (14), city (140100) or site (slug)."),
            argument("--note", default="", help="A remark."),
        ]
        day = argument("--on", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="The day asked about; default today.")
        return [
            Verb("list", "List the rules that hold on a day.", self.list_rules, [day]),
            Verb("show", "Show what there ever was of one rule.", self.show_rule, [key]),
            Verb("set", "Set a rule from a day on; what held before stays in the table.", self.set_rule, setting, changes=True),
        ]

    def list_rules(self, terminal: Terminal) -> None:
        day = terminal.options["on"] or timezone.localdate()
        _show(terminal, f"Rules on {day}", list(selectors.holding(on=day).order_by("key", "scope", "scope_code")))

    def show_rule(self, terminal: Terminal) -> None:
        key = terminal.options["key"]
        rows = list(selectors.all_rules(key))
        if not rows:
            known = ", ".join(sorted(set(selectors.all_rules().values_list("key", flat=True)))) or "none yet"
            raise CommandFailure(f"There is no rule {key!r}. Rules: {known}.", code=ExitCode.WRONG_USAGE)
        _show(terminal, key, rows)

    def set_rule(self, terminal: Terminal) -> None:
        options = terminal.options
        wanted = services.Wanted(
            key=options["key"],
            value=options["value"],
            unit=Unit(options["unit"]),
            basis=options["basis"],
            mark=Mark(options["mark"]),
            valid_from=options["valid_from"],
            valid_to=options["valid_to"],
            scope=Scope(options["scope"]),
            scope_code=options["code"],
            note=options["note"],
        )
        if (wanted.scope is Scope.NATION) != (wanted.scope_code == ""):
            raise CommandFailure("A rule of a province, city or site needs --code; one of the nation has none.", code=ExitCode.WRONG_USAGE)
        try:
            if terminal.is_dry_run:
                _tell_foreseen(terminal, wanted)
                return
            changed = services.set_rule(wanted, by="system")
        except RuleRefusedError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        text = f"{wanted.key} is {wanted.value} from {wanted.valid_from}." if changed else f"{wanted.key} was set so before: nothing to do."
        terminal.result({"key": wanted.key, "changed": changed}, text=text)


def _tell_foreseen(terminal: Terminal, wanted: services.Wanted) -> None:
    ended = services.foresee(wanted).ended
    text = f"would set {wanted.key} to {wanted.value} from {wanted.valid_from}."
    terminal.result(
        {"would_set": wanted.key} | ({"would_end": str(ended)} if ended else {}), text=f"{text} It would end {ended}." if ended else text
    )


def _show(terminal: Terminal, title: str, rows: Sequence[Rule]) -> None:
    documents = [_document(row) for row in rows]
    terminal.table(title, COLUMNS, [list(document.values())[: len(COLUMNS)] for document in documents])
    terminal.result(documents, text=f"{len(rows)} rows.")


def _document(row: Rule) -> dict[str, Any]:
    return {
        "key": row.key,
        "value": row.value,
        "unit": row.unit,
        "scope": f"{row.scope} {row.scope_code}".strip(),
        "from": row.valid_from,
        "to": row.valid_to or "",
        "mark": row.mark,
        "basis": row.basis,
        "note": row.note,
    }
