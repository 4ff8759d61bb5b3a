"""The editor's screen of days without colour, for the site's administrators."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import TemplateView
from typing_extensions import override
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from registry import selectors, services
from registry.contract import GreyPeriodError, TenantRef
from tenants.navigation.forms import GreyForm
from tenants.pages.contract import ADMINISTRATORS


def may_grey_out(request: HttpRequest) -> bool:
    """Whether the person is one of the site's administrators."""
    return bool(request.user.groups.filter(name=ADMINISTRATORS).exists())


class Greyscale(WagtailAdminTemplateMixin, TemplateView):
    """What is planned, and a form for one more time."""

    template_name = "navigation/greyscale.html"
    page_title = "灰度显示"
    header_icon = "view"

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse all but the site's administrators."""
        if not may_grey_out(request):
            raise PermissionDenied
        self.tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the times to come, the city's among them, and the form."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        periods = selectors.grey_periods(self.tenant, now=timezone.now())
        return {"form": GreyForm(), **context, "periods": periods}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Plan a time, or end one of the site's own."""
        by, now = request.user.get_username(), timezone.now()
        form = GreyForm(request.POST)
        try:
            if request.POST.get("end", "").isdigit():
                services.end_grey(int(request.POST["end"]), by=by, now=now, tenant=self.tenant)
                messages.success(request, "已取消，页面恢复彩色显示。")
                return redirect(request.path)
            if form.is_valid():
                services.grey_out(selectors.city_of(self.tenant), tenant=self.tenant, by=by, now=now, **form.cleaned_data)
                messages.success(request, "已设置，到时自动变灰、到时自动恢复。")
                return redirect(request.path)
        except GreyPeriodError as error:
            form.add_error(None, str(error))
        return self.render_to_response(self.get_context_data(form=form))
