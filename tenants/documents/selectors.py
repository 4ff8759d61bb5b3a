"""Reads of one document: what it lacks, and what its dates have against the rules."""

import datetime as dt

from django.utils import timezone

from registry.contract import TenantRef
from registry.selectors import current_tenant
from rules import selectors as rules
from rules.contract import Key, NoRuleError, Place
from search.contract import DocumentClass
from tenants.documents.contract import ELEMENTS, NOT_NEEDED
from tenants.documents.models import DocumentNumbering
from tenants.pages.contract import LIBRARY_CATEGORIES
from tenants.pages.models import DocumentPage


def missing_elements(page: DocumentPage) -> list[str]:
    """Return the names of the elements that a document of its class should say and does not."""
    if page.category not in LIBRARY_CATEGORIES:
        return []
    spared = NOT_NEEDED.get(page.document_class, set())
    return [label for name, label in ELEMENTS.items() if name not in spared and not getattr(page, name)]


def warnings_about(page: DocumentPage) -> list[str]:
    """Return what a document's index number and dates have against the rules that hold here on its day; none where none says anything."""
    tenant = current_tenant()
    start = page.effective_date or page.signed_date
    found = [_misnumbered(page)]
    if tenant is not None and start is not None:
        found += [_too_long(page, tenant, start), _too_soon(page, tenant)]
    return [warning for warning in found if warning]


def _misnumbered(page: DocumentPage) -> str:
    numbering = DocumentNumbering.objects.first() if page.index_no else None
    if numbering is None or numbering.admits(page.index_no):
        return ""
    return f"索引号“{page.index_no}”不合本网站的索引号模板，例如 {numbering.numbered(timezone.localdate(), 1)}。"


def _too_long(page: DocumentPage, tenant: TenantRef, start: dt.date) -> str:
    if page.document_class != DocumentClass.NORMATIVE or page.valid_until is None:
        return ""
    key = Key.DOCUMENT_VALID_TRIAL if page.is_trial else Key.DOCUMENT_VALID_LONGEST
    last = _end_of(key, start, tenant)
    return f"有效期至 {page.valid_until}，超过规定的最长有效期（{last}）。" if last and page.valid_until > last else ""


def _too_soon(page: DocumentPage, tenant: TenantRef) -> str:
    """Return the warning of 规章 that are in force too soon after they were published; urgent ones may be."""
    if page.document_class != DocumentClass.RULE or page.effective_date is None:
        return ""
    published = timezone.localdate(page.first_published_at) if page.first_published_at else page.signed_date
    first = _end_of(Key.DOCUMENT_FORCE_AFTER, published, tenant) if published else None
    return f"施行日期早于公布后的规定期限（{first}），仅限紧急等情形。" if first and page.effective_date < first else ""


def _end_of(key: Key, start: dt.date, tenant: TenantRef) -> dt.date | None:
    try:
        return rules.end_of(key, start=start, place=Place.of(region_code=tenant.region_code, tenant=tenant.slug))
    except NoRuleError:
        return None
