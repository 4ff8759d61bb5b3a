"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, or "" when it is not known.

    With `PROXY_COUNT` proxies of ours in front, it is the one that the outermost of them wrote at the end of `X-Forwarded-For`;
    whatever a client wrote before that is not believed.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    proxies: int = settings.PROXY_COUNT
    candidate = hops[-proxies] if 0 < proxies <= len(hops) else peer
    try:
        return str(ip_address(candidate))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """Return the network that counts as one place: one IPv4 address, or the /64 that one IPv6 customer holds; "" when unknown."""
    if not address:
        return ""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
