"""The rules in force, kept in memory by each process and renewed when the database says that there is a newer version."""

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from registry.contract import TenantRef
from registry.schemas import in_public
from search.curation.rules import NO_RULES, Rules, RuleValue
from search.models import CurationVersion

CHECK_EVERY_SECONDS = 0.5

OwnerKey = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """All owners' rules at one version, and what was put together of them."""

    version: int
    by_owner: Mapping[OwnerKey, tuple[RuleValue, ...]]
    combined: dict[tuple[OwnerKey, dt.date], Rules] = field(default_factory=dict)


class _Copy:
    """The process's copy and when it was last compared."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loaded: _Loaded | None = None
        self.compared_at = float("-inf")


_copy = _Copy()


def rules_for(tenant: TenantRef | None, *, today: dt.date) -> Rules:
    """Return the rules that searches on a site follow: its own, then its city's; none on the platform's own host."""
    if tenant is None:
        return NO_RULES
    loaded = _current()
    key = ((tenant.city_slug, tenant.uuid), today)
    if key not in loaded.combined:
        own = loaded.by_owner.get((tenant.city_slug, tenant.uuid), ())
        loaded.combined[key] = Rules.of([*own, *loaded.by_owner.get((tenant.city_slug, None), ())], today=today)
    return loaded.combined[key]


def forget_rules() -> None:
    """Make this process ask again at its next look; for the process that made a change."""
    with _copy.lock:
        _copy.loaded, _copy.compared_at = None, float("-inf")


def _current() -> _Loaded:
    kept = _copy.loaded
    if kept is not None and time.monotonic() - _copy.compared_at < CHECK_EVERY_SECONDS:
        return kept
    with in_public():
        version = _newest()
        if kept is None or kept.version != version:
            kept = _Loaded(version, _load())
    with _copy.lock:
        _copy.loaded, _copy.compared_at = kept, time.monotonic()
    return kept


def _newest() -> int:
    """Return the number of the newest version of anybody; putting one into force and going back both make a new one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM public.search_curationversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _load() -> dict[OwnerKey, tuple[RuleValue, ...]]:
    rows = CurationVersion.objects.filter(is_active=True).values_list("city__slug", "tenant__uuid", "rules")
    return {(city, site): tuple(RuleValue.from_json(rule, is_own=site is not None) for rule in rules) for city, site, rules in rows}
