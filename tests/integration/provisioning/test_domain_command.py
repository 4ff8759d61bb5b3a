"""`domain check`: a real DNS server on loopback answers, and a real socket at its IPv6 address."""

import json
import socket
import threading
from collections.abc import Iterator
from uuid import UUID

import dns.message
import dns.resolver
import dns.rrset
import pytest
from django.core.management import call_command
from django.test import Client

from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode
from provisioning import domains
from registry.contract import State, TenantRef
from registry.models import Domain, Tenant
from tests.factories.sites import open_sites

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def records() -> dict[tuple[str, str], str]:
    """Return what the server answers, by name and kind of record; a test fills it."""
    return {}


@pytest.fixture
def resolver(records: dict[tuple[str, str], str]) -> Iterator[dns.resolver.Resolver]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            packet, client = server.recvfrom(4096)
            if packet == b"stop":
                return
            query = dns.message.from_wire(packet)
            question = query.question[0]
            kind = question.rdtype.name
            reply = dns.message.make_response(query)
            if value := records.get((question.name.to_text(omit_final_dot=True), kind)):
                reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, value))
            server.sendto(reply.to_wire(), client)

    thread = threading.Thread(target=serve)
    thread.start()
    asks = dns.resolver.Resolver(configure=False)
    asks.nameservers, asks.port = ["127.0.0.1"], server.getsockname()[1]
    yield asks
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"stop", server.getsockname())
    thread.join()
    server.close()


@pytest.fixture
def ipv6_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET6) as listening:
        listening.bind(("::1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_domain_with_all_it_needs_has_nothing_to_mend(
    records: dict[tuple[str, str], str], resolver: dns.resolver.Resolver, ipv6_port: int
) -> None:
    name = "www.xiaodian.gov.cn"
    records |= {(name, "A"): "192.0.2.7", (name, "AAAA"): "::1"}
    records["_city-platform." + name, "TXT"] = domains.token(name, tenant_uuid=ONE)

    found = domains.look_at("WWW.xiaodian.gov.cn.", tenant_uuid=ONE, resolver=resolver, port=ipv6_port)
    others = domains.look_at(name, tenant_uuid=OTHER, resolver=resolver, port=ipv6_port)

    assert found == domains.DomainFindings(name, ("192.0.2.7",), ("::1",), is_owned=True, is_reached_over_ipv6=True, warnings=())
    assert not others.is_owned  # the token of one site gives the domain to no other


def test_what_is_missing_is_named(records: dict[tuple[str, str], str], resolver: dns.resolver.Resolver) -> None:
    records["old.example.com", "A"] = "192.0.2.7"

    old = domains.look_at("old.example.com", tenant_uuid=ONE, resolver=resolver)
    nowhere = domains.look_at("小店区.政务", tenant_uuid=ONE, resolver=resolver)

    assert old.warnings == ("The domains of government sites end in .gov.cn or .政务.", "It has no IPv6 address: add an AAAA record.")
    assert (old.is_owned, old.is_reached_over_ipv6) == (False, False)
    assert nowhere.domain == "xn--dkr78rt4b.xn--zfr164b"
    assert nowhere.warnings == ("It has no address: add A and AAAA records.",)


def test_an_ipv6_address_where_nobody_answers_is_named(
    records: dict[tuple[str, str], str], resolver: dns.resolver.Resolver, ipv6_port: int
) -> None:
    records["www.x.gov.cn", "AAAA"] = "::1"
    with socket.socket(socket.AF_INET6) as closed:
        closed.bind(("::1", 0))  # bound, but nobody listens
        port = closed.getsockname()[1]

        found = domains.look_at("www.x.gov.cn", tenant_uuid=ONE, resolver=resolver, port=port)

    assert port != ipv6_port
    assert found.warnings == (f"Nobody answers at its IPv6 address on port {port}.",)


@pytest.mark.usefixtures("database")
def test_the_command_asks_for_the_record_and_refuses_another_sites_domain(
    capsys: pytest.CaptureFixture[str], resolver: dns.resolver.Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, other = open_sites("xiaodian", "yingze")
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)

    with pytest.raises(CommandFailure) as caught:
        call_command("domain", "check", "www.xiaodian.gov.cn", "--site", "xiaodian", "--json")
    document = json.loads(capsys.readouterr().out)
    with pytest.raises(CommandFailure, match="belongs to 太原市迎泽区人民政府") as refused:
        call_command("domain", "check", "yingze.localhost", "--site", "xiaodian")

    assert caught.value.returncode == ExitCode.FAILED
    assert document["record"] == f"_city-platform.www.xiaodian.gov.cn TXT {domains.token('www.xiaodian.gov.cn', tenant_uuid=site.uuid)}"
    assert (document["is_owned"], document["ipv6"]) == (False, [])
    assert refused.value.returncode == ExitCode.WRONG_USAGE
    assert Domain.objects.filter(tenant_id=other.id).count() == 2


@pytest.mark.usefixtures("database")
def test_a_further_domain_is_taken_when_its_owner_says_so(
    records: dict[tuple[str, str], str], resolver: dns.resolver.Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)
    (site, other) = open_sites("xiaodian", "yingze")
    name = "www.xiaodian.gov.cn"
    arguments = ("site", "add-domain", "xiaodian", "--domain", "WWW.xiaodian.gov.cn")

    with pytest.raises(CommandFailure, match=r"Nobody has shown that www\.xiaodian\.gov\.cn is the site") as refused:
        call_command(*arguments, verbosity=0)
    assert refused.value.returncode == ExitCode.WRONG_USAGE
    assert not Domain.objects.filter(domain=name).exists()
    records["_city-platform." + name, "TXT"] = domains.token(name, tenant_uuid=other.uuid)
    with pytest.raises(CommandFailure, match="Nobody has shown"):  # the proof of another site is none
        call_command(*arguments, verbosity=0)

    records["_city-platform." + name, "TXT"] = domains.token(name, tenant_uuid=site.uuid)
    call_command(*arguments, verbosity=0)
    assert Client(headers={"host": name}).get("/a/?b=1").headers["Location"] == "http://xiaodian.localhost:8000/a/?b=1"
    with pytest.raises(CommandFailure, match="belongs to"):
        call_command("site", "add-domain", "yingze", "--domain", name, verbosity=0)
    with pytest.raises(CommandFailure, match="belongs to"):
        call_command("site", "remove-domain", "yingze", "--domain", name, verbosity=0)
    with pytest.raises(CommandFailure, match="Give it another one first"):
        call_command("site", "remove-domain", "xiaodian", "--domain", "xiaodian.localhost", verbosity=0)

    with pytest.raises(CommandFailure, match=r"Nobody has shown that www\.other\.gov\.cn"):
        call_command("site", "rename", "xiaodian", "--domain", "www.other.gov.cn", verbosity=0)

    call_command("site", "remove-domain", "xiaodian", "--domain", name, verbosity=0)
    assert Client(headers={"host": name}).get("/").status_code == 404
    assert site_domains(site) == ["xiaodian.localhost", "xiaodian.manage.localhost"]
    call_command(*arguments, "--override-officer", "示例", "--override-reason", "域名正在移交", verbosity=0)
    (entry,) = AuditEntry.objects.filter(action="site.add-domain").order_by("-pk")[:1]
    assert entry.detail["request"]["override_officer"] == "示例"
    call_command("site", "rename", "xiaodian", "--domain", name, verbosity=0)  # it is the site's: it may lead
    assert Client(headers={"host": "xiaodian.localhost"}).get("/a/").headers["Location"] == f"http://{name}:8000/a/"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("verb", ["add-domain", "remove-domain"])
def test_a_closed_site_keeps_its_domains(verb: str) -> None:
    (site,) = open_sites("xiaodian")
    call_command("site", "add-domain", "xiaodian", "--domain", "more.localhost", verbosity=0)
    Tenant.objects.filter(pk=site.id).update(state=State.CLOSED)
    before = site_domains(site)

    with pytest.raises(CommandFailure, match="is closed; its domains stay as they are"):
        call_command("site", verb, "xiaodian", "--domain", "more.localhost", verbosity=0)

    assert site_domains(site) == before == ["more.localhost", "xiaodian.localhost", "xiaodian.manage.localhost"]


@pytest.mark.usefixtures("database")
def test_a_removed_domain_that_another_site_took_is_not_given_back() -> None:
    (site, other) = open_sites("xiaodian", "yingze")
    call_command("site", "add-domain", "xiaodian", "--domain", "more.localhost", verbosity=0)
    call_command("site", "remove-domain", "xiaodian", "--domain", "more.localhost", verbosity=0)
    call_command("site", "add-domain", "yingze", "--domain", "more.localhost", verbosity=0)

    with pytest.raises(CommandFailure, match=r"The domain more\.localhost belongs to .* by now"):
        call_command("site", "remove-domain", "xiaodian", "--rollback", "--yes", verbosity=0)

    assert Domain.objects.get(domain="more.localhost").tenant_id == other.id
    assert site_domains(site) == ["xiaodian.localhost", "xiaodian.manage.localhost"]


def site_domains(site: TenantRef) -> list[str]:
    return list(Domain.objects.filter(tenant_id=site.id).order_by("domain").values_list("domain", flat=True))
