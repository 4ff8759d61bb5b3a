"""How the platform itself stands: changes on their way, the index, backups, upgrades."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from console.selectors import platform as selectors
from console.views.access import EVERY, OPERATIONS, officers, page
from observability.addresses import client_address
from observability.audit import record_audit
from outbox import selectors as outbox
from outbox import services


@officers(EVERY)
@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    """Show what lags, what is parked, what differs."""
    context = {
        "backlog": outbox.backlog(),
        "parked": outbox.parked(limit=50),
        "index": selectors.index_state(),
        "backups": selectors.backup_state(),
        "fleet": selectors.fleet_state(),
    }
    return page(request, "platform", context)


@officers(OPERATIONS)
@require_POST
def retry_events(request: HttpRequest) -> HttpResponse:
    """Make failed and parked events due now."""
    with transaction.atomic():
        count = services.retry(parked=True)
        record_audit("outbox.retried", actor=request.user.get_username(), detail={"events": count}, address=client_address(request))
    messages.success(request, f"{count}个事件将重新处理。")
    return HttpResponseRedirect(reverse("console_platform"))
