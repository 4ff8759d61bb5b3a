"""`manage.py openness measure|status`: how far each site is with what it must publish."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from typing_extensions import override

from catalogues import selectors as catalogues
from catalogues.models import Standing
from catalogues.services import note_standing
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory, forget_directory
from tenants.openness import services

FACTS = ("columns", "blank", "overdue", "due_soon", "entries", "fulfilled", "late")


class Command(VerbCommand):
    help = "How far each site is with what it must publish."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", default="", help="Only this site.")
        city = argument("--city", default="", help="Only the sites of this city.")
        return [
            Verb("measure", "Reckon it and keep it; run it every night.", self.measure, [site], changes=True),
            Verb("status", "Show what was kept last, and the sum.", self.status, [city]),
        ]

    def measure(self, terminal: Terminal) -> None:
        tenants = self._tenants(site=terminal.options["site"])
        done: dict[str, Any] = {}
        failed: list[str] = []
        with terminal.progress(len(tenants), "Measuring") as progress:
            for tenant in tenants:
                try:
                    done[tenant.slug] = _facts(_measured(tenant, keep=not terminal.is_dry_run))
                except Exception as error:  # noqa: BLE001 - one broken site stops no other; it is reported
                    failed.append(f"{tenant.slug}: {error}")
                progress.advance(note=tenant.slug)
        terminal.result(
            {"sites": done, "failed": failed},
            text=f"{len(done)} sites {'would be kept' if terminal.is_dry_run else 'measured'}, {len(failed)} failed.",
        )
        if failed:
            raise CommandFailure("\n".join(failed), code=ExitCode.PARTLY_DONE)

    def status(self, terminal: Terminal) -> None:
        tenants = self._tenants(city=terminal.options["city"])
        known = catalogues.standings(tenant.uuid for tenant in tenants)
        rows = {tenant.slug: _facts(known[tenant.uuid]) for tenant in tenants if tenant.uuid in known}
        total = {name: sum(row[name] for row in rows.values()) for name in FACTS}
        missing = [tenant.slug for tenant in tenants if tenant.uuid not in known]
        terminal.table("", ["site", *FACTS], [[slug, *row.values()] for slug, row in rows.items()])
        text = f"{len(rows)} sites: {total['fulfilled']} of {total['entries']} entries fulfilled, {total['blank']} columns blank, "
        text += f"{total['overdue']} overdue, {total['due_soon']} due soon; {len(missing)} sites not measured yet."
        terminal.result({"sites": rows, "total": total, "not_measured": missing}, text=text)

    def _tenants(self, *, site: str = "", city: str = "") -> list[TenantRef]:
        forget_directory()
        found = [tenant for tenant in directory().by_uuid.values() if tenant.is_live and site in ("", tenant.slug)]
        found = [tenant for tenant in found if city in ("", tenant.city_slug)]
        if not found and (site or city):
            raise CommandFailure("No live site of that name: see `manage.py site list`.", code=ExitCode.WRONG_USAGE)
        return sorted(found, key=lambda tenant: tenant.slug)


def _measured(tenant: TenantRef, *, keep: bool) -> Standing:
    with in_schema_of(tenant):
        standing = services.measured(tenant, now=timezone.now(), today=timezone.localdate())
    return note_standing(standing) if keep else standing


def _facts(standing: Standing) -> dict[str, int]:
    return {name: getattr(standing, name) for name in FACTS}
