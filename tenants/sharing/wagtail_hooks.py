"""Puts the screens into the editor: addresses, the menu, a button beside each text of the portal."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import Button
from wagtail.models import Page

from exchange.contract import label_of
from exchange.models import Delivery
from exchange.selectors import count_unsigned, receivers_of, unsigned_of
from registry.selectors import current_tenant
from tenants.pages.contract import Right, may
from tenants.pages.models import TextPage
from tenants.sharing import views

ADDRESSES = [
    path("sent/", views.Sent.as_view(), name="sharing-sent"),
    path("received/", views.Received.as_view(), name="sharing-received"),
    path("received/<int:pk>/", views.Decide.as_view(), name="sharing-decide"),
    path("taken-over/<int:pk>/", views.Sign.as_view(), name="sharing-sign"),
    path("send/<int:pk>/", views.Send.as_view(), name="sharing-send"),
]


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


class ChangedOriginalsPanel(Component):
    """Copies whose originals were withdrawn, repealed or restored, and that nobody here has signed."""

    name = "changed-originals"
    order = 125
    template_name = "sharing/reminder.html"

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return how many there are."""
        request = parent_context["request"]
        return {"count": count_unsigned(request.tenant) if may(request, Right.LOOK) else 0, "url": reverse("sharing-received")}


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("sharing/", include(ADDRESSES))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("收到的内容", reverse("sharing-received"), icon_name="download", order=10),
        _Item("发出的内容", reverse("sharing-sent"), icon_name="upload", order=20),
    ]
    return SubmenuMenuItem("站间推送", Menu(items=items), name="sharing", icon_name="site", order=650)


@hooks.register("construct_homepage_panels")
def remind(_request: HttpRequest, panels: list[Component]) -> None:
    """Show on the start page that originals changed."""
    panels.append(ChangedOriginalsPanel())


@hooks.register("before_edit_page")
def warn(request: HttpRequest, page: Page) -> None:
    """Say above a copy in the editor what became of its original, until somebody has signed it."""
    tenant = current_tenant()
    copy = unsigned_of(tenant, page.pk) if tenant and request.method == "GET" else None
    if copy is not None:
        label = label_of(copy.sending.mark if isinstance(copy, Delivery) else copy.mark)
        link = format_html('<a href="{}">签收</a>', reverse("sharing-received"))
        messages.warning(request, format_html("{}。请核对本页内容和有效性，不再适用的请撤下或注明，然后{}。", label, link))


STYLE = """
.sharing-words { max-width: 48rem; max-height: 20rem; overflow-y: auto; padding: .75rem 1rem; }
.sharing-words { border: 1px solid var(--w-color-border-furniture); }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant


@hooks.register("register_page_header_buttons")
def send_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:  # noqa: ARG001 - the hook's signature
    """Offer to send a live text, where somebody may receive it and the person may publish it."""
    tenant = current_tenant()
    if tenant is None or not page.live or not issubclass(page.specific_class or Page, TextPage):
        return
    if receivers_of(tenant) and page.permissions_for_user(user).can_publish():
        yield Button("推送到其他网站", reverse("sharing-send", args=[page.pk]), icon_name="site", priority=60)
