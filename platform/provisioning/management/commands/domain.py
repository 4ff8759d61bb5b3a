"""`manage.py domain check`: is a domain ready to be a site's: addresses, ownership, IPv6."""

from collections.abc import Sequence
from dataclasses import asdict

from django.utils import timezone
from typing_extensions import override

from observability.terminal import CommandFailure, Terminal, Verb, VerbCommand, argument
from provisioning import domains, services
from provisioning.management.commands.site import expected_failures
from provisioning.verbs.states import site_of


class Command(VerbCommand):
    help = "Domains: what the world says of them."

    @override
    def verbs(self) -> Sequence[Verb]:
        arguments = [
            argument("domain", help="A domain, Chinese ones too: www.xiaodian.gov.cn."),
            argument("--site", required=True, metavar="SLUG", help="The site it is or will be for."),
        ]
        return [Verb("check", "Look at a domain's addresses, its ownership record and its IPv6.", self.check_domain, arguments)]

    def check_domain(self, terminal: Terminal) -> None:
        with expected_failures():
            name = services.check_name(terminal.options["site"], terminal.options["domain"])
            site = site_of(terminal.options["site"])
            found = services.look_at_domain(site.slug, name, by="system", now=timezone.now())
        record = f"{domains.RECORD}.{name} TXT {domains.token(name, tenant_uuid=site.uuid)}"
        owned = "ok" if found.is_owned else f"failed: put this record into its zone: {record}"
        rows = [
            ["IPv4", ", ".join(found.ipv4) or "none"],
            ["IPv6", ", ".join(found.ipv6) or "none"],
            ["reached over IPv6", "ok" if found.is_reached_over_ipv6 else "warning: no"],
            ["ownership", owned],
            *(["warning", text] for text in found.warnings),
        ]
        terminal.table(name, ["what", "found"], rows)
        terminal.result(asdict(found) | {"record": record})
        if not found.is_owned:
            raise CommandFailure(f"Nobody has shown that {name} is the site's. Put this record into its zone: {record}")
