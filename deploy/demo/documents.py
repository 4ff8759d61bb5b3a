"""Sample documents of the demo's sites and what they have to do with each other, also across sites; and one campaign of cleaning.

Those whose basis is a real text say so only where the demo imported that text.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from deploy.demo import samples, writing
from deploy.demo.texts import COUNTY, OFFICE, PORTAL, TEXTS, Text
from library import services as library
from library.contract import Decision, Member, RelationKind
from library.models import Campaign, CampaignItem
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.contract import DocumentClass
from search.models import Projection
from tenants.documents import services as documents
from tenants.documents.models import DocumentRelation
from tenants.interpretations import services as interpretations
from tenants.interpretations.models import InterpretationDuty
from tenants.pages.models import DocumentPage

CAMPAIGN = "小店区行政规范性文件清理" + samples.MARK
COMBINED = {DocumentClass.RULE: "0101", DocumentClass.NORMATIVE: "0102"}  # 组配分类 by kind; all others are 其他文件
# What the campaign decided of the county's documents; the others stay.
ENDED = {
    "sample-stalls": (Decision.REPEAL, "主要内容已被新的规定代替。"),
    "sample-canteens": (Decision.EXPIRE, "整治工作已经结束，适用期已过。"),
}


def publish_documents(sites: Iterable[TenantRef]) -> int:
    """Put the sample documents onto their sites, and let the campaign take effect; return how many were made."""
    by_slug = {site.slug: site for site in sites}
    made = 0
    for slug in (PORTAL, COUNTY, OFFICE):
        if slug in by_slug:
            with in_schema_of(by_slug[slug]), transaction.atomic():
                made += writing.make_findable(by_slug[slug], list(_documents_of(slug)))
    if COUNTY in by_slug:
        _clean(by_slug[COUNTY])
    return made


def _documents_of(slug: str) -> Iterator[DocumentPage | None]:
    parent = writing.column("zcwj")
    for text in TEXTS:
        if parent is not None and text.site == slug:
            yield writing.put(parent, _document(text), text.name, days_ago=text.days_ago)


def _document(text: Text) -> DocumentPage:
    today = timezone.localdate()
    issuer = {PORTAL: "太原市人民政府", COUNTY: "太原市小店区人民政府", OFFICE: "太原市教育局"}[text.site]
    return DocumentPage(
        title=writing.marked(text.title),
        doc_no=text.doc_no,
        index_no=f"样例/{TEXTS.index(text) + 1:05}",
        issuer=issuer,
        source=issuer,
        summary=text.lines[0],
        validity=text.validity,
        document_class=text.kind.value,
        genre=text.genre,
        subject=text.subject,
        combined_class=COMBINED.get(text.kind, "0103"),
        topics=list(text.topics),
        signed_date=today - timedelta(days=text.signed_days_ago or text.days_ago + 2),
        effective_date=today + timedelta(days=text.effective_days or -text.days_ago),
        valid_until=today + timedelta(days=text.until_days) if text.until_days else None,
        body=[("official_text", "\n".join(text.lines))],
    )


def _clean(site: TenantRef) -> None:
    """Run the campaign on a site: every document decided, all of it in effect; nothing where there was one already."""
    if Campaign.objects.filter(title=CAMPAIGN).exists():
        return
    as_of = timezone.localdate() - timedelta(days=20)
    campaign = library.open_campaign(CAMPAIGN, as_of=as_of, city_slug=site.city_slug, site=site, by="demo")
    names = {key.rsplit(":", 1)[1]: name for key, name in _known([site]).items()}
    for item in CampaignItem.objects.filter(campaign=campaign):
        decision, reason = ENDED.get(names.get(str(item.page), ""), (Decision.KEEP, "仍然适用。"))
        library.decide(campaign, site=site, page=item.page, decision=decision, reason=reason, by="demo")
    library.conclude(campaign, site=site, by="demo")


def relate_documents(sites: Iterable[TenantRef]) -> int:
    """Say what the sample documents have to do with each other and with the real ones; return how many relations are new."""
    known_sites = list(sites)
    keys = {name: key for key, name in _known(known_sites).items()}
    by_slug = {site.slug: site for site in known_sites}
    changed = 0
    for text in TEXTS:
        wanted = [(kind, keys[name]) for kind, name in text.relations if name in keys]
        if wanted and text.name in keys:
            with in_schema_of(by_slug[text.site]), transaction.atomic():
                changed += _relate(DocumentPage.objects.get(source_id=text.name), wanted, by_slug[text.site])
    return changed


def _known(sites: Iterable[TenantRef]) -> dict[str, str]:
    """Return the source number of every live document by its key; where several sites carry a text, the portal's comes last and counts."""
    rows = Projection.objects.live().filter(tenant_id__in=[site.id for site in sites]).exclude(source_id="")
    found = rows.values_list("pk", "source_id", "tenant__slug").order_by("pk")
    return {key: name for key, name, _ in sorted(found, key=lambda row: bool(row[2] == PORTAL))}


def _relate(page: DocumentPage, wanted: list[tuple[RelationKind, str]], site: TenantRef) -> int:
    said = {(relation.kind, relation.target) for relation in page.relations.all()}
    new = [(kind, key) for kind, key in wanted if (kind.value, key) not in said]
    if not new:
        return 0
    titles = dict(Projection.objects.filter(pk__in=[key for _, key in new]).values_list("pk", "title"))
    for place, (kind, key) in enumerate(new, start=len(said)):
        page.relations.add(DocumentRelation(sort_order=place, kind=kind.value, reference=titles[key], target=key))
    page.save()
    revision = page.save_revision(changed=False, clean=False)
    DocumentPage.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    documents.relate_again(page, site)
    interpretations.follow_document(page)
    return len(new)


def await_interpretation(site: TenantRef) -> int:
    """Mark the portal's newest rules as ones that must be explained: one with a plan, one without and late."""
    with in_schema_of(site), transaction.atomic():
        made = 0
        plan: dict[str, Any] = {
            "organ": "样例起草部门",
            "interpreter": "样例甲",
            "forms": "图解、政策问答",
            "planned_on": timezone.localdate(),
        }
        for name, more in (("sample-end", plan), ("sample-bikes", {})):
            page = DocumentPage.objects.filter(source_id=name).first()
            if page is not None and not InterpretationDuty.objects.filter(page=page).exists():
                InterpretationDuty.objects.create(page=page, **more)
                made += 1
        return made


def member_of(name: str, site: TenantRef) -> Member | None:
    """Return the document of a source number on a site; none where it has none."""
    row = Projection.objects.live().filter(tenant_id=site.id, source_id=name).values_list("page_id", flat=True).first()
    return None if row is None else Member(site.uuid, row)
