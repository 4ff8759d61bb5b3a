"""`manage.py site open|list|show`."""

from collections.abc import Sequence

from django.conf import settings
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import selectors, services, steps
from provisioning.contract import ProvisioningError, RefusedError, SiteSpec, StepReport
from registry.contract import Kind

FACTS = ("identifier", "organizer", "undertaker", "contact_phone", "contact_address", "icp", "police_record")


class Command(VerbCommand):
    help = "Government sites: each is a tenant with a schema of its own."

    @override
    def verbs(self) -> Sequence[Verb]:
        slug = argument("slug", help="Short name in small letters, unique on the platform: xiaodian.")
        opening = [
            slug,
            argument("--name", required=True, help="Full name of the site: 太原市小店区人民政府."),
            argument("--short-name", required=True, help="Short name: 小店区."),
            argument("--city", required=True, help="Slug of the city it belongs to."),
            argument("--region", required=True, help="Code of its administrative division: 140105."),
            argument("--kind", choices=[kind.value for kind in Kind], default=Kind.COUNTY.value, help="Whose site it is."),
            argument("--domain", default="", help=f"Domain readers use; default <slug>.{settings.SITE_SUFFIX}."),
            argument("--alias", action="append", default=[], dest="aliases", metavar="DOMAIN", help="Further domain; may be repeated."),
            argument("--theme", default=settings.DEFAULT_THEME, help="How it looks."),
            argument("--administrator", default="", metavar="USERNAME", help="Who may administer it; the account exists already."),
            *(argument("--" + name.replace("_", "-"), default="", help="Shown in the footer.") for name in FACTS),
        ]
        return [
            Verb("open", "Open a site, or go on opening it.", self.open_site, opening, changes=True),
            Verb("list", "List all sites.", self.list_sites),
            Verb("show", "Show a site and the journal of its operations.", self.show_site, [slug]),
        ]

    def open_site(self, terminal: Terminal) -> None:
        spec = spec_of(terminal)
        try:
            if terminal.is_dry_run:
                services.check(spec)
                planned = [] if services.is_open(spec) else [step.name for step in steps.OPEN_SITE]
                terminal.result(
                    {"slug": spec.slug, "steps": planned}, text=f"{spec.slug}: {', '.join(planned) or 'open already, nothing to do'}"
                )
                return
            outcome = services.open_site(spec, on_step=lambda report: terminal.say(line_of(report)))
        except RefusedError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        except ProvisioningError as error:
            raise CommandFailure(str(error)) from error
        text = f"{spec.slug} is live after {outcome.seconds:.2f} s." if outcome.changed else f"{spec.slug} is open already: nothing to do."
        terminal.result({"slug": spec.slug, "ran": list(outcome.ran), "seconds": round(outcome.seconds, 3)}, text=text)

    def list_sites(self, terminal: Terminal) -> None:
        rows = selectors.site_rows()
        terminal.table(
            "Sites",
            ["slug", "name", "kind", "state", "domain"],
            [[row[key] for key in ("slug", "name", "kind", "state", "domain")] for row in rows],
        )
        terminal.result(rows, text=f"{len(rows)} sites.")

    def show_site(self, terminal: Terminal) -> None:
        facts = selectors.site_facts(terminal.options["slug"])
        if facts is None:
            known = ", ".join(row["slug"] for row in selectors.site_rows()) or "none yet"
            raise CommandFailure(f"There is no site {terminal.options['slug']!r}. Sites: {known}.", code=ExitCode.WRONG_USAGE)
        plain = [(name, value) for name, value in facts.items() if not isinstance(value, list)]
        domains = [("domain", f"{row['domain']} ({row['purpose']}{', primary' if row['primary'] else ''})") for row in facts["domains"]]
        terminal.table(facts["name"], ["fact", "value"], [*plain, *domains])
        for operation in facts["operations"]:
            rows = [[step["name"], step["state"], f"{step['seconds']:.3f} s", step["error"]] for step in operation["steps"]]
            terminal.table(f"{operation['verb']}: {operation['state']}", ["step", "state", "took", "error"], rows)
        terminal.result(facts)


def spec_of(terminal: Terminal) -> SiteSpec:
    """Return the site the options describe."""
    options = terminal.options
    return SiteSpec(
        slug=options["slug"],
        name=options["name"],
        short_name=options["short_name"],
        kind=Kind(options["kind"]),
        city_slug=options["city"],
        region_code=options["region"],
        theme=options["theme"],
        domain=options["domain"],
        aliases=tuple(options["aliases"]),
        administrator=options["administrator"],
        **{name: options[name] for name in FACTS},
    )


def line_of(report: StepReport) -> str:
    """Return a step as a line for people."""
    took = "done before" if report.was_done else f"{report.seconds:.2f} s"
    return f"  {report.subject} {report.position}/{report.of} {report.label} ({took})"
