"""`manage.py city open`: a city, its portal, its counties and departments, in one go."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from provisioning import services
from provisioning.contract import CityError, ProvisioningError, RefusedError, SiteSpec
from registry.contract import Kind
from registry.models import Region


class Command(VerbCommand):
    help = "Cities: the sites run together on this platform."

    @override
    def verbs(self) -> Sequence[Verb]:
        arguments = [
            argument("slug", help="Short name of the city in small letters, also of its portal: taiyuan."),
            argument("--region", required=True, help="Code of the city's administrative division: 140100."),
            argument("--counties", action="store_true", help="Also open a site for each of its districts and counties."),
            argument(
                "--department",
                action="append",
                default=[],
                dest="departments",
                metavar="SLUG:NAME:SHORT",
                help="Also open a department's site: jyj:太原市教育局:市教育局; may be repeated.",
            ),
            argument("--theme", default=settings.DEFAULT_THEME, help="Theme of the portal and the departments."),
            argument("--county-theme", default="", help="Theme of the counties; default that of the portal."),
            argument("--override-officer", default="", metavar="NAME", help="Who answers for papers that are missing."),
            argument("--override-reason", default="", metavar="WHY", help="Why the sites open without them."),
            argument("--administrator", default="", metavar="USERNAME", help="Who may administer all of them; the account exists already."),
        ]
        return [Verb("open", "Open a city and its sites, or go on opening them.", self.open_city, arguments, changes=True)]

    def open_city(self, terminal: Terminal) -> None:
        options = terminal.options
        try:
            specs = plan(options["slug"], options)
            if terminal.is_dry_run:
                terminal.result([spec.slug for spec in specs], text="\n".join(f"would open {spec.slug}  {spec.name}" for spec in specs))
                return
            services.open_city(options["slug"], region_code=options["region"])
        except RefusedError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        except ProvisioningError as error:
            raise CommandFailure(str(error)) from error
        opened, failed = self._open_sites(terminal, specs)
        document = {"city": options["slug"], "opened": opened, "unchanged": len(specs) - len(opened) - len(failed), "failed": failed}
        text = f"{len(opened)} sites opened, {document['unchanged']} were open already, {len(failed)} failed."
        terminal.result(document, text=text)
        if failed:
            reasons = "\n".join(f"{slug}: {reason}" for slug, reason in failed.items())
            raise CommandFailure(reasons, code=ExitCode.PARTLY_DONE if len(failed) < len(specs) else ExitCode.FAILED)

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
