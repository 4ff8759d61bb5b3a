"""What Wagtail's editor shows of documents: the log's words, what ends soon, campaigns of cleaning."""

from typing import Any

from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import PageLogEntry

from search.contract import VALIDITY_LABELS, Validity
from tenants.documents.services import CHANGED
from tenants.documents.views import cleaning
from tenants.pages.contract import Right, may

# Wide tables scroll inside their own frame, so that a narrow window does not.
STYLE = """
.document-wide { overflow-x: auto; max-width: 100%; }
.document-wide table { min-width: 36rem; }
.document-form { max-width: 48rem; }
"""


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """Name the changes that nobody typed."""

    @actions.register_action(CHANGED)
    class ValidityFormatter(LogFormatter):
        """Says what a document was before and is now."""

        label = "有效性自动变更"

        def format_message(self, entry: PageLogEntry) -> str:
            """Return both in words."""
            before, after = (VALIDITY_LABELS.get(Validity(entry.data[name]), "未标注") for name in ("before", "after"))
            return f"有效性由“{before}”变为“{after}”"


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [
        path("document-cleaning/", cleaning.Overview.as_view(), name="document-cleaning"),
        path("document-cleaning/<int:pk>/", cleaning.OneCampaign.as_view(), name="document-campaign"),
        path("document-cleaning/<int:pk>/conclude/", cleaning.ConcludeCampaign.as_view(), name="document-campaign-conclude"),
    ]


@hooks.register("register_admin_menu_item")
def menu() -> MenuItem:
    """Return the menu's entry."""
    return _Item("文件时效与清理", reverse("document-cleaning"), icon_name="history", order=125)


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
