"""What the world says of a domain: its addresses, who owns it, and whether it is reached over IPv6; looked at, never changed."""

import hashlib
import hmac
import socket
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import dns.exception
import dns.resolver
from django.conf import settings

RECORD = "_city-platform"
SECONDS = 3.0  # for each question and each connection
ENDINGS = (".gov.cn", ".xn--zfr164b")  # the second is .政务


@dataclass(frozen=True, slots=True)
class DomainFindings:
    """What was found of a domain; `warnings` are what a government site should have otherwise."""

    domain: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    is_owned: bool
    is_reached_over_ipv6: bool
    warnings: tuple[str, ...]


def plain(domain: str) -> str:
    """Return a domain as DNS has it: small letters, Chinese as punycode.

    Raises:
        ValueError: it is no domain name.

    """
    try:
        return domain.strip().rstrip(".").lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{domain!r} is no domain name: {error}.") from error


def token(domain: str, *, tenant_uuid: UUID) -> str:
    """Return what the owner of a domain puts into its TXT record to give it to a site; of another site or domain it is another."""
    key = f"domains:{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{tenant_uuid}\n{plain(domain)}".encode(), hashlib.sha256).hexdigest()[:40]


def look_at(
    domain: str,
    *,
    tenant_uuid: UUID,
    resolver: dns.resolver.Resolver | None = None,
    port: int = 443,
    connect: Callable[..., socket.socket] = socket.create_connection,
) -> DomainFindings:
    """Return what DNS and the net say of a domain now; a question nobody answers within seconds counts as no answer.

    Raises:
        ValueError: it is no domain name.

    """
    name, asked = plain(domain), resolver or dns.resolver.Resolver()
    ipv4, ipv6 = _answers(asked, name, "A"), _answers(asked, name, "AAAA")
    is_reached = any(_is_reached(address, port, connect) for address in ipv6)
    warnings = [] if name.endswith(ENDINGS) else ["The domains of government sites end in .gov.cn or .政务."]
    if not ipv4 and not ipv6:
        warnings.append("It has no address: add A and AAAA records.")
    elif not ipv6:
        warnings.append("It has no IPv6 address: add an AAAA record.")
    elif not is_reached:
        warnings.append(f"Nobody answers at its IPv6 address on port {port}.")
    owned = is_owned(name, tenant_uuid=tenant_uuid, resolver=asked)
    return DomainFindings(name, ipv4, ipv6, owned, is_reached, tuple(warnings))


def is_owned(domain: str, *, tenant_uuid: UUID, resolver: dns.resolver.Resolver | None = None) -> bool:
    """Return whether the domain's owner has given it to the site: one question, answered within seconds or not at all.

    Raises:
        ValueError: it is no domain name.

    """
    texts = _answers(resolver or dns.resolver.Resolver(), f"{RECORD}.{plain(domain)}", "TXT")
    return any(hmac.compare_digest(text.encode(), token(domain, tenant_uuid=tenant_uuid).encode()) for text in texts)


def _answers(resolver: dns.resolver.Resolver, name: str, kind: str) -> tuple[str, ...]:
    try:
        found = resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.exception.DNSException, OSError):
        return ()
    return tuple(sorted(row.to_text().strip('"') for row in found))


def _is_reached(address: str, port: int, connect: Callable[..., socket.socket]) -> bool:
    try:
        with connect((address, port), timeout=SECONDS):
            return True
    except OSError:
        return False
