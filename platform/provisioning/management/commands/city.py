"""`manage.py city open`: a city, its portal, its counties and departments, in one go; or every site of a table."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import blueprints, services
from provisioning.bulk import opening as bulk
from provisioning.bulk.tables import Choice, Table, read_table, read_text, write_failed
from provisioning.contract import CityError, ProvisioningError, RefusedError, SiteSpec
from provisioning.management.commands.site import expected_failures
from registry.contract import Kind
from registry.models import Region


class Command(VerbCommand):
    help = "Cities: the sites run together on this platform."

    @override
    def verbs(self) -> Sequence[Verb]:
        arguments = [
            argument("subject", metavar="SLUG|FILE.csv", help="The city's short name, also of its portal: taiyuan; or a table of sites."),
            argument("--region", default="", help="Code of the city's administrative division: 140100."),
            argument("--counties", action="store_true", help="Also open a site for each of its districts and counties."),
            argument(
                "--department",
                action="append",
                default=[],
                dest="departments",
                metavar="SLUG:NAME:SHORT",
                help="Also open a department's site: jyj:太原市教育局:市教育局; may be repeated.",
            ),
            argument("--theme", default="", help="Theme of the portal and the departments; default as their blueprints say."),
            argument("--county-theme", default="", help="Theme of the counties; default --theme."),
            argument("--override-officer", default="", metavar="NAME", help="Who answers for papers that are missing."),
            argument("--override-reason", default="", metavar="WHY", help="Why the sites open without them."),
            argument("--administrator", default="", metavar="USERNAME", help="Who may administer all of them; the account exists already."),
        ]
        table = [
            argument("--city-code", default="", help="Of a division table, only the counties of this city: 1401."),
            argument("--province", default="", help="Of a division table, only the counties of this province: 14."),
            argument("--city", default="", help="Of a division table, what to call the one city chosen: taiyuan."),
            argument("--portals", action="store_true", help="Of a division table, also open the portals of its cities."),
            argument("--domain", default="", metavar="PATTERN", help="Domain of each site: www.{slug}.gov.cn; default by slug."),
            argument("--blueprint", default="", metavar="NAME", help="Blueprint of rows that name none; default by kind."),
            argument("--workers", type=int, default=0, help="Processes; default and most: the machine's cores."),
            argument("--failed", default="", metavar="FILE", help="Write the rows that failed to this table, each with its reason."),
        ]
        arguments += table
        return [Verb("open", "Open a city and its sites, or go on opening them.", self.open_city, arguments, changes=True)]

    def open_city(self, terminal: Terminal) -> None:
        if terminal.options["subject"].lower().endswith(".csv"):
            self._open_table(terminal)
        else:
            self._open_city(terminal)

    def _open_city(self, terminal: Terminal) -> None:
        options = terminal.options
        slug = options["subject"]
        with expected_failures():
            if not options["region"]:
                raise CityError(f"Opening city {slug!r} needs --region, the code of its division: 140100.")
            specs = [in_full(spec) for spec in plan(slug, options)]
            if terminal.is_dry_run:
                terminal.result([spec.slug for spec in specs], text="\n".join(f"would open {spec.slug}  {spec.name}" for spec in specs))
                return
            services.open_city(slug, region_code=options["region"])
        opened, failed = self._open_sites(terminal, specs)
        document = {"city": slug, "opened": opened, "unchanged": len(specs) - len(opened) - len(failed), "failed": failed}
        text = f"{len(opened)} sites opened, {document['unchanged']} were open already, {len(failed)} failed."
        terminal.result(document, text=text)
        _end(failed, of=len(specs))

    def _open_sites(self, terminal: Terminal, specs: Sequence[SiteSpec]) -> tuple[list[str], dict[str, str]]:
        opened: list[str] = []
        failed: dict[str, str] = {}
        with terminal.progress(len(specs), "Opening sites") as progress:
            for spec in specs:
                try:
                    if services.open_site(spec).changed:
                        opened.append(spec.slug)
                except ProvisioningError as error:
                    failed[spec.slug] = str(error)
                progress.advance(note=spec.short_name)
        return opened, failed

    def _open_table(self, terminal: Terminal) -> None:
        options = terminal.options
        path = Path(options["subject"])
        with expected_failures():
            table = bulk.completed(_table(path, options), officer=options["override_officer"], reason=options["override_reason"])
            if problems := bulk.check(table):
                lines = "\n".join(f"{path}:{problem.line}: {problem.text}" for problem in problems)
                raise RefusedError(f"{lines}\nNothing was opened: mend these {len(problems)} rows first.")
        if terminal.is_dry_run:
            rows = [{"slug": row.spec.slug, "name": row.spec.name, "city": row.spec.city_slug} for row in table.rows]
            terminal.result(rows, text="\n".join(f"would open {row['slug']}  {row['name']}" for row in rows))
            return
        workers = min(options["workers"] or bulk.cores(), bulk.cores())
        began = time.monotonic()
        with expected_failures():
            bulk.prepare(table)
        with terminal.progress(len(table.rows), "Opening sites") as progress:
            done = bulk.open_rows(
                table.rows, by="system", workers=workers, on_row=lambda result: progress.advance(note=result.row.spec.short_name)
            )
        self._tell(terminal, done, seconds=time.monotonic() - began, workers=workers)

    def _tell(self, terminal: Terminal, done: Sequence[bulk.Opened], *, seconds: float, workers: int) -> None:
        opened = [result.row.spec.slug for result in done if result.is_new]
        failed = {result.row.spec.slug: f"line {result.row.line}: {result.error}" for result in done if result.error}
        if terminal.options["failed"] and failed:
            write_failed(Path(terminal.options["failed"]), [(result.row.spec, result.error) for result in done if result.error])
        document = {
            "opened": opened,
            "unchanged": len(done) - len(opened) - len(failed),
            "failed": failed,
            "seconds": round(seconds, 2),
            "sites_a_second": round(len(opened) / seconds, 2) if seconds else 0,
            "workers": workers,
        }
        text = f"{len(opened)} sites opened in {seconds:.1f} s, {document['unchanged']} were open already, {len(failed)} failed."
        terminal.result(document, text=text)
        _end(failed, of=len(done))


def _end(failed: Mapping[str, str], *, of: int) -> None:
    if failed:
        reasons = "\n".join(f"{slug}: {reason}" for slug, reason in failed.items())
        raise CommandFailure(reasons, code=ExitCode.PARTLY_DONE if len(failed) < of else ExitCode.FAILED)


def _table(path: Path, options: Mapping[str, Any]) -> Table:
    choice = Choice(
        city_code=options["city_code"],
        province_code=options["province"],
        city_slug=options["city"],
        domain=options["domain"],
        theme=options["theme"],
        administrator=options["administrator"],
        blueprint=blueprints.kept_name(options["blueprint"]),
        has_portals=options["portals"],
    )
    return read_table(read_text(path), choice=choice, known_cities=bulk.known_cities(), known_sites=bulk.known_counties())


def in_full(spec: SiteSpec) -> SiteSpec:
    """Return a request with the theme its blueprint says, where it names none."""
    return spec if spec.theme else replace(spec, theme=blueprints.of_spec(spec).theme)


def plan(slug: str, given: Mapping[str, Any]) -> list[SiteSpec]:
    """Return the sites a city is opened with: portal, counties, departments.

    Raises:
        CityError: the region is no city, or a department is not given as SLUG:NAME:SHORT.

    """
    region = Region.objects.filter(pk=given["region"]).first()
    if region is None:
        raise CityError(f"There is no region {given['region']!r}. Import the divisions first: manage.py region import FILE.csv.")
    shared: dict[str, Any] = {
        "city_slug": slug,
        "administrator": given["administrator"],
        "override_officer": given.get("override_officer", ""),
        "override_reason": given.get("override_reason", ""),
    }
    portal = SiteSpec(
        slug=slug,
        name=f"{region.name}人民政府",
        short_name=region.name,
        kind=Kind.CITY,
        region_code=region.code,
        theme=given["theme"],
        organizer=f"{region.name}人民政府办公室",
        **shared,
    )
    counties = [
        SiteSpec(
            slug=county.slug,
            name=f"{region.name}{county.name}人民政府",
            short_name=county.name,
            kind=Kind.COUNTY,
            region_code=county.code,
            theme=given["county_theme"] or given["theme"],
            organizer=f"{region.name}{county.name}人民政府办公室",
            **shared,
        )
        for county in (region.children.filter(is_admin=True).order_by("code") if given["counties"] else [])
    ]
    return [portal, *counties, *(_department(text, region, given["theme"], shared) for text in given["departments"])]


def _department(text: str, region: Region, theme: str, shared: dict[str, Any]) -> SiteSpec:
    parts = text.split(":")
    if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - SLUG:NAME:SHORT
        raise CityError(f"{text!r} does not describe a department. Write SLUG:NAME:SHORT, for example jyj:太原市教育局:市教育局.")
    slug, name, short = parts
    return SiteSpec(
        slug=slug, name=name, short_name=short, kind=Kind.DEPARTMENT, region_code=region.code, theme=theme, organizer=name, **shared
    )
