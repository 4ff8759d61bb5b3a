"""Reads: a site's domains with what was found of each when it was looked at last."""

from dataclasses import dataclass
from datetime import datetime

from console.contract import Mark, Tone
from provisioning.domains import ENDINGS, RECORD, token
from provisioning.models import DomainCheck
from registry.contract import DomainPurpose, TenantRef
from registry.models import Domain
from registry.schemas import in_public

_PURPOSES = {(DomainPurpose.PUBLIC.value, True): "主域名", (DomainPurpose.PUBLIC.value, False): "别名"}


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain of a site, or one that was looked at and is not its yet."""

    domain: str
    role: str
    is_primary: bool
    is_held: bool
    is_editors: bool
    record: str  # what its owner puts into the TXT record
    checked_at: datetime | None = None
    checked_by: str = ""
    is_owned: bool = False
    findings: tuple[Mark, ...] = ()


def domain_rows(site: TenantRef) -> list[DomainRow]:
    """Return a site's domains, the primary first, then those that were only looked at."""
    with in_public():
        checks = {check.domain: check for check in DomainCheck.objects.filter(tenant_uuid=site.uuid).order_by("domain")}
        held = list(Domain.objects.filter(tenant_id=site.id).order_by("purpose", "-is_primary", "domain"))
    rows = [_row(site, row.domain, checks.pop(row.domain, None), row) for row in held]
    return rows + [_row(site, name, check, None) for name, check in checks.items()]


def record_name() -> str:
    """Return what the name of an ownership record begins with."""
    return RECORD


def _row(site: TenantRef, name: str, check: DomainCheck | None, held: Domain | None) -> DomainRow:
    is_editors = held is not None and held.purpose == DomainPurpose.EDITOR
    role = "编辑后台" if is_editors else _PURPOSES.get((held.purpose, held.is_primary), "") if held else "还不是本站的域名"
    return DomainRow(
        domain=name,
        role=role,
        is_primary=bool(held and held.is_primary and not is_editors),
        is_held=held is not None,
        is_editors=is_editors,
        record=token(name, tenant_uuid=site.uuid),
        checked_at=check.checked_at if check else None,
        checked_by=check.checked_by if check else "",
        is_owned=bool(check and check.is_owned),
        findings=_findings(name, check) if check else (),
    )


def _findings(name: str, check: DomainCheck) -> tuple[Mark, ...]:
    found = [Mark(Tone.GOOD, "归属已验证") if check.is_owned else Mark(Tone.WARNING, "没有归属记录")]
    found.append(Mark(Tone.GOOD, f"IPv4 {'、'.join(check.ipv4)}") if check.ipv4 else Mark(Tone.WARNING, "没有IPv4地址"))
    if not check.ipv6:
        found.append(Mark(Tone.WARNING, "没有IPv6地址"))
    elif check.is_reached_over_ipv6:
        found.append(Mark(Tone.GOOD, f"IPv6 {'、'.join(check.ipv6)}"))
    else:
        found.append(Mark(Tone.WARNING, f"IPv6 {'、'.join(check.ipv6)}，连不上"))
    if not name.endswith(ENDINGS):
        found.append(Mark(Tone.WARNING, "政府网站域名应以 .gov.cn 或 .政务 结尾"))
    return tuple(found)
