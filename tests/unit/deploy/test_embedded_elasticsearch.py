"""Ports and pid files of the embedded Elasticsearch, without starting one."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import elasticsearch
from deploy.embedded.contract import node_lock, silent
from deploy.embedded.locking import claim


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_port_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELASTICSEARCH_PORT", raising=False)


def test_the_port_of_the_first_start_is_kept(tmp_path: Path) -> None:
    first = elasticsearch._choose_port(tmp_path, silent)

    assert elasticsearch._choose_port(tmp_path, silent) == first
    assert (tmp_path / "port").read_text() == f"{first}\n"


def test_a_port_taken_since_gives_way_to_another(tmp_path: Path, taken: int) -> None:
    (tmp_path / "port").write_text(f"{taken}\n")
    said: list[str] = []

    port = elasticsearch._choose_port(tmp_path, said.append)

    assert port != taken
    assert said == [f"port {taken} is taken by another program: Elasticsearch gets another one."]
    assert (tmp_path / "port").read_text() == f"{port}\n"


def test_a_port_asked_for_and_taken_is_refused(tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_PORT", str(taken))

    with pytest.raises(elasticsearch.PortTakenError, match=f"port {taken} .ELASTICSEARCH_PORT. is taken by another program"):
        elasticsearch._choose_port(tmp_path, silent)


@pytest.mark.parametrize("text", ["nine", "0", "65536", "-1", "９２００"])
def test_a_port_that_is_no_port_is_refused(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_PORT", text)

    with pytest.raises(elasticsearch.ElasticsearchError, match="set it to a number from 1 to 65535"):
        elasticsearch._choose_port(tmp_path, silent)


def test_a_stale_pid_file_with_a_living_pid_is_nobody(tmp_path: Path) -> None:
    node_lock(tmp_path).write_text(json.dumps({"pid": os.getpid(), "port": 9200}))

    assert elasticsearch.running(tmp_path) is None
    assert elasticsearch.stop(tmp_path) is False


def test_a_holder_of_the_lock_that_is_no_node_is_not_signalled(tmp_path: Path) -> None:
    descriptor = claim(node_lock(tmp_path))
    assert descriptor is not None
    os.write(descriptor, json.dumps({"pid": os.getpid(), "port": 9200}).encode())

    with pytest.raises(elasticsearch.ElasticsearchError, match=f"process {os.getpid()} holds .* but is no Elasticsearch node of ours"):
        elasticsearch.stop(tmp_path)
    os.close(descriptor)


def test_another_program_on_the_port_is_not_taken_for_the_node(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"/_nodes/_local/process?filter_path=nodes.*.process.id": {"nodes": {"x": {"process": {"id": 1}}}}}
    monkeypatch.setattr(elasticsearch, "_get", lambda _port, path: answers[path])

    assert elasticsearch._health(taken, pid=2) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder another user's")
def test_another_users_home_is_refused_untouched(tmp_path: Path) -> None:
    home = tmp_path / "elasticsearch"
    home.mkdir()
    os.chown(home, 1, 1)

    with pytest.raises(elasticsearch.ElasticsearchError, match="belongs to another user: start as that user"):
        elasticsearch.start(home)
    assert list(home.iterdir()) == []
