"""`manage.py content import FILE --site S --column C`."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import UnknownTenantError
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.pages import importing

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
        return [Verb("import", "Import official texts; a second run changes nothing.", self.import_file, arguments, changes=True)]

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
