"""All sites, one site, and what can be done to it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console import services
from console.forms.verbs import MEANINGS, VerbForm
from console.selectors import domains, sites
from console.selectors import operations as journal
from console.selectors.greyscale import grey_rows
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.refusals import in_chinese
from jobs.selectors import jobs
from observability.addresses import client_address
from provisioning import restoring, verbs
from provisioning import services as provisioning
from provisioning.contract import RefusedError, Request, StateError, Verb
from registry.contract import KIND_LABELS, STATE_LABELS, TenantRef
from registry.selectors import directory, host_url, site_url

# What makes a site, and what has forms of its own in `archives` and `changes`.
NEW_SITE = {"site open", "site prepare", "site clone"}
BESIDE_A_DOMAIN = {"site add-domain", "site remove-domain"}
NOT_HERE = {"site restore", "site import", "site apply"} | NEW_SITE


@officers(EVERY)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show all sites with how they stand."""
    text, state = request.GET.get("q", "")[:100], request.GET.get("state", "")
    rows = sites.site_rows(text=text, state=state)
    states = [(value.value, label) for value, label in STATE_LABELS.items()]
    context = {"rows": rows, "q": text, "state": state, "states": states, "total": len(directory().by_uuid)}
    return page(request, "home", context | {"grey": grey_rows(now=timezone.now())})


@officers(EVERY)
@require_safe
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one site: facts, domains, papers, what was done, and what can be."""
    ref = _site(slug)
    context = {
        "site": ref,
        "state": sites.state_mark(ref.state),
        "url": site_url(ref) if ref.is_live else "",
        "editor_url": host_url(ref.editor_domain) if ref.editor_domain else "",
        "facts": _facts(ref),
        "domains": domains.domain_rows(ref),
        "record": domains.record_name(),
        "is_kept": restoring.is_kept(slug),
        "filings": sites.filings_of(ref),
        "operations": journal.operations_of(ref),
        "jobs": [job for job in jobs(subject=slug, limit=5) if not job.state.is_over],
        "actions": _actions(slug),
    }
    return page(request, "site", context)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Ask for a verb on a site: the form, then the plan, then the job."""
    _site(slug)
    found = verbs.ALL.get(f"site {verb}")
    if found is None or found.name in NOT_HERE:
        raise Http404
    return _ask(request, found, slug=slug)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_site(request: HttpRequest) -> HttpResponse:
    """Ask for a new site."""
    return _ask(request, verbs.OPEN, slug="")


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_site(request: HttpRequest) -> HttpResponse:
    """Ask for a new site that waits for its papers."""
    return _ask(request, verbs.PREPARE, slug="")


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def clone_site(request: HttpRequest) -> HttpResponse:
    """Ask for a new site after another."""
    return _ask(request, verbs.CLONE, slug="")


def _ask(request: HttpRequest, verb: Verb[Any], *, slug: str) -> HttpResponse:
    officer = request.user.get_username()
    asked = request.POST if request.method == "POST" else None
    form = VerbForm(verb, asked, slug=slug, officer=officer, initial=request.GET.dict())
    known = directory().by_slug.get(slug)
    context: dict[str, Any] = {
        "verb": verb,
        "slug": slug,
        "name": known.name if known else "",
        "form": form,
        "is_final": any(step.undo is None for step in verb.steps),
        "meaning": MEANINGS.get(verb.name, ""),
    }
    if not form.is_bound or not form.is_valid():
        return page(request, "form", context, status=422 if form.is_bound else 200)
    wanted: Request = form.request()
    try:
        plan, wanted = services.rehearsed(verb, lambda: _made(verb, wanted))
    except RefusedError as error:
        return page(request, "form", context | {"refusal": in_chinese(error), "detail": str(error)}, status=422)
    is_sure = not context["is_final"] or request.POST.get("typed") == wanted.subject
    if request.POST.get("confirmed") and plan.steps and is_sure:
        job_id = services.request_operation(verb, _made(verb, wanted), by=officer, address=client_address(request))
        return HttpResponseRedirect(reverse("console_job", args=[job_id]))
    context |= {"plan": plan, "facts": form.facts(), "is_unsure": bool(request.POST.get("confirmed")) and not is_sure}
    return page(request, "confirm", context | {"subject": wanted.subject, "back": request.get_full_path()})


def _made(verb: Verb[Any], request: Any) -> Request:
    """Return the request as the verb takes it; a clone's keeps the source's structure as a blueprint first."""
    return verbs.clone_request(request) if verb is verbs.CLONE else request


def _site(slug: str) -> TenantRef:
    try:
        return directory().by_slug[slug]
    except KeyError:
        raise Http404 from None


def _actions(slug: str) -> list[tuple[str, str]]:
    """Return the verbs that the site's state allows, as the ends of their addresses with their labels."""
    return [
        (name.split(" ", 1)[1], verb.label)
        for name, verb in verbs.ALL.items()
        if verb.noun == "site" and name not in NOT_HERE | BESIDE_A_DOMAIN and _is_possible(verb, slug)
    ]


def _is_possible(verb: Verb[Any], slug: str) -> bool:
    form = VerbForm(verb, slug=slug)
    if any(field.required for field in form.fields.values()):
        return True  # its form tells
    try:
        return bool(provisioning.plan(verb, verb.request.from_json({"slug": slug})).steps)
    except StateError:
        return False
    except RefusedError:
        return True  # its form says what is missing


def _facts(ref: TenantRef) -> list[tuple[str, str]]:
    return [
        ("标识", ref.slug),
        ("类别", KIND_LABELS[ref.kind]),
        ("城市", ref.city_name),
        ("行政区划", f"{ref.region_name} {ref.region_code}"),
        ("主题", ref.theme),
        ("网站标识码", ref.identifier or "—"),
        ("主办单位", ref.organizer or "—"),
        ("承办单位", ref.undertaker or "—"),
        ("联系电话", ref.contact_phone or "—"),
        ("ICP备案", ref.icp or "—"),
        ("公安备案", ref.police_record or "—"),
        ("数据表", ref.schema_name),
    ]
