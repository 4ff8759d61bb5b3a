"""The one thing our page types want from the platform: whose site it is. Here it is a constant, read once."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse

from registry import selectors
from registry.contract import Kind, State, TenantRef
from registry.selectors import Directory


class OneSiteMiddleware:
    """Puts the same site on every request; the list of the city's sites in the footer is the one the other side has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        refs = [_ref(data) for data in json.loads(Path(os.environ["SITES_FILE"]).read_text(encoding="utf-8"))]
        self.tenant = refs[0]
        by_uuid, by_schema = {ref.uuid: ref for ref in refs}, {ref.schema_name: ref for ref in refs}
        selectors._copy.directory = Directory(version=0, by_uuid=by_uuid, by_slug={ref.slug: ref for ref in refs}, by_schema=by_schema)
        selectors._copy.compared_at = float("inf")  # never compared again

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        connection.schema_name = self.tenant.schema_name  # type: ignore[attr-defined] # pages ask for it; one site has no other
        request.tenant = self.tenant  # type: ignore[attr-defined] # as the registry's middleware does
        return self.get_response(request)


def _ref(data: dict[str, Any]) -> TenantRef:
    return TenantRef(**data | {"uuid": UUID(data["uuid"]), "kind": Kind(data["kind"]), "state": State(data["state"])})
