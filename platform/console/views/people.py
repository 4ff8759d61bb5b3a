"""The security officer's pages: who holds which role on the platform, who fails to sign on, which accounts are closed."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from console.views.access import SECURITY, officers, page
from memberships import services
from memberships.contract import PlatformRole
from memberships.selectors import failures_by_name
from memberships.selectors import officers as officers_there_are

NO_SUCH = "没有这个用户名。"
_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (services.UnknownPersonError, NO_SUCH),
    (services.InactivePersonError, "账号已停用。"),
    (services.OwnRoleError, "不能更改自己的角色，请由另一位安全管理员操作。"),
    (services.SeparationOfDutiesError, "三员分立：此人已有平台角色，或在站点的角色与之冲突。请先收回原来的角色。"),
)


@officers(SECURITY)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show officers and failed sign-ins of the last day."""
    rows = [(officer, PlatformRole(officer.role).label) for officer in officers_there_are()]
    failures = failures_by_name(since=timezone.now() - timedelta(days=1))
    return page(request, "people", {"rows": rows, "failures": failures[:100], "roles": list(PlatformRole)})


@officers(SECURITY)
@require_POST
def grant(request: HttpRequest) -> HttpResponse:
    """Give somebody a role on the platform."""
    role = request.POST.get("role", "")
    if role not in list(PlatformRole):
        return _back(request, "请选择角色。", is_error=True)
    return _do(
        request, lambda name: services.grant_platform(services.find_person(name), PlatformRole(role), by=_me(request)), "角色已授予。"
    )


@officers(SECURITY)
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Take somebody's role on the platform."""
    return _do(request, lambda name: services.revoke_platform(services.find_person(name), by=_me(request)), "角色已收回。")


@officers(SECURITY)
@require_POST
def unlock(request: HttpRequest) -> HttpResponse:
    """Let a name sign on again."""
    return _do(request, lambda name: services.unlock(name, by=_me(request)), "已解除登录锁定。")


@officers(SECURITY)
@require_POST
def deactivate(request: HttpRequest) -> HttpResponse:
    """Close an account, but one's own."""
    if request.POST.get("username", "") == _me(request).username:
        return _back(request, "不能停用自己的账号。", is_error=True)
    return _do(request, lambda name: services.deactivate_person(services.find_person(name), by=_me(request)), "账号已停用。")


def _do(request: HttpRequest, act: Callable[[str], bool], done: str) -> HttpResponse:
    try:
        has_changed = act(request.POST.get("username", ""))
    except tuple(kind for kind, _ in _REFUSALS) as error:
        return _back(request, next(words for kind, words in _REFUSALS if isinstance(error, kind)), is_error=True)
    return _back(request, done if has_changed else "没有需要更改的内容。")


def _back(request: HttpRequest, text: str, *, is_error: bool = False) -> HttpResponse:
    (messages.error if is_error else messages.success)(request, text)
    return HttpResponseRedirect(reverse("console_people"))


def _me(request: HttpRequest) -> User:
    person = request.user
    if not isinstance(person, User):  # cannot be behind `officers`; keeps the types honest
        raise PermissionDenied
    return person
