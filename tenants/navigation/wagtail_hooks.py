"""Puts the screen of days without colour into the editor."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from tenants.navigation.views.greyscale import Greyscale, may_grey_out


class _Item(MenuItem):
    """Shown to the site's administrators."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may_grey_out(request)


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    """Return the screen's address."""
    return [path("greyscale/", Greyscale.as_view(), name="greyscale")]


@hooks.register("register_settings_menu_item")
def item() -> MenuItem:
    """Return the menu's entry."""
    return _Item("灰度显示", reverse("greyscale"), icon_name="view", order=900)
