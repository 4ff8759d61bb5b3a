"""`manage.py catalogue list|show|import|export`."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone
from typing_extensions import override

from catalogues import importing, selectors, services
from catalogues.contract import LEVEL_LABELS, Announcement, CatalogueFileError, Item, Kind, Level, Problem
from catalogues.models import Edition
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from rules.contract import Place, Scope

MOST_LINES = 50


class Command(VerbCommand):
    help = "What governments must publish: the statutory tree and the standard catalogue of the 26 fields."

    @override
    def verbs(self) -> Sequence[Verb]:
        kind = argument("kind", choices=[kind.value for kind in Kind], help="Which catalogue.")
        here = [
            argument("--city", default="", help="Division code of the city whose own edition counts."),
            argument("--on", type=dt.date.fromisoformat, default=None, help="The day, as 2026-01-31; today if left out."),
        ]
        target = argument("file", type=Path, help="Where to.")
        level = argument("--level", choices=[level.value for level in Level], default="", help="Only what is the duty of this level.")
        importing_ones = [
            kind,
            argument("file", type=Path, help=f"CSV with {'、'.join(importing.COLUMNS.values())}."),
            argument("--title", required=True, help="What the edition is called."),
            argument("--source", required=True, help="Who announced it, with its number."),
            argument("--published", type=dt.date.fromisoformat, required=True, help="The day it was announced."),
            argument("--from", dest="valid_from", type=dt.date.fromisoformat, required=True, help="The first day it counts."),
            argument("--scope", choices=[scope.value for scope in Scope], default=Scope.NATION.value, help="Where it counts."),
            argument("--code", default="", help="Which province, city (division code) or site (slug)."),
        ]
        return [
            Verb("list", "List all editions.", self.list_editions),
            Verb("show", "Show the entries that count.", self.show, [kind, level, *here]),
            Verb("export", "Write the entries that count as CSV.", self.export, [kind, target, *here]),
            Verb("import", "Take in an edition; the good lines are kept.", self.import_file, importing_ones, changes=True),
        ]

    def list_editions(self, terminal: Terminal) -> None:
        rows = selectors.editions()
        terminal.table(
            "Editions",
            ["catalogue", "edition", "title", "source", "from", "where", "entries"],
            [[row.kind, row.number, row.title, row.source, row.valid_from, _where(row), row.entries.count()] for row in rows],
        )
        terminal.result([_document(row) for row in rows], text=f"{len(rows)} editions.")

    def show(self, terminal: Terminal) -> None:
        found = self._edition(terminal)
        level = Level(terminal.options["level"]) if terminal.options["level"] else None
        items = selectors.items(found, level=level)
        terminal.table(
            str(found),
            ["code", "field", "entry", "levels", "sample"],
            [[item.code, item.field, item.title, _levels(item), "sample" if item.is_sample else ""] for item in items],
        )
        entries = [{"code": item.code, "field": item.field, "title": item.title, "is_sample": item.is_sample} for item in items]
        terminal.result(_document(found) | {"entries": entries}, text=f"{len(items)} entries.")

    def export(self, terminal: Terminal) -> None:
        found = self._edition(terminal)
        items = selectors.items(found)
        try:
            terminal.options["file"].write_text("\ufeff" + importing.written(items), encoding="utf-8")
        except OSError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"entries": len(items)}, text=f"{len(items)} entries written.")

    def import_file(self, terminal: Terminal) -> None:
        items, problems = self._read(terminal.options["file"])
        announcement = self._announcement(terminal)
        for problem in problems[:MOST_LINES]:
            terminal.warn(str(problem))
        if len(problems) > MOST_LINES:
            terminal.warn(f"and {len(problems) - MOST_LINES} more")
        if not items:
            raise CommandFailure("No line of the file can be kept.")
        if terminal.is_dry_run:
            text = f"would take in {len(items)} entries."
            edition = None
        else:
            edition = services.add_edition(announcement, items, by="system")
            text = f"Taken in: {edition}, {len(items)} entries." if edition else "All known already: nothing to do."
        document = {"number": edition.number if edition else None, "entries": len(items), "problems": [_problem(each) for each in problems]}
        terminal.result(document, text=text)
        if problems:
            raise CommandFailure(f"{len(problems)} mistakes: mend those lines and import again.", code=ExitCode.PARTLY_DONE)

    def _read(self, file: Path) -> tuple[list[Item], list[Problem]]:
        try:
            return importing.read(file.read_text(encoding="utf-8-sig").splitlines(keepends=True))
        except (OSError, UnicodeDecodeError, CatalogueFileError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error

    def _announcement(self, terminal: Terminal) -> Announcement:
        given = terminal.options
        scope = Scope(given["scope"])
        if (scope is Scope.NATION) == bool(given["code"]):
            raise CommandFailure("--code goes with --scope province, city or tenant, and must be there then.", code=ExitCode.WRONG_USAGE)
        return Announcement(
            kind=Kind(given["kind"]),
            title=given["title"],
            source=given["source"],
            published_on=given["published"],
            valid_from=given["valid_from"],
            scope=scope,
            scope_code=given["code"],
        )

    def _edition(self, terminal: Terminal) -> Edition:
        code = terminal.options["city"]
        place = Place.of(region_code=code) if code else Place()
        found = selectors.edition(Kind(terminal.options["kind"]), on=terminal.options["on"] or timezone.localdate(), place=place)
        if found is None:
            raise CommandFailure("No edition counts on that day there: see `manage.py catalogue list`.")
        return found


def _where(row: Edition) -> str:
    return f"{row.scope} {row.scope_code}".strip()


def _levels(item: Item) -> str:
    return " ".join(LEVEL_LABELS[level] for level in item.levels)


def _document(row: Edition) -> dict[str, object]:
    names = ("kind", "number", "title", "source", "published_on", "valid_from", "scope", "scope_code")
    return {name: getattr(row, name) for name in names}


def _problem(problem: Problem) -> dict[str, object]:
    return {"line": problem.line, "field": problem.field, "mend": problem.mend}
