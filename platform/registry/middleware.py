"""Host → site → schema, around every request; one answer per way a host can fail."""

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string

from registry import schemas, selectors
from registry.contract import (
    InvalidHostError,
    Plane,
    Resolved,
    SiteClosedError,
    SiteOfflineError,
    SitePreparingError,
    SiteSuspendedError,
    SiteUnavailableError,
    UnknownHostError,
)

logger = logging.getLogger(__name__)

URLCONFS = {Plane.PLATFORM: "config.urls.public", Plane.SITE: "config.urls.site", Plane.EDITOR: "config.urls.editor"}
_UNAVAILABLE_TEXT: dict[type[SiteUnavailableError], tuple[str, str]] = {
    SitePreparingError: ("网站建设中", "本网站正在建设，尚未开通。"),
    SiteOfflineError: ("网站临时下线", "本网站临时下线，请稍后再访问。"),
    SiteSuspendedError: ("网站暂停服务", "本网站暂停服务，请稍后再访问。"),
    SiteClosedError: ("网站已关闭", "本网站已关闭，不再更新。"),
}


class TenantMiddleware:
    """Point the request and its database connection at the site its host names, and back at `public` afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400, 404 or 503 for hosts that lead nowhere, redirect an alias to the primary domain, serve the rest."""
        schemas.leave_schema()
        try:
            resolved = selectors.resolve(_raw_host(request))
        except InvalidHostError:
            return HttpResponse("无效的主机名。", status=400, content_type="text/plain; charset=utf-8")
        except UnknownHostError as error:
            logger.info("unknown host", extra={"host": error.host})
            return HttpResponse(_page("没有这个网站", "您访问的域名没有对应的网站，请检查地址是否正确。"), status=404)
        except SiteUnavailableError as error:
            title, text = _UNAVAILABLE_TEXT[type(error)]
            return HttpResponse(_page(title, f"{error.tenant.name}：{text}"), status=503, headers={"Retry-After": "3600"})
        if resolved.is_alias and resolved.tenant and request.method in ("GET", "HEAD"):
            return HttpResponsePermanentRedirect(selectors.site_url(resolved.tenant, request.get_full_path()))
        return self._serve(request, resolved)

    def _serve(self, request: HttpRequest, resolved: Resolved) -> HttpResponse:
        request.plane = resolved.plane  # type: ignore[attr-defined] # ours
        request.tenant = resolved.tenant  # type: ignore[attr-defined] # ours
        request.urlconf = URLCONFS[resolved.plane]
        if resolved.tenant:
            schemas.enter_schema_of(resolved.tenant)
        try:
            return self.get_response(request)
        finally:
            schemas.leave_schema()


def _raw_host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        raise InvalidHostError(request.META.get("HTTP_HOST", "")) from None


def _page(title: str, message: str) -> str:
    return render_to_string("registry/unavailable.html", {"title": title, "message": message})
