"""Puts consultations into the editor: their list, how they stand, the opinions, what is late on the start page, what is not deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.models import Page

from tenants.consultations.models import ConsultationPage, Opinion
from tenants.consultations.selectors.standings import pressing, standings
from tenants.consultations.views import screens
from tenants.pages.models import ColumnPage

ADDRESSES = [
    path("", screens.Standings.as_view(), name="consultation-standings"),
    path("<int:pk>/opinions/", screens.Opinions.as_view(), name="consultation-opinions"),
    path("opinions/<int:pk>/", screens.OneOpinion.as_view(), name="consultation-one-opinion"),
    path("opinions/<int:pk>/withhold/", screens.Withhold.as_view(), name="consultation-withhold-opinion"),
]
MOST_REMINDERS = 8


class ConsultationListing(PageListingViewSet):
    """All consultations of the site in one list, and where a new one begins."""

    model = ConsultationPage
    name = "consultations"
    icon = "comment"
    menu_label = "意见征集"


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(screens.LOOK))


class FeedbackPanel(Component):
    """Consultations whose answer is late or due soon."""

    name = "consultation-feedback"
    order = 135
    template_name = "consultations/admin/reminders.html"

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the longest waiting few, and how many there are."""
        request = parent_context["request"]
        if not request.user.has_perm(screens.LOOK):
            return {"rows": []}
        found = pressing(standings(request.tenant, today=timezone.localdate()))
        return {"rows": found[:MOST_REMINDERS], "total": len(found), "overdue": sum(row.is_overdue for row in found)}


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("hearing/", include(ADDRESSES))]


@hooks.register("register_admin_viewset")
def listings() -> list[PageListingViewSet]:
    """Return the list of consultations."""
    return [ConsultationListing()]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("征集台账", reverse("consultation-standings"), icon_name="time", order=10),
        _Item("征集页面", reverse("consultations:index"), icon_name="comment", order=20),
    ]
    return SubmenuMenuItem("意见征集", Menu(items=items), name="hearing", icon_name="comment", order=135)


@hooks.register("construct_homepage_panels")
def remind(_request: HttpRequest, panels: list[Component]) -> None:
    """Show on the start page which answers are late or due soon."""
    panels.append(FeedbackPanel())


@hooks.register("before_delete_page", order=-1)  # before a column's content is asked about, and gone
def keep_opinions(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to delete a consultation that people answered, alone or with its column; from a column its content may move elsewhere."""
    if isinstance(page.specific, ColumnPage) and request.POST.get("choice") != "delete":
        return None
    return _refused(request, [page])


@hooks.register("before_bulk_action")
def keep_opinions_in_bulk(request: HttpRequest, action_type: str, objects: Sequence[Any], _action: Any) -> HttpResponse | None:
    """Refuse it among others too."""
    return _refused(request, objects) if action_type == "delete" else None


def _refused(request: HttpRequest, pages: Sequence[Page]) -> HttpResponse | None:
    for page in pages:
        below = Page.objects.descendant_of(page, inclusive=True)
        opinion = Opinion.objects.filter(consultation__in=below.values("pk")).select_related("consultation").first()
        if opinion is not None:
            title = opinion.consultation.title
            messages.error(request, f"“{title}”已收到公众意见，是决策过程记录，不能删除。不再公开的，请撤下。")
            return redirect("wagtailadmin_explore", page.get_parent().pk)
    return None


# Wide tables scroll inside their own frame, so that a narrow window does not.
STYLE = """
.hearing-wide { overflow-x: auto; max-width: 100%; margin-bottom: 2rem; }
.hearing-wide table { min-width: 44rem; }
.hearing-wide td { overflow-wrap: anywhere; }
.hearing-bad { color: var(--w-color-critical-200); font-weight: 600; }
.hearing-figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
.hearing-figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.hearing-withhold { margin-top: 1.5rem; max-width: 48rem; }
.hearing-withhold summary { cursor: pointer; padding: 0.5rem 0; font-weight: 600; }
.hearing-text { white-space: pre-line; overflow-wrap: anywhere; max-width: 48rem; }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
