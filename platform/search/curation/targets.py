"""From the address an editor pastes to the page it is: one of ours in the same city, or an allowed host elsewhere."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from registry.contract import DomainPurpose, TenantRef
from registry.schemas import in_public
from registry.selectors import directory
from search.models import Projection


class TargetError(ValueError):
    """An address that leads nowhere an editor may send readers; the message is for the editor."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address is: a page of ours (`site`, `path`, and `row` where search knows it), or an address elsewhere."""

    address: str
    site: TenantRef | None = None
    path: str = ""
    row: Projection | None = None

    @property
    def key(self) -> str:
        """The page's key in search, if it has one."""
        return self.row.pk if self.row else ""


def resolve(address: str, *, standing_on: TenantRef) -> Target:
    """Return what an address is; one that begins with a slash is on the site one stands on.

    Raises:
        TargetError: it is no web address, belongs to another city, or its host is not allowed.

    """
    given = address.strip()
    if given.startswith("/") and not given.startswith("//"):
        return _ours(standing_on, given)
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or any(char <= " " for char in given):
        raise TargetError("请填写以 http:// 或 https:// 开头的网址，或以 / 开头的本站路径。")
    host = parts.hostname.lower().removesuffix(".")
    known = directory().by_host.get(host)
    if known and known[1] is DomainPurpose.PUBLIC:
        if known[0].city_slug != standing_on.city_slug:
            raise TargetError("这个网站不属于本市。")
        return _ours(known[0], parts.path or "/")
    if known is None and any(host == allowed or host.endswith(f".{allowed}") for allowed in settings.SEARCH_EXTERNAL_HOSTS):
        return Target(given)
    raise TargetError(f"只能指向本市各网站，或以下域名的网站：{'、'.join(settings.SEARCH_EXTERNAL_HOSTS)}。")


def _ours(site: TenantRef, path: str) -> Target:
    path = urlsplit(path).path
    wanted = path if path.endswith("/") else f"{path}/"
    with in_public():
        row = Projection.objects.filter(tenant__uuid=site.uuid, path=wanted).without_text().order_by("state", "-changed_at").first()
    return Target(f"{site.primary_domain}{wanted}", site, wanted, row)
