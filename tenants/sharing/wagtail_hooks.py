"""Puts the screens into the editor: addresses, the menu, a button beside each text of the portal."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.widgets import Button
from wagtail.models import Page

from exchange.selectors import receivers_of
from registry.contract import Kind
from registry.selectors import current_tenant
from tenants.pages.models import TextPage
from tenants.sharing import views
from tenants.sharing.contract import Right, may

ADDRESSES = [
    path("sent/", views.Sent.as_view(), name="sharing-sent"),
    path("received/", views.Received.as_view(), name="sharing-received"),
    path("received/<int:pk>/", views.Decide.as_view(), name="sharing-decide"),
    path("send/<int:pk>/", views.Send.as_view(), name="sharing-send"),
]


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


class _SentItem(_Item):
    """Shown at the portal, which alone sends."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return request.tenant.kind is Kind.CITY and super().is_shown(request)  # type: ignore[attr-defined] # set by the middleware


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("sharing/", include(ADDRESSES))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("收到的内容", reverse("sharing-received"), icon_name="download", order=10),
        _SentItem("发出的内容", reverse("sharing-sent"), icon_name="upload", order=20),
    ]
    return SubmenuMenuItem("站间推送", Menu(items=items), name="sharing", icon_name="site", order=650)


@hooks.register("register_page_header_buttons")
def send_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:  # noqa: ARG001 - the hook's signature
    """Offer to send a live text, where somebody may receive it and the person may publish it."""
    tenant = current_tenant()
    if tenant is None or not page.live or not issubclass(page.specific_class or Page, TextPage):
        return
    if receivers_of(tenant) and page.permissions_for_user(user).can_publish():
        yield Button("推送到其他网站", reverse("sharing-send", args=[page.pk]), icon_name="site", priority=60)
