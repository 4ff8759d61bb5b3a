"""Openness over the city: which site lacks what, the worst first, and the same as a table."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.composing import table_lines
from console.selectors import openness as selectors
from console.views.access import EVERY, officers, page


@officers(EVERY)
@require_safe
def openness(request: HttpRequest) -> HttpResponse:
    """Show how complete and how late each site is, and what most of them lack."""
    figures = selectors.site_figures(now=timezone.now())
    measured = [figure for figure in figures if figure.measured_at]
    context = {
        "figures": figures,
        "entries": selectors.entry_figures(measured),
        "unmeasured": len(figures) - len(measured),
        "old": sum(figure.is_old for figure in measured),
        "total": sum(figure.entries for figure in measured),
        "fulfilled": sum(figure.fulfilled for figure in measured),
        "late": sum(figure.late for figure in measured),
    }
    return page(request, "openness", context)


@officers(EVERY)
@require_safe
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one site's statutory entries, the worst first, each with its place on the site."""
    figure = next((each for each in selectors.site_figures(now=timezone.now()) if each.site.slug == slug), None)
    if figure is None:
        raise Http404
    rows = [(row, selectors.row_url(figure.site, row)) for row in figure.rows]
    return page(request, "openness_site", {"figure": figure, "rows": rows})


@officers(EVERY)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Send a line for each site and entry; everybody who may look gets the same."""
    del request
    figures = selectors.site_figures(now=timezone.now())
    name = f"openness-{timezone.localdate():%Y%m%d}.csv"
    body = "".join(table_lines(selectors.COLUMNS, selectors.table(figures)))
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})
