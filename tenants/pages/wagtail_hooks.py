"""What Wagtail's editor shows our people: their tasks first, each page type in one list, no link that leads out of the network."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page, WorkflowState
from wagtail.permissions import page_permission_policy

from registry.selectors import site_url
from tenants.pages.models import ArticlePage, DocumentPage, HomePage
from tenants.pages.views import HomeLayouts

LEADING_OUT = ("whats-new-in-wagtail", "editor-guide")

# The mark at the top of the menu: the site's name under it where there is room, and no room taken where there is not.
STYLE = """
.sidebar-custom-branding { padding: 1rem; text-align: center; text-decoration: none; }
.sidebar-custom-branding .site-mark { display: block; margin: 0 auto; }
.site-mark-name { display: block; margin-top: .5rem; font-size: .875rem; line-height: 1.4; color: #fff; }
.sidebar--slim .site-mark-name { display: none; }
.sidebar--slim .sidebar-custom-branding { padding: .75rem .5rem; }
.site-tasks { display: flex; flex-wrap: wrap; gap: .75rem; }
.site-tasks .button { margin: 0; }
.element-missing { padding: 0 .375rem; border-radius: 2px; background: #fff0c2; color: #5c3b00; }
.app-label { display: none; } /* in the report of page types: a name only developers use */
"""


class ArticleListing(PageListingViewSet):
    """All articles of the site in one list, and where a new one begins."""

    model = ArticlePage
    name = "articles"
    icon = "doc-full"
    menu_label = "文章"
    menu_order = 110
    add_to_admin_menu = True


class DocumentListing(PageListingViewSet):
    """All official documents of the site in one list, and where a new one begins."""

    model = DocumentPage
    name = "official-documents"
    icon = "doc-full-inverse"
    menu_label = "公文"
    menu_order = 120
    add_to_admin_menu = True


class TasksPanel(Component):
    """One button for each usual task."""

    name = "tasks"
    order = 50
    template_name = "wagtailadmin/home/tasks.html"

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the person may begin; readers' site last, in the same tab like all the rest."""
        request = parent_context["request"]
        may_write = page_permission_policy.user_has_permission(request.user, "add")
        writing = [
            ("写文章", ArticleListing().get_url_name("choose_parent"), "edit", True),
            ("发公文", DocumentListing().get_url_name("choose_parent"), "doc-full", True),
            ("上传图片", "wagtailimages:add_multiple", "image", False),
            ("上传附件", "wagtaildocs:add_multiple", "upload", False),
        ]
        tasks = [
            {"label": label, "url": reverse(name), "icon": icon, "is_main": is_main} for label, name, icon, is_main in writing if may_write
        ]
        public = {"label": "浏览网站", "url": site_url(request.tenant), "icon": "globe", "is_main": False}
        return {"tasks": [*tasks, public], "may_write": may_write}


class _OwnTextsPanel(UserObjectsInWorkflowModerationPanel):
    """The person's own texts that stand in a review, of one status."""

    template_name = "wagtailadmin/home/own_texts.html"
    heading: ClassVar[str]
    status: ClassVar[str]

    @override
    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        states = [state for state in context["workflow_states"] if state.status == self.status]
        is_back = self.status == WorkflowState.STATUS_NEEDS_CHANGES
        return context | {"workflow_states": states, "heading": self.heading, "name": self.name, "shows_comment": is_back}


class SentBackPanel(_OwnTextsPanel):
    """What a reviewer sent back, with the reason."""

    name = "sent-back"
    heading = "退回给我修改的"
    status = WorkflowState.STATUS_NEEDS_CHANGES
    order = 100


class WaitingPanel(WorkflowObjectsToModeratePanel):
    """What waits for the person's review."""

    order = 110


class UnderReviewPanel(_OwnTextsPanel):
    """What the person submitted and nobody decided yet."""

    name = "under-review"
    heading = "我提交的，正在审核"
    status = WorkflowState.STATUS_IN_PROGRESS
    order = 120


@hooks.register("register_admin_viewset")
def listings() -> list[PageListingViewSet]:
    """Return the lists of the two kinds of texts."""
    return [ArticleListing(), DocumentListing()]


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("home/<int:pk>/layouts/", HomeLayouts.as_view(), name="home-layouts")]


@hooks.register("register_page_header_buttons")
def layouts_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Offer the ready layouts as blocks where the home page is edited."""
    del view_name, next_url
    if isinstance(page, HomePage) and page.permissions_for_user(user).can_edit():
        yield Button("用版式生成板块", reverse("home-layouts", args=[page.pk]), icon_name="grip", priority=25)


@hooks.register("construct_homepage_panels")
def order_start_page(_request: HttpRequest, panels: list[Component]) -> None:
    """Put the usual tasks first, then what was sent back, what waits, what is under way; Wagtail's other panels follow."""
    replaced = (UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel)
    panels[:] = [panel for panel in panels if not isinstance(panel, replaced)]
    panels += [TasksPanel(), SentBackPanel(), WaitingPanel(), UnderReviewPanel()]


@hooks.register("construct_help_menu")
def stay_inside(_request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Take away what leads to hosts that a closed network does not reach."""
    menu_items[:] = [item for item in menu_items if not item.name.startswith(LEADING_OUT)]


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of the mark and of the tasks; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
