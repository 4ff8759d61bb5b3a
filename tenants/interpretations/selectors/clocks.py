"""Where the clocks of issues stand, the most urgent first."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from registry.contract import TenantRef
from rules.contract import Key
from tenants.interpretations.contract import CLOCKS, Clock, ClockState, IssueKind, ResponseForm, read_clock
from tenants.interpretations.models import PublicIssue, ResponsePage
from tenants.interpretations.selectors.meters import place_of, rule_or_none


@dataclass(frozen=True, slots=True)
class Standing:
    """An issue with its clocks, the pages that answer it, and how far they reached."""

    issue: PublicIssue
    clocks: Sequence[Clock]
    responses: Sequence[ResponsePage]
    updates: int
    last_update_at: dt.datetime | None
    reads: int | None
    shares: int | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return any(clock.is_open for clock in self.clocks)

    @property
    def urgency(self) -> tuple[int, float]:
        """What stands first: what is overdue by most, then what has least time left, then the newest of what is done."""
        spans = [(1 if clock.state is ClockState.RUNNING else -1) * clock.span for clock in self.clocks if clock.is_open]
        if spans:
            return 0, min(spans).total_seconds()
        return 1, -self.issue.noticed_at.timestamp()


def standings(tenant: TenantRef, *, now: dt.datetime, only_open: bool = False) -> list[Standing]:
    """Return the site's issues with their clocks, the most urgent first; runs inside its schema."""
    answers = ResponsePage.objects.live().filter(first_published_at__isnull=False, issue__isnull=False).defer("body", "attachments")
    by_issue: defaultdict[int | None, list[ResponsePage]] = defaultdict(list)
    for page in answers.order_by("first_published_at", "pk").prefetch_related("updates", "channels"):
        by_issue[page.issue_id].append(page)
    found = [_standing(issue, by_issue[issue.pk], tenant, now) for issue in PublicIssue.objects.all()]
    return sorted((each for each in found if each.is_open or not only_open), key=lambda each: each.urgency)


def _standing(issue: PublicIssue, answers: Sequence[ResponsePage], tenant: TenantRef, now: dt.datetime) -> Standing:
    # A page that was public before the issue was known is no answer to it, whatever somebody ties to it later.
    responses = [page for page in answers if page.first_published_at and page.first_published_at >= issue.noticed_at]
    updates = [update.at for page in responses for update in page.updates.all()]
    rows = [row for page in responses for row in page.channels.all()]
    return Standing(
        issue,
        () if issue.waived_reason else clocks_of(issue, responses, tenant, now=now),
        responses,
        len(updates),
        max(updates, default=None),
        _sum(row.reads for row in rows),
        _sum(row.shares for row in rows),
    )


def _sum(figures: Iterable[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def clocks_of(issue: PublicIssue, responses: Sequence[ResponsePage], tenant: TenantRef, *, now: dt.datetime) -> list[Clock]:
    """Return the clocks of an issue by its kind and the rules of its day: one stops at the first answer, that of the press when it met."""
    published = [page.first_published_at for page in responses if page.first_published_at]
    met = [page.held_at for page in responses if page.form == ResponseForm.PRESS and page.held_at and page.held_at <= now]
    clocks = []
    for key, label in CLOCKS[IssueKind(issue.kind)]:
        held = rule_or_none(key, on=timezone.localtime(issue.noticed_at).date(), place=place_of(tenant))
        if held is None:
            clocks.append(Clock(label, ClockState.NO_RULE))
            continue
        stopped_at = min(met if key is Key.RESPONSE_PRESS else published, default=None)
        clocks.append(read_clock(label=label, hours=held.value, basis=held.basis, start=issue.noticed_at, stopped_at=stopped_at, now=now))
    return clocks
