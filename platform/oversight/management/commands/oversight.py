"""`manage.py oversight tags`."""

from collections.abc import Sequence

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from oversight.contract import Inspected, NoAddressesError
from oversight.services import inspect_site
from registry.contract import TenantRef, UnknownTenantError
from registry.selectors import directory, tenant_by_slug

SOME = 50


class Command(VerbCommand):
    help = "Looks at sites as an inspector does."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", default="", metavar="SLUG", help="One site only; without it every live one.")
        pages = argument("--pages", type=int, default=SOME, metavar="N", help=f"Pages of each site; {SOME} without it, 0 for all.")
        return [Verb("tags", "Fetch pages and check the tags every page must carry.", self.tags, [site, pages])]

    def tags(self, terminal: Terminal) -> None:
        sites = _sites(terminal.options["site"])
        done: list[Inspected] = []
        unanswered: dict[str, str] = {}
        with terminal.progress(len(sites), "Looking") as progress:
            for site in sites:
                try:
                    done.append(inspect_site(site, most=terminal.options["pages"]))
                except NoAddressesError as error:
                    unanswered[site.slug] = str(error)
                progress.advance(note=site.slug)
        faults = [(each.site, fault) for each in done for fault in each.faults]
        terminal.table("Faults", ["site", "page", "what", "mend"], [[site, fault.path, fault.what, fault.mend] for site, fault in faults])
        fetched = sum(each.fetched for each in done)
        document = {
            "sites": {each.site: {"fetched": each.fetched, "listed": each.listed, "faults": len(each.faults)} for each in done},
            "faults": [{"site": site, "page": fault.path, "what": fault.what, "mend": fault.mend} for site, fault in faults],
            "unanswered": unanswered,
        }
        terminal.result(document, text=f"{fetched} pages of {len(done)} sites: {len(faults)} faults.")
        if faults or unanswered:
            raise CommandFailure(" ".join(unanswered.values()) or "Mend what is listed.", code=ExitCode.PARTLY_DONE)


def _sites(slug: str) -> list[TenantRef]:
    if not slug:
        return [site for site in directory().by_uuid.values() if site.is_live]
    try:
        return [tenant_by_slug(slug)]
    except UnknownTenantError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
