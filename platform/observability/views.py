"""Answers to the machines that watch the processes; on the platform's host."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from observability.health import Readiness, examine


@transaction.non_atomic_requests  # no database here: a dead one must not get healthy processes restarted
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    del request
    return JsonResponse({"status": "live"})


@transaction.non_atomic_requests  # the transaction around a view would fail before the probe can say why
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve: 503 without a required service; names only, no versions or addresses."""
    del request
    health = examine()
    return JsonResponse(
        {
            "status": health.readiness.value,
            "degraded": health.readiness is not Readiness.READY,
            "probes": {name: "ok" if answered else "failed" for name, answered in health.answered.items()},
        },
        status=503 if health.readiness is Readiness.UNAVAILABLE else 200,
    )
