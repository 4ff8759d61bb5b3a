"""Both services as one, and the command line, without starting any."""

import json
from pathlib import Path

import pytest

from deploy.embedded import __main__ as command
from deploy.embedded import elasticsearch, postgres, services


def test_endpoints_are_quoted_for_a_shell() -> None:
    endpoints = services.Endpoints("postgres://postgres@:5432/city?host=%2Fa", "http://127.0.0.1:9200", "/a b/pg_dump")

    assert endpoints.exports() == (
        "export DATABASE_URL='postgres://postgres@:5432/city?host=%2Fa'\n"
        "export ELASTICSEARCH_URL=http://127.0.0.1:9200\n"
        "export PG_DUMP='/a b/pg_dump'\n"
    )


def test_nothing_runs_and_nothing_is_made_where_nothing_was_started(tmp_path: Path) -> None:
    now = services.status(tmp_path / "none")

    assert (now.running, now.endpoints(), now.postgres.pid, now.elasticsearch.pid) == (False, None, None, None)
    assert services.stop(tmp_path / "none") is False
    assert list(tmp_path.iterdir()) == []


def test_when_one_fails_the_other_is_stopped_and_both_reasons_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[Path] = []

    def fail(_home: Path, **_options: object) -> str:
        raise elasticsearch.PortTakenError("port 9200 is taken")

    def end(home: Path, **_options: object) -> bool:
        stopped.append(home)
        return True

    monkeypatch.setattr(postgres, "start", lambda _home, **_options: "postgres://")
    monkeypatch.setattr(elasticsearch, "start", fail)
    monkeypatch.setattr(postgres, "stop", end)
    monkeypatch.setattr(elasticsearch, "stop", end)

    with pytest.raises(services.StartError, match=r"^port 9200 is taken$"):
        services.start(tmp_path)
    assert sorted(stopped) == [tmp_path / "elasticsearch", tmp_path / "postgres"]


def test_what_ran_before_a_failed_start_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[Path] = []

    def fail(_home: Path, **_options: object) -> str:
        raise elasticsearch.ElasticsearchError("no memory")

    def end(home: Path, **_options: object) -> bool:
        stopped.append(home)
        return False

    monkeypatch.setattr(postgres, "running", lambda _home: (4711, "postgres://"))
    monkeypatch.setattr(postgres, "start", lambda _home, **_options: "postgres://")
    monkeypatch.setattr(elasticsearch, "start", fail)
    monkeypatch.setattr(postgres, "stop", end)
    monkeypatch.setattr(elasticsearch, "stop", end)

    with pytest.raises(services.StartError, match=r"^no memory$"):
        services.start(tmp_path)
    assert stopped == [tmp_path / "elasticsearch"]


def test_a_var_dir_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "var").touch()

    assert command.main(["start", "--var", str(tmp_path / "var")]) == 1
    assert "cannot be used as VAR_DIR: File exists. Choose another." in capsys.readouterr().err


def test_status_of_stopped_services_is_a_failure_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["status", "--var", str(tmp_path), "--json"]) == 1

    assert json.loads(capsys.readouterr().out) == {
        "postgres": {"name": "postgres", "running": False, "pid": None, "address": None},
        "elasticsearch": {"name": "elasticsearch", "running": False, "pid": None, "address": None},
        "running": False,
        "environment": None,
        "changed": False,
    }


def test_stopping_what_does_not_run_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["stop", "--var", str(tmp_path)]) == 0
    assert "nothing to do: none was running." in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["restart"], ["start", "--json", "--env"]])
def test_wrong_usage_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)

    assert ended.value.code == 2
    assert "usage: python -m deploy.embedded" in capsys.readouterr().err
