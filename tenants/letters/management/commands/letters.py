"""`manage.py letters import FILE --site S`, `letters export FILE --site S [--all]`, `letters erase [--site S]`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.utils import timezone
from typing_extensions import override

from intake.management.erasing import SITE, erase_everywhere
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef, UnknownTenantError
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.letters import exporting, importing, services
from tenants.letters.models import Letter


class Command(VerbCommand):
    help = "Letters of a site: work orders of the hotline 12345 in and out, and the end of what was kept long enough."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", required=True, help="Slug of the site.")
        table = argument("file", type=Path, help="A table, .csv or .xlsx.")
        everything = argument("--all", action="store_true", help="Letters of the site too, not the hotline's orders alone.")
        return [
            Verb("import", "Take work orders of the hotline; a second run changes nothing.", self.take, [table, site], changes=True),
            Verb("export", "Write work orders with their answers; the file holds personal data.", self.write, [table, site, everything]),
            Verb(
                "erase",
                "Take what people wrote out of letters that were kept long enough; their figures stay.",
                self.erase,
                [SITE],
                changes=True,
            ),
        ]

    def take(self, terminal: Terminal) -> None:
        tenant = _site(terminal)
        try:
            lines = importing.read(terminal.options["file"].read_bytes())
        except (OSError, importing.TableError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        with in_schema_of(tenant):
            report = importing.import_orders(lines, tenant=tenant, now=timezone.now(), is_dry_run=terminal.is_dry_run)
        for problem in report.problems:
            terminal.warn(str(problem))
        counts = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
        problems = [{"line": each.line, "field": each.field, "mend": each.mend} for each in report.problems]
        text = f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged, {len(problems)} lines not taken."
        terminal.result(counts | {"problems": problems}, text=text)
        if problems:
            raise CommandFailure(
                "The lines named above were not taken. Mend them and run the same command again.",
                code=ExitCode.PARTLY_DONE if sum(counts.values()) else ExitCode.FAILED,
            )

    def write(self, terminal: Terminal) -> None:
        path: Path = terminal.options["file"]
        with in_schema_of(_site(terminal)):
            rows = Letter.objects.order_by("received_at", "pk")
            letters = list(rows if terminal.options["all"] else rows.filter(order_no__isnull=False))
            content = exporting.as_xlsx(letters) if path.suffix == ".xlsx" else exporting.as_csv(letters)
        try:
            path.touch(mode=0o600)  # names and telephones: for whoever runs this and nobody else
            path.write_bytes(content)
        except OSError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"letters": len(letters), "file": str(path)}, text=f"{len(letters)} letters in {path}.")

    def erase(self, terminal: Terminal) -> None:
        erase = partial(services.erase_overaged, now=timezone.now(), is_dry_run=terminal.is_dry_run)
        erase_everywhere(terminal, erase, what="letters")


def _site(terminal: Terminal) -> TenantRef:
    try:
        return tenant_by_slug(terminal.options["site"])
    except UnknownTenantError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
