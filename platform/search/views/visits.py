"""From a request to what is recorded of it; who asked stays out of it but for the day's session."""

import datetime as dt
from uuid import UUID

from django.http import HttpRequest

from observability.addresses import client_address
from registry.contract import TenantRef
from registry.models import Tenant
from registry.schemas import in_public
from search.analytics import recording
from search.contract import Found
from search.requests.understanding import Asked

_cities: dict[int, int] = {}


def visitor_of(request: HttpRequest) -> recording.Visitor:
    """Return what the day's session is made of; a page fetched before anybody wanted it does not count."""
    headers = request.headers
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')} {headers.get('X-Moz', '')}"
    return recording.Visitor(client_address(request), headers.get("User-Agent", "")[:300], is_prefetch="prefetch" in purpose)


def note_search(request: HttpRequest, asked: Asked, found: Found, *, channel: str) -> UUID:
    """Let a search be recorded after the answer and return its number."""
    number, question = recording.new_id(), asked.question
    tenant: TenantRef | None = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
    if question.text and request.method == "GET":
        recording.note(
            visitor_of(request),
            recording.Asked(
                id=number,
                at=dt.datetime.now(dt.UTC),
                city_id=_city_of(tenant),
                tenant_id=tenant.id if tenant else None,
                channel=channel,
                reach=asked.reach.value,
                text=question.text,
                is_filtered=question.is_narrowed,
                page=question.page,
                total=0 if found.is_partial else found.total,  # nothing holds enough: a task for an editor all the same
                took_ms=found.took_ms,
                is_degraded=found.is_degraded,
            ),
        )
    return number


def _city_of(tenant: TenantRef | None) -> int | None:
    """Return the number of a site's city; a site never changes its city, so each is asked for once."""
    if tenant is None:
        return None
    if tenant.id not in _cities:
        with in_public():
            _cities[tenant.id] = Tenant.objects.values_list("city_id", flat=True).get(pk=tenant.id)
    return _cities[tenant.id]
