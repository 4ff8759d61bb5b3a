"""`manage.py power import FILE --site S --list L [--complete]`, `power export FILE --site S --list L`, `power list --site S`."""

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef, UnknownTenantError
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from spreadsheets import sheets
from tenants.organs import composing, importing
from tenants.organs.contract import UnknownListError
from tenants.organs.models import PowerListPage
from tenants.organs.selectors import find_power_list, power_lists
from tenants.pages.composing import path_of


class Command(VerbCommand):
    help = "Power lists (权责清单) of a site: the same files as in the editor."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", required=True, help="Slug of the site.")
        table = argument("file", type=Path, help="A table, .csv or .xlsx.")
        which = argument("--list", required=True, help="The list: its number or address, or the full name of its organ.")
        complete = argument("--complete", action="store_true", help="Take out the items that the file lacks, if no line is bad.")
        return [
            Verb("list", "List the power lists of a site.", self.show, [site]),
            Verb(
                "import",
                "Bring a list's draft in step with a table, known by code; a second run changes nothing.",
                self.take,
                [table, site, which, complete],
                changes=True,
            ),
            Verb("export", "Write the draft's items into a table.", self.write, [table, site, which]),
        ]

    def show(self, terminal: Terminal) -> None:
        with in_schema_of(_site(terminal)):
            rows = [
                {
                    "number": page.pk,
                    "organ": organ,
                    "path": path_of(page),
                    "items": importing.draft_of(page).items.count(),
                    "is_live": page.live,
                }
                for organ, page in power_lists()
            ]
        terminal.table("Power lists", ["number", "organ", "path", "items", "live"], [list(row.values()) for row in rows])
        terminal.result(rows, text=f"{len(rows)} power lists.")

    def take(self, terminal: Terminal) -> None:
        tenant, is_trial = _site(terminal), terminal.is_dry_run
        content = _read(terminal.options["file"])
        with in_schema_of(tenant), transaction.atomic():
            page = _list(terminal)
            if page.locked:
                raise CommandFailure(f"The list {path_of(page)} is locked. Unlock it in the editor, then run the same command again.")
            try:
                report = importing.import_items(page, content, is_complete=terminal.options["complete"], is_trial=is_trial)
            except sheets.SheetError as error:
                raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        for fault in report.faults:
            terminal.warn(f"line {fault.line}, {fault.field}: {fault.mend}")
        counts = {name: getattr(report, name) for name in ("added", "changed", "unchanged", "removed")}
        faults = [{"line": fault.line, "field": fault.field, "mend": fault.mend} for fault in report.faults]
        said = ", ".join(f"{count} {name}" for name, count in counts.items()) + f", {len(faults)} faults."
        terminal.result({"list": page.pk, **counts, "faults": faults}, text=_told(said, is_empty=report.is_empty, is_trial=is_trial))
        if faults:
            good = report.added + report.changed + report.unchanged
            raise CommandFailure(
                "The lines named above were not taken. Mend them and run the same command again.",
                code=ExitCode.PARTLY_DONE if good else ExitCode.FAILED,
            )

    def write(self, terminal: Terminal) -> None:
        path = terminal.options["file"]
        with in_schema_of(_site(terminal)):
            page = _list(terminal)
            rows = [item.row() for item in importing.draft_of(page).items.all()]
            try:
                path.write_bytes(composing.written(rows, "xlsx" if path.suffix == ".xlsx" else "csv"))
            except OSError as error:
                raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"list": page.pk, "items": len(rows), "file": str(path)}, text=f"{len(rows)} items in {path}.")


def _told(said: str, *, is_empty: bool, is_trial: bool) -> str:
    if is_empty:
        return f"{said} Nothing to do."
    return f"{said} Nothing was written." if is_trial else f"{said} They are in the draft: publish it in the editor."


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error


def _list(terminal: Terminal) -> PowerListPage:
    try:
        return find_power_list(terminal.options["list"])
    except UnknownListError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error


def _site(terminal: Terminal) -> TenantRef:
    try:
        return tenant_by_slug(terminal.options["site"])
    except UnknownTenantError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
