"""Puts letters into the editor: the list, one letter, published answers, a reminder on the start page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.pages import PageListingViewSet

from tenants.letters import selectors
from tenants.letters.contract import LetterState
from tenants.letters.models import AnswerPage
from tenants.letters.views import screens
from tenants.pages.contract import Right, may

ADDRESSES = [
    path("", screens.Letters.as_view(), name="letters"),
    path("<int:pk>/", screens.Handle.as_view(), name="letter"),
]


class AnswerListing(PageListingViewSet):
    """All published answers and those under review."""

    model = AnswerPage
    name = "letter-answers"
    icon = "comment"
    menu_label = "来信选登"


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


class WaitingPanel(Component):
    """Letters that wait or are late, on the start page."""

    name = "waiting-letters"
    order = 115
    template_name = "letters/reminder.html"

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return how many there are."""
        if not may(parent_context["request"], Right.CHANGE):
            return {"waiting": 0, "overdue": 0, "url": ""}
        waiting = selectors.count_by_state()[LetterState.WAITING]
        return {"waiting": waiting, "overdue": selectors.count_overdue(on=timezone.localdate()), "url": reverse("letters")}


ANSWERS = AnswerListing()


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """Return the list of answers."""
    return [ANSWERS]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("letters/", include(ADDRESSES))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [_Item("来信办理", reverse("letters"), icon_name="mail", order=10), ANSWERS.get_menu_item(20)]
    return SubmenuMenuItem("互动交流", Menu(items=items), name="letters-menu", icon_name="comment", order=120)


@hooks.register("construct_homepage_panels")
def remind(_request: HttpRequest, panels: list[Component]) -> None:
    """Show on the start page which letters wait."""
    panels.append(WaitingPanel())


STYLE = """
.letters-states { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin-bottom: 1rem; }
.letters-states [aria-current] { font-weight: 600; text-decoration: underline; }
.letters-wide { overflow-x: auto; max-width: 100%; margin-bottom: 2rem; }
.letters-wide table { min-width: 48rem; }
.letters-late { color: var(--w-color-critical-200); font-weight: 600; }
.letters-words { max-width: 48rem; padding: .75rem 1rem; margin: 1rem 0; border: 1px solid var(--w-color-border-furniture); }
.letters-form { max-width: 48rem; margin: 1.5rem 0; }
.letters-form label { display: block; margin: .5rem 0; }
.letters-buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
