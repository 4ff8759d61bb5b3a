"""The audit trail only grows, and only together with what it records."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from observability.audit import AuditOutsideTransactionError, record_audit
from observability.models import AuditEntry

pytestmark = pytest.mark.usefixtures("database")


def test_an_entry_says_who_did_what_to_whom_where() -> None:
    site = uuid4()

    with transaction.atomic():
        record_audit(
            "membership.granted", actor="zhangsan", subject="lisi", tenant_uuid=site, detail={"role": "editor"}, address="203.0.113.9"
        )

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == ("zhangsan", "membership.granted", "lisi")
    assert (entry.tenant_uuid, entry.detail, entry.address) == (site, {"role": "editor"}, "203.0.113.9")


def test_an_entry_is_gone_with_its_transaction() -> None:
    with transaction.atomic():
        record_audit("site.open", actor="zhangsan")
        transaction.set_rollback(True)

    assert AuditEntry.objects.count() == 0


def test_there_is_no_entry_without_a_transaction() -> None:
    with pytest.raises(AuditOutsideTransactionError, match=r"site\.open"):
        record_audit("site.open", actor="zhangsan")

    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public.observability_auditentry SET actor = 'nobody'",
        "UPDATE public.observability_auditentry SET at = at - interval '1 day' WHERE actor = 'zhangsan'",
        "DELETE FROM public.observability_auditentry",
    ],
)
def test_an_entry_can_be_neither_changed_nor_deleted(statement: str) -> None:
    with transaction.atomic():
        record_audit("site.open", actor="zhangsan")

    with pytest.raises(DatabaseError, match="only added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.values_list("actor", flat=True).get() == "zhangsan"


def test_an_entry_without_actor_is_refused() -> None:
    with pytest.raises(DatabaseError, match="observability_audit_says_who_and_what"), transaction.atomic():
        record_audit("site.open", actor="")

    assert AuditEntry.objects.count() == 0
