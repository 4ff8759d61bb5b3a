"""Puts guides into the editor: their list, the events of life, the check, tables in and out."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, re_path, reverse
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.permissions import page_permission_policy

from tenants.services import views
from tenants.services.models import LifeEvent, ServicePage


class ServiceListing(PageListingViewSet):
    """All guides of the site in one list, and where a new one begins."""

    model = ServicePage
    name = "service-guides"
    icon = "clipboard-list"
    menu_label = "办事指南"


class LifeEventViewSet(ModelViewSet):
    """The events of life by which guides are found."""

    model = LifeEvent
    name = "life-events"
    icon = "calendar-alt"
    menu_label = "生命周期事件"
    form_fields = ("label", "code", "audience", "position", "is_offered")
    list_display = ("label", "audience", "position", "is_offered")
    list_filter = ("audience", "is_offered")
    inspect_view_enabled = False
    copy_view_enabled = False


class _Writers(MenuItem):
    """Shown to those who may write pages."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(page_permission_policy.user_has_permission(request.user, "add"))


LISTING, EVENTS = ServiceListing(), LifeEventViewSet()


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """Return the list of guides and the screens of events."""
    return [LISTING, EVENTS]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    screens = [
        path("", views.Completeness.as_view(), name="services-completeness"),
        path("import/", views.Import.as_view(), name="services-import"),
        re_path(r"^export\.(?P<form>csv|xlsx)$", views.export, name="services-export"),
    ]
    return [path("services/", include(screens))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        LISTING.get_menu_item(10),
        MenuItem("要素检查", reverse("services-completeness"), icon_name="tasks", order=20),
        _Writers("批量导入导出", reverse("services-import"), icon_name="table", order=30),
        EVENTS.get_menu_item(40),
    ]
    return SubmenuMenuItem("办事服务", Menu(items=items), name="services", icon_name="clipboard-list", order=130)
