"""`manage.py fleet migrate|status|check`: upgrade all sites, and see where they stand."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Progress, Terminal, Verb, VerbCommand, argument
from provisioning.contract import ProvisioningError, RefusedError
from provisioning.fleet import drift, migrating, planning, surveying
from provisioning.fleet.contract import FleetOptions, FleetOutcome, SiteReport
from provisioning.fleet.planning import Named
from provisioning.fleet.surveying import Survey
from registry.schemas import in_schema_of

T = TypeVar("T")


class Command(VerbCommand):
    help = "All sites at once: bring them to the code's version, and see what differs."

    @override
    def verbs(self) -> Sequence[Verb]:
        only = argument("--only", type=_slugs, default=(), metavar="SLUG,SLUG", help="These sites alone.")
        accept = argument(
            "--accept",
            action="append",
            default=[],
            metavar="APP.MIGRATION",
            help="Allow a migration that takes something away although it is not marked; may be repeated.",
        )
        migrate = [
            argument("--canary", type=_slugs, default=(), metavar="SLUG,SLUG", help="Who goes first; default the first sites."),
            argument("--canaries", type=int, default=1, metavar="N", help="How many go first when none is named (1)."),
            argument("--max-failures", type=int, default=0, metavar="N", help="Pause when more sites than this have failed (0)."),
            argument("--continue", action="store_true", dest="goes_on", help="Leave failed sites aside and go on with the others."),
            only,
            accept,
            argument("--lock-timeout", type=float, default=5.0, metavar="S", help="Seconds to wait for a table in use (5)."),
            argument("--statement-timeout", type=float, default=60.0, metavar="S", help="Seconds one statement may take (60)."),
        ]
        return [
            Verb("migrate", "Bring all sites to the code's version, in waves.", self.migrate, migrate, changes=True),
            Verb("status", "Show each site's version and what differs from the template.", self.status, [only]),
            Verb("check", "Look whether waiting migrations would break code that still runs.", self.check_release, [accept]),
        ]

    def migrate(self, terminal: Terminal) -> None:
        """Migrate, or with `--dry-run` print the plan."""
        options = _options(terminal)
        if terminal.is_dry_run:
            _answering(lambda: self._plan(terminal, options))
            return
        with ExitStack() as stack:
            bars: list[Progress] = []

            def start(count: int) -> None:
                bars.append(stack.enter_context(terminal.progress(count, "Migrating sites")))

            def step(report: SiteReport) -> None:
                bars[0].advance(note=f"{report.wave}: {report.site.slug}")

            outcome = _answering(lambda: migrating.migrate(options, on_start=start, on_site=step))
        terminal.result(outcome.as_json(), text=text_of(outcome))
        if outcome.failed or outcome.state == "paused":
            raise CommandFailure(_advice(outcome), code=ExitCode.PARTLY_DONE)

    def _plan(self, terminal: Terminal, options: FleetOptions) -> None:
        found = surveying.survey(options.only)
        surveying.check(found, accepted=options.accepted)
        versions = [_version(found, digest) for digest in found.plans]
        document = {
            "public": [planning.name_of(each) for each in found.public.migrations],
            "template": found.needs_template,
            "roles": found.needs_roles,
            "behind": len(found.behind),
            "current": len(found.sites) - len(found.behind),
            "versions": [version for version in versions if version["migrations"] and version["sites"]],
        }
        terminal.result(document, text=plan_text(document))

    def status(self, terminal: Terminal) -> None:
        """Show versions and drift; fails when anything differs."""
        rows = _answering(lambda: drift.status(terminal.options["only"]))
        differing = [row for row in rows if row.lacks or row.drift]
        shown = [[row.slug, row.version, len(row.lacks) or "", "; ".join(row.drift[:3]) or "ok"] for row in differing]
        if shown:
            terminal.table("Sites that differ", ["site", "version", "lacks", "drift"], shown)
        text = (
            f"{len(rows)} sites, {len(differing)} differ from the code or the template."
            if differing
            else f"{len(rows)} sites, all alike and current."
        )
        terminal.result([row.as_json() for row in rows], text=text)
        if differing:
            raise CommandFailure(
                f"{len(differing)} of {len(rows)} sites differ. `--json` says how; `manage.py fleet migrate` brings versions up."
            )

    def check_release(self, terminal: Terminal) -> None:
        """Fail when a waiting migration takes something away."""
        _answering(lambda: surveying.check(surveying.survey(), accepted=terminal.options["accept"]))
        terminal.result({"ok": True}, text="Nothing that waits would break code that still runs.")


def text_of(outcome: FleetOutcome) -> str:
    """Return what a run did, as a line for people."""
    if not outcome.changed and not outcome.failed:
        return f"{outcome.unchanged} sites are current: nothing to do ({outcome.seconds:.2f} s)."
    ways = outcome.as_json()
    return (
        f"{ways['migrated']} sites migrated ({ways['by_sql']} by SQL, {ways['by_python']} with Python), {outcome.unchanged} were current, "
        f"{len(outcome.failed)} failed, {outcome.waiting} wait ({outcome.seconds:.2f} s)."
    )


def plan_text(document: dict[str, Any]) -> str:
    """Return a plan as people read it."""
    lines = [f"shared tables: {', '.join(document['public']) or 'current'}"]
    lines.append("template: to be renewed" if document["template"] else "template: current")
    for version in document["versions"]:
        names = ", ".join(f"{each['name']} ({each['way']})" for each in version["migrations"])
        lines.append(f"{version['sites']} sites from {version['digest']}: {names}")
    if document["roles"]:
        lines.append("roles: to be brought to every site")
    return "\n".join([*lines, f"{document['behind']} sites to migrate, {document['current']} are current."])


def _version(found: Survey, digest: str) -> dict[str, Any]:
    plan = found.plans[digest]
    with in_schema_of(Named(plan.schema_name)):
        migrations = [
            {"name": planning.name_of(each), "way": "python" if planning.needs_python(each) else "sql"} for each in plan.migrations
        ]
    sites = [site.slug for site in found.sites if found.digests[site.schema_name] == digest]
    return {"digest": digest[:8], "sites": len(sites), "migrations": migrations}


def _options(terminal: Terminal) -> FleetOptions:
    given = terminal.options
    return FleetOptions(
        canaries=given["canary"],
        canary_count=given["canaries"],
        only=given["only"],
        max_failures=given["max_failures"],
        goes_on=given["goes_on"],
        accepted=tuple(given["accept"]),
        lock_timeout_ms=int(given["lock_timeout"] * 1000),
        statement_timeout_ms=int(given["statement_timeout"] * 1000),
    )


def _advice(outcome: FleetOutcome) -> str:
    reasons = "\n".join(f"{slug}: {reason}" for slug, reason in outcome.failed.items())
    if outcome.state != "paused":
        return f"{reasons}\nThe others are done. Mend these and run the same command again."
    return f"{reasons}\nPaused. Mend the cause and run the same command again, or add --continue to leave failed sites aside."


def _answering(work: Callable[[], T]) -> T:
    try:
        return work()
    except RefusedError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
    except ProvisioningError as error:
        raise CommandFailure(str(error)) from error


def _slugs(text: str) -> tuple[str, ...]:
    return tuple(slug for slug in text.split(",") if slug)
