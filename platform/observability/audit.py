"""Adds to the audit trail, in the transaction of what it records: both happen or neither."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection

from observability.models import AuditEntry

_address: ContextVar[str] = ContextVar("observability_address", default="")


class AuditOutsideTransactionError(RuntimeError):
    """Recorded outside a transaction: the entry could stay while what it speaks of is rolled back."""


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """Let every entry made in the block say that it was done from this IP address, unless it names another."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


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
    `detail` is JSON without secrets, with what changed under `before` and `after`; `address` is the client's IP address where
    there is one, else that of the request or job (`acting_from`).

    Raises:
        AuditOutsideTransactionError: no transaction is open.

    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransactionError(f"record_audit({action!r}) needs the transaction of what it records.")
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        subject=subject[:200],
        tenant_uuid=tenant_uuid,
        detail=dict(detail or {}),
        address=address or _address.get() or None,
    )
