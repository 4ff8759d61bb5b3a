"""Host → site → schema, around every request; one answer per way a host can fail."""

import logging
import math
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.db import ProgrammingError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

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
    State,
    TenantRef,
    UnknownHostError,
)

logger = logging.getLogger(__name__)

URLCONFS = {Plane.PLATFORM: "config.urls.public", Plane.SITE: "config.urls.site", Plane.EDITOR: "config.urls.editor"}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
WRITES_NOTHING_OF_THE_SITE = ("/enter/", "/admin/logout/")  # signing on and off
RETRY_AFTER_SECONDS = 3600
_BEHIND = ("42703", "42P01")  # undefined column, undefined table
_UNAVAILABLE_TEXT: dict[type[SiteUnavailableError], tuple[str, str]] = {
    SitePreparingError: ("网站建设中", "本网站正在建设，尚未开通。"),
    SiteOfflineError: ("网站临时下线", "本网站临时下线，请稍后再访问。"),
    SiteSuspendedError: ("网站暂停服务", "本网站暂停服务，请稍后再访问。"),
}
_READ_ONLY_TEXT = {
    State.READ_ONLY: "网站已转为只读：可以查看，不能修改。本次提交没有保存，请先自行保留内容；需要恢复编辑，请联系市级运维。",
    State.MIGRATING: "网站正在迁移：可以查看，不能修改。本次提交没有保存，请先自行保留内容；有疑问请联系市级运维。",
}


class TenantMiddleware:
    """Point the request and its database connection at the site its host names, and back at `public` afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400, 404, 410 or 503 for hosts that lead nowhere, redirect an alias to the primary domain, serve the rest."""
        schemas.leave_schema()
        try:
            resolved = selectors.resolve(_raw_host(request))
        except InvalidHostError:
            return HttpResponse("无效的主机名。", status=400, content_type="text/plain; charset=utf-8")
        except UnknownHostError as error:
            logger.info("unknown host", extra={"host": error.host})
            return HttpResponse(_page("没有这个网站", "您访问的域名没有对应的网站，请检查地址是否正确。"), status=404)
        except SiteUnavailableError as error:
            return _unavailable(error)
        if resolved.is_alias and resolved.tenant and request.method in ("GET", "HEAD"):
            return HttpResponsePermanentRedirect(_primary_url(resolved, resolved.tenant, request.get_full_path()))
        if resolved.plane is Plane.EDITOR and resolved.tenant and not _may_go_on(request, resolved.tenant):
            return _read_only(request, resolved.tenant)
        return self._serve(request, resolved)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 where a site's tables are older than the code: between a release and `fleet migrate` that is no fault of the page."""
        if getattr(request, "tenant", None) is None or not _is_missing_table_or_column(exception):
            return None
        logger.error("a site's tables are behind the code", extra={"site": request.tenant.slug, "error": str(exception)})  # type: ignore[attr-defined] # ours
        return HttpResponse(_page("网站升级中", "本网站正在升级，请过几分钟再访问。"), status=503, headers={"Retry-After": "120"})

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


def _primary_url(resolved: Resolved, tenant: TenantRef, path: str) -> str:
    return selectors.host_url(tenant.editor_domain if resolved.plane is Plane.EDITOR else tenant.primary_domain, path)


def _unavailable(error: SiteUnavailableError) -> HttpResponse:
    """Answer for a site that readers may not see now."""
    site = error.tenant
    if isinstance(error, SiteClosedError):
        return _closed(site)
    if isinstance(error, SiteOfflineError) and site.offline_from and site.offline_until:
        first, last = timezone.localtime(site.offline_from), timezone.localtime(site.offline_until)
        text = f"{site.name}：本网站自{first:%Y年%m月%d日 %H:%M}至{last:%Y年%m月%d日 %H:%M}临时下线，到期自动恢复。原因：{site.notice}"
        seconds = max(1, math.ceil((site.offline_until - timezone.now()).total_seconds()))
        return HttpResponse(_page("网站临时下线", text), status=503, headers={"Retry-After": str(seconds)})
    title, text = _UNAVAILABLE_TEXT[type(error)]
    return HttpResponse(_page(title, f"{site.name}：{text}"), status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _closed(site: TenantRef) -> HttpResponse:
    """Lead readers of a closed site to where its content went, or say that it is closed and where that was announced."""
    if site.redirect_to:
        return HttpResponsePermanentRedirect(site.redirect_to)
    announced = f"关停公告：{site.notice}" if site.notice else ""
    return HttpResponse(_page("网站已关闭", f"{site.name}：本网站已关闭，不再更新。{announced}"), status=410)


def _may_go_on(request: HttpRequest, site: TenantRef) -> bool:
    return site.is_writable or request.method in SAFE_METHODS or request.path in WRITES_NOTHING_OF_THE_SITE


def _read_only(request: HttpRequest, site: TenantRef) -> HttpResponse:
    """Refuse a change of a site that may only be read, in the form that the caller reads."""
    text = _READ_ONLY_TEXT[site.state]
    if request.headers.get("X-Requested-With") == "XMLHttpRequest" or "json" in request.headers.get("Accept", ""):
        return JsonResponse({"success": False, "error": text, "error_message": text}, status=403)
    return HttpResponse(_page("网站只读", text), status=403)


def _raw_host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        raise InvalidHostError(request.META.get("HTTP_HOST", "")) from None


def _is_missing_table_or_column(exception: Exception) -> bool:
    return isinstance(exception, ProgrammingError) and getattr(exception.__cause__, "pgcode", "") in _BEHIND


def _page(title: str, message: str) -> str:
    return render_to_string("registry/unavailable.html", {"title": title, "message": message})
