"""`manage.py consultation purge`: erases who sent opinions when the time is over that a rule says."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import writable_sites
from tenants.consultations import services


class Command(VerbCommand):
    help = "What is kept of consultations, and for how long."

    @override
    def verbs(self) -> Sequence[Verb]:
        site = argument("--site", default="", help="Only this site.")
        return [
            Verb("purge", "Erase names and contacts kept as long as the rule says; the opinions stay.", self.purge, [site], changes=True)
        ]

    def purge(self, terminal: Terminal) -> None:
        """Go over all sites that may be changed; one that fails stops no other."""
        today, done, failed = timezone.localdate(), {}, []
        tenants = _tenants(terminal.options["site"])
        with terminal.progress(len(tenants), "Erasing") as progress:
            for tenant in tenants:
                try:
                    with in_schema_of(tenant), transaction.atomic():
                        done[tenant.slug] = services.erase_contacts(tenant, today=today, is_dry_run=terminal.is_dry_run)
                except Exception as error:  # noqa: BLE001 - one broken site stops no other; it is reported
                    failed.append(f"{tenant.slug}: {error}")
                progress.advance(note=tenant.slug)
        erased = sum(done.values())
        verb = "would be erased" if terminal.is_dry_run else "erased"
        terminal.result(
            {"erased": erased, "sites": {slug: count for slug, count in done.items() if count}, "failed": failed},
            text=f"{erased} contacts {verb} on {len(done)} sites, {len(failed)} failed." if erased or failed else "0 contacts to erase.",
        )
        if failed:
            raise CommandFailure("\n".join(failed), code=ExitCode.PARTLY_DONE)


def _tenants(slug: str) -> list[TenantRef]:
    found = writable_sites(slug)
    if not found and slug:
        raise CommandFailure("No site of that name can be changed: see `manage.py site list`.", code=ExitCode.WRONG_USAGE)
    return found
