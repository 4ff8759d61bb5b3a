"""Reads of campaigns: which documents there are to clean, and how far each site is."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from library.contract import Progress
from library.models import Campaign, CampaignItem, Conclusion
from registry.contract import TenantRef
from registry.selectors import directory
from search.contract import Validity
from search.documents import CHINA
from search.models import Projection

_TO_CLEAN = [Validity.IN_FORCE.value, Validity.AMENDED.value, Validity.UNKNOWN.value]


def documents_on(day: dt.date, *, sites: Sequence[TenantRef]) -> QuerySet[Projection]:
    """Return the documents of sites that were made until a day and are not over, site by site."""
    live = Projection.objects.live().filter(tenant_id__in=[site.id for site in sites], validity__in=_TO_CLEAN)
    made = live.exclude(document_class="").annotate(day=Coalesce("signed_date", TruncDate("published_at", tzinfo=CHINA)))
    return made.filter(day__lte=day).only("tenant_id", "page_id", "title", "doc_nos").order_by("tenant_id", "page_id")


def progress_of(campaign: Campaign) -> list[Progress]:
    """Return how far each site is, in the city's order; two queries."""
    known = {site: progress for (_, site), progress in _progress([campaign]).items()}
    return [known[site.uuid] for site in directory().of_city(campaign.city_slug) if site.uuid in known]


def progress_at(site: TenantRef, campaigns: Sequence[Campaign]) -> dict[int, Progress]:
    """Return how far one site is in each campaign, by its number; two queries."""
    return {campaign: progress for (campaign, uuid), progress in _progress(campaigns, site=site).items() if uuid == site.uuid}


def _progress(campaigns: Sequence[Campaign], *, site: TenantRef | None = None) -> dict[tuple[int, UUID], Progress]:
    here = {"site": site.uuid} if site else {}
    counted = CampaignItem.objects.filter(campaign__in=campaigns, **here).values("campaign", "site")
    counted = counted.annotate(total=Count("pk"), open=Count("pk", Q(decision="")))
    done = {(each.campaign_id, each.site): each.path for each in Conclusion.objects.filter(campaign__in=campaigns, **here)}
    sites = directory().by_uuid
    return {
        key: Progress(site=sites[row["site"]], total=row["total"], decided=row["total"] - row["open"], path=done.get(key, ""))
        for row in counted
        if (key := (row["campaign"], row["site"])) and row["site"] in sites
    }
