"""Adds to the audit trail, in the transaction of what it records: both happen or neither."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from observability.models import AuditEntry


class AuditOutsideTransactionError(RuntimeError):
    """Recorded outside a transaction: the entry could stay while what it speaks of is rolled back."""


def record_audit(
    action: str,
    *,
    actor: str,
    subject: str = "",
    tenant_uuid: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Write one entry and return it.

    `action` is dotted, noun first (`membership.granted`); `actor` is a sign-in name, or `system` for the command line;
    `detail` is JSON without secrets; `address` is the client's IP address where there is one.

    Raises:
        AuditOutsideTransactionError: no transaction is open.

    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransactionError(f"record_audit({action!r}) needs the transaction of what it records.")
    return AuditEntry.objects.create(
        actor=actor, action=action, subject=subject[:200], tenant_uuid=tenant_uuid, detail=dict(detail or {}), address=address or None
    )
