"""`manage.py site …`: the verbs of a site's life, and what there is to see of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from typing_extensions import override

from observability.terminal import Argument, CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import blueprints, contract, domains, selectors, services, verbs
from provisioning.contract import (
    DomainRequest,
    FilingSpec,
    OfflineRequest,
    Outcome,
    ProvisioningError,
    PurgeRequest,
    RefusedError,
    RenameRequest,
    Request,
    RetireRequest,
    SiteRequest,
    SiteSpec,
    StepReport,
)
from provisioning.management.exchanging import exchange_verbs
from registry.contract import FilingKind, Kind

FACTS = ("identifier", "organizer", "undertaker", "contact_phone", "contact_address", "icp", "police_record")
SLUG = argument("slug", help="Short name in small letters, unique on the platform: xiaodian.")
ROLLBACK = argument("--rollback", action="store_true", help="Take the last such operation on the site back, finished or not.")
REASON = argument("--reason", default="", help="Why; goes into the audit trail.")


class Command(VerbCommand):
    help = "Government sites: each is a tenant with a schema of its own."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            _changing("site open", "Open a site, or go on opening it.", spec_of, _opening()),
            _changing("site prepare", "Make a site that readers do not see, until its papers are there.", spec_of, _opening()),
            _changing("site clone", "Open a site after another: its structure, or what it published too.", clone_of, _cloning()),
            _changing("site suspend", "Hide a site from readers at once; editors go on.", _state_request, [REASON]),
            _changing("site resume", "Show a site to readers again, and let editors write.", _state_request, [REASON]),
            _changing("site read-only", "Let readers read, and nobody write.", _state_request, [REASON]),
            _changing("site offline", "Announce that a site is away for some days; it comes back by itself.", _offline_request, _absence()),
            _changing("site rename", "Give a site another slug, another domain, or both.", _rename_request, _naming()),
            _changing("site add-domain", "Give a site a further domain, which leads to its primary one.", _domain_request, _domain()),
            _changing("site remove-domain", "Take a further domain from a site.", _domain_request, _domain()),
            _changing("site retire", "Close a site: archive, notice, redirect, receipt.", _retire_request, _closing(), confirms="Close"),
            _changing("site purge", "Remove a closed site for good.", _purge_request, [REASON], confirms="Remove for good"),
            Verb("receipt", "Print the receipt of a closed site.", self.show_receipt, [SLUG]),
            *exchange_verbs(),
            Verb("list", "List all sites.", self.list_sites),
            Verb("show", "Show a site and the journal of its operations.", self.show_site, [SLUG]),
        ]

    def show_receipt(self, terminal: Terminal) -> None:
        receipt = selectors.receipt_of(terminal.options["slug"])
        if receipt is None:
            raise CommandFailure(f"The site {terminal.options['slug']!r} was not closed.", code=ExitCode.WRONG_USAGE)
        terminal.result(receipt, text=selectors.receipt_text(receipt))

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


def _changing(
    name: str, text: str, request_of: Callable[[Terminal], Request], arguments: Sequence[Argument], *, confirms: str = ""
) -> Verb:
    """Return a verb of the command that plans, carries out, or takes back a verb of provisioning."""
    verb = verbs.ALL[name]

    def run(terminal: Terminal) -> None:
        with expected_failures():
            if terminal.options["rollback"]:
                _take_back(terminal, verb)
            elif terminal.is_dry_run:
                _show_plan(terminal, verb, request_of(terminal))
            else:
                if confirms:
                    terminal.confirm(f"{confirms} {terminal.options['slug']!r}?")
                _carry_out(terminal, verb, request_of(terminal))

    return Verb(name.split(" ", 1)[1], text, run, [SLUG, *arguments, ROLLBACK], changes=True)


def _absence() -> list[Argument]:
    return [
        argument("--from", dest="first_day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="First day away."),
        argument("--to", dest="last_day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="Last day away."),
        argument("--reason", default="", help="Why; readers are told."),
    ]


def _naming() -> list[Argument]:
    return [
        argument("--slug", dest="new_slug", default="", metavar="NEW_SLUG", help="The new slug; domains made from the old one follow."),
        argument("--domain", dest="new_domain", default="", help="The new domain readers use; the old one leads there for a time."),
        REASON,
    ]


def _domain() -> list[Argument]:
    return [
        argument("--domain", default="", metavar="DOMAIN", help="The domain, Chinese ones too; see `domain check` for what is looked at."),
        argument("--override-officer", default="", metavar="NAME", help="Who answers for a domain whose ownership nobody has shown."),
        argument("--override-reason", default="", metavar="WHY", help="Why it is taken all the same."),
        REASON,
    ]


def _domain_request(terminal: Terminal) -> DomainRequest:
    options = terminal.options
    try:
        domain = domains.plain(options["domain"])
    except ValueError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
    answers = {name: options[name] for name in ("override_officer", "override_reason")}
    return DomainRequest(options["slug"], options["reason"], domain=domain, **answers)


def _closing() -> list[Argument]:
    return [
        REASON,
        argument("--redirect-to", default="", metavar="URL", help="Where its readers go; default a notice on its own domain."),
        argument("--notice-url", default="", metavar="URL", help="A notice published elsewhere; default one on the city's portal."),
        argument("--announced-on", default="", metavar="YYYY-MM-DD", help="Since when the site itself announces it, where a rule asks."),
    ]


def _offline_request(terminal: Terminal) -> OfflineRequest:
    options = terminal.options
    if not options["first_day"] or not options["last_day"]:
        raise CommandFailure("Taking a site offline needs --from and --to.", code=ExitCode.WRONG_USAGE)
    return OfflineRequest(options["slug"], options["reason"], first_day=options["first_day"], last_day=options["last_day"])


def _rename_request(terminal: Terminal) -> RenameRequest:
    options = terminal.options
    return RenameRequest(options["slug"], options["reason"], new_slug=options["new_slug"], new_domain=options["new_domain"])


def _retire_request(terminal: Terminal) -> RetireRequest:
    names = ("redirect_to", "notice_url", "announced_on")
    return RetireRequest(terminal.options["slug"], terminal.options["reason"], **{name: terminal.options[name] for name in names})


def _purge_request(terminal: Terminal) -> PurgeRequest:
    return PurgeRequest(terminal.options["slug"], terminal.options["reason"])


def _cloning() -> list[Argument]:
    source = argument("--source", default="", metavar="SLUG", help="The site to clone.")
    content = argument("--with-content", action="store_true", help="Also what it published and the files used; no people, no drafts.")
    left_out = {"--blueprint", "--kind"}
    return [source, content, *(one for one in _opening() if one.names[0] not in left_out)]


def clone_of(terminal: Terminal) -> verbs.CloneSpec:
    """Return the site the options describe, after another."""
    options = terminal.options
    if not options["source"]:
        raise CommandFailure("Cloning a site needs --source, the slug of the one to clone.", code=ExitCode.WRONG_USAGE)
    facts = facts_of(options)
    return verbs.clone_request(verbs.CloneSpec(**facts, source=options["source"], with_content=options["with_content"]))


def _opening() -> list[Argument]:
    return [
        argument("--name", default="", help="Full name of the site: 太原市小店区人民政府."),
        argument("--short-name", default="", help="Short name: 小店区."),
        argument("--city", default="", help="Slug of the city it belongs to."),
        argument("--region", default="", help="Code of its administrative division: 140105."),
        argument("--kind", choices=[kind.value for kind in Kind], default=Kind.COUNTY.value, help="Whose site it is."),
        argument("--domain", default="", help=f"Domain readers use; default <slug>.{settings.SITE_SUFFIX}."),
        argument("--alias", action="append", default=[], dest="aliases", metavar="DOMAIN", help="Further domain; may be repeated."),
        argument("--blueprint", default="", metavar="NAME", help="What it begins with: a blueprint or a .toml file; default by kind."),
        argument("--theme", default="", help="How it looks; default as the blueprint says."),
        argument("--administrator", default="", metavar="USERNAME", help="Who may administer it; the account exists already."),
        *(argument("--" + name.replace("_", "-"), default="", help="Shown in the footer.") for name in FACTS),
        argument(
            "--filing",
            action="append",
            default=[],
            dest="filings",
            type=_filing,
            metavar="KIND:NUMBER:DATE[:FILE]",
            help=f"One of the five papers ({', '.join(kind.value for kind in FilingKind)}); may be repeated.",
        ),
        argument("--override-officer", default="", metavar="NAME", help="Who answers for papers that are missing."),
        argument("--override-reason", default="", metavar="WHY", help="Why the site opens without them."),
    ]


def _filing(text: str) -> FilingSpec:
    """Return a paper from KIND:NUMBER:DATE[:FILE]."""
    kind, number, day, *file = text.split(":", 3)
    return FilingSpec(FilingKind(kind), number, date.fromisoformat(day), *file)


class expected_failures:  # noqa: N801 - used as `with expected_failures():`
    """Turn what provisioning refuses into exit code 2, and what fails into 1."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Translate."""
        if isinstance(error, RefusedError):
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        if isinstance(error, ProvisioningError):
            raise CommandFailure(str(error)) from error


def _carry_out(terminal: Terminal, verb: contract.Verb[Any], request: Request) -> None:
    outcome = services.carry_out(verb, request, by="system", on_step=lambda report: terminal.say(line_of(report)))
    _tell(terminal, verb, outcome, f"{verb.name} {outcome.subject}: done after {outcome.seconds:.2f} s.")


def _take_back(terminal: Terminal, verb: contract.Verb[Any]) -> None:
    slug = terminal.options["slug"]
    if terminal.is_dry_run:
        back = services.plan_back(verb, slug)
        terminal.result({"slug": slug, "steps": back}, text=f"would take back: {', '.join(back) or 'nothing, it is taken back already'}")
        return
    terminal.confirm(f"Take back {verb.name!r} on {slug!r}?")
    outcome = services.roll_back(verb, slug, by="system", on_step=lambda report: terminal.say(line_of(report)))
    _tell(terminal, verb, outcome, f"{verb.name} {slug}: taken back after {outcome.seconds:.2f} s.")


def _tell(terminal: Terminal, verb: contract.Verb[Any], outcome: Outcome, text: str) -> None:
    document = {"slug": outcome.subject, "ran": list(outcome.ran), "seconds": round(outcome.seconds, 3)}
    terminal.result(document, text=text if outcome.changed else f"{verb.name} {outcome.subject}: done before, nothing to do.")


def _show_plan(terminal: Terminal, verb: contract.Verb[Any], request: Request) -> None:
    plan = services.plan(verb, request)
    terminal.table(
        f"{verb.name} {request.subject}",
        ["step", "what it is", "what it changes"],
        [[step.name, step.label, "done already" if step.is_done else step.change] for step in plan.steps],
    )
    open_steps = [step for step in plan.steps if not step.is_done]
    document = {
        "slug": request.subject,
        "steps": [step.name for step in open_steps],
        "done": [step.name for step in plan.steps if step.is_done],
        "changes": {step.name: step.change for step in open_steps},
    }
    terminal.result(document, text=f"{len(open_steps)} steps to do." if open_steps else "Done already, nothing to do.")


def _state_request(terminal: Terminal) -> SiteRequest:
    return SiteRequest(terminal.options["slug"], terminal.options["reason"])


def spec_of(terminal: Terminal) -> SiteSpec:
    """Return the site the options describe."""
    spec = SiteSpec(**facts_of(terminal.options), blueprint=blueprints.kept_name(terminal.options["blueprint"]))
    return spec if spec.theme else replace(spec, theme=blueprints.of_spec(spec).theme)


def facts_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options say of a site to open.

    Raises:
        CommandFailure: something every site needs is missing.

    """
    missing = [f"--{name.replace('_', '-')}" for name in ("name", "short_name", "city", "region") if not options[name]]
    if missing:
        raise CommandFailure(f"Opening a site needs {', '.join(missing)}.", code=ExitCode.WRONG_USAGE)
    same = ("slug", "name", "short_name", "theme", "domain", "administrator", "override_officer", "override_reason", *FACTS)
    return {name: options[name] for name in same} | {
        "kind": Kind(options.get("kind", Kind.COUNTY.value)),
        "city_slug": options["city"],
        "region_code": options["region"],
        "aliases": tuple(options["aliases"]),
        "filings": tuple(options["filings"]),
    }


def line_of(report: StepReport) -> str:
    """Return a step as a line for people."""
    took = "done before" if report.was_done else f"{report.seconds:.2f} s"
    return f"  {report.subject} {report.position}/{report.of} {'back: ' if report.is_undo else ''}{report.name} {report.label} ({took})"
