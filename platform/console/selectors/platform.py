"""Reads: how the platform itself stands."""

from typing import Any

from django.utils import timezone

from console.contract import Mark, Tone
from provisioning.contract import ProvisioningError
from provisioning.fleet import drift
from provisioning.models import FleetRun
from provisioning.selectors import backup_rows, sites_with_old_backup, unconfirmed_restores
from registry.schemas import in_public
from search.client import EngineDownError
from search.indexing import rebuilding

OLD_BACKUP_HOURS = 26
NEWEST = 20
_USES = {"in use": "使用中", "previous": "上一个", "being built": "重建中", "being filled": "填充中", "left over": "无用"}


def index_state() -> dict[str, Any]:
    """Return how the search index stands to what is published, or that the engine is away."""
    try:
        with in_public():
            status = rebuilding.status()
    except EngineDownError:
        return {"mark": Mark(Tone.BAD, "搜索引擎没有回应；搜索以简化方式继续"), "status": None}
    mark = Mark(Tone.GOOD, "正常") if status.is_healthy else Mark(Tone.WARNING, "与已发布内容不一致")
    uses = [(each, _USES.get(each.use, each.use)) for each in status.indices]
    return {"mark": mark, "status": status, "uses": uses}


def backup_state() -> dict[str, Any]:
    """Return the newest archives, sites whose newest is old, and restores that wait to be confirmed."""
    with in_public():
        old = sites_with_old_backup(timezone.now(), hours=OLD_BACKUP_HOURS)
        rows = backup_rows()[:NEWEST]
        waiting = unconfirmed_restores()
    mark = Mark(Tone.WARNING, f"{len(old)}个站点超过{OLD_BACKUP_HOURS}小时没有备份")
    return {"mark": mark if old else Mark(Tone.GOOD, "每个站点都有新的备份"), "old": old, "rows": rows, "unconfirmed": waiting}


def fleet_state() -> dict[str, Any]:
    """Return the last upgrade of all sites, and which sites differ from the code or the template."""
    with in_public():
        run = FleetRun.objects.order_by("-started_at").first()
        try:
            standings = drift.status()
        except ProvisioningError as error:
            return {"mark": Mark(Tone.WARNING, "无法比较"), "run": run, "differing": [], "problem": str(error), "total": 0}
    differing = [standing for standing in standings if standing.lacks or standing.drift]
    mark = Mark(Tone.WARNING, f"{len(differing)}个站点不一致") if differing else Mark(Tone.GOOD, "全部为当前版本")
    return {"mark": mark, "run": run, "differing": differing, "problem": "", "total": len(standings)}
