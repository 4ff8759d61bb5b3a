"""`manage.py service import FILE --site S --column C [--publish]`, `service export FILE --site S`, `service check --site S`."""

from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef, UnknownTenantError
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from search.contract import VALIDITY_LABELS
from tenants.pages.importing import NoColumnError, find_column
from tenants.services import exporting, importing, selectors
from tenants.services.contract import ELEMENT_LABELS
from tenants.services.models import ServicePage


class Command(VerbCommand):
    help = "Service guides of a site."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", required=True, help="Slug of the site.")
        table = argument("file", help="A table, .csv or .xlsx.")
        column = argument("--column", required=True, help="Slug of the column that takes new guides.")
        publish = argument("--publish", action="store_true", help="Publish at once; without it they wait as drafts.")
        return [
            Verb(
                "import",
                "Import a table of services; a second run changes nothing.",
                self.take,
                [table, site, column, publish],
                changes=True,
            ),
            Verb("export", "Write all guides into a table.", self.write, [table, site]),
            Verb(
                "check",
                "Say which guides lack key elements; exit code 3 where an inspection would fail.",
                self.check_guides,
                [site],
            ),
        ]

    def take(self, terminal: Terminal) -> None:
        tenant = _site(terminal)
        with in_schema_of(tenant):
            try:
                column = find_column(terminal.options["column"])
                lines = importing.read(Path(terminal.options["file"]).read_bytes())
            except (NoColumnError, OSError, importing.TableError) as error:
                raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
            report = importing.import_services(column, lines, by=None, publish=terminal.options["publish"], is_dry_run=terminal.is_dry_run)
        for fault in report.faults:
            terminal.warn(f"line {fault.line}, {fault.column}: {fault.message}")
        faults = [{"line": fault.line, "column": fault.column, "message": fault.message} for fault in report.faults]
        document = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged, "faults": faults}
        text = f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged, {len(faults)} faults."
        terminal.result(document, text=text)
        if faults:
            good = report.created + report.changed + report.unchanged
            raise CommandFailure(
                "The lines named above were not imported. Mend them and run the same command again.",
                code=ExitCode.PARTLY_DONE if good else ExitCode.FAILED,
            )

    def write(self, terminal: Terminal) -> None:
        path = Path(terminal.options["file"])
        with in_schema_of(_site(terminal)):
            pages = list(ServicePage.objects.order_by("path"))
            try:
                path.write_bytes(exporting.as_xlsx(pages) if path.suffix == ".xlsx" else exporting.as_csv(pages))
            except OSError as error:
                raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"services": len(pages), "file": str(path)}, text=f"{len(pages)} services in {path}.")

    def check_guides(self, terminal: Terminal) -> None:
        tenant = _site(terminal)
        with in_schema_of(tenant):
            found = selectors.completeness(tenant, on=timezone.localdate())
            outdated = selectors.outdated(tenant)
        rows = [{"path": row.path, "title": row.title, "missing": [ELEMENT_LABELS[each] for each in row.missing]} for row in found.rows]
        for row in rows:
            terminal.warn(f"{row['path']} {row['title']}: {'、'.join(row['missing'])}")
        for each in outdated:
            terminal.warn(f"{each.path} {each.title}: 设定依据《{each.basis}》{VALIDITY_LABELS[each.validity]}")
        stale = [{"path": each.path, "title": each.title, "basis": each.basis, "validity": each.validity.value} for each in outdated]
        document = {"services": found.total, "incomplete": rows, "outdated": stale}
        terminal.result(
            document | {"too_incomplete": found.too_incomplete, "is_vetoed": found.is_vetoed},
            text=f"{found.total} services, {len(rows)} lack something, {found.too_incomplete} lack {found.kinds} kinds or more, "
            f"{len(stale)} rest on what holds no more.",
        )
        if found.is_vetoed:
            raise CommandFailure("An inspection would fail this site (服务不实用). Fill in what is named above.", code=ExitCode.PARTLY_DONE)


def _site(terminal: Terminal) -> TenantRef:
    try:
        return tenant_by_slug(terminal.options["site"])
    except UnknownTenantError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
