"""Puts the screens into the editor: addresses and the menu."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from tenants.curation.views import reports, rules, versions, why
from tenants.pages.contract import Right, may

ADDRESSES = [
    path("", versions.Overview.as_view(), name="curation"),
    path("preview/", versions.Preview.as_view(), name="curation-preview"),
    path("activate/", versions.Activate.as_view(), name="curation-activate"),
    path("discard/", versions.Discard.as_view(), name="curation-discard"),
    path("versions/<int:number>/restore/", versions.Restore.as_view(), name="curation-restore"),
    path("reports/", reports.Reports.as_view(), name="curation-reports"),
    path("tasks/", reports.Tasks.as_view(), name="curation-tasks"),
    path("tasks/<int:pk>/", reports.EditTask.as_view(), name="curation-task"),
    path("why/", why.Why.as_view(), name="curation-why"),
    path("rules/<str:kind>/", rules.Rules.as_view(), name="curation-rules"),
    path("rules/<str:kind>/new/", rules.EditRule.as_view(), name="curation-rule-new"),
    path("rules/<str:kind>/export/", rules.ExportRules.as_view(), name="curation-rules-export"),
    path("rules/<str:kind>/import/", rules.ImportRules.as_view(), name="curation-rules-import"),
    path("rules/<str:kind>/<int:pk>/", rules.EditRule.as_view(), name="curation-rule"),
    path("rules/<str:kind>/<int:pk>/delete/", rules.DeleteRule.as_view(), name="curation-rule-delete"),
]


class _Item(MenuItem):
    """Shown to those who may look."""

    @override
    def is_shown(self, request: HttpRequest) -> bool:
        return may(request, Right.LOOK)


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Return the screens' addresses."""
    return [path("search-management/", include(ADDRESSES))]


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    """Return the menu's entry."""
    items = [
        _Item("搜索规则", reverse("curation"), icon_name="tasks", order=10),
        _Item("搜索统计", reverse("curation-reports"), icon_name="view", order=20),
        _Item("无结果搜索词", reverse("curation-tasks"), icon_name="clipboard-list", order=30),
        _Item("为什么搜不到", reverse("curation-why"), icon_name="help", order=40),
    ]
    return SubmenuMenuItem("搜索管理", Menu(items=items), name="search-management", icon_name="search", order=700)


# Wide tables scroll inside their own frame, so that a narrow window does not.
STYLE = """
.curation-wide { overflow-x: auto; max-width: 100%; }
.curation-wide table { min-width: 36rem; }
.curation-wide form { display: inline; }
.curation-titles { margin: 0; padding-left: 1.25rem; list-style: decimal; }
.curation-flag { color: var(--w-color-critical-200); }
.curation-figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; }
.curation-figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.curation-choose, .curation-decide { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 1rem 0; }
.curation-choose select, .curation-decide input { width: auto; max-width: 100%; }
.curation-form { max-width: 48rem; }
"""


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Return the look of these screens; Wagtail's own classes do the rest."""
    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - a constant
