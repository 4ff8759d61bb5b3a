"""Puts organs into the editor: lists, files of power lists, the table for oversight, and the question before an organ is deleted."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from tenants.organs import selectors, services
from tenants.organs.forms import HandOverForm
from tenants.organs.models import OrganPage, PowerListPage
from tenants.organs.views import DraftFile, OrganReport, PowerFile

NAMED = 5  # organs named in a refusal


class OrganListing(PageListingViewSet):
    """All organs of the site in one list, and where a new one begins."""

    model = OrganPage
    name = "organs"
    icon = "group"
    menu_label = "机构"
    menu_order = 130
    add_to_admin_menu = True


class PowerListing(PageListingViewSet):
    """All power lists of the site, and where a new one begins."""

    model = PowerListPage
    name = "power-lists"
    icon = "list-ul"
    menu_label = "权责清单"
    menu_order = 131
    add_to_admin_menu = True


@hooks.register("register_admin_viewset")
def listings() -> list[PageListingViewSet]:
    """Return the two lists."""
    return [OrganListing(), PowerListing()]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [
        path("power-lists/<int:pk>/file/", PowerFile.as_view(), name="power-file"),
        path("power-lists/<int:pk>/file/<str:form>/", DraftFile.as_view(), name="power-file-export"),
        path("reports/organs/", OrganReport.as_view(), name="organs-report"),
        path("reports/organs/results/", OrganReport.as_view(results_only=True), name="organs-report-results"),
    ]


@hooks.register("register_reports_menu_item")
def report() -> MenuItem:
    """Return the table's entry in the menu."""
    return MenuItem("政务公开机构与人员", reverse("organs-report"), name="organs-report", icon_name="group", order=90)


@hooks.register("register_page_header_buttons")
def file_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Offer a power list's file where the list is edited."""
    del view_name, next_url
    if isinstance(page, PowerListPage) and page.permissions_for_user(user).can_edit():
        yield Button("导入导出", reverse("power-file", args=[page.pk]), icon_name="table", priority=25)


@hooks.register("before_delete_page", order=-1)  # before columns ask where their content goes
def ask_where_content_goes(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Before an organ with content is deleted, ask which organ takes it; a column with such organs is not deleted at once."""
    if not isinstance(page, OrganPage):
        return _refuse_with_organs(request, [page])
    content = selectors.content_of(page)
    if content.is_empty:
        return None
    form = HandOverForm(request.POST if "successor" in request.POST else None, organ=page)
    if request.method == "POST" and form.is_valid():
        services.hand_over(page, to=form.cleaned_data["successor"], user=request.user)
        return None  # nothing is lost now: Wagtail deletes it
    return TemplateResponse(request, "organs/hand_over.html", {"page": page, "content": content, "form": form})


@hooks.register("before_bulk_action")
def refuse_many(request: HttpRequest, action_type: str, objects: list[Any], _action: Any) -> HttpResponse | None:
    """Do not delete organs with content among many pages: each asks where its content goes."""
    pages = [each for each in objects if isinstance(each, Page)]
    return _refuse_with_organs(request, pages) if action_type == "delete" and pages else None


def _refuse_with_organs(request: HttpRequest, pages: list[Page]) -> HttpResponse | None:
    organs = [organ for page in pages for organ in OrganPage.objects.descendant_of(page, inclusive=True) if selectors.has_content(organ)]
    if not organs:
        return None
    names = "、".join(f"“{organ.title}”" for organ in organs[:NAMED]) + (f"等 {len(organs)} 个机构" if len(organs) > NAMED else "")
    messages.error(request, f"{names}还有内容，没有删除。请逐个删除这些机构，并选择其内容转给哪个机构。")
    return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
