"""Puts accounts into the editor: their list, what was published, which are silent."""

from typing import Any

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet

from tenants.channels import views
from tenants.channels.models import AccountPage, Post


class AccountListing(PageListingViewSet):
    """All accounts of the site in one list, and where a new one begins."""

    model = AccountPage
    name = "media-accounts"
    icon = "mail"
    menu_label = "账号"


class PostViewSet(ModelViewSet):
    """What was published on the accounts."""

    model = Post
    name = "media-posts"
    icon = "list-ul"
    menu_label = "发布记录"
    list_display = ("title", "account", "posted_date")
    list_filter = ("account", "posted_date")
    search_fields = ("title",)
    ordering = ("-posted_date",)
    add_to_reference_index = False
    copy_view_enabled = False


ACCOUNTS, POSTS = AccountListing(), PostViewSet()


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """Return the list of accounts and the screens of posts."""
    return [ACCOUNTS, POSTS]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screen's address."""
    return [path("new-media/", views.Freshness.as_view(), name="channels-freshness")]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        ACCOUNTS.get_menu_item(10),
        POSTS.get_menu_item(20),
        MenuItem("更新检查", reverse("channels-freshness"), icon_name="tasks", order=30),
    ]
    return SubmenuMenuItem("政务新媒体", Menu(items=items), name="new-media", icon_name="mail", order=140)
