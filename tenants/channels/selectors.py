"""Reads: the register of accounts that readers see, and which accounts have not published for too long."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Prefetch
from django.http import HttpRequest
from wagtail.images import get_image_model

from registry.contract import TenantRef
from rules.contract import Key, Place
from rules.selectors import end_of
from tenants.channels.composing import QR_SIZE, qr_of
from tenants.channels.contract import AccountKind, AccountState
from tenants.channels.models import AccountPage
from tenants.pages.composing import path_of, readable
from tenants.pages.models import ColumnPage


def register(column: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return what a column of new media shows: the accounts by platform, with the day of the last post; closed ones by themselves."""
    pictures = get_image_model().objects.prefetch_renditions(QR_SIZE)
    accounts = list(
        readable(AccountPage.objects.descendant_of(column), request)
        .annotate(last_date=Max("posts__posted_date"))
        .prefetch_related(Prefetch("qr", queryset=pictures))
        .order_by("path")
    )
    kept = [account for account in accounts if account.state == AccountState.ACTIVE]
    groups = [{"title": kind.label, "accounts": [_shown(account) for account in kept if account.kind == kind]} for kind in AccountKind]
    return {
        "groups": [group for group in groups if group["accounts"]],
        "closed": [_shown(account) for account in accounts if account.state == AccountState.CLOSED],
        "total": len(kept),
    }


def _shown(account: Any) -> dict[str, Any]:
    return {
        "title": account.title,
        "url": path_of(account),
        "account_id": account.account_id,
        "organ": account.organ_name,
        "summary": account.summary,
        "link": account.link,
        "qr": qr_of(account),
        "last_date": account.last_date,
        "closed_date": account.closed_date,
    }


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long an account has been silent: `due` is the last day on which it had to publish; none where no day is known."""

    account: AccountPage
    last_date: dt.date | None
    due: dt.date | None
    is_stale: bool


def freshness(tenant: TenantRef, *, on: dt.date) -> list[Freshness]:
    """Return the accounts that are kept, the stalest first; what counts is the day of the last post, else the day it was opened.

    Raises:
        NoRuleError: no rule says how long an account may be silent.

    """
    place = Place.of(region_code=tenant.region_code, tenant=tenant.slug)
    kept: Iterable[Any] = AccountPage.objects.live().filter(state=AccountState.ACTIVE).annotate(last_date=Max("posts__posted_date"))
    limits: dict[dt.date, dt.date] = {}
    found = []
    for account in kept:
        start = account.last_date or account.opened_date
        if start and start not in limits:
            limits[start] = end_of(Key.NEW_MEDIA_STALE, start=start, place=place)
        due = limits.get(start) if start else None
        found.append(Freshness(account, account.last_date, due, due is None or on > due))
    return sorted(found, key=lambda each: (each.due or dt.date.min, each.account.pk))
