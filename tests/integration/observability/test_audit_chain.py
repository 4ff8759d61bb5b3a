"""Whatever is done to the audit trail past its triggers is found, and the first bad row named."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from observability import chain
from observability.audit import record_audit
from observability.chain import Anchor, Fault
from observability.models import AuditLink

ROWS = 40
TABLES = {"ENTRIES": "public.observability_auditentry", "LINKS": "public.observability_auditlink", "HEAD": "public.observability_audithead"}


@pytest.fixture(scope="module")
def trail(module_database: None) -> int:
    """A chain of entries of every shape; returns its length."""
    for number in range(ROWS):
        with transaction.atomic():
            record_audit(
                f"site.{'opened' if number % 2 else 'suspended'}",
                actor="张三" if number % 3 else "lisi",
                subject=f"对象 {number}: 'x', \"y\"\n",
                tenant_uuid=uuid4() if number % 4 else None,
                detail={"before": {"state": "live", "é": number}, "after": [1.5, None, True, "值"]} if number % 5 else {},
                address="2001:db8::1" if number % 6 else "",
            )
    return ROWS


@pytest.fixture
def beyond_triggers(trail: int) -> Iterator[Callable[..., Any]]:
    """Give a superuser's statements that the triggers do not see; all is undone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

        def run(statement: str, *values: str | int) -> Any:
            cursor.execute(in_full(statement), values)
            return cursor.fetchone() if cursor.description else None

        yield run
        transaction.set_rollback(True)


def in_full(statement: str) -> str:
    """Return a statement with the tables' whole names."""
    for short, whole in TABLES.items():
        statement = statement.replace(short, whole)
    return statement


def test_an_untouched_chain_is_sound_and_ends_in_its_anchor(trail: int) -> None:
    end = chain.anchor()

    assert chain.verify() == chain.Verification(trail, end, None)
    assert chain.verify(anchors=[end, Anchor(7, AuditLink.objects.get(number=7).digest)]).is_sound
    assert end.number == trail
    assert Anchor.parse(str(end)) == end


def _change_part(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS)
    change = chance.choice(
        [
            "actor = actor || 'x'",
            "action = action || 'x'",
            "subject = left(subject, 3)",
            "at = at + interval '1 microsecond'",
            "tenant_uuid = gen_random_uuid()",
            "detail = detail || '{\"after\": 2}'",
            "address = '203.0.113.7'",
        ]
    )
    statement = "UPDATE ENTRIES SET CHANGE WHERE id = (SELECT entry_id FROM LINKS WHERE number = %s)"
    run(statement.replace("CHANGE", change), number)
    return number


def _change_link(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS)
    run("UPDATE LINKS SET digest = repeat('0', 64) WHERE number = %s", number)
    return number


def _delete_entry(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS)
    run("DELETE FROM ENTRIES WHERE id = (SELECT entry_id FROM LINKS WHERE number = %s)", number)
    return number


def _delete_both(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS)
    _delete_link_and_entry(run, number)
    return number


def _close_the_gap(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS - 1)
    _delete_link_and_entry(run, number)
    run("UPDATE LINKS SET number = number - 1000000 WHERE number > %s", number)
    run("UPDATE LINKS SET number = number + 999999 WHERE number < 0")
    run("UPDATE HEAD SET number = number - 1")
    return number


def _swap(run: Callable[..., Any], chance: random.Random) -> int:
    first, second = sorted(chance.sample(range(1, ROWS + 1), 2))
    run("UPDATE LINKS SET number = 0 WHERE number = %s", first)
    run("UPDATE LINKS SET number = %s WHERE number = %s", first, second)
    run("UPDATE LINKS SET number = %s WHERE number = 0", second)
    return first


def _swap_entries(run: Callable[..., Any], chance: random.Random) -> int:
    first, second = sorted(chance.sample(range(1, ROWS + 1), 2))
    one, other = (run("SELECT entry_id FROM LINKS WHERE number = %s", number)[0] for number in (first, second))
    run("UPDATE LINKS SET entry_id = -1 WHERE number = %s", first)
    run("UPDATE LINKS SET entry_id = %s WHERE number = %s", one, second)
    run("UPDATE LINKS SET entry_id = %s WHERE number = %s", other, first)
    return first


def _cut_tail(run: Callable[..., Any], chance: random.Random) -> int:
    number = chance.randint(1, ROWS)
    for gone in range(number, ROWS + 1):
        _delete_link_and_entry(run, gone)
    return number


def _insert_unlinked(run: Callable[..., Any], chance: random.Random) -> int:
    run("INSERT INTO ENTRIES (at, actor, action, subject, detail) VALUES (now(), 'x', 'x', %s, '{}')", str(chance.random()))
    return 0


def _insert_linked(run: Callable[..., Any], chance: random.Random) -> int:
    (entry,) = run("INSERT INTO ENTRIES (at, actor, action, subject, detail) VALUES (now(), 'x', 'x', 'x', '{}') RETURNING id")
    run("INSERT INTO LINKS (number, entry_id, digest) VALUES (%s, %s, %s)", ROWS + 1, entry, f"{chance.getrandbits(256):064x}")
    return ROWS + 1


def _delete_link_and_entry(run: Callable[..., Any], number: int) -> None:
    (entry,) = run("DELETE FROM LINKS WHERE number = %s RETURNING entry_id", number)
    run("DELETE FROM ENTRIES WHERE id = %s", entry)


TAMPERINGS = [
    _change_part,
    _change_link,
    _delete_entry,
    _delete_both,
    _close_the_gap,
    _swap,
    _swap_entries,
    _cut_tail,
    _insert_unlinked,
    _insert_linked,
]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_each_of_25_random_tamperings_is_found_at_its_row(tamper: Callable[..., int], beyond_triggers: Callable[..., Any]) -> None:
    chance = random.Random(tamper.__name__)  # noqa: S311 - the same ones every time

    for _ in range(25):
        untouched = transaction.savepoint()
        number = tamper(beyond_triggers, chance)
        found = chain.verify().finding
        transaction.savepoint_rollback(untouched)

        assert found is not None
        assert found.number == number, found

    assert chain.verify().is_sound


def test_a_tail_cut_together_with_the_head_is_found_by_an_anchor_alone(beyond_triggers: Callable[..., Any]) -> None:
    end = chain.anchor()
    for number in range(ROWS - 4, ROWS + 1):
        _delete_link_and_entry(beyond_triggers, number)
    last = AuditLink.objects.get(number=ROWS - 5)
    beyond_triggers("UPDATE HEAD SET number = %s, digest = %s", last.number, last.digest)

    assert chain.verify().is_sound

    found = chain.verify(anchors=[end]).finding
    assert found is not None
    assert (found.fault, found.number) == (Fault.CUT, ROWS - 4)


def test_a_chain_written_anew_is_found_by_an_anchor_alone(beyond_triggers: Callable[..., Any]) -> None:
    end = chain.anchor()
    beyond_triggers("UPDATE ENTRIES SET actor = 'nobody' WHERE id = (SELECT min(id) FROM ENTRIES)")
    beyond_triggers("DELETE FROM LINKS")
    beyond_triggers("UPDATE HEAD SET number = 0, digest = ''")
    beyond_triggers("SELECT count(public.observability_link(e)) FROM (SELECT * FROM ENTRIES ORDER BY id) e")

    assert chain.verify().is_sound

    found = chain.verify(anchors=[end]).finding
    assert found is not None
    assert (found.fault, found.number) == (Fault.REWRITTEN, ROWS)


def test_since_reads_the_later_entries_only(beyond_triggers: Callable[..., Any]) -> None:
    tenth = AuditLink.objects.select_related("entry").get(number=10).entry.at
    beyond_triggers("UPDATE ENTRIES SET actor = 'x' WHERE id = (SELECT entry_id FROM LINKS WHERE number = 3)")

    assert chain.verify(since=tenth).entries == ROWS - 9
    assert chain.verify(since=tenth).is_sound
    assert chain.verify().finding == chain.Finding(
        Fault.CHANGED, 3, f"Entry 3 (row {AuditLink.objects.get(number=3).entry_id}) is not what was written."
    )


def test_a_trigger_switched_off_is_found(trail: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(in_full("ALTER TABLE ENTRIES DISABLE TRIGGER observability_append_only"))
        found = chain.verify().finding
        transaction.set_rollback(True)

    assert found is not None
    assert found.fault is Fault.UNGUARDED


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE ENTRIES CASCADE",
        "TRUNCATE LINKS",
        "TRUNCATE HEAD",
        "UPDATE LINKS SET digest = ''",
        "DELETE FROM LINKS",
        "INSERT INTO LINKS (number, entry_id, digest) SELECT 1000, max(id), '' FROM ENTRIES",
        "UPDATE HEAD SET number = 0",
        "DELETE FROM HEAD",
        "INSERT INTO HEAD (id, number, digest) VALUES (2, 0, '')",
    ],
)
def test_the_chain_is_written_by_its_trigger_alone(trail: int, statement: str) -> None:
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(in_full(statement))

    assert chain.verify().is_sound
