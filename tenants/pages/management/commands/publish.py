"""`manage.py publish due`: scheduled publishing and expiry over all sites; Wagtail's own command knows one schema and no transaction."""

import signal
import threading
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory, forget_directory
from tenants.pages import services

SECONDS_BETWEEN = 20.0


class Command(VerbCommand):
    help = "Scheduled publishing."

    @override
    def verbs(self) -> Sequence[Verb]:
        watch = argument("--watch", action="store_true", help=f"Look again every {SECONDS_BETWEEN:.0f} seconds until stopped.")
        return [Verb("due", "Publish what is due and take down what expired, on every site.", self.publish_due, [watch])]

    def publish_due(self, terminal: Terminal) -> None:
        if not terminal.options["watch"]:
            self._answer(terminal, _look())
            return
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        while not stopped.is_set():
            for slug, due in _look().items():
                for line in due.failed:
                    terminal.warn(f"{slug}: {line}")
            stopped.wait(SECONDS_BETWEEN)

    def _answer(self, terminal: Terminal, sites: dict[str, services.Due]) -> None:
        document: dict[str, Any] = {
            slug: {"published": due.published, "expired": due.expired, "failed": list(due.failed)}
            for slug, due in sites.items()
            if due != services.Due()
        }
        published, expired = sum(due.published for due in sites.values()), sum(due.expired for due in sites.values())
        failed = [f"{slug}: {line}" for slug, due in sites.items() for line in due.failed]
        terminal.result(document, text=f"{published} published, {expired} expired, {len(failed)} failed, on {len(sites)} sites.")
        if failed:
            raise CommandFailure("\n".join(failed), code=ExitCode.PARTLY_DONE)


def _look() -> dict[str, services.Due]:
    forget_directory()
    return {tenant.slug: _of(tenant) for tenant in directory().by_uuid.values() if tenant.is_writable}


def _of(tenant: TenantRef) -> services.Due:
    try:
        with in_schema_of(tenant):
            return services.publish_due(timezone.now())
    except Exception as error:  # noqa: BLE001 - one broken site stops no other; it is reported
        return services.Due(failed=(str(error),))
