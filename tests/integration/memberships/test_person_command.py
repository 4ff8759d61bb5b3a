"""`manage.py person`."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from memberships.models import Membership
from observability.terminal import CommandFailure
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")


def run(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("person", *arguments, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def create(username: str, password: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> Any:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    return run("create", username, "--name", "示例人员", "--password-stdin", *more)


def test_a_person_is_added_with_a_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = create("zhangsan", PASSWORD, monkeypatch)

    zhang = User.objects.get()
    assert answer == {"username": "zhangsan", "uuid": str(zhang.uuid), "changed": True}
    assert (zhang.name, zhang.check_password(PASSWORD)) == ("示例人员", True)


def test_a_dry_run_adds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert create("zhangsan", PASSWORD, monkeypatch, "--dry-run") == {"username": "zhangsan", "changed": False}

    assert User.objects.count() == 0


def test_a_weak_password_is_refused_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandFailure, match="Not added: This password is too short") as failure:
        create("zhangsan", "short", monkeypatch)

    assert failure.value.returncode == 1
    assert User.objects.count() == 0


def test_a_taken_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    person("zhangsan")

    with pytest.raises(CommandFailure, match="zhangsan is taken"):
        create("zhangsan", PASSWORD, monkeypatch)


def test_roles_are_granted_listed_and_revoked() -> None:
    open_sites("xiaodian")
    person("zhangsan")
    person("lisi")

    granted = run("grant", "zhangsan", "--site", "xiaodian", "--role", "editor")
    again = run("grant", "zhangsan", "--site", "xiaodian", "--role", "editor")
    listed = run("list")
    revoked = run("revoke", "zhangsan", "--site", "xiaodian", "--yes")

    assert (granted["changed"], again["changed"], revoked["changed"]) == (True, False, True)
    assert [(row["username"], row["site"], row["role"], row["active"]) for row in listed["people"]] == [
        ("zhangsan", "xiaodian", "editor", True),
        ("lisi", "", "", True),
    ]
    assert run("list", "--site", "xiaodian")["people"] == [
        {"username": "zhangsan", "name": "示例人员", "site": "xiaodian", "role": "editor", "active": False}
    ]


def test_dry_runs_change_no_role() -> None:
    open_sites("xiaodian")
    person("zhangsan")

    run("grant", "zhangsan", "--site", "xiaodian", "--role", "editor", "--dry-run")

    assert Membership.objects.count() == 0


def test_an_account_is_closed() -> None:
    person("zhangsan")

    assert run("deactivate", "zhangsan", "--yes")["changed"] is True
    assert run("deactivate", "zhangsan", "--yes")["changed"] is False

    assert User.objects.get().is_active is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grant", "nobody", "--site", "xiaodian", "--role", "editor"], "Nobody signs on as nobody"),
        (["grant", "zhangsan", "--site", "nowhere", "--role", "editor"], "There is no site named nowhere"),
        (["list", "--site", "nowhere"], "There is no site named nowhere"),
        (["revoke", "nobody", "--site", "xiaodian", "--yes"], "Nobody signs on as nobody"),
    ],
)
def test_unknown_names_are_wrong_usage(arguments: list[str], message: str) -> None:
    open_sites("xiaodian")
    person("zhangsan")

    with pytest.raises(CommandFailure, match=message) as failure:
        run(*arguments)

    assert failure.value.returncode == 2
