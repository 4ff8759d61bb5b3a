"""Reads for the command line and the console: what a site is and how its opening went."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from provisioning.models import Backup, Operation
from registry.contract import State
from registry.models import Closure, Domain, Tenant
from registry.selectors import directory


def site_rows() -> list[dict[str, Any]]:
    """Return every site with its state and primary domain, by city, kind and region."""
    now = directory().by_uuid  # as the clock has it: a site may be away for a time
    primary = dict(Domain.objects.filter(is_primary=True, purpose="public").values_list("tenant_id", "domain"))
    tenants = Tenant.objects.select_related("city").order_by("city__slug", "kind", "region_id", "slug")
    return [
        {
            "slug": tenant.slug,
            "name": tenant.name,
            "kind": tenant.kind,
            "state": now[tenant.uuid].state.value if tenant.uuid in now else tenant.state,
            "city": tenant.city.slug,
            "domain": primary.get(tenant.pk, ""),
            "theme": tenant.theme,
        }
        for tenant in tenants
    ]


def site_facts(slug: str) -> dict[str, Any] | None:
    """Return all that the registry and the journal know of a site; none when there is no such site."""
    tenant = Tenant.objects.select_related("city", "region").filter(slug=slug).first()
    if tenant is None:
        return None
    return {
        "slug": tenant.slug,
        "uuid": str(tenant.uuid),
        "name": tenant.name,
        "short_name": tenant.short_name,
        "kind": tenant.kind,
        "state": tenant.state,
        "city": tenant.city.slug,
        "region": f"{tenant.region_id} {tenant.region.name}",
        "schema": tenant.schema_name,
        "theme": tenant.theme,
        "identifier": tenant.identifier,
        "opened_at": tenant.opened_at,
        "domains": [
            {"domain": domain.domain, "purpose": domain.purpose, "primary": domain.is_primary}
            for domain in tenant.domains.order_by("domain")
        ],
        "operations": [_operation(operation) for operation in operations_of(tenant)],
    }


def receipt_of(slug: str) -> dict[str, Any] | None:
    """Return the receipt of a closed site; none where it was not closed."""
    closure = Closure.objects.filter(tenant__slug=slug).first()
    return closure.receipt if closure else None


def receipt_text(receipt: Mapping[str, Any]) -> str:
    """Return a receipt as text to print and to sign."""
    site, archive = receipt["site"], receipt["archive"]
    lines = [
        "网站关停回执",
        "",
        f"网站名称：{site['name']}",
        f"网站标识码：{site['identifier'] or '无'}",
        f"域名：{'、'.join(receipt['domains'])}",
        f"关停原因：{receipt['reason']}",
        f"关停时间：{receipt['closed_at']}",
        f"经办人：{receipt['closed_by']}",
        f"关停公告：{receipt['notice_url']}",
        f"转到：{receipt['redirect_to'] or '原域名显示关停说明'}",
        f"归档文件：{archive['path']}",
        f"归档内容：{archive['rows']} 行数据，{archive['files']} 个文件，{archive['size']} 字节",
        f"归档校验值（SHA-256）：{archive['sha256']}",
        f"可清除日期：{receipt['purge_from']}",
        *([f"清除时间：{receipt['purged_at']}", f"清除经办人：{receipt['purged_by']}"] if "purged_at" in receipt else []),
        f"回执校验值（SHA-256）：{receipt['sha256']}",
        "",
        "签字（盖章）：                    日期：",
    ]
    return "\n".join(lines)


def operations_of(tenant: Tenant) -> QuerySet[Operation]:
    """Return all that was done to a site, under whatever name it had then, oldest first."""
    return Operation.objects.filter(Q(tenant_uuid=tenant.uuid) | Q(tenant_uuid=None, subject=tenant.slug)).order_by("number")


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "number": operation.number,
        "verb": operation.verb,
        "subject": operation.subject,
        "state": operation.state,
        "by": operation.by,
        "started_at": operation.started_at,
        "error": operation.error,
        "steps": [
            {"name": step.name, "state": step.state, "seconds": round(step.seconds, 3), "error": step.error}
            for step in operation.steps.order_by("position")
        ],
    }


def backup_rows(slug: str = "") -> list[dict[str, Any]]:
    """Return the archives that were made here, of one site or of all, the newest first."""
    found = Backup.objects.filter(slug=slug) if slug else Backup.objects.all()
    return [_backup(row) for row in found.order_by("-taken_at", "slug")]


def newest_backups() -> dict[UUID, dict[str, Any]]:
    """Return the newest archive of each site that has one, by the site's identity: what the console shows."""
    rows = Backup.objects.order_by("tenant_uuid", "-taken_at").distinct("tenant_uuid")
    return {row.tenant_uuid: _backup(row) for row in rows}


def sites_with_old_backup(now: datetime, *, hours: int) -> list[str]:
    """Return the sites readers or editors use whose newest archive is older than so many hours, or that have none; by slug."""
    fresh = Backup.objects.filter(taken_at__gt=now - timedelta(hours=hours)).exclude(is_good=False).values("tenant_uuid")
    used = Tenant.objects.exclude(state__in=[State.PREPARING, State.APPROVED, State.CLOSED, State.PURGED])
    return list(used.exclude(uuid__in=fresh).order_by("slug").values_list("slug", flat=True))


def unconfirmed_restores() -> list[str]:
    """Return the schemas in which the state before a restore is still kept, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s ORDER BY 1", [r"kept\_%"])
        return [name.removeprefix("kept_").replace("_", "-") for (name,) in cursor.fetchall()]


def _backup(row: Backup) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "tenant_uuid": row.tenant_uuid,
        "city": row.city_slug,
        "taken_at": row.taken_at,
        "path": row.path,
        "file_there": Path(row.path).is_file(),
        "size": row.size,
        "sha256": row.sha256,
        "is_encrypted": row.is_encrypted,
        "rows": row.rows,
        "files": row.files,
        "seconds": row.seconds,
        "verified_at": row.verified_at,
        "is_good": row.is_good,
        "problem": row.problem,
        "verified": "never" if row.is_good is None else "ok" if row.is_good else f"failed: {row.problem}",
    }
