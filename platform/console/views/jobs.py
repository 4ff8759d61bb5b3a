"""Background jobs: all of them, one with its steps as they happen, again, and back."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console import services
from console.contract import Mark, Tone
from console.selectors import operations as journal
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.refusals import in_chinese, words_of
from jobs import selectors
from jobs import services as queue
from jobs.contract import JobRow, JobState, NotFailedError
from observability.addresses import client_address
from provisioning import services as provisioning
from provisioning import verbs
from provisioning.contract import RefusedError, Verb
from registry.selectors import directory

MAKES_A_SITE = {"site open", "site prepare", "site clone", "site import"}  # taken back, the site is gone
_TONES = {
    JobState.READY: Tone.QUIET,
    JobState.RUNNING: Tone.WARNING,
    JobState.SUCCESSFUL: Tone.GOOD,
    JobState.FAILED: Tone.BAD,
}


@officers(EVERY)
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Show the newest jobs and whether anybody works on them."""
    rows = [(row, mark(row.state)) for row in selectors.jobs(limit=100)]
    return page(request, "jobs", {"rows": rows, "workers": selectors.workers(), "waiting": int(selectors.oldest_wait())})


@officers(EVERY)
@require_safe
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show one job with its steps; the page renews itself until the job is over."""
    row = _job(job_id)
    operation = journal.operation_of(row)
    verb = verbs.ALL.get(row.payload.get("verb", ""))
    known = directory()
    here = (known.by_uuid.get(row.tenant_uuid) if row.tenant_uuid else None) or known.by_slug.get(row.subject)  # a new name leads on
    context = {
        "job": row,
        "site": here,
        "mark": mark(row.state),
        "refusal": words_of(row.error_path),
        "operation": operation,
        "steps": operation.steps if operation else journal.planned_steps(row.payload.get("verb", "")),
        "may_undo": bool(verb and operation and row.state.is_over and not services.is_rollback(row) and _goes_back(verb, row.subject)),
        "is_undo": services.is_rollback(row),
        "nobody_works": row.state is JobState.READY and not selectors.workers(),
    }
    return page(request, "job", context)


@officers(OPERATIONS)
@require_POST
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Put a failed job back into the queue."""
    with suppress(NotFailedError):  # pressed twice: the page shows how it stands
        queue.retry(_job(job_id).id, by=request.user.get_username(), address=client_address(request))
    return HttpResponseRedirect(reverse("console_job", args=[job_id]))


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def roll_back(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask once more, then take the job's operation back in the background."""
    row = _job(job_id)
    verb = verbs.ALL.get(row.payload.get("verb", ""))
    if verb is None:
        raise Http404
    site = directory().by_slug.get(row.subject)
    context = {"job": row, "name": site.name if site else row.subject, "is_new": verb.name in MAKES_A_SITE}
    labels = {step.name: step.label for step in verb.steps}
    try:
        steps = [labels.get(name, name) for name in provisioning.plan_back(verb, row.subject)]
    except RefusedError as error:
        return page(request, "rollback", context | {"refusal": in_chinese(error), "detail": str(error)}, status=409)
    if request.method == "POST" and steps:
        made = services.request_rollback(verb, row.subject, by=request.user.get_username(), address=client_address(request))
        return HttpResponseRedirect(reverse("console_job", args=[made]))
    return page(request, "rollback", context | {"steps": steps})


def _goes_back(verb: Verb[Any], subject: str) -> bool:
    try:
        return bool(provisioning.plan_back(verb, subject))
    except RefusedError:
        return False


def mark(state: JobState) -> Mark:
    """Return a job's state as a word with its dot."""
    return Mark(_TONES[state], state.label)


def _job(job_id: UUID) -> JobRow:
    row = selectors.job_by_id(job_id)
    if row is None:
        raise Http404
    return row
