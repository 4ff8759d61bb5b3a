"""`manage.py region import FILE`."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from django.db import IntegrityError
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry import services


class Command(VerbCommand):
    help = "Administrative divisions."

    @override
    def verbs(self) -> Sequence[Verb]:
        file = argument("file", help="Division table, .csv or .csv.gz.")
        return [Verb("import", "Read a division table into the registry.", self.import_file, [file], changes=True)]

    def import_file(self, terminal: Terminal) -> None:
        path = Path(terminal.options["file"])
        try:
            regions = services.read_divisions(_lines(path))
        except (OSError, UnicodeDecodeError, services.RegionFileError) as error:
            raise CommandFailure(f"{path}: {error}", code=ExitCode.WRONG_USAGE) from error
        if terminal.is_dry_run:
            terminal.result({"rows": len(regions)}, text=f"{len(regions)} regions would be read.")
            return
        try:
            done = services.import_regions(regions)
        except IntegrityError as error:
            raise CommandFailure(f"{path}: a region's parent is missing; import the higher tiers first. {error}") from error
        text = f"{done.created} regions added, {done.updated} brought up to date, {done.unchanged} unchanged."
        terminal.result({"created": done.created, "updated": done.updated, "unchanged": done.unchanged}, text=text)


def _lines(path: Path) -> list[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            return list(stream)
    return path.read_text(encoding="utf-8").splitlines()
