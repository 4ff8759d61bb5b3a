"""`manage.py documents due|expiring|campaigns|conclude`: validity by the calendar, and campaigns of cleaning, on every site."""

import signal
import threading
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from typing_extensions import override

from library import services as library
from library.contract import CampaignError, RelationError
from library.models import Campaign
from library.selectors import progress_of
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.selectors import writable_sites
from tenants.documents import services
from tenants.documents.contract import DocumentError, Turned

SECONDS_BETWEEN = 600.0


class Command(VerbCommand):
    help = "Validity of official documents."

    @override
    def verbs(self) -> Sequence[Verb]:
        watch = argument("--watch", action="store_true", help=f"Look again every {SECONDS_BETWEEN:.0f} seconds until stopped.")
        return [
            Verb("due", "Let documents begin, end or be repealed on their day, on every site.", self.turn, [watch], changes=True),
            Verb("expiring", "List the documents whose validity ends soon.", self.list_expiring),
            Verb("campaigns", "List the campaigns of cleaning and how far each site is.", self.list_campaigns),
            Verb(
                "conclude",
                "Let a campaign take effect on every site that has decided everything; run it again for the others.",
                self.conclude,
                [argument("campaign", type=int, help="Number of the campaign, see `documents campaigns`.")],
                changes=True,
            ),
        ]

    def turn(self, terminal: Terminal) -> None:
        if terminal.is_dry_run:
            due = {site.slug: services.count_due(site, today=timezone.localdate()) for site in writable_sites()}
            found = {slug: count for slug, count in due.items() if count}
            terminal.result(found, text=f"{sum(due.values())} documents on {len(found)} sites would change.")
            return
        if not terminal.options["watch"]:
            self._answer(terminal, _look())
            return
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        while not stopped.is_set():
            for slug, turned in _look().items():
                for line in turned.failed:
                    terminal.warn(f"{slug}: {line}")
            stopped.wait(SECONDS_BETWEEN)

    def _answer(self, terminal: Terminal, sites: dict[str, Turned]) -> None:
        document: dict[str, Any] = {
            slug: {"in_force": turned.in_force, "expired": turned.expired, "changed": turned.changed, "failed": list(turned.failed)}
            for slug, turned in sites.items()
            if turned != Turned()
        }
        in_force, expired, changed = (
            sum(getattr(turned, name) for turned in sites.values()) for name in ("in_force", "expired", "changed")
        )
        failed = [f"{slug}: {line}" for slug, turned in sites.items() for line in turned.failed]
        said = f"{in_force} came into force, {expired} expired, {changed} changed by others, {len(failed)} failed, on {len(sites)} sites."
        terminal.result(document, text=said)
        if failed:
            raise CommandFailure("\n".join(failed), code=ExitCode.PARTLY_DONE)

    def list_expiring(self, terminal: Terminal) -> None:
        today = timezone.localdate()
        found = {site.slug: ending for site in writable_sites() if (ending := services.expiring(site, today=today))}
        rows = [(slug, str(row.valid_until), row.days, row.doc_no, row.title) for slug, each in found.items() for row in each]
        terminal.table("Ending soon", ["site", "valid until", "days left", "number", "title"], rows)
        document = {
            slug: [{"page": row.page, "title": row.title, "until": row.valid_until, "days": row.days} for row in each]
            for slug, each in found.items()
        }
        terminal.result(document, text=f"{len(rows)} documents on {len(found)} sites end soon.")

    def list_campaigns(self, terminal: Terminal) -> None:
        found = {campaign: progress_of(campaign) for campaign in Campaign.objects.order_by("pk")}
        rows = [
            (campaign.pk, campaign.title, campaign.as_of, each.site.slug, f"{each.decided}/{each.total}", each.path or "open")
            for campaign, progress in found.items()
            for each in progress
        ]
        terminal.table("Campaigns", ["number", "title", "as of", "site", "decided", "result"], rows)
        names = ("number", "title", "as_of", "site", "decided", "result")
        terminal.result([dict(zip(names, row, strict=True)) for row in rows], text=f"{len(found)} campaigns.")

    def conclude(self, terminal: Terminal) -> None:
        campaign = Campaign.objects.filter(pk=terminal.options["campaign"]).first()
        if campaign is None:
            raise CommandFailure("There is no such campaign. See `manage.py documents campaigns`.", code=ExitCode.WRONG_USAGE)
        waiting = [each for each in progress_of(campaign) if not each.path]
        ready = [each.site for each in waiting if each.decided == each.total]
        if terminal.is_dry_run:
            terminal.result(
                [site.slug for site in ready], text=f"{len(ready)} sites would conclude, {len(waiting) - len(ready)} would wait."
            )
            return
        failed = []
        with terminal.progress(len(ready), "Concluding") as progress:
            for site in ready:
                try:
                    library.conclude(campaign, site=site, by="system")
                except (CampaignError, RelationError, DocumentError) as error:
                    failed.append(f"{site.slug}: {error}")
                progress.advance(note=site.slug)
        open_ones = [each.site.slug for each in waiting if each.decided != each.total]
        document = {"concluded": len(ready) - len(failed), "waiting": open_ones, "failed": failed}
        terminal.result(document, text=f"{len(ready) - len(failed)} sites concluded, {len(open_ones)} wait, {len(failed)} failed.")
        if open_ones or failed:
            wait = [f"{slug}: not everything is decided" for slug in open_ones]
            raise CommandFailure("\n".join([*failed, *wait]), code=ExitCode.PARTLY_DONE)


def _look() -> dict[str, Turned]:
    return {tenant.slug: _of(tenant) for tenant in writable_sites()}


def _of(tenant: TenantRef) -> Turned:
    try:
        return services.turn(tenant, today=timezone.localdate())
    except Exception as error:  # noqa: BLE001 - one broken site stops no other; it is reported
        return Turned(failed=(str(error),))
