"""`manage.py announcement publish|withdraw|list`."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.utils import timezone
from typing_extensions import override

from exchange import services
from exchange.contract import ExchangeError
from exchange.models import Announcement
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.selectors import directory


class Command(VerbCommand):
    help = "One notice on all sites in the same moment, or on none."

    @override
    def verbs(self) -> Sequence[Verb]:
        publish = [
            argument("title", help="The notice's title."),
            argument("file", type=Path, help="Its text, UTF-8."),
            argument("--city", default="", metavar="SLUG", help="Only the sites of this city."),
            argument("--sites", default="", metavar="SLUGS", help="Only these, separated by commas."),
        ]
        which = argument("uuid", type=UUID, help="As `announcement list` shows it.")
        return [
            Verb("publish", "Publish a notice on all sites that readers see.", self.publish, publish, changes=True),
            Verb("withdraw", "Take a notice down on all its sites.", self.withdraw, [which], changes=True),
            Verb("list", "Show what was announced.", self.list_all),
        ]

    def publish(self, terminal: Terminal) -> None:
        sites = _sites(terminal.options["city"], terminal.options["sites"])
        try:
            text = terminal.options["file"].read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandFailure(f"Cannot read the text: {error}", code=ExitCode.WRONG_USAGE) from error
        title, slugs = terminal.options["title"], [site.slug for site in sites]
        if terminal.is_dry_run:
            terminal.result({"sites": slugs}, text=f"would publish {title!r} on {len(sites)} sites.")
            return
        terminal.confirm(f"Publish {title!r} on {len(sites)} sites now?")
        try:
            made = services.announce(sites, title=title, text=text, by="system", now=timezone.now())
        except ExchangeError as error:
            raise CommandFailure(str(error)) from error
        terminal.result({"uuid": str(made.uuid), "sites": slugs}, text=f"Live on {len(sites)} sites: {made.uuid}")

    def withdraw(self, terminal: Terminal) -> None:
        found = Announcement.objects.filter(uuid=terminal.options["uuid"]).first()
        if found is None:
            raise CommandFailure("There is no such announcement. `manage.py announcement list` shows them.", code=ExitCode.WRONG_USAGE)
        if terminal.is_dry_run:
            terminal.result({"uuid": str(found.uuid)}, text=f"would take {found} down.")
            return
        terminal.confirm(f"Take {found} down?")
        changed = services.withdraw(found, by="system", now=timezone.now())
        terminal.result({"uuid": str(found.uuid), "changed": changed}, text="Taken down." if changed else "Down already: nothing to do.")

    def list_all(self, terminal: Terminal) -> None:
        rows = list(Announcement.objects.order_by("-announced_at"))
        terminal.table(
            "Announcements",
            ["uuid", "title", "at", "sites", "down since"],
            [[row.uuid, row.title, row.announced_at, len(row.pages), row.withdrawn_at or ""] for row in rows],
        )
        document = [{"uuid": str(row.uuid), "title": row.title, "at": row.announced_at, "sites": len(row.pages)} for row in rows]
        terminal.result({"announcements": document}, text=f"{len(rows)} announcements.")


def _sites(city: str, slugs: str) -> list[TenantRef]:
    live = [site for site in directory().by_uuid.values() if site.is_live and (not city or site.city_slug == city)]
    if not slugs:
        return live
    wanted = [slug.strip() for slug in slugs.split(",") if slug.strip()]
    known = {site.slug: site for site in live}
    if unknown := [slug for slug in wanted if slug not in known]:
        raise CommandFailure(f"No live site is called {', '.join(unknown)}. `manage.py site list` shows them.", code=ExitCode.WRONG_USAGE)
    return [known[slug] for slug in wanted]
