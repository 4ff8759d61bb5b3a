"""Puts interpretations and answers into the editor: lists, the record of issues, the screens, and a menu for them."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet

from tenants.interpretations.models import InterpretationPage, PublicIssue, ResponsePage
from tenants.interpretations.views import screens
from tenants.pages.contract import Right, may

ADDRESSES = [
    path("meters/", screens.Meters.as_view(), name="interpretation-meters"),
    path("waiting/", screens.Duties.as_view(), name="interpretation-duties"),
    path("issues/", screens.Issues.as_view(), name="public-issues"),
]


class InterpretationListing(PageListingViewSet):
    """All interpretations of the site in one list, and where a new one begins."""

    model = InterpretationPage
    name = "interpretations"
    icon = "doc-full"
    menu_label = "解读"


class ResponseListing(PageListingViewSet):
    """All answers of the site in one list, and where a new one begins."""

    model = ResponsePage
    name = "responses"
    icon = "comment"
    menu_label = "舆情回应"


class IssueViewSet(ModelViewSet):
    """The record of what became known."""

    model = PublicIssue
    name = "public-issue"
    icon = "clipboard-list"
    menu_label = "舆情登记"
    list_display = ("title", "kind", "noticed_at", "organ")
    list_filter = ("kind",)
    search_fields = ("title", "source", "organ")
    ordering = ("-noticed_at",)
    inspect_view_enabled = True
    copy_view_enabled = False


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """Return the lists of both page types and the record of issues."""
    return [InterpretationListing(), ResponseListing(), IssueViewSet()]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("explaining/", include(ADDRESSES))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("解读", reverse("interpretations:index"), icon_name="doc-full", order=10),
        _Item("待解读文件", reverse("interpretation-duties"), icon_name="warning", order=20),
        _Item("解读统计", reverse("interpretation-meters"), icon_name="view", order=30),
        _Item("舆情回应台账", reverse("public-issues"), icon_name="time", order=40),
        _Item("舆情登记", reverse("public-issue:index"), icon_name="clipboard-list", order=50),
        _Item("回应页面", reverse("responses:index"), icon_name="comment", order=60),
    ]
    return SubmenuMenuItem("解读回应", Menu(items=items), name="explaining", icon_name="help", order=130)


# Wide tables scroll inside their own frame, so that a narrow window does not.
STYLE = """
.explaining-wide { overflow-x: auto; max-width: 100%; margin-bottom: 2rem; }
.explaining-wide table { min-width: 44rem; }
.explaining-choose { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 1rem 0; }
.explaining-choose select { width: auto; }
.explaining-bad { color: var(--w-color-critical-200); font-weight: 600; }
.explaining-good { color: var(--w-color-positive-100); }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
