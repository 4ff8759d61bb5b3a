"""The auditor's pages: the audit trail, its soundness, its export."""

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.composing import Form, lines
from console.contract import TrailRow
from console.forms.trail import TrailForm
from console.selectors import trail as selectors
from console.views.access import AUDIT, officers, page
from observability import chain
from observability.addresses import client_address
from observability.audit import record_audit

ROWS = 50
LAST_PAGE = 2000
_ASKED = ("actor", "action", "site", "subject", "since", "until")


@officers(AUDIT)
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Show entries, newest first; with `?verify` the whole chain is checked."""
    form = TrailForm(request.GET)
    wanted = form.filter()
    number = min(max(int(request.GET["page"]), 1), LAST_PAGE) if request.GET.get("page", "").isdecimal() else 1
    rows = selectors.newest(wanted, limit=ROWS + 1, offset=(number - 1) * ROWS)
    kept = request.GET.copy()
    for name in list(kept):
        if name not in _ASKED:
            del kept[name]
    context: dict[str, Any] = {
        "form": form,
        "rows": [(row, _detail(row)) for row in rows[:ROWS]],
        "page": number,
        "has_more": len(rows) > ROWS,
        "query": kept.urlencode(),
        "anchor": chain.anchor(),
        "verification": chain.verify() if "verify" in request.GET else None,
    }
    return page(request, "trail", context)


@officers(AUDIT)
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Send entries as a file; that this was done is an entry itself."""
    wanted = TrailForm(request.GET).filter()
    with transaction.atomic():
        record_audit(
            "audit.exported",
            actor=request.user.get_username(),
            detail={name: request.GET.get(name, "")[:200] for name in _ASKED if request.GET.get(name)} | {"form": form},
            address=client_address(request),
        )
    kind = "text/csv" if form == Form.CSV else "application/x-ndjson"
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M%S}.{form}"
    body = "".join(lines(selectors.oldest_first(wanted), form=Form(form)))
    return HttpResponse(body, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _detail(row: TrailRow) -> str:
    return json.dumps(row.detail, ensure_ascii=False) if row.detail else ""
