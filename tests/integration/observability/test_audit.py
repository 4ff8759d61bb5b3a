"""The audit trail only grows, and only together with what it records."""

import threading
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from observability import chain
from observability.audit import AuditOutsideTransactionError, acting_from, record_audit
from observability.models import AuditEntry, AuditLink

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


def test_50_writers_at_once_make_one_sound_chain() -> None:
    start = threading.Barrier(50)

    def write(writer: int) -> None:
        try:
            start.wait(30)
            for number in range(4):
                with transaction.atomic():
                    record_audit("site.opened", actor=f"writer-{writer}", subject=str(number))
                    record_audit("site.suspended", actor=f"writer-{writer}", subject=str(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert chain.verify() == chain.Verification(400, chain.anchor(), None)
    assert list(AuditLink.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 401))


def test_what_is_rolled_back_leaves_no_gap() -> None:
    for is_kept in (True, False, True):
        with transaction.atomic():
            record_audit("site.opened", actor="lisi")
            transaction.set_rollback(not is_kept)

    assert chain.verify().entries == 2
    assert AuditEntry.objects.count() == 2


def test_an_entry_says_where_it_was_done_from() -> None:
    with acting_from("203.0.113.5"), transaction.atomic():
        record_audit("site.opened", actor="lisi")
        record_audit("site.opened", actor="lisi", address="203.0.113.6")
    with transaction.atomic():
        record_audit("site.opened", actor="lisi")

    assert list(AuditEntry.objects.order_by("id").values_list("address", flat=True)) == ["203.0.113.5", "203.0.113.6", None]


def test_entries_from_before_the_chain_are_linked_by_the_migration() -> None:
    call_command("migrate_schemas", "observability", "0002", shared=True, verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            for actor in ("zhangsan", "lisi", "王五"):
                record_audit("site.opened", actor=actor, detail={"site": "小店"})
    finally:
        call_command("migrate_schemas", "observability", shared=True, verbosity=0, interactive=False)

    assert chain.verify() == chain.Verification(3, chain.anchor(), None)
    assert list(AuditLink.objects.order_by("number").values_list("entry__actor", flat=True)) == ["zhangsan", "lisi", "王五"]
