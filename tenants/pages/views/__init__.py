"""Screens of the editor that differ from Wagtail's."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView
from typing_extensions import override
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import AccountView as WagtailAccountView
from wagtail.admin.views.account import NameEmailSettingsPanel
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from tenants.pages import services
from tenants.pages.contract import HomeLayout
from tenants.pages.forms import LayoutForm
from tenants.pages.models import HomePage


class HomeLayouts(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg] # Django's own is generic for checkers alone
    """Turns one of the ready layouts into blocks of the home page's draft, for its editors to change."""

    template_name = "pages/home_layouts.html"
    form_class = LayoutForm
    header_icon = "home"
    page_title = "用版式生成板块"

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not edit the home page, or anybody while it is locked."""
        self.home = get_object_or_404(HomePage, pk=kwargs["pk"])
        rights = self.home.permissions_for_user(request.user)
        if not rights.can_edit():
            raise PermissionDenied
        if rights.page_locked():
            messages.error(request, "首页已锁定，请先解除锁定再生成板块。")
            return redirect("wagtailadmin_pages:edit", self.home.pk)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @override
    def get_initial(self) -> dict[str, Any]:
        """Begin with the layout the home page has."""
        return {"layout": self.home.get_latest_revision_as_object().layout}

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form, and how many blocks of the draft it would replace."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        draft = self.home.get_latest_revision_as_object()
        return context | {"home": self.home, "replaced": len(draft.blocks), "kinds": [child.block.label for child in draft.blocks]}

    @override
    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Return the way back to the home page."""
        edit = reverse("wagtailadmin_pages:edit", args=[self.home.pk])
        items: list[dict[str, str]] = super().get_breadcrumbs_items()
        return [*items, {"url": edit, "label": self.home.title}, {"url": "", "label": self.page_title}]

    @override
    def form_valid(self, form: LayoutForm) -> HttpResponse:
        """Put the layout into the draft and lead to it."""
        revision = services.take_layout(self.home, HomeLayout(form.cleaned_data["layout"]), by=self.request.user)
        if revision is None:
            messages.info(self.request, "草稿里已经是这些板块，没有变化。")
        else:
            messages.success(self.request, "已生成板块，存为草稿，尚未发布。请修改后再发布；要恢复原来的板块，请在“历史”里找回上一个版本。")
        return redirect("wagtailadmin_pages:edit", self.home.pk)


class AccountView(WagtailAccountView):
    """A person's settings at one site, without the name: that is kept once for all sites, by the platform."""

    @override
    def get_panels(self) -> list[Any]:
        """Leave out Wagtail's first and last name, which our people do not have and could not leave empty."""
        return [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]


account = require_admin_access(AccountView.as_view())
