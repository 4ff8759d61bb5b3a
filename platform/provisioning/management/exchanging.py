"""`manage.py site export|import`: a site as an open archive, and such an archive as a site."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from django.utils import timezone

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, argument
from provisioning import exporting, importing
from provisioning.backups import space
from provisioning.contract import ProvisioningError, RefusedError, StepReport
from registry.contract import UnknownTenantError
from registry.selectors import tenant_by_slug

MOST_REFUSED_SHOWN = 50


def exchange_verbs() -> Sequence[Verb]:
    """Return the verbs the `site` command gets from here."""
    out = [argument("slug", help="The site."), argument("file", help="Where to: NAME.tar.gz.")]
    taken = [
        argument("file", help="The open archive."),
        argument("--as", dest="slug", required=True, metavar="SLUG", help="Slug of the new site."),
        argument("--city", default="", help="Slug of the city it belongs to; default is the city the archive names."),
    ]
    return [
        Verb("export", "Write a site as an open archive any system can read.", export_site, out, changes=True),
        Verb("import", "Prepare a site from an open archive, whole or not at all; then open it.", import_site, taken, changes=True),
    ]


def export_site(terminal: Terminal) -> None:
    """Write the archive; a file of the name that is there is replaced only by a whole one."""
    path = Path(terminal.options["file"]).resolve()
    with _expected_failures():
        tenant = tenant_by_slug(terminal.options["slug"])
        if terminal.is_dry_run:
            terminal.result({"slug": tenant.slug, "file": str(path)}, text=f"would export {tenant.slug} to {path}")
            return
        if path.exists():
            terminal.confirm(f"Replace {path}?")
        done = exporting.export_site(tenant, path, now=timezone.now())
    counts = ", ".join(f"{count} {name}" for name, count in done.counts.items())
    missing = f"; {len(done.missing_files)} files were missing" if done.missing_files else ""
    text = f"{path}: {counts}, {space.megabytes(done.size)}, {done.seconds:.1f} s{missing}."
    terminal.result(asdict(done) | {"path": str(path)}, text=text)


def import_site(terminal: Terminal) -> None:
    """Check every line, then make the site."""
    options, path = terminal.options, Path(terminal.options["file"])
    with _expected_failures():
        if terminal.is_dry_run:
            plan = importing.plan_import(path, slug=options["slug"], city=options["city"])
            terminal.result({"slug": plan.subject, "steps": [step.name for step in plan.steps]}, text=f"{len(plan.steps)} steps to do.")
            return
        told = partial(_tell_step, terminal)
        outcome = importing.import_site(path, slug=options["slug"], city=options["city"], on_step=told)
    refused = importing.refused_records(outcome.subject) if outcome.changed else []
    document = {"slug": outcome.subject, "ran": list(outcome.ran), "seconds": round(outcome.seconds, 3), "refused": refused}
    text = (
        f"{outcome.subject} is imported after {outcome.seconds:.1f} s. Look at it in the editor, then: site open {outcome.subject}."
        if outcome.changed
        else f"{outcome.subject}: done before, nothing to do."
    )
    for line in refused[:MOST_REFUSED_SHOWN]:
        terminal.warn(line)
    terminal.result(document, text=text)
    if refused:
        raise CommandFailure(
            f"{len(refused)} wrong values of records.jsonl; their rows were left out, all else is there. "
            "Enter them in the editor, or mend the archive and import it under another slug.",
            code=ExitCode.PARTLY_DONE,
        )


def _tell_step(terminal: Terminal, report: StepReport) -> None:
    took = "done before" if report.was_done else f"{report.seconds:.2f} s"
    terminal.say(f"  {report.subject} {report.position}/{report.of} {report.name} ({took})")


@contextmanager
def _expected_failures() -> Iterator[None]:
    try:
        yield
    except (RefusedError, UnknownTenantError) as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
    except ProvisioningError as error:
        raise CommandFailure(str(error)) from error
