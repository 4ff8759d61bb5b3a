"""What all screens of the editor share that are no lists of Wagtail's: the right they need, the site they are about, the way back."""

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
from tenants.pages.contract import Right, may


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """A page of the editor about the site of the host and no other."""

    needs: ClassVar[Right] = Right.LOOK
    needs_to_post: ClassVar[Right] = Right.CHANGE
    overview: ClassVar[tuple[str, str] | None] = None  # the address and the title of the screen that the way back leads over
    http_method_names: Sequence[str] = ("get", "post", "head", "options")

    def is_allowed(self, request: HttpRequest) -> bool:
        """Whether the person may see the page, or do what it does."""
        return may(request, self.needs_to_post if request.method == "POST" else self.needs)

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not; whose page it is, the host says."""
        if not self.is_allowed(request):
            raise PermissionDenied
        self.tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        self.by: str = request.user.get_username()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @override
    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Return the way back: start, the overview if there is one, this page."""
        way: list[dict[str, str]] = [*super().get_breadcrumbs_items()]
        if self.overview is None:
            return [*way, {"url": "", "label": self.page_title}]
        name, title = self.overview
        way.append({"url": reverse(name), "label": title})
        return way if self.page_title == title else [*way, {"url": "", "label": self.page_title}]

    def shown(self, **context: Any) -> HttpResponse:
        """Return the page with more in its context."""
        return self.render_to_response(self.get_context_data(**context))


def csv_response(text: str, name: str) -> HttpResponse:
    """Return a file that office programs open as they should."""
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=dict(headers))
