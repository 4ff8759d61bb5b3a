"""`manage.py backup …`: whole sites in files, proved and brought back."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import backups, restoring, selectors
from provisioning.backups import sealing, space
from provisioning.backups.contract import Key, Protection
from provisioning.backups.several import create_backups
from provisioning.contract import Outcome, ProvisioningError, RefusedError, StepReport
from registry.contract import TenantRef, UnknownTenantError
from registry.selectors import directory, forget_directory, tenant_by_slug

FILE = argument("file", help="The archive.")
SLUG = argument("slug", help="The site.")
PASSPHRASE = argument("--passphrase-stdin", action="store_true", help="Read the passphrase from standard input.")
OPENING = [
    argument("--identity", default="", metavar="FILE", help="File with the age secret key the archive was encrypted to."),
    PASSPHRASE,
    argument("--from-elsewhere", action="store_true", help="Accept an archive that another installation made."),
]


class Command(VerbCommand):
    help = "Backups of sites: made, proved, restored."

    @override
    def verbs(self) -> Sequence[Verb]:
        creating = [
            argument("site", nargs="?", default="", help="Slug of the site."),
            argument("--city", default="", help="All sites of a city."),
            argument("--all", action="store_true", help="All sites."),
            argument("--to", default="", metavar="DIR", help="Where to; default BACKUP_DIR."),
            argument("--encrypt-to", action="append", default=[], metavar="AGE1…", help="age public key; may be repeated."),
            PASSPHRASE,
        ]
        restored = [
            FILE,
            argument("--as", default="", dest="new_slug", metavar="NEW_SLUG", help="As a new site of this slug."),
            argument("--into", default="", metavar="SLUG", help="Into this site; default is the site the archive is of."),
            *OPENING,
        ]
        return [
            Verb("create", "Make an archive of a site, of a city's sites, or of all.", self.create, creating, changes=True),
            Verb(
                "list", "List the archives that were made here.", self.list, [argument("site", nargs="?", default="", help="Of this site.")]
            ),
            Verb("verify", "Restore an archive aside, compare rows, hashes and pages, and leave nothing.", self.verify, [FILE, *OPENING]),
            Verb("restore", "Restore a site; what it was before is kept until confirmed.", self.restore, restored, changes=True),
            Verb("rollback", "Go back to what a site was before its last restore.", self.roll_back, [SLUG], changes=True),
            Verb("confirm", "Remove what a site was before its last restore.", self.confirm, [SLUG], changes=True),
        ]

    def create(self, terminal: Terminal) -> None:
        options, folder = terminal.options, folder_of(terminal)
        with expected_failures():
            sealing.check_recipients(options["encrypt_to"])
            sites, protection = sites_of(terminal), protection_of(terminal)
            if terminal.is_dry_run:
                _plan_creating(terminal, sites, folder, protection)
                return
            with terminal.progress(len(sites), "Backing up") as progress:
                done = create_backups(
                    sites,
                    folder=folder,
                    now=timezone.now(),
                    by="system",
                    protection=protection,
                    on_site=lambda slug: progress.advance(note=slug),
                    with_lists=not options["site"],
                )
        for made in done.made:
            missing = f", {len(made.missing_files)} files were missing" if made.missing_files else ""
            terminal.say(f"{made.path} ({space.megabytes(made.size)}, {made.rows} rows, {made.files} files, {made.seconds:.1f} s{missing})")
        document = {
            "made": [asdict(made) | {"path": str(made.path)} for made in done.made],
            "failed": done.failed,
            "lists": [str(path) for path in done.lists],
        }
        terminal.result(document, text=f"{len(done.made)} of {len(sites)} sites are backed up.")
        if done.failed:
            text = "; ".join(f"{slug}: {reason}" for slug, reason in done.failed.items())
            raise CommandFailure(text, code=ExitCode.PARTLY_DONE if done.made else ExitCode.FAILED)

    def list(self, terminal: Terminal) -> None:
        rows = selectors.backup_rows(terminal.options["site"])
        columns = ("slug", "taken_at", "size", "is_encrypted", "verified", "file_there", "path")
        terminal.table("Backups", columns, [[row[name] for name in columns] for row in rows])
        terminal.result(rows, text=f"{len(rows)} backups.")

    def verify(self, terminal: Terminal) -> None:
        path = Path(terminal.options["file"])
        with expected_failures():
            verdict = backups.verify_backup(path, key=key_of(terminal), folder=_work(), from_elsewhere=terminal.options["from_elsewhere"])
        for note in verdict.notes:
            terminal.say(f"  note: {note}.")
        text = (
            f"{path.name} is good: {verdict.tables} tables, {verdict.rows} rows, {verdict.files} files, "
            f"{verdict.pages_equal} of {verdict.pages_rendered} pages equal, {verdict.seconds:.1f} s."
        )
        terminal.result(asdict(verdict) | {"is_good": verdict.is_good}, text=text if verdict.is_good else "")
        if not verdict.is_good:
            raise CommandFailure(f"{path.name} cannot be restored as it was: {'; '.join(verdict.problems)}.")

    def restore(self, terminal: Terminal) -> None:
        options, path = terminal.options, Path(terminal.options["file"])
        if options["into"] and options["new_slug"]:
            raise CommandFailure("Give --as or --into, not both.", code=ExitCode.WRONG_USAGE)
        choice: dict[str, Any] = {name: options[name] for name in ("into", "new_slug", "from_elsewhere")} | {"key": key_of(terminal)}
        with expected_failures():
            if terminal.is_dry_run:
                plan = restoring.plan_restore(path, **choice)
                terminal.table(f"restore {plan.subject}", ["step", "what it changes"], [[step.name, step.change] for step in plan.steps])
                terminal.result({"slug": plan.subject, "steps": [step.name for step in plan.steps]}, text=f"{len(plan.steps)} steps to do.")
                return
            target = options["new_slug"] or options["into"] or "the site it is of"
            terminal.confirm(f"Restore {path.name} as {target}? What a site holds now is kept until `backup confirm`.")
            outcome = restoring.restore_site(path, on_step=_sayer(terminal), **choice)
        done = f"{outcome.subject} is restored after {outcome.seconds:.1f} s. Look at it, then: backup confirm, or backup rollback."
        _tell(terminal, outcome, done)

    def roll_back(self, terminal: Terminal) -> None:
        slug = terminal.options["slug"]
        with expected_failures():
            if terminal.is_dry_run:
                steps = restoring.plan_roll_back(slug)
                terminal.result({"slug": slug, "steps": steps}, text=f"would take back: {', '.join(steps) or 'nothing'}")
                return
            terminal.confirm(f"Go back to what {slug!r} was before its last restore?")
            outcome = restoring.roll_back_restore(slug, on_step=_sayer(terminal))
        _tell(terminal, outcome, f"{slug} is what it was before, after {outcome.seconds:.1f} s.")

    def confirm(self, terminal: Terminal) -> None:
        slug = terminal.options["slug"]
        with expected_failures():
            if terminal.is_dry_run:
                kept = restoring.is_kept(slug)
                terminal.result({"slug": slug, "would_remove": kept}, text=f"would remove {'the state before' if kept else 'nothing'}")
                return
            terminal.confirm(f"Remove what {slug!r} was before its last restore? There is no way back after that.")
            removed = restoring.confirm_restore(slug)
        text = f"What {slug} was before its last restore is removed." if removed else f"{slug}: nothing is kept, nothing to do."
        terminal.result({"slug": slug, "removed": removed}, text=text)


@contextmanager
def expected_failures() -> Iterator[None]:
    """Turn what provisioning refuses into exit code 2, and what fails into 1."""
    try:
        yield
    except (RefusedError, UnknownTenantError) as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
    except ProvisioningError as error:
        raise CommandFailure(str(error)) from error


def sites_of(terminal: Terminal) -> list[TenantRef]:
    """Return the sites the options name.

    Raises:
        CommandFailure: none, or more than one way was used, or there are no such sites.

    """
    options = terminal.options
    if sum(map(bool, (options["site"], options["city"], options["all"]))) != 1:
        raise CommandFailure("Name a site, or give --city CITY, or --all.", code=ExitCode.WRONG_USAGE)
    if options["site"]:
        return [tenant_by_slug(options["site"])]
    forget_directory()
    known = directory()
    cities = sorted({site.city_slug for site in known.by_uuid.values()})
    if options["city"] and options["city"] not in cities:
        raise CommandFailure(
            f"No site belongs to city {options['city']!r}. Cities: {', '.join(cities) or 'none yet'}.", code=ExitCode.WRONG_USAGE
        )
    return [
        site for city in cities if city == options["city"] or options["all"] for site in known.of_city(city) if restoring.has_tables(site)
    ]


def folder_of(terminal: Terminal) -> Path:
    """Return where archives are to be put."""
    return Path(terminal.options["to"] or settings.BACKUP_DIR).resolve()


def _work() -> Path:
    return Path(settings.BACKUP_DIR)


def protection_of(terminal: Terminal) -> Protection:
    """Return how archives are to be encrypted."""
    recipients, passphrase = terminal.options["encrypt_to"], _passphrase(terminal)
    if recipients and passphrase:
        raise CommandFailure("Give --encrypt-to or --passphrase-stdin, not both.", code=ExitCode.WRONG_USAGE)
    return Protection(recipients=tuple(recipients), passphrase=passphrase)


def key_of(terminal: Terminal) -> Key:
    """Return what opens the archive."""
    file = terminal.options["identity"]
    try:
        identity = Path(file).read_text(encoding="utf-8") if file else ""
    except OSError as error:
        raise CommandFailure(f"The identity file cannot be read: {error}.", code=ExitCode.WRONG_USAGE) from error
    return Key(identity=identity, passphrase=_passphrase(terminal))


def _passphrase(terminal: Terminal) -> str:
    if not terminal.options["passphrase_stdin"]:
        return ""
    passphrase = sys.stdin.readline().rstrip("\n")
    if not passphrase:
        raise CommandFailure("Standard input held no passphrase.", code=ExitCode.WRONG_USAGE)
    return passphrase


def _plan_creating(terminal: Terminal, sites: Sequence[TenantRef], folder: Path, protection: Protection) -> None:
    plans = [backups.plan_backup(site, folder=folder, now=timezone.now(), protection=protection) for site in sites]
    rows = [[plan.slug, plan.tables, plan.files, space.megabytes(plan.bytes_needed), plan.path] for plan in plans]
    terminal.table("Would back up", ["site", "tables", "files", "needs at most", "file"], rows)
    free = space.megabytes(plans[0].bytes_free) if plans else "-"
    terminal.result([asdict(plan) | {"path": str(plan.path)} for plan in plans], text=f"{len(plans)} sites; {free} free at {folder}.")


def _sayer(terminal: Terminal) -> Any:
    def say(report: StepReport) -> None:
        took = "done before" if report.was_done else f"{report.seconds:.2f} s"
        terminal.say(f"  {report.subject} {report.position}/{report.of} {report.name} ({took})")

    return say


def _tell(terminal: Terminal, outcome: Outcome, text: str) -> None:
    document = {"slug": outcome.subject, "ran": list(outcome.ran), "seconds": round(outcome.seconds, 3)}
    terminal.result(document, text=text if outcome.changed else f"{outcome.subject}: done before, nothing to do.")
