"""Signing on at the platform's host, and from there into the editors of sites."""

import logging
from collections.abc import Iterable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.models import User
from memberships import services
from memberships.forms import SignInForm
from memberships.selectors import Place, place_at, places_of, platform_role_of
from observability.addresses import client_address
from observability.audit import record_audit
from registry.contract import TenantRef
from registry.selectors import directory, host_url, platform_url, site_url

logger = logging.getLogger(__name__)

EDITOR_HOME = "/admin/"
EDITOR_PERMISSION = "wagtailadmin.access_admin"
PERSON_BACKEND = "accounts.backends.PersonBackend"
SHADOW_BACKEND = "accounts.backends.ShadowBackend"

NO_TICKET_ANY_MORE = "进入编辑后台的链接只能使用一次，并且一分钟后过期。请回到“我的网站”重新进入。"
NO_MEMBERSHIP = "您没有这个网站的权限，或者权限已被收回。请联系本单位的系统管理员。"
NO_EDITOR = "您的角色不能使用这个网站的编辑后台。请联系本单位的系统管理员。"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person on; with `?site=` whoever is signed on goes straight to that site's editor."""
    slug, after = request.GET.get("site", ""), request.GET.get("next", "")
    if request.user.is_authenticated:
        return _to_editor(request, request.user, slug, after) if slug else HttpResponseRedirect(_home(request.user))
    form = SignInForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_bound and form.is_valid() and form.person:
        login(request, form.person, backend=PERSON_BACKEND)
        return _to_editor(request, form.person, slug, after) if slug else HttpResponseRedirect(_home(form.person))
    response = render(request, "accounts/sign_in.html", {"form": form}, status=429 if form.is_locked else 200)
    if form.is_locked:
        response["Retry-After"] = "900"
    site = directory().by_slug.get(slug)
    return _may_lead_to_editors(response, [site] if site else [])


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the person's session here and in the editors they entered."""
    if request.user.is_authenticated:
        person = request.user
        services.end_editor_sessions(person)
        record_audit("person.signed_out", actor=person.username, subject=person.username, address=client_address(request))
    logout(request)
    return HttpResponseRedirect(reverse("sign_in"))


@never_cache
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """Show the sites the signed-on person works at."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("sign_in"))
    places = places_of(request.user)
    context = {"memberships": [_as_row(place) for place in places], "sign_out_url": reverse("sign_out")}
    return _may_lead_to_editors(render(request, "accounts/sites.html", context), [place.site for place in places])


@never_cache
@require_POST
def enter_site(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the signed-on person into a site's editor with a ticket."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('sign_in')}?{urlencode({'site': slug})}")
    return _to_editor(request, request.user, slug, "")


@never_cache
@require_GET  # a HEAD would use the ticket up
def enter(request: HttpRequest) -> HttpResponse:
    """Sign the owner of a ticket on to this site's editor; without a ticket go and get one from the platform."""
    site: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry's middleware
    after = _safe(request.GET.get("next", ""))
    secret = request.GET.get("ticket", "")
    if secret:
        return _no_referrer(_use_ticket(request, site, secret, after))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(platform_url(f"/sign-in/?{urlencode({'site': site.slug, 'next': after})}"))
    if not request.user.has_perm(EDITOR_PERMISSION):
        return _refusal(request, "没有权限", NO_EDITOR)  # the editor sends such people here: sending them back would never end
    return HttpResponseRedirect(after)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session of this site's editor and go back to the platform."""
    site: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry's middleware
    if request.user.is_authenticated:
        name = request.user.get_username()
        record_audit("editor.left", actor=name, subject=name, tenant_uuid=site.uuid, address=client_address(request))
    logout(request)
    return HttpResponseRedirect(platform_url("/sites/"))


def _use_ticket(request: HttpRequest, site: TenantRef, secret: str, after: str) -> HttpResponse:
    try:
        person = services.consume_ticket(secret, site)
    except services.TicketError as error:
        logger.warning("ticket refused", extra={"reason": type(error).__name__})  # the visitor learns less
        if isinstance(error, services.MembershipInactiveError):
            return _refusal(request, "没有权限", NO_MEMBERSHIP)
        return _refusal(request, "登录链接已失效", NO_TICKET_ANY_MORE)
    shadow = User.objects.filter(uuid=person.uuid, is_active=True).first()
    if shadow is None:
        return _refusal(request, "没有权限", NO_MEMBERSHIP)
    login(request, shadow, backend=SHADOW_BACKEND)
    record_audit("editor.entered", actor=person.username, subject=person.username, tenant_uuid=site.uuid, address=client_address(request))
    return HttpResponseRedirect(after)


def _to_editor(request: HttpRequest, person: User, slug: str, after: str) -> HttpResponse:
    place = place_at(person, slug)
    if place is None or not place.site.editor_domain:
        return _refusal(request, "没有权限", NO_MEMBERSHIP)
    secret = services.issue_ticket(person, place.site)
    query = {"ticket": secret} | ({"next": after} if after else {})
    return _no_referrer(HttpResponseRedirect(host_url(place.site.editor_domain, f"/enter/?{urlencode(query)}")))


def _refusal(request: HttpRequest, title: str, message: str) -> HttpResponse:
    context = {"title": title, "message": message, "back_url": platform_url("/sites/")}
    return _no_referrer(render(request, "accounts/expired.html", context, status=403))


def _as_row(place: Place) -> dict[str, str]:
    return {
        "site_name": place.site.name,
        "role_label": place.role.label,
        "state_label": place.state_label,
        "enter_url": reverse("enter_site", args=[place.site.slug]) if place.site.editor_domain else "",
        "public_url": site_url(place.site) if place.site.is_live else "",
    }


def _home(person: User) -> str:
    """Return where a person's work is: officers of the platform have the console, everybody else their sites."""
    return reverse("console_home" if platform_role_of(person) else "sites")


def _safe(after: str) -> str:
    """Return the path to go on to: one of this host, or the editor's home."""
    is_ours = after.startswith("/") and url_has_allowed_host_and_scheme(after, allowed_hosts=None)
    return after if is_ours else EDITOR_HOME


def _no_referrer(response: HttpResponse) -> HttpResponse:
    """Keep the ticket in the address from every page that is loaded next."""
    response["Referrer-Policy"] = "no-referrer"
    return response


def _may_lead_to_editors(response: HttpResponse, sites: Iterable[TenantRef]) -> HttpResponse:
    """Let the page's forms end on editors' hosts: Chromium applies `form-action` to the redirect as well."""
    usual = f".{settings.EDITOR_SUFFIX}"
    hosts = {f"*{usual}", *(site.editor_domain for site in sites if site.editor_domain and not site.editor_domain.endswith(usual))}
    targets = " ".join(["form-action 'self'", *(host_url(host, "") for host in sorted(hosts))])
    response["Content-Security-Policy"] = settings.PUBLIC_CONTENT_SECURITY_POLICY.replace("form-action 'self'", targets)
    return response
