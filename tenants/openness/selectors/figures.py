"""How many texts stand below each column and when the newest came, in one query however many there are."""

from collections.abc import Iterable

from django.db.models import Count, F, Max
from django.db.models.functions import Left, Length
from wagtail.models import Page, PageViewRestriction

from tenants.openness.contract import Figure

STEP = Page.steplen
NOTHING = Figure()
_NO_TEXTS = ("columnpage", "homepage", "page")


class Figures:
    """The figures of each column alone, and of a column with all below it."""

    def __init__(self, own: dict[str, Figure]) -> None:
        self._own = own
        self._below: dict[str, Figure] = {}
        for path, figure in own.items():
            for end in range(STEP, len(path) + 1, STEP):
                part = path[:end]
                self._below[part] = self._below.get(part, NOTHING).plus(figure)

    def of(self, path: str) -> Figure:
        """Return what stands directly in the column."""
        return self._own.get(path, NOTHING)

    def below(self, path: str) -> Figure:
        """Return what stands in the column and in all below it."""
        return self._below.get(path, NOTHING)


def restricted_paths() -> list[str]:
    """Return the tree paths of pages that not everybody may read."""
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


def figures(hidden: Iterable[str]) -> Figures:
    """Return the figures of all columns of the current site; what not everybody may read does not count."""
    rows = Page.objects.filter(live=True).exclude(content_type__model__in=_NO_TEXTS).order_by()
    for path in hidden:
        rows = rows.exclude(path__startswith=path)
    found = (
        rows.annotate(column=Left("path", Length(F("path")) - STEP)).values_list("column").annotate(Count("pk"), Max("first_published_at"))
    )
    return Figures({path: Figure(count, newest) for path, count, newest in found})
