"""`manage.py greyscale plan|list|end`."""

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry import services
from registry.contract import GreyPeriodError
from registry.models import City, GreyPeriod, Tenant

COLUMNS = ["number", "whose", "from", "to", "state", "reason"]


class Command(VerbCommand):
    help = "Days without colour: pages of one site, or of all sites of a city, are shown in grey between two moments."

    @override
    def verbs(self) -> Sequence[Verb]:
        planning = [
            argument("--city", metavar="SLUG", help="All sites of this city."),
            argument("--site", metavar="SLUG", help="One site."),
            argument("--from", dest="starts_at", type=_moment, required=True, metavar="YYYY-MM-DDTHH:MM", help="First moment, local time."),
            argument("--to", dest="ends_at", type=_moment, required=True, metavar="YYYY-MM-DDTHH:MM", help="When colour comes back."),
            argument("--reason", required=True, help="Why."),
        ]
        number = argument("number", type=int, help="The number that `list` shows.")
        return [
            Verb("plan", "Plan a time without colour.", self.plan, planning, changes=True),
            Verb("list", "List what is planned and what is going on.", self.list_periods),
            Verb("end", "Cancel a time, or end it now.", self.end, [number], changes=True),
        ]

    def plan(self, terminal: Terminal) -> None:
        options = terminal.options
        if bool(options["city"]) == bool(options["site"]):
            raise CommandFailure("Say whose: either --city or --site.", code=ExitCode.WRONG_USAGE)
        site = Tenant.objects.filter(slug=options["site"]).select_related("city").first() if options["site"] else None
        city = site.city if site else City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandFailure(f"There is no {'site' if options['site'] else 'city'} of this name.", code=ExitCode.WRONG_USAGE)
        whose = site.slug if site else f"all sites of {city.slug}"
        text = f"{whose} without colour from {options['starts_at']:%Y-%m-%d %H:%M} to {options['ends_at']:%Y-%m-%d %H:%M}."
        if terminal.is_dry_run:
            terminal.result({"would_plan": whose}, text=f"would show {text}")
            return
        try:
            pk, is_new = services.grey_out(
                city,
                tenant=site,
                starts_at=options["starts_at"],
                ends_at=options["ends_at"],
                reason=options["reason"],
                by="system",
                now=timezone.now(),
            )
        except GreyPeriodError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        text = f"number {pk}: {text}" if is_new else f"number {pk} was planned so before: nothing to do."
        terminal.result({"number": pk, "changed": is_new}, text=text)

    def list_periods(self, terminal: Terminal) -> None:
        now = timezone.now()
        found = GreyPeriod.objects.filter(ends_at__gt=now, cancelled_at=None).select_related("city", "tenant").order_by("starts_at", "pk")
        rows = [
            [
                row.pk,
                row.tenant.slug if row.tenant else f"{row.city.slug} (all)",
                timezone.localtime(row.starts_at).strftime("%Y-%m-%d %H:%M"),
                timezone.localtime(row.ends_at).strftime("%Y-%m-%d %H:%M"),
                "on" if row.starts_at <= now else "planned",
                row.reason,
            ]
            for row in found
        ]
        terminal.table("Without colour", COLUMNS, rows)
        terminal.result([dict(zip(COLUMNS, row, strict=True)) for row in rows], text=f"{len(rows)} times.")

    def end(self, terminal: Terminal) -> None:
        number = terminal.options["number"]
        if terminal.is_dry_run:
            terminal.result({"would_end": number}, text=f"would end number {number}.")
            return
        try:
            changed = services.end_grey(number, by="system", now=timezone.now())
        except GreyPeriodError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"number": number, "changed": changed}, text=f"number {number} is over." + ("" if changed else " It was before."))


def _moment(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))
