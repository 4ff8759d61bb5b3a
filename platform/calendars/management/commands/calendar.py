"""`manage.py calendar import|show`."""

from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from calendars import selectors, services
from calendars.contract import CalendarFileError, UncoveredYearError
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument


class Command(VerbCommand):
    help = "Working days: the State Council's yearly arrangement of holidays."

    @override
    def verbs(self) -> Sequence[Verb]:
        file = argument("file", type=Path, help="CSV with date,is_working,name,source,published_on: only special days.")
        return [
            Verb("import", "Take in one or more years as they were announced.", self.import_file, [file], changes=True),
            Verb("show", "Show a year's special days.", self.show, [argument("year", type=int, help="The year.")]),
        ]

    def import_file(self, terminal: Terminal) -> None:
        try:
            arrangements = services.read_arrangements(terminal.options["file"].read_text(encoding="utf-8-sig").splitlines())
        except (OSError, UnicodeDecodeError, CalendarFileError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        years = [each.year for each in arrangements]
        if terminal.is_dry_run:
            terminal.result({"years": years}, text=f"would take in {', '.join(map(str, years))}.")
            return
        changed = [each.year for each in arrangements if services.import_arrangement(each, by="system")]
        text = f"Taken in: {', '.join(map(str, changed))}." if changed else "All known already: nothing to do."
        terminal.result({"years": years, "changed": changed}, text=text)

    def show(self, terminal: Terminal) -> None:
        year = terminal.options["year"]
        version = selectors.current_version(year)
        if version is None:
            known = ", ".join(map(str, selectors.covered_years())) or "none"
            raise CommandFailure(f"{UncoveredYearError(year)} Known years: {known}.", code=ExitCode.WRONG_USAGE)
        days = list(version.days.order_by("day"))
        terminal.table(
            f"{year}, version {version.number}: {version.source}",
            ["day", "what", "name"],
            [[day.day, "worked" if day.is_working else "free", day.name] for day in days],
        )
        document = {
            "year": year,
            "version": version.number,
            "source": version.source,
            "published_on": version.published_on,
            "days": [{"date": day.day, "is_working": day.is_working, "name": day.name} for day in days],
        }
        terminal.result(document, text=f"{len(days)} special days.")
