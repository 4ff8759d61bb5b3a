"""`manage.py subject list|editions|import`."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from spreadsheets import sheets
from spreadsheets.sheets import Problem
from vocabularies import importing, selectors, services
from vocabularies.contract import SCHEME_LABELS, Scheme, Subject, SubjectEdition, SubjectFileError, TooManySubjectsError

MOST_LINES = 50


class Command(VerbCommand):
    help = "Subjects of documents (主题分类, 组配分类) in two levels, as dated editions."

    @override
    def verbs(self) -> Sequence[Verb]:
        city = argument("--city", default="", metavar="SLUG", help="Only for this city; none: for all.")
        scheme = argument(
            "--scheme",
            type=Scheme,
            choices=list(Scheme),
            default=Scheme.SUBJECT,
            help=f"By what documents are divided: {', '.join(f'{name} ({label})' for name, label in SCHEME_LABELS.items())}.",
        )
        day = argument("--on", type=dt.date.fromisoformat, default=None, help="The day, as 2026-01-31; today if left out.")
        importing_ones = [
            argument("file", type=Path, help=f"CSV or XLSX with {'、'.join(importing.COLUMNS.values())}."),
            argument("--title", required=True, help="What the edition is called."),
            argument("--source", required=True, help="Who announced it, with its number."),
            argument("--published", type=dt.date.fromisoformat, default=None, help="The day it was announced."),
            argument("--from", dest="valid_from", type=dt.date.fromisoformat, required=True, help="The first day it counts."),
            city,
            scheme,
        ]
        return [
            Verb("list", "List the subjects that count.", self.list_subjects, [city, day, scheme]),
            Verb("editions", "List all editions.", self.list_editions),
            Verb("import", "Take in an edition; the good lines are kept.", self.take, importing_ones, changes=True),
        ]

    def list_subjects(self, terminal: Terminal) -> None:
        day = terminal.options["on"] or timezone.localdate()
        found = selectors.subjects(city=terminal.options["city"], on=day, scheme=terminal.options["scheme"])
        rows = [[row.code, "" if row.is_class else "  " + row.title, row.title if row.is_class else ""] for row in found]
        terminal.table("Subjects", ["code", "second level", "class"], rows)
        terminal.result([dataclasses.asdict(row) for row in found], text=f"{len(found)} subjects.")

    def list_editions(self, terminal: Terminal) -> None:
        names = [field.name for field in dataclasses.fields(SubjectEdition)]
        rows = selectors.subject_lists()
        counts = [{"subjects": len(selectors.subjects_in(row))} for row in rows]
        found = [{name: getattr(row, name) for name in names} | count for row, count in zip(rows, counts, strict=True)]
        terminal.table("Editions", [*names, "subjects"], [[str(value or "") for value in row.values()] for row in found])
        terminal.result(found, text=f"{len(found)} editions.")

    def take(self, terminal: Terminal) -> None:
        names = [field.name for field in dataclasses.fields(SubjectEdition)]
        edition = SubjectEdition(**{name: terminal.options["published" if name == "published_on" else name] for name in names})
        found, problems = self._read(terminal.options["file"], edition)
        for problem in problems[:MOST_LINES]:
            terminal.warn(str(problem))
        if not found:
            raise CommandFailure("No line of the file can be kept.")
        before = {row.code for row in self._offered(edition)}
        added, gone = [row for row in found if row.code not in before], before - {row.code for row in found}
        kept = None if terminal.is_dry_run else services.add_subjects(edition, found, by="system")
        said = f"{len(found)} subjects, {len(added)} new, {len(gone)} offered no more"
        text = f"would take in {said}." if terminal.is_dry_run else f"Taken in: {said}." if kept else "All known already: nothing to do."
        terminal.result(
            {
                "edition": kept.pk if kept else None,
                "subjects": len(found),
                "added": [dataclasses.asdict(row) for row in added],
                "removed": sorted(gone),
                "problems": [dataclasses.asdict(each) for each in problems],
            },
            text=text,
        )
        if problems:
            raise CommandFailure(f"{len(problems)} mistakes: mend those lines and import again.", code=ExitCode.PARTLY_DONE)

    def _offered(self, edition: SubjectEdition) -> list[Subject]:
        return selectors.subjects(city=edition.city, on=edition.valid_from or timezone.localdate(), scheme=edition.scheme)

    def _read(self, file: Path, edition: SubjectEdition) -> tuple[list[Subject], list[Problem]]:
        try:
            named, problems = importing.read_subjects(sheets.read(file.read_bytes()))
            editions = [row for row in reversed(selectors.subject_lists(scheme=edition.scheme)) if row.city in ("", edition.city)]
            known = {subject.code: subject for row in editions for subject in selectors.subjects_in(row)}
            found = services.coded(named, known=known.values(), used=known)
        except (OSError, sheets.SheetError, SubjectFileError, TooManySubjectsError) as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        if problems:  # the bad lines may have been theirs
            codes = {subject.code for subject in found}
            found = (
                sorted([*found, *(row for row in self._offered(edition) if row.code not in codes)], key=lambda row: row.code)
                if found
                else []
            )
        return found, problems
