"""`manage.py catalogue list|show|compare|export|import|fill`."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from django.utils import timezone
from typing_extensions import override

from catalogues import importing, selectors, services
from catalogues.comparing import compare
from catalogues.contract import (
    ENTRY_LABELS,
    LEVEL_LABELS,
    Announcement,
    CatalogueFileError,
    Difference,
    Item,
    Kind,
    Level,
    UnknownFieldError,
)
from catalogues.models import Edition
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from rules.contract import Place, Scope
from spreadsheets import sheets
from spreadsheets.sheets import Problem

MOST_LINES = 50
Reader = Callable[[Iterable[tuple[int, list[str]]]], tuple[list[Item], list[Problem]]]


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
        announcing = [
            argument("--title", required=True, help="What the edition is called."),
            argument("--source", required=True, help="Who announced it, with its number."),
            argument("--published", type=dt.date.fromisoformat, required=True, help="The day it was announced."),
            argument("--from", dest="valid_from", type=dt.date.fromisoformat, required=True, help="The first day it counts."),
            argument("--scope", choices=[scope.value for scope in Scope], default=Scope.NATION.value, help="Where it counts."),
            argument("--code", default="", help="Which province, city (division code) or site (slug)."),
        ]
        whole = argument("file", type=Path, help=f"CSV or XLSX with {'、'.join(ENTRY_LABELS.values())}.")
        numbers = [kind, argument("number", type=int, help="The edition's number, see `list`.")]
        other = argument("--with", dest="older", type=int, default=None, help="Number of the older one; left out: the one it replaced.")
        field = argument("field", help="One of the 26 fields, by its name or its number.")
        table = argument(
            "file", type=Path, help="The standard's table as CSV or XLSX: 公开事项 一级 and 二级, 公开内容（要素）, 公开依据 and so on."
        )
        return [
            Verb("list", "List all editions.", self.list_editions),
            Verb("show", "Show the entries that count.", self.show, [kind, level, *here]),
            Verb("compare", "Show what an edition changed.", self.compare, [*numbers, other]),
            Verb("export", "Write the entries that count as CSV.", self.export, [kind, target, level, *here]),
            Verb("import", "Take in an edition; the good lines are kept.", self.import_file, [kind, whole, *announcing], changes=True),
            Verb(
                "fill",
                "Take in the entries of one field as a further edition; the rest stays.",
                self.fill,
                [field, table, *announcing],
                changes=True,
            ),
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

    def compare(self, terminal: Terminal) -> None:
        kind, number, older = Kind(terminal.options["kind"]), terminal.options["number"], terminal.options["older"]
        found = selectors.edition_numbered(kind, number)
        base = selectors.edition_numbered(kind, older) if older is not None else selectors.before(found) if found else None
        if found is None or (older is not None and base is None):
            raise CommandFailure("There is no edition of that number: see `manage.py catalogue list`.", code=ExitCode.WRONG_USAGE)
        changed = compare(selectors.items(base), selectors.items(found))
        document = {"edition": found.number, "with": base.number if base else None, **_difference(changed)}
        _show_difference(terminal, changed)
        terminal.result(document, text=_counted(changed))

    def export(self, terminal: Terminal) -> None:
        found = self._edition(terminal)
        items = selectors.items(found, level=Level(terminal.options["level"]) if terminal.options["level"] else None)
        try:
            terminal.options["file"].write_text("\ufeff" + importing.written(items), encoding="utf-8")
        except OSError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"entries": len(items)}, text=f"{len(items)} entries written.")

    def import_file(self, terminal: Terminal) -> None:
        announcement = self._announcement(terminal, Kind(terminal.options["kind"]))
        items, problems = self._read(terminal.options["file"], importing.read_rows)
        self._take(terminal, announcement, items, problems, base=self._base(announcement))

    def fill(self, terminal: Terminal) -> None:
        announcement = self._announcement(terminal, Kind.STANDARD)
        base = self._base(announcement)
        if base is None:
            raise CommandFailure("No standard catalogue counts there on that day, so there is no field to fill. Import one first.")
        try:
            field = selectors.field_named(base, terminal.options["field"])
        except UnknownFieldError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        rows, problems = self._read(terminal.options["file"], partial(importing.read_field, field=field))
        used = selectors.codes_of(Kind.STANDARD)
        items = services.fill_field(selectors.items(base), field, rows, used=used, keep_others=bool(problems)) if rows else []
        self._take(terminal, announcement, items, problems, base=base)

    def _take(
        self, terminal: Terminal, announcement: Announcement, items: list[Item], problems: list[Problem], *, base: Edition | None
    ) -> None:
        """Take in an edition, or only say what it would change, and report what was wrong by line."""
        for problem in problems[:MOST_LINES]:
            terminal.warn(str(problem))
        if len(problems) > MOST_LINES:
            terminal.warn(f"and {len(problems) - MOST_LINES} more")
        if not items:
            raise CommandFailure("No line of the file can be kept.")
        changed = compare(selectors.items(base), items)
        _show_difference(terminal, changed)
        edition = None if terminal.is_dry_run else services.add_edition(announcement, items, by="system")
        if terminal.is_dry_run:
            text = f"would take in {len(items)} entries: {_counted(changed)}"
        else:
            text = f"Taken in: {edition}, {len(items)} entries: {_counted(changed)}" if edition else "All known already: nothing to do."
        document = {"number": edition.number if edition else None, "entries": len(items), **_difference(changed)}
        terminal.result(document | {"problems": [_problem(each) for each in problems]}, text=text)
        if problems:
            raise CommandFailure(f"{len(problems)} mistakes: mend those lines and import again.", code=ExitCode.PARTLY_DONE)

    def _read(self, file: Path, reader: Reader) -> tuple[list[Item], list[Problem]]:
        try:
            return reader(sheets.read(file.read_bytes()))
        except (OSError, sheets.SheetError, CatalogueFileError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error

    def _base(self, announcement: Announcement) -> Edition | None:
        """Return the edition that counts where and when the new one begins."""
        code = announcement.scope_code
        place = {
            Scope.NATION: Place(),
            Scope.PROVINCE: Place(province=code),
            Scope.CITY: Place.of(region_code=code),
            Scope.TENANT: Place(tenant=code),
        }
        return selectors.edition(announcement.kind, on=announcement.valid_from, place=place[announcement.scope])

    def _announcement(self, terminal: Terminal, kind: Kind) -> Announcement:
        given = terminal.options
        scope = Scope(given["scope"])
        if (scope is Scope.NATION) == bool(given["code"]):
            raise CommandFailure("--code goes with --scope province, city or tenant, and must be there then.", code=ExitCode.WRONG_USAGE)
        return Announcement(
            kind=kind,
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


def _difference(changed: Difference) -> dict[str, object]:
    return {
        "added": [{"code": item.code, "title": item.title} for item in changed.added],
        "removed": [{"code": item.code, "title": item.title} for item in changed.removed],
        "changed": [
            {
                "code": item.code,
                "title": item.title,
                "fields": [{"field": label, "before": was, "after": becomes} for label, was, becomes in fields],
            }
            for item, fields in changed.changed
        ],
    }


def _show_difference(terminal: Terminal, changed: Difference) -> None:
    rows = [["added", item.code, item.title, ""] for item in changed.added]
    rows += [["removed", item.code, item.title, ""] for item in changed.removed]
    rows += [["changed", item.code, item.title, "、".join(label for label, *_ in fields)] for item, fields in changed.changed]
    terminal.table("Differences", ["", "code", "entry", "fields"], rows[:MOST_LINES])


def _counted(changed: Difference) -> str:
    return f"{len(changed.added)} added, {len(changed.removed)} removed, {len(changed.changed)} changed."
