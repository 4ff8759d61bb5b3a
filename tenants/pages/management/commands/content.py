"""`manage.py content import FILE --site S --column C`, `manage.py content project [--site S]`."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import transaction
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import UnknownTenantError
from registry.schemas import in_schema_of
from registry.selectors import directory, tenant_by_slug
from tenants.pages import importing, restoring

MOST_BAD_SHOWN = 50


class Command(VerbCommand):
    help = "Texts of a site."

    @override
    def verbs(self) -> Sequence[Verb]:
        arguments = [
            argument("file", help="One JSON object a line (.jsonl or .jsonl.gz), in the format deploy/demo/data/README.md describes."),
            argument("--site", required=True, help="Slug of the site."),
            argument("--column", required=True, help="Slug of the column that takes the texts."),
        ]
        sites = [argument("--site", default="", help="Slug of one site; all live sites without it.")]
        return [
            Verb("import", "Import official texts; a second run changes nothing.", self.import_file, arguments, changes=True),
            Verb("project", "Bring what search knows in step with the pages; after an upgrade.", self.project, sites, changes=True),
        ]

    def project(self, terminal: Terminal) -> None:
        slug = terminal.options["site"]
        try:
            sites = [tenant_by_slug(slug)] if slug else [site for site in directory().by_uuid.values() if site.is_live]
        except UnknownTenantError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        changed: dict[str, int] = {}
        with terminal.progress(len(sites), "Reading pages") as progress:
            for site in sites:
                with in_schema_of(site), transaction.atomic():
                    changed[site.slug] = restoring.project_site(site)
                    transaction.set_rollback(terminal.is_dry_run)
                progress.advance(1)
        verb = "would be" if terminal.is_dry_run else "were"
        terminal.result({"changed": changed}, text=f"{len(sites)} sites; {sum(changed.values())} pages {verb} brought in step.")

    def import_file(self, terminal: Terminal) -> None:
        path = Path(terminal.options["file"])
        try:
            tenant = tenant_by_slug(terminal.options["site"])
            total = sum(1 for line in _lines(path) if line.strip())
        except (UnknownTenantError, OSError, UnicodeDecodeError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        with in_schema_of(tenant):
            report = self._import(terminal, path, total)
        self._answer(terminal, report)

    def _import(self, terminal: Terminal, path: Path, total: int) -> importing.Report:
        try:
            column = importing.find_column(terminal.options["column"])
        except importing.NoColumnError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        if terminal.is_dry_run:
            return importing.check_texts(_lines(path))
        with terminal.progress(total, f"Importing into {terminal.options['site']}/{column.slug}") as progress:
            return importing.import_texts(column, _lines(path), on_rows=progress.advance)

    def _answer(self, terminal: Terminal, report: importing.Report) -> None:
        for line in report.bad[:MOST_BAD_SHOWN]:
            terminal.warn(line)
        if len(report.bad) > MOST_BAD_SHOWN:
            terminal.warn(f"… and {len(report.bad) - MOST_BAD_SHOWN} more bad lines; --json lists all.")
        text = f"{report.created} created, {report.updated} brought up to date, {report.unchanged} unchanged, {len(report.bad)} bad lines."
        document = {"created": report.created, "updated": report.updated, "unchanged": report.unchanged, "bad": report.bad}
        terminal.result(document, text=text)
        if report.bad:
            good = report.total - len(report.bad)
            raise CommandFailure(
                f"{len(report.bad)} lines were not imported; mend them and run the same command again.",
                code=ExitCode.PARTLY_DONE if good else ExitCode.FAILED,
            )


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        yield from stream
