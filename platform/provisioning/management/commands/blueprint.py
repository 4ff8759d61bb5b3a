"""`manage.py blueprint …`: the blueprints there are, what a site differs from one, and applying and saving them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from blueprints import catalogue, selectors
from blueprints.contract import FILE_SUFFIX, REASONS, Blueprint, BlueprintError, Difference, Value
from blueprints.reading import check_blueprint
from blueprints.writing import write_blueprint
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import blueprints, services, verbs
from provisioning.contract import ProvisioningError, RefusedError, UnknownSiteError
from provisioning.management.commands.site import expected_failures
from registry.contract import TenantRef, UnknownTenantError
from registry.selectors import directory, forget_directory, tenant_by_slug

NAME = argument("name", help="Name of a blueprint (county), or a file that ends in .toml.")
SITES = argument("--site", default="", dest="sites", metavar="A,B", help="Slugs of sites, with commas between.")
CITY = argument("--city", default="", help="All sites of this city that are of the blueprint's kind.")
LONGEST = 60  # characters of a value in a table


class Command(VerbCommand):
    help = "Blueprints: what a kind of site begins with, as versioned files."

    @override
    def verbs(self) -> Sequence[Verb]:
        file = argument("file", metavar="FILE", help="A file that ends in .toml.")
        saving = [
            argument("site", help="Slug of the site."),
            argument("file", metavar="FILE", help="The file to write; its name without .toml is the blueprint's name."),
            argument("--title", default="", help="What people read in lists."),
            argument("--replace", action="store_true", help="Write over a file that is there."),
        ]
        return [
            Verb("list", "List all blueprints and how many sites were given each.", self.list_all),
            Verb("show", "Print a blueprint as its file.", self.show, [NAME]),
            Verb("check", "Name everything that is wrong in a file, by line.", self.check_file, [file]),
            Verb("diff", "Say how sites differ from a blueprint, and what applying it would do.", self.diff, [NAME, SITES, CITY]),
            Verb("apply", "Carry a blueprint into sites; what their people made is left alone.", self.apply, _applying(), changes=True),
            Verb("save", "Write a site as a blueprint.", self.save, saving, changes=True),
        ]

    def list_all(self, terminal: Terminal) -> None:
        given = list(selectors.applied_names().values())
        rows = []
        for name in catalogue.names():
            with expected_failures():
                blueprint = blueprints.load(name)
            sites = ", ".join(f"version {version.rpartition(' ')[2]}: {given.count(version)}" for version in _versions(given, name))
            rows.append(
                {
                    "name": name,
                    "version": blueprint.version,
                    "kind": blueprint.kind,
                    "title": blueprint.title,
                    "columns": len(blueprint.columns),
                    "pages": len(blueprint.pages),
                    "sites": sites,
                }
            )
        keys = ("name", "version", "kind", "title", "columns", "pages", "sites")
        terminal.table("Blueprints", keys, [[row[key] for key in keys] for row in rows])
        terminal.result(rows, text=f"{len(rows)} blueprints.")

    def show(self, terminal: Terminal) -> None:
        with expected_failures():
            blueprint = blueprints.load(terminal.options["name"])
        text = write_blueprint(blueprint)
        terminal.result({"name": blueprint.name, "version": blueprint.version, "text": text}, text=text.rstrip())

    def check_file(self, terminal: Terminal) -> None:
        path = terminal.options["file"]
        try:
            text = catalogue.read_file(Path(path)).text
        except BlueprintError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        blueprint, problems = check_blueprint(text, vocabulary=blueprints.vocabulary())
        found = [{"line": problem.line, "what": problem.what, "instead": problem.instead} for problem in problems]
        terminal.result({"file": path, "problems": found}, text=f"{path}: nothing is wrong. {blueprint}" if blueprint else "")
        if problems:
            raise CommandFailure("\n".join(problem.text(path) for problem in problems))

    def diff(self, terminal: Terminal) -> None:
        with expected_failures():
            blueprint = blueprints.load(terminal.options["name"])
            sites = _sites(terminal.options, blueprint)
        document = {}
        for site in sites:
            found = blueprints.differences(site, blueprint)
            _show(terminal, site, found)
            document[site.slug] = [_as_json(entry) for entry in found]
        differing = sum(bool(found) for found in document.values())
        text = f"{differing} of {len(sites)} sites differ from {blueprint}."
        terminal.result({"blueprint": blueprint.name, "version": blueprint.version, "sites": document}, text=text)

    def apply(self, terminal: Terminal) -> None:
        with expected_failures():
            blueprint = blueprints.load(terminal.options["name"])
            sites = _sites(terminal.options, blueprint)
            if not (terminal.options["sites"] or terminal.options["city"]):
                raise CommandFailure("Say where: --site a,b or --city c.", code=ExitCode.WRONG_USAGE)
        if terminal.is_dry_run:
            self.diff(terminal)
            return
        if terminal.options["rollback"]:
            terminal.confirm(f"Take back the last application of a blueprint at {len(sites)} sites?")
        changed: list[str] = []
        unchanged: list[str] = []
        failed: dict[str, str] = {}
        left: dict[str, list[str]] = {}
        with terminal.progress(len(sites), "Applying") as progress:
            for site in sites:
                try:
                    (changed if self._apply_to(terminal, site, blueprint) else unchanged).append(site.slug)
                    left[site.slug] = self._left(terminal, site, blueprint)
                except ProvisioningError as error:
                    failed[site.slug] = str(error)
                progress.advance(note=site.slug)
        words = "taken back" if terminal.options["rollback"] else f"now as {blueprint} says"
        document = {"blueprint": str(blueprint), "changed": changed, "unchanged": unchanged, "failed": failed, "left_alone": left}
        text = f"{len(changed)} sites {words}, {len(unchanged)} were before: nothing to do, {len(failed)} failed."
        terminal.result(document, text=text)
        if failed:
            lines = "\n".join(f"{slug}: {reason}" for slug, reason in failed.items())
            raise CommandFailure(lines, code=ExitCode.PARTLY_DONE if len(failed) < len(sites) else ExitCode.FAILED)

    def _apply_to(self, terminal: Terminal, site: TenantRef, blueprint: Blueprint) -> bool:
        if terminal.options["rollback"]:
            return services.roll_back(verbs.APPLY, site.slug, by="system").changed
        return services.carry_out(verbs.APPLY, verbs.apply_request(site.slug, blueprint), by="system").changed

    def _left(self, terminal: Terminal, site: TenantRef, blueprint: Blueprint) -> list[str]:
        left = [entry for entry in blueprints.differences(tenant_by_slug(site.slug), blueprint) if entry.is_left_alone]
        for entry in left:
            terminal.say(f"  {site.slug}: {entry.subject}: {REASONS[entry.verdict]}")
        return [entry.subject for entry in left]

    def save(self, terminal: Terminal) -> None:
        path = Path(terminal.options["file"])
        with expected_failures():
            site = _site(terminal.options["site"])
        if path.suffix != FILE_SUFFIX:
            raise CommandFailure(
                f"{path} does not end in {FILE_SUFFIX}. Name it like the blueprint: bureau.toml.", code=ExitCode.WRONG_USAGE
            )
        text = write_blueprint(blueprints.saved(site, name=path.stem, title=terminal.options["title"]))
        _, problems = check_blueprint(text, vocabulary=blueprints.vocabulary())
        if problems:
            raise CommandFailure("\n".join(problem.text(str(path)) for problem in problems))
        if path.exists() and not terminal.options["replace"]:
            raise CommandFailure(f"{path} is there already. Choose another name, or add --replace.", code=ExitCode.WRONG_USAGE)
        if not terminal.is_dry_run:
            path.write_text(text, encoding="utf-8")
        word = "would write" if terminal.is_dry_run else "wrote"
        terminal.result({"file": str(path), "text": text}, text=f"{word} {path}: {site.name} as a blueprint.")


def _versions(given: Sequence[str], name: str) -> list[str]:
    return sorted({version for version in given if version.rpartition(" ")[0] == name})


def _applying() -> list[Any]:
    back = argument("--rollback", action="store_true", help="Take the last application at these sites back; what changed since stays.")
    return [NAME, SITES, CITY, back]


def _site(slug: str) -> TenantRef:
    try:
        return tenant_by_slug(slug)
    except UnknownTenantError as error:
        raise UnknownSiteError(str(error)) from error


def _sites(options: Mapping[str, Any], blueprint: Blueprint) -> list[TenantRef]:
    """Return the sites that are named, or all of the blueprint's kind.

    Raises:
        RefusedError: one is not there.

    """
    if options["sites"]:
        return [_site(slug.strip()) for slug in options["sites"].split(",") if slug.strip()]
    forget_directory()
    found = directory().of_city(options["city"]) if options["city"] else list(directory().by_uuid.values())
    if options["city"] and not found:
        raise RefusedError(f"The city {options['city']!r} has no sites. Check its slug: manage.py site list.")
    return sorted((site for site in found if site.kind.value == blueprint.kind), key=lambda site: site.slug)


def _show(terminal: Terminal, site: TenantRef, found: Sequence[Difference]) -> None:
    if not found:
        terminal.say(f"{site.slug}: as the blueprint says.")
        return
    rows = [
        [entry.subject, _short(entry.present), _short(entry.wanted), f"{entry.verdict.value}: {REASONS[entry.verdict]}"] for entry in found
    ]
    terminal.table(f"{site.slug} {site.name}", ["what", "at the site", "in the blueprint", "applying it"], rows)


def _short(value: Value | None) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _as_json(entry: Difference) -> dict[str, Any]:
    return {"item": entry.item, "fact": entry.fact, "wanted": entry.wanted, "present": entry.present, "verdict": entry.verdict.value}
