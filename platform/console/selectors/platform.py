"""Reads: how the platform itself stands."""

from typing import Any

from django.utils import timezone

from console.contract import Mark, Tone
from provisioning.selectors import backup_rows, sites_with_old_backup, unconfirmed_restores
from registry.schemas import in_public
from search.client import EngineDownError
from search.indexing import rebuilding

OLD_BACKUP_HOURS = 26
NEWEST = 20


def index_state() -> dict[str, Any]:
    """Return how the search index stands to what is published, or that the engine is away."""
    try:
        with in_public():
            status = rebuilding.status()
    except EngineDownError:
        return {"mark": Mark(Tone.BAD, "搜索引擎没有回应；搜索以简化方式继续"), "status": None}
    mark = Mark(Tone.GOOD, "正常") if status.is_healthy else Mark(Tone.WARNING, "与已发布内容不一致")
    return {"mark": mark, "status": status}


def backup_state() -> dict[str, Any]:
    """Return the newest archives, sites whose newest is old, and restores that wait to be confirmed."""
    with in_public():
        old = sites_with_old_backup(timezone.now(), hours=OLD_BACKUP_HOURS)
        rows = backup_rows()[:NEWEST]
        waiting = unconfirmed_restores()
    mark = Mark(Tone.WARNING, f"{len(old)}个站点超过{OLD_BACKUP_HOURS}小时没有备份")
    return {"mark": mark if old else Mark(Tone.GOOD, "每个站点都有新的备份"), "old": old, "rows": rows, "unconfirmed": waiting}


def fleet_state() -> dict[str, Any]:
    """Return nothing until upgrades are in."""
    return {}
