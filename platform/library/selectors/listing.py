"""The library's list: documents of a site or of a whole city, from the projection alone; two queries however many there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Case, Count, F, IntegerField, When
from django.db.models.functions import Coalesce, ExtractYear, TruncDate

from library.contract import OVER, Asked, Choice, Facet, Listed, Listing
from registry.contract import Kind, TenantRef
from registry.selectors import site_url
from search.contract import DOCUMENT_CLASS_LABELS, VALIDITY_LABELS, DocumentClass, Validity
from search.documents import CHINA
from search.models import Projection
from search.models.projection import issuers_of
from vocabularies.contract import CLASS_LENGTH, Scheme
from vocabularies.selectors import subject_titles

ROWS = 20
MOST_VALUES = 40  # of a facet
Counted = list[tuple[dict[Facet, str], int]]
SCHEMES = {Facet.SUBJECT: Scheme.SUBJECT, Facet.COMBINED: Scheme.COMBINED}  # those whose values are codes in two levels
_GONE = [Validity.REPEALED.value, Validity.EXPIRED.value]
_COLUMNS = {
    Facet.CLASS: "document_class",
    Facet.SUBJECT: "subject",
    Facet.COMBINED: "combined_class",
    Facet.ISSUER: "issuer",
    Facet.YEAR: "of_year",
    Facet.VALIDITY: "validity",
}


def list_documents(asked: Asked, *, sites: Sequence[TenantRef]) -> Listing:
    """Return one page of the documents of these sites, those in force first, with what they can be narrowed down by."""
    known = {site.id: site for site in sites if site.is_live}
    rows = _documents(known.values())
    counted = _counted(rows)
    total = sum(count for values, count in counted if _fits(values, asked))
    pages = max(1, -(-total // ROWS))
    number = min(max(1, asked.page), pages)
    shown = _narrowed(rows, asked).order_by("rank", F("day").desc(nulls_last=True), "pk")[(number - 1) * ROWS : number * ROWS]
    return Listing(
        rows=[_listed(row, known[row.tenant_id]) for row in shown],
        total=total,
        page=number,
        pages=pages,
        is_beyond=asked.page > pages,
        facets={facet: _subjects(counted, asked, facet, sites) if facet in SCHEMES else _choices(counted, asked, facet) for facet in Facet},
    )


def list_subjects(sites: Sequence[TenantRef]) -> list[Choice]:
    """Return the classes of subjects that documents of these sites have, each with its second-level ones, counted in one query."""
    rows = _documents(site for site in sites if site.is_live)
    asked = Asked()
    counted = [({Facet.SUBJECT: code}, number) for code, number in rows.order_by().values_list("subject").annotate(count=Count("pk"))]
    return _subjects(counted, asked, Facet.SUBJECT, sites, is_whole=True)


def _documents(sites: Iterable[TenantRef]) -> Any:
    """Return the documents of sites, each text once: of copies the newest version, the portal's first."""
    sites = list(sites)
    portals = [site.id for site in sites if site.kind is Kind.CITY]
    live = Projection.objects.live().filter(tenant_id__in=[site.id for site in sites]).exclude(document_class="")
    if len(sites) > 1:
        portal_first = Case(When(tenant_id__in=portals, then=0), default=1, output_field=IntegerField())
        leaders = live.annotate(nearness=portal_first).order_by("group", "-latest", "nearness", "pk").distinct("group")
        live = Projection.objects.filter(pk__in=leaders.values("pk"))
    rank = Case(
        When(validity__in=[Validity.IN_FORCE, Validity.AMENDED], then=0),
        When(validity__in=_GONE, then=2),
        default=1,
        output_field=IntegerField(),
    )
    day = Coalesce("signed_date", TruncDate("published_at", tzinfo=CHINA))
    return live.annotate(rank=rank, day=day).annotate(of_year=ExtractYear("day"))


def _counted(rows: Any) -> Counted:
    """Return how many documents there are of each combination of values: one pass over them for the total and all facets."""
    names = list(_COLUMNS.values())
    found = rows.order_by().values_list(*names).annotate(count=Count("pk"))
    return [
        ({facet: "" if value is None else str(value) for facet, value in zip(_COLUMNS, each, strict=False)}, each[-1]) for each in found
    ]


def _fits(values: Mapping[Facet, str], asked: Asked, *, without: Facet | None = None) -> bool:
    """Whether documents with these values are asked for; says the same as `_narrowed`."""
    return all(facet is without or not wanted or _meets(facet, values[facet], wanted) for facet, wanted in asked.values.items())


def _meets(facet: Facet, value: str, wanted: str) -> bool:
    if facet is Facet.VALIDITY and wanted == OVER:
        return value in _GONE
    if facet in SCHEMES and len(wanted) == CLASS_LENGTH:
        return value[:CLASS_LENGTH] == wanted
    return wanted in value if facet is Facet.ISSUER else value == wanted


def _narrowed(rows: Any, asked: Asked) -> Any:
    for facet, value in asked.values.items():
        if facet is Facet.VALIDITY and value == OVER:
            rows = rows.filter(validity__in=_GONE)
        elif facet is Facet.ISSUER:
            rows = rows.filter(issuer__contains=value)
        elif facet in SCHEMES and len(value) == CLASS_LENGTH:
            rows = rows.filter(**{f"{_COLUMNS[facet]}__startswith": value})
        elif value:
            rows = rows.filter(**{_COLUMNS[facet]: value})
    return rows


def _choices(counted: Counted, asked: Asked, facet: Facet) -> list[Choice]:
    """Return a facet's values with their numbers, as all other filters leave them."""
    counts: dict[str, int] = {}
    for values, count in counted:
        if values[facet] and _fits(values, asked, without=facet):
            counts[values[facet]] = counts.get(values[facet], 0) + count
    if facet is Facet.ISSUER:
        counts = _by_issuer(counts)
    chosen = asked.values.get(facet, "")
    order: dict[Facet, list[str]] = {
        Facet.CLASS: [name.value for name in DocumentClass],
        Facet.VALIDITY: [name.value for name in VALIDITY_LABELS],
    }
    names = [name for name in order[facet] if name in counts] if facet in order else sorted(counts, key=_sorting(facet, counts))
    choices = [Choice(name, _label(facet, name), counts[name], is_current=name == chosen) for name in names[:MOST_VALUES]]
    if facet is Facet.VALIDITY and (gone := sum(counts.get(name, 0) for name in _GONE)):
        choices.append(Choice(OVER, "废止和失效", gone, is_current=chosen == OVER))
    return choices


def _subjects(counted: Counted, asked: Asked, facet: Facet, sites: Sequence[TenantRef], *, is_whole: bool = False) -> list[Choice]:
    """Return the classes with their numbers, as all other filters leave them; below the chosen one its second-level subjects.

    `is_whole`: below each of them.
    """
    titles = subject_titles(city=sites[0].city_slug, scheme=SCHEMES[facet]) if sites else {}
    counts: Counter[str] = Counter()
    for values, count in counted:
        if values[facet] and _fits(values, asked, without=facet):
            counts[values[facet]] += count
    chosen = asked.values.get(facet, "")
    classes = sorted({code[:CLASS_LENGTH] for code in counts})
    return [
        Choice(
            each,
            titles.get(each, each),
            sum(count for code, count in counts.items() if code[:CLASS_LENGTH] == each),
            is_current=each == chosen,
            below=[
                Choice(code, titles.get(code, code), counts[code], is_current=code == chosen)
                for code in sorted(counts)
                if code[:CLASS_LENGTH] == each != code and (is_whole or chosen[:CLASS_LENGTH] == each)
            ],
        )
        for each in classes
    ]


def _by_issuer(counts: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text, count in counts.items():
        for name in issuers_of(text):
            found[name] = found.get(name, 0) + count
    return found


def _sorting(facet: Facet, counts: dict[str, int]) -> Any:
    return (lambda name: -int(name)) if facet is Facet.YEAR else (lambda name: (-counts[name], name))


def _label(facet: Facet, name: str) -> str:
    if facet is Facet.CLASS:
        return DOCUMENT_CLASS_LABELS[DocumentClass(name)]
    if facet is Facet.VALIDITY:
        return VALIDITY_LABELS.get(Validity(name), "未标注")
    return name


def _listed(row: Any, site: TenantRef) -> Listed:
    validity = Validity(row.validity)
    return Listed(
        title=row.title,
        url=site_url(site, row.path),
        site=site,
        doc_no=next(iter(row.doc_nos), ""),
        issuer=row.issuer,
        document_class=DOCUMENT_CLASS_LABELS[DocumentClass(row.document_class)],
        day=row.day,
        validity={"code": validity.value, "label": VALIDITY_LABELS[validity]} if validity in VALIDITY_LABELS else None,
    )
