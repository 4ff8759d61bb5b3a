"""The steps of closing a site and of removing it for good."""

import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from memberships.models import Membership
from provisioning import backups, cloning
from provisioning.backups.contract import Key as ArchiveKey
from provisioning.contract import ArchiveError, PurgeRequest, RetireRequest, StepDefinition, Walk
from provisioning.models import Backup
from provisioning.steps.opening import media_folder
from provisioning.steps.renaming import domains_of, restore_domains
from provisioning.steps.states import move_to, tenant_of
from registry.contract import Kind, State, TenantRef
from registry.models import Closure, Tenant
from registry.selectors import directory, site_url, tenant_by_slug
from registry.services import change_state
from rules.contract import Key, Place
from rules.selectors import end_of
from search import services as search

PARTS = 1 << 20


def portal_of(tenant: TenantRef) -> TenantRef | None:
    """Return the site of the city above, where a closing is announced; none for the portal itself or where it is not read."""
    portal = next((ref for ref in directory().of_city(tenant.city_slug) if ref.kind is Kind.CITY and ref.is_writable and ref.is_live), None)
    return None if portal is None or portal.uuid == tenant.uuid else portal


# --- archive ------------------------------------------------------------------


def make_archive(walk: Walk[RetireRequest]) -> None:
    """Archive the whole site and prove the archive by restoring it aside; one that was made since the site stands still is taken.

    Raises:
        ArchiveError: the archive does not hold what the site holds.

    """
    tenant = tenant_by_slug(walk.request.slug)
    kept = Backup.objects.filter(pk=walk.memory.get("archive_row", 0)).first() or _made_since(tenant, walk.memory.get("still_since", ""))
    folder = Path(settings.BACKUP_DIR) / "closed"
    if kept is None:
        made = backups.create_backup(tenant, folder=folder, now=timezone.now(), by=walk.by)
        kept = Backup.objects.get(path=str(made.path))
    verdict = backups.verify_backup(Path(kept.path), key=ArchiveKey(), folder=folder)
    if verdict.problems:
        raise ArchiveError(f"The archive {kept.path} is not whole: {'; '.join(verdict.problems[:3])}")
    walk.memory["archive_row"] = kept.pk


def _made_since(tenant: TenantRef, moment: str) -> Backup | None:
    if not moment:
        return None
    rows = Backup.objects.filter(tenant_uuid=tenant.uuid, taken_at__gte=dt.datetime.fromisoformat(moment), is_encrypted=False)
    return next((row for row in rows.order_by("-taken_at") if Path(row.path).is_file()), None)


def keep_archive(walk: Walk[RetireRequest]) -> None:
    """Note which archive is the site's last."""
    row = Backup.objects.get(pk=walk.memory["archive_row"])
    walk.memory["archive"] = {"path": row.path, "sha256": row.sha256, "size": row.size, "rows": row.rows, "files": row.files}


def drop_archive(walk: Walk[RetireRequest]) -> None:
    """Remove the archive of a closing that is taken back."""
    Backup.objects.filter(pk=walk.memory.pop("archive_row")).delete()
    Path(walk.memory.pop("archive")["path"]).unlink(missing_ok=True)


# --- notice -------------------------------------------------------------------


def publish_notice(walk: Walk[RetireRequest]) -> None:
    """Announce the closing on the city's portal, or note where it was announced, see settings.SITE_NOTICES."""
    tenant = tenant_by_slug(walk.request.slug)
    if walk.request.notice_url:
        walk.memory["notice"] = {"url": walk.request.notice_url, "portal": "", "page": 0}
        return
    portal = portal_of(tenant)
    if portal is None:
        raise ArchiveError(f"{walk.request.slug!r} has no portal above it to announce the closing. Give --notice-url.")
    page, path = import_string(settings.SITE_NOTICES["publish"])(portal, slug=f"closing-{tenant.slug}", **notice_of(tenant, walk.request))
    walk.memory["notice"] = {"url": site_url(portal, path), "portal": portal.slug, "page": page}


def notice_of(tenant: TenantRef, request: RetireRequest) -> dict[str, str]:
    """Return the title and the text of the notice."""
    goes_to = f"原有内容转至 {request.redirect_to}。" if request.redirect_to else "原有内容已完整归档，如需查阅请与主办单位联系。"
    reason = f"因{request.reason}，" if request.reason else ""
    text = f"{reason}{tenant.name}网站（{tenant.primary_domain}）自{timezone.localdate():%Y年%m月%d日}起停止服务。{goes_to}"
    return {"title": f"关于{tenant.name}网站关停的公告", "text": text}


def withdraw_notice(walk: Walk[RetireRequest]) -> None:
    """Take the notice back."""
    notice = walk.memory.pop("notice")
    if notice["portal"]:
        import_string(settings.SITE_NOTICES["withdraw"])(tenant_by_slug(notice["portal"]), page=notice["page"])


# --- the end ------------------------------------------------------------------


def close(walk: Walk[RetireRequest]) -> None:
    """Close the site, and write the receipt."""
    request, tenant, now = walk.request, tenant_of(walk.request.slug), timezone.now()
    change_state(tenant, State.CLOSED)
    today = timezone.localdate(now)
    purge_from = end_of(Key.CLOSING_GRACE, start=today, place=Place.of(region_code=tenant.region_id, tenant=tenant.slug))
    closure = Closure(
        tenant=tenant,
        reason=request.reason,
        notice_url=walk.memory["notice"]["url"],
        redirect_to=request.redirect_to,
        archive=walk.memory["archive"],
        closed_at=now,
        purge_from=purge_from,
    )
    closure.receipt = sealed(_receipt(tenant, closure, by=walk.by))
    closure.save()


def _receipt(tenant: Tenant, closure: Closure, *, by: str) -> dict[str, Any]:
    return {
        "kind": "site-closing-receipt",
        "version": 1,
        "site": {"slug": tenant.slug, "uuid": str(tenant.uuid), "name": tenant.name, "identifier": tenant.identifier},
        "domains": [row["domain"] for row in domains_of(tenant)],
        "reason": closure.reason,
        "closed_at": closure.closed_at.isoformat(),
        "closed_by": by,
        "notice_url": closure.notice_url,
        "redirect_to": closure.redirect_to,
        "archive": closure.archive,
        "purge_from": closure.purge_from.isoformat(),
    }


def sealed(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return the receipt with a hash over everything else in it."""
    return receipt | {"sha256": hash_of(receipt)}


def hash_of(receipt: dict[str, Any]) -> str:
    """Return the hash of a receipt: SHA-256 over its JSON with sorted names, without the hash itself."""
    rest = {name: value for name, value in receipt.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def reopen(walk: Walk[RetireRequest]) -> None:
    """Let the closed site stand as before its last step."""
    tenant = tenant_of(walk.request.slug)
    Closure.objects.filter(tenant=tenant).delete()
    change_state(tenant, State.MIGRATING)


def stand_still(walk: Walk[RetireRequest]) -> None:
    """Let nobody write any more, and remember since when."""
    _STAND_STILL.run(walk)
    walk.memory["still_since"] = timezone.now().isoformat()


_STAND_STILL: StepDefinition[RetireRequest] = move_to(State.MIGRATING, label="停止更新")
RETIRE_SITE: tuple[StepDefinition[RetireRequest], ...] = (
    StepDefinition("migrating", "停止更新", stand_still, _STAND_STILL.undo, _STAND_STILL.foresee),
    StepDefinition(
        "archive", "完整归档", keep_archive, drop_archive, lambda _r: "archives the whole site and proves the archive", ahead=make_archive
    ),
    StepDefinition(
        "notice", "发布关停公告", publish_notice, withdraw_notice, lambda r: r.notice_url or "publishes a notice on the city's portal"
    ),
    StepDefinition(
        "closed", "关闭站点", close, reopen, lambda r: f"migrating → closed; readers go to {r.redirect_to or 'a notice on the old domain'}"
    ),
)


# --- purge --------------------------------------------------------------------


def check_archive(walk: Walk[PurgeRequest]) -> None:
    """Look whether the archive is still what the receipt says.

    Raises:
        ArchiveError: it is gone or changed.

    """
    archive = Closure.objects.get(tenant__slug=walk.request.slug).archive
    path = Path(archive["path"])
    if not path.is_file():
        raise ArchiveError(f"The archive {path} is not there. Bring it back before the site is purged.")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != archive["sha256"]:
        raise ArchiveError(f"The archive {path} was changed since the site was closed. Bring the right one back before the site is purged.")


def nothing(_walk: Walk[PurgeRequest]) -> None:
    """Do nothing: there was nothing to change."""


def free_domains(walk: Walk[PurgeRequest]) -> None:
    """Let the domains go; other sites may have them from now on."""
    tenant = tenant_of(walk.request.slug)
    walk.memory["domains"] = domains_of(tenant)
    tenant.domains.all().delete()


def claim_domains(walk: Walk[PurgeRequest]) -> None:
    """Take the domains back."""
    restore_domains(tenant_of(walk.request.slug), walk.memory["domains"])


def drop_tables(walk: Walk[PurgeRequest]) -> None:
    """Remove the schema, and all that search knows of the site."""
    tenant = tenant_of(walk.request.slug)
    search.forget_site(tenant.uuid)
    cloning.drop(tenant.schema_name)


def remove_files(walk: Walk[PurgeRequest]) -> None:
    """Remove pictures and files."""
    shutil.rmtree(media_folder(tenant_of(walk.request.slug).schema_name), ignore_errors=True)


def finish_purge(walk: Walk[PurgeRequest]) -> None:
    """Keep the row, the journal, the audit trail and the receipt; end all memberships."""
    tenant = tenant_of(walk.request.slug)
    Membership.objects.filter(tenant=tenant).update(is_active=False)
    change_state(tenant, State.PURGED)
    closure = Closure.objects.get(tenant=tenant)
    receipt = {name: value for name, value in closure.receipt.items() if name != "sha256"}
    closure.receipt = sealed(receipt | {"purged_at": timezone.now().isoformat(), "purged_by": walk.by})
    closure.save(update_fields=["receipt"])


PURGE_SITE: tuple[StepDefinition[PurgeRequest], ...] = (
    StepDefinition("archive", "核对归档", check_archive, nothing, lambda _r: "compares the archive with the receipt"),
    StepDefinition("domains", "释放域名", free_domains, claim_domains, lambda _r: "frees the domains"),
    StepDefinition("tables", "删除数据表和检索内容", drop_tables, None, lambda _r: "drops the tables: from here there is no way back"),
    StepDefinition("files", "删除图片和附件", remove_files, None, lambda _r: "removes pictures and files"),
    StepDefinition("purged", "登记清除", finish_purge, None, lambda _r: "closed → purged"),
)
