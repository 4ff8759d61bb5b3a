"""What all screens share: the right they need, the owner they are about, the header."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.generic import TemplateView
from typing_extensions import override
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from registry.contract import TenantRef
from search.contract import Owner
from search.curation.services import owner_of
from tenants.curation.contract import Right, may


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """A page of the editor about one owner's search."""

    needs: ClassVar[Right] = Right.LOOK
    needs_to_post: ClassVar[Right] = Right.CHANGE
    header_icon = "search"
    page_title = "搜索管理"
    http_method_names: Sequence[str] = ("get", "post", "head", "options")

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not; the owner is the host's and nobody else's."""
        if not may(request, self.needs_to_post if request.method == "POST" else self.needs):
            raise PermissionDenied
        self.tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        self.owner: Owner = owner_of(self.tenant)
        self.by: str = request.user.get_username()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @override
    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Return the way back: start, the overview, this page."""
        items = [*super().get_breadcrumbs_items(), {"url": reverse("curation"), "label": "搜索管理"}]
        return items if self.page_title == Screen.page_title else [*items, {"url": "", "label": self.page_title}]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what every screen shows: for whom, and what the person may do."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        whose = f"{self.tenant.city_name}全市" if self.owner.site is None else self.tenant.name
        return context | {
            "whose": whose,
            "is_city": self.owner.site is None,
            "may_change": may(self.request, Right.CHANGE),
            "may_decide": may(self.request, Right.DECIDE),
        }

    def shown(self, **context: Any) -> HttpResponse:
        """Return the page with more in its context."""
        return self.render_to_response(self.get_context_data(**context))


def csv_response(text: str, name: str) -> HttpResponse:
    """Return a file that office programs open as they should."""
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=dict(headers))
