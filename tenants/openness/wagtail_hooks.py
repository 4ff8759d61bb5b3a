"""Puts the screens into the editor: addresses, menu, the reminder on the start page, and the question before a column is deleted."""

from collections.abc import Iterator, Mapping, Sequence
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
from wagtail.admin.widgets import Button
from wagtail.models import Page

from tenants.openness import views
from tenants.openness.contract import State
from tenants.openness.models import AnnualReportPage, GuidePage
from tenants.openness.selectors.duties import duties, warned
from tenants.pages.models import ColumnPage, TextPage

ADDRESSES = [
    path("columns/", views.Duties.as_view(), name="openness-duties"),
    path("entries/", views.Progresses.as_view(), name="openness-progress"),
    path("late/", views.Lates.as_view(), name="openness-late"),
    path("entries/<str:kind>/<str:code>/", views.Mapping.as_view(), name="openness-mapping"),
    path("pages/<int:pk>/publication-time/", views.PublicationTime.as_view(), name="openness-publication-time"),
]
MOST_REMINDERS = 8


class GuideListing(PageListingViewSet):
    """The guides of the site."""

    model = GuidePage
    name = "openness-guides"
    icon = "help"
    menu_label = "公开指南"
    add_to_admin_menu = False


class AnnualReportListing(PageListingViewSet):
    """The yearly reports of the site."""

    model = AnnualReportPage
    name = "openness-reports"
    icon = "calendar-alt"
    menu_label = "公开年报"
    add_to_admin_menu = False


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(views.LOOK))


class RemindersPanel(Component):
    """Columns that are blank, overdue, or due soon."""

    name = "column-duties"
    order = 130
    template_name = "openness/admin/reminders.html"

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the worst few, and how many there are of each kind."""
        request = parent_context["request"]
        if not request.user.has_perm(views.LOOK):
            return {"rows": []}
        found = warned(duties(request.tenant, today=timezone.localdate()))
        states = [duty.state for duty in found]
        counts = {"blank": states.count(State.BLANK), "overdue": states.count(State.OVERDUE), "due_soon": states.count(State.DUE_SOON)}
        return {"rows": found[:MOST_REMINDERS], "total": len(found), "counts": counts}


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("openness/", include(ADDRESSES))]


@hooks.register("register_admin_viewset")
def listings() -> list[PageListingViewSet]:
    """Return the lists of guides and reports."""
    return [GuideListing(), AnnualReportListing()]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("栏目更新", reverse("openness-duties"), icon_name="time", order=10),
        _Item("公开事项", reverse("openness-progress"), icon_name="list-ul", order=20),
        _Item("逾期公开", reverse("openness-late"), icon_name="warning", order=30),
        _Item("公开指南", reverse(GuideListing().get_url_name("index")), icon_name="help", order=40),
        _Item("公开年报", reverse(AnnualReportListing().get_url_name("index")), icon_name="calendar-alt", order=50),
    ]
    return SubmenuMenuItem("信息公开", Menu(items=items), name="openness", icon_name="doc-full-inverse", order=150)


@hooks.register("construct_homepage_panels")
def remind(_request: HttpRequest, panels: list[Component]) -> None:
    """Show on the start page what somebody must see to."""
    panels.append(RemindersPanel())


@hooks.register("before_delete_page")
def ask_where_content_goes(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Ask before a column with content is deleted; an empty one goes as any page."""
    column = page.specific
    return views.delete_column(request, column) if isinstance(column, ColumnPage) and column.numchild else None


@hooks.register("before_bulk_action")
def refuse_columns_in_bulk(request: HttpRequest, action_type: str, objects: Sequence[Any], _action: Any) -> HttpResponse | None:
    """Refuse to delete columns with content among others: where it goes is asked for each."""
    full = [page for page in objects if isinstance(page.specific, ColumnPage) and page.numchild] if action_type == "delete" else []
    if not full:
        return None
    names = "、".join(page.title for page in full)
    messages.error(request, f"栏目“{names}”里还有内容，不能批量删除。请逐个删除，并选择内容移到哪里。")
    return redirect("wagtailadmin_explore", full[0].get_parent().pk)


@hooks.register("register_page_header_buttons")
def correct_time(page: Page, user: Any, view_name: str = "", next_url: str | None = None) -> Iterator[Button]:
    """Offer to correct the publication time of a published text."""
    del view_name, next_url
    if page.live and isinstance(page.specific, TextPage) and page.permissions_for_user(user).can_publish():
        yield Button("更正发布时间", reverse("openness-publication-time", args=[page.pk]), icon_name="date", priority=60)


# Wide tables scroll inside their own frame, so that a narrow window does not.
STYLE = """
.openness-wide { overflow-x: auto; max-width: 100%; }
.openness-wide table { min-width: 46rem; }
.openness-figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
.openness-figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.openness-choose { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 1rem 0; }
.openness-choose select { width: auto; max-width: 100%; }
.openness-form { max-width: 48rem; }
.openness-form ul { list-style: none; padding: 0; }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
