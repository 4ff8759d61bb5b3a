"""Campaigns of cleaning: opened for a site or a city, decided document by document, and put into effect site by site."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from library.contract import ConcludedError, Decision, NothingToCleanError, PartnerLockedError, ReasonError, UndecidedError
from library.models import Campaign, CampaignItem, Conclusion
from library.selectors import documents_on
from observability.audit import record_audit
from registry.contract import TenantRef
from registry.selectors import directory


@transaction.atomic
def open_campaign(title: str, *, as_of: dt.date, city_slug: str, site: TenantRef | None = None, by: str) -> Campaign:
    """List the documents in force on a day, of one site or of all sites of a city, for each to be decided.

    Raises:
        NothingToCleanError: there is none.

    """
    sites = [site] if site else directory().of_city(city_slug)
    rows = list(documents_on(as_of, sites=sites))
    if not rows:
        raise NothingToCleanError(as_of)
    campaign = Campaign.objects.create(title=title, as_of=as_of, city_slug=city_slug, site=site.uuid if site else None, opened_by=by)
    uuids = {each.id: each.uuid for each in sites}
    CampaignItem.objects.bulk_create(
        CampaignItem(campaign=campaign, site=uuids[row.tenant_id], page=row.page_id, title=row.title, doc_no="；".join(row.doc_nos))
        for row in rows
    )
    record_audit(
        "campaign.opened", actor=by, subject=title, tenant_uuid=campaign.site, detail={"campaign": campaign.pk, "documents": len(rows)}
    )
    return campaign


@transaction.atomic
def decide(campaign: Campaign, *, site: TenantRef, page: int, decision: Decision, reason: str, by: str) -> bool:
    """Say what becomes of one of a site's documents, and why; return whether that changed anything.

    Raises:
        ReasonError: no reason is given.
        ConcludedError: the site's decisions took effect already.

    """
    _lock(campaign, site)
    item = CampaignItem.objects.get(campaign=campaign, site=site.uuid, page=page)
    if not reason.strip():
        raise ReasonError(item.title)
    if (item.decision, item.reason) == (decision.value, reason.strip()):
        return False
    if Conclusion.objects.filter(campaign=campaign, site=site.uuid).exists():
        raise ConcludedError(site.name)
    CampaignItem.objects.filter(pk=item.pk).update(decision=decision.value, reason=reason.strip(), decided_by=by, decided_at=timezone.now())
    return True


@transaction.atomic
def conclude(campaign: Campaign, *, site: TenantRef, by: str) -> Conclusion:
    """Let all of a site's decisions take effect together and publish the list of what ended; a second time changes nothing.

    Raises:
        UndecidedError: documents are not decided yet.
        PartnerLockedError: the site cannot be changed now.

    """
    _lock(campaign, site)
    done = Conclusion.objects.filter(campaign=campaign, site=site.uuid).first()
    if done is not None:
        return done
    items: Sequence[CampaignItem] = list(CampaignItem.objects.filter(campaign=campaign, site=site.uuid).order_by("pk"))
    if waiting := [item.title for item in items if not item.decision]:
        raise UndecidedError(waiting)
    if not site.is_writable:
        raise PartnerLockedError(campaign.title, site.name)
    page, path = import_string(settings.DOCUMENT_CLEANER)(site, campaign=campaign, items=items)
    record_audit(
        "campaign.concluded", actor=by, subject=campaign.title, tenant_uuid=site.uuid, detail={"campaign": campaign.pk, "page": page}
    )
    return Conclusion.objects.create(campaign=campaign, site=site.uuid, page=page, path=path, concluded_by=by)


def _lock(campaign: Campaign, site: TenantRef) -> None:
    """Let whoever decides and whoever concludes for the same site wait for each other."""
    list(CampaignItem.objects.select_for_update().filter(campaign=campaign, site=site.uuid).order_by("pk").values_list("pk", flat=True))
