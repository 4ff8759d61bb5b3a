"""`manage.py audit`: what was done is listed, written to files that no spreadsheet runs, and checked."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from observability import chain
from observability.audit import record_audit
from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode
from registry.contract import TenantRef
from tests.factories.sites import copied_sites


@pytest.fixture(scope="module")
def site(module_database: None) -> TenantRef:
    """A site with three entries about it, after those of its opening."""
    (tenant,) = copied_sites("xiaodian")
    with transaction.atomic():
        record_audit("membership.granted", actor="lisi", subject="zhangsan", tenant_uuid=tenant.uuid, detail={"after": {"role": "editor"}})
        record_audit("membership.revoked", actor="lisi", subject='=HYPERLINK("x")', tenant_uuid=tenant.uuid, address="203.0.113.9")
        record_audit("person.created", actor="-1+1", subject="@wangwu")
    return tenant


def run(*arguments: str, **options: Any) -> Any:
    """Run the command and return its JSON."""
    out = io.StringIO()
    call_command("audit", *arguments, "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def test_entries_are_listed_newest_first_and_narrowed(site: TenantRef) -> None:
    everything = run("list")["entries"]

    assert [entry["actor"] for entry in everything[:3]] == ["-1+1", "lisi", "lisi"]
    assert [entry["number"] for entry in everything] == sorted((entry["number"] for entry in everything), reverse=True)
    assert {entry["subject"] for entry in run("list", "--actor", "lisi", "--site", "xiaodian")["entries"]} == {
        "zhangsan",
        '=HYPERLINK("x")',
    }
    assert [entry["action"] for entry in run("list", "--action", "membership.rev")["entries"]] == ["membership.revoked"]
    assert run("list", "--until", "2001-01-01")["entries"] == []
    assert len(run("list", "--limit", "1", "--since", "2001-01-01T08:00")["entries"]) == 1


def test_the_csv_holds_every_entry_and_no_formula(site: TenantRef, tmp_path: Path) -> None:
    file = tmp_path / "trail.csv"

    written = run("export", str(file))

    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert written["entries"] == len(rows) == AuditEntry.objects.count()
    assert [(row["actor"], row["subject"]) for row in rows[-3:]] == [
        ("lisi", "zhangsan"),
        ("lisi", '\'=HYPERLINK("x")'),
        ("'-1+1", "'@wangwu"),
    ]
    assert file.stat().st_mode & 0o077 == 0


def test_the_json_lines_hold_every_entry_as_it_is(site: TenantRef, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"

    run("export", str(file), "--site", "xiaodian", "--action", "membership")

    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(row["action"], row["site"], row["detail"]) for row in rows] == [
        ("membership.granted", "xiaodian", {"after": {"role": "editor"}}),
        ("membership.revoked", "xiaodian", {}),
    ]
    assert rows[1]["address"] == "203.0.113.9"


def test_a_sound_trail_is_said_to_be_and_its_anchor_fits(site: TenantRef) -> None:
    kept = run("anchor")["anchor"]

    found = run("verify", "--anchor", kept, "--since", "2001-01-01")

    assert (found["sound"], found["anchor"], found["entries"], found["fault"]) == (True, kept, chain.anchor().number, None)


def test_a_touched_trail_ends_in_failure_and_names_the_entry(site: TenantRef) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE public.observability_auditentry SET actor = 'nobody' WHERE actor = '-1+1'")
        with pytest.raises(CommandFailure, match=r"Entry \d+ \(row \d+\) is not what was written") as failure:
            run("verify")
        transaction.set_rollback(True)

    assert failure.value.returncode == ExitCode.FAILED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "--anchor", "5:abc"], "is no anchor"),
        (["list", "--site", "nowhere"], "no site named nowhere"),
        (["list", "--since", "yesterday"], "is no day or moment"),
        (["list", "--since", "2026-13-45"], "is no day or moment"),
        (["export", "trail.xlsx"], "choose one"),
    ],
)
def test_wrong_usage_says_what_is_right(site: TenantRef, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandFailure, match=message) as failure:
        run(*arguments)

    assert failure.value.returncode == ExitCode.WRONG_USAGE
