"""Verb: keep what a reader said of an answer."""

from registry.contract import TenantRef
from search.analytics.masking import mask
from search.contract import QUERY_LENGTH
from search.models import Feedback


def keep_feedback(
    tenant: TenantRef | None, *, query: str, scope: str, total: int, is_useful: bool, reason: Feedback.Reason | None = None
) -> None:
    """Keep whether an answer helped; who said so is not kept, and what in the query may point at a person is masked."""
    Feedback.objects.create(
        tenant_id=tenant.id if tenant else None,
        query=mask(query)[:QUERY_LENGTH],
        scope=scope,
        total=total,
        is_useful=is_useful,
        reason=reason or "",
    )
