"""What citizens call: write a letter, see its receipt once, ask what became of it; no JavaScript, no sign-on."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from intake.contract import IntakeError, Issued, Purpose, StaleFormError, TooManyError
from intake.services import open_form
from intake.views import seconds_to_wait, sender_of
from registry.contract import TenantRef
from tenants.letters import selectors, services
from tenants.letters.contract import CODE_TRIES
from tenants.letters.forms import LetterForm, QueryForm
from tenants.letters.models import Letter
from tenants.pages.composing import path_of

RECEIPT_SECONDS = 600  # how long a receipt waits to be shown
_COOKIE = "letter"
WRONG = "编号或查询码不对，请核对后再查。"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
def write(request: HttpRequest) -> HttpResponse:
    """Show the form, or take a letter and lead to its receipt; what is not taken is shown again as it was typed.

    Raises:
        Http404: the site has no column for letters, so it takes none.

    """
    tenant = _tenant(request)
    if selectors.letter_column() is None:
        raise Http404
    if not tenant.is_writable:
        return render(request, "letters/write.html", {"is_closed": True} | _around(), status=503 if request.method == "POST" else 200)
    organs = selectors.organ_names()
    if request.method != "POST":
        return _form(request, LetterForm(organs=organs), token=open_form(tenant, Purpose.LETTER))
    form = LetterForm(request.POST, organs=organs)
    token = request.POST.get("token", "")
    if wait := seconds_to_wait(request, Purpose.LETTER):
        return _form(request, form, token=token, faults=(_too_many(wait),), status=429, wait=wait)
    if not form.is_valid():
        return _form(request, form, token=token or open_form(tenant, Purpose.LETTER), status=422)
    try:
        issued = services.receive(form.written(), token=token, tenant=tenant, sender=sender_of(request), now=timezone.now())
    except IntakeError as error:
        fresh = open_form(tenant, Purpose.LETTER) if isinstance(error, StaleFormError) else token
        return _form(request, form, token=fresh, faults=(str(error),), status=429 if isinstance(error, TooManyError) else 422)
    return _with_receipt(redirect("letter_receipt"), issued, tenant)


@require_GET
@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    """Show the number and the code of a letter that was just taken, once."""
    tenant = _tenant(request)
    kept = request.get_signed_cookie(_COOKIE, default="", salt=_salt(tenant), max_age=RECEIPT_SECONDS) or ""
    number, _, code = kept.partition(":")
    due_on = Letter.objects.filter(number=number).values_list("due_on", flat=True).first() if number else None
    context = {"number": number, "code": code, "due_on": due_on, "query_url": reverse("letter_query")}
    response = render(request, "letters/receipt.html", context | _around())
    response.delete_cookie(_COOKIE, path=reverse("letter_receipt"), samesite="Lax")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
def query(request: HttpRequest) -> HttpResponse:
    """Show what became of a letter to whoever has its number and its code; how often one may try is limited."""
    form = QueryForm(request.POST) if request.method == "POST" else QueryForm()
    if not form.is_bound:
        return _query(request, form)
    if wait := seconds_to_wait(request, CODE_TRIES):
        return _query(request, form, faults=(_too_many(wait),), status=429, wait=wait)
    if not form.is_valid():
        return _query(request, form, status=422)
    letter = selectors.letter_of(form.cleaned_data["number"], form.cleaned_data["code"])
    if letter is None:
        form.add_error("number", WRONG)
        return _query(request, form, status=422)
    return _query(request, form, letter=selectors.status_of(letter))


def _tenant(request: HttpRequest) -> TenantRef:
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    return tenant


def _around() -> dict[str, str]:
    column = selectors.letter_column()
    return {"column_url": path_of(column), "column_title": column.title} if column else {"column_url": "", "column_title": ""}


def _too_many(wait: int) -> str:
    return f"提交过于频繁，请 {wait} 秒后再试。您填写的内容都在。"


def _form(
    request: HttpRequest, form: LetterForm, *, token: str, faults: tuple[str, ...] = (), status: int = 200, wait: int = 0
) -> HttpResponse:
    shown = form.shown(action=reverse("letter_write"), button="提交来信", token=token, faults=faults)
    promise = selectors.promise_of(_tenant(request), on=timezone.localdate())
    context: dict[str, Any] = {"is_closed": False, "form": shown, "promise": promise}
    return _waiting(render(request, "letters/write.html", context | _around(), status=status), wait)


def _query(
    request: HttpRequest,
    form: QueryForm,
    *,
    letter: dict[str, Any] | None = None,
    faults: tuple[str, ...] = (),
    status: int = 200,
    wait: int = 0,
) -> HttpResponse:
    shown = form.shown(action=reverse("letter_query"), button="查询", token="", faults=faults)
    return _waiting(render(request, "letters/query.html", {"form": shown, "letter": letter} | _around(), status=status), wait)


def _waiting(response: HttpResponse, wait: int) -> HttpResponse:
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _with_receipt(response: HttpResponse, issued: Issued, tenant: TenantRef) -> HttpResponse:
    """Let the writer's own browser carry number and code to the next page, signed; nothing of it is kept here."""
    response.set_signed_cookie(
        _COOKIE,
        f"{issued.number}:{issued.code}",
        salt=_salt(tenant),
        max_age=RECEIPT_SECONDS,
        path=reverse("letter_receipt"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _salt(tenant: TenantRef) -> str:
    return f"letters.receipt.{tenant.uuid.hex}"
