"""`manage.py consultation purge`: erases who sent opinions when the time is over that a rule says."""

from collections.abc import Sequence
from functools import partial

from django.utils import timezone
from typing_extensions import override

from intake.management.erasing import SITE, erase_everywhere
from observability.terminal import Terminal, Verb, VerbCommand
from tenants.consultations import services


class Command(VerbCommand):
    help = "What is kept of consultations, and for how long."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("purge", "Erase names and contacts kept as long as the rule says; the opinions stay.", self.purge, [SITE], changes=True)
        ]

    def purge(self, terminal: Terminal) -> None:
        erase = partial(services.erase_contacts, today=timezone.localdate(), is_dry_run=terminal.is_dry_run)
        erase_everywhere(terminal, erase, what="contacts")
