"""Who may enter: people with a role on the platform, each view naming which."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from memberships.contract import PlatformRole
from memberships.selectors import platform_role_of

EVERY = frozenset(PlatformRole)
OPERATIONS = frozenset({PlatformRole.OPERATIONS})
SECURITY = frozenset({PlatformRole.SECURITY})
AUDIT = frozenset({PlatformRole.AUDIT})
View = Callable[..., HttpResponse]


def officers(roles: frozenset[PlatformRole]) -> Callable[[View], View]:
    """Let only people with one of these roles in; strangers sign on first, everybody else is told no."""

    def guard(view: View) -> View:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return HttpResponseRedirect(f"{reverse('sign_in')}?{urlencode({'next': reverse('console_home')})}")
            role = platform_role_of(request.user)
            if role is None or role not in roles:
                return refused(request, role, roles)
            request.platform_role = role  # type: ignore[attr-defined] # ours
            return view(request, *args, **kwargs)

        guarded.officers = roles  # type: ignore[attr-defined] # read by the test that walks all views
        return guarded

    return guard


def refused(request: HttpRequest, role: PlatformRole | None, roles: frozenset[PlatformRole]) -> HttpResponse:
    """Tell a signed-on person that this is not for them, and for whom it is."""
    context = {"wanted": "、".join(each.label for each in PlatformRole if each in roles)}
    return page(request, "refused", context, role=role, status=403)


def page(request: HttpRequest, name: str, context: dict[str, Any], *, role: PlatformRole | None = None, status: int = 200) -> HttpResponse:
    """Render one of the console's pages with the menu of the person's role."""
    held: PlatformRole | None = role or getattr(request, "platform_role", None)
    menu = [
        {"label": label, "url": reverse(url), "is_current": request.path.startswith(reverse(url)) if url != "console_home" else False}
        for url, label, who in _MENU
        if held in who
    ]
    common = {"menu": menu, "role": held, "person": request.user, "may_operate": held is PlatformRole.OPERATIONS}
    return render(request, f"console/{name}.html", common | context, status=status)


_MENU = (
    ("console_home", "站点", EVERY),
    ("console_open", "开通站点", OPERATIONS),
    ("console_jobs", "任务", EVERY),
    ("console_platform", "平台状态", EVERY),
    ("console_rules", "规则", EVERY),
    ("console_greyscale", "灰度显示", EVERY),
    ("console_announcements", "公告", EVERY),
    ("console_openness", "信息公开", EVERY),
    ("console_people", "人员与登录", SECURITY),
    ("console_trail", "审计", AUDIT),
)
