"""Reads: all sites with how they stand, in a fixed number of queries."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from console.contract import Mark, SiteRow, Tone
from provisioning.models import Operation
from provisioning.selectors import newest_backups
from registry.contract import FILING_LABELS, KIND_LABELS, STATE_LABELS, State, TenantRef
from registry.models import Filing
from registry.schemas import in_public
from registry.selectors import directory
from search.models import Projection

OLD_BACKUP = timedelta(hours=26)  # a nightly one that did not come
_ENDED = (State.CLOSED, State.PURGED)
_TONES = {
    State.LIVE: Tone.GOOD,
    State.READ_ONLY: Tone.WARNING,
    State.SUSPENDED: Tone.BAD,
    State.OFFLINE: Tone.WARNING,
    State.MIGRATING: Tone.WARNING,
}


def site_rows(*, text: str = "", state: str = "", now: datetime | None = None) -> list[SiteRow]:
    """Return the sites whose name, slug, domain or city contains the text, by city, kind and region."""
    refs = sorted(directory().by_uuid.values(), key=lambda ref: (ref.city_slug, ref.kind, ref.region_code, ref.slug))
    wanted = [ref for ref in refs if _matches(ref, text.strip().lower()) and (not state or ref.state == state)]
    at = now or timezone.now()
    with in_public():
        published = dict(Projection.objects.filter(tenant__in=[ref.id for ref in wanted]).values_list("tenant").annotate(Max("changed_at")))
        backups = {uuid: row["taken_at"] for uuid, row in newest_backups().items()}
        filings = Counter(Filing.objects.values_list("tenant_id", flat=True))
        unfinished = dict(Operation.objects.exclude(state__in=Operation.FINISHED).values_list("subject", "state"))
    return [
        SiteRow(
            slug=ref.slug,
            name=ref.name,
            city=ref.city_name,
            kind=KIND_LABELS[ref.kind],
            domain=ref.primary_domain,
            state=state_mark(ref.state),
            health=_health(unfinished.get(ref.slug)),
            published_at=published.get(ref.id),
            backup=_backup(ref, backups, at),
            warnings=_warnings(ref, filings[ref.id]),
        )
        for ref in wanted
    ]


def state_mark(state: State) -> Mark:
    """Return a state as a word with its dot."""
    return Mark(_TONES.get(state, Tone.QUIET), STATE_LABELS[state])


def filings_of(site: TenantRef) -> list[tuple[str, str, str]]:
    """Return the five papers: which, its number, its day; empty where it is missing."""
    with in_public():
        found = {filing.kind: filing for filing in Filing.objects.filter(tenant_id=site.id)}
    return [
        (label, found[kind].number if kind in found else "", f"{found[kind].issued_on:%Y-%m-%d}" if kind in found else "")
        for kind, label in FILING_LABELS.items()
    ]


def _matches(ref: TenantRef, text: str) -> bool:
    return not text or any(text in each.lower() for each in (ref.name, ref.short_name, ref.slug, ref.primary_domain, ref.city_name))


def _health(operation_state: str | None) -> Mark:
    if operation_state is None:
        return Mark(Tone.GOOD, "正常")
    return Mark(Tone.BAD, "操作失败") if operation_state == Operation.State.FAILED else Mark(Tone.WARNING, "操作中")


def _backup(ref: TenantRef, taken: dict[UUID, datetime], now: datetime) -> Mark:
    if ref.state in _ENDED:
        return Mark(Tone.QUIET, "—")
    at = taken.get(ref.uuid)
    if at is None:
        return Mark(Tone.BAD, "没有")
    age = now - at
    hours = int(age.total_seconds() // 3600)
    word = f"{hours}小时前" if hours < 48 else f"{hours // 24}天前"  # noqa: PLR2004 - two days
    return Mark(Tone.GOOD if age <= OLD_BACKUP else Tone.WARNING, word)


def _warnings(ref: TenantRef, filings: int) -> tuple[str, ...]:
    if ref.state in _ENDED:
        return ()
    missing = len(FILING_LABELS) - filings
    found = [f"缺{missing}项开办手续"] if missing else []
    if not ref.identifier:
        found.append("缺网站标识码")
    if not ref.primary_domain:
        found.append("没有域名")
    return tuple(found)
