"""The recorded jars: what is missing or altered is named, and what is whole needs no network."""

import hashlib
import re
from pathlib import Path

import jgo
import pytest

from deploy.embedded import jars


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two small jars in a folder named by ELASTICSEARCH_JARS, and their list; fetching is an error."""
    contents = {"org/a/1/a-1.jar": b"first", "org/b/2/b-2.jar": b"second"}
    for path, content in contents.items():
        (tmp_path / Path(path).name).write_bytes(content)
    monkeypatch.setenv("ELASTICSEARCH_JARS", str(tmp_path))

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(jgo, "build", refuse)
    return {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}


def test_the_list_names_every_jar_of_the_node_once() -> None:
    recorded = jars.manifest()

    assert len(recorded) == 47
    assert len({Path(path).name for path in recorded}) == 47
    assert {len(digest) for digest in recorded.values()} == {64}
    assert "org/elasticsearch/elasticsearch/8.19.4/elasticsearch-8.19.4.jar" in recorded
    assert "org/elasticsearch/plugin/transport-netty4/8.19.4/transport-netty4-8.19.4.jar" in recorded


def test_whole_jars_are_used_without_fetching(recorded: dict[str, str], tmp_path: Path) -> None:
    said: list[str] = []

    assert jars.ensure(progress=said.append, wanted=recorded) == tmp_path
    assert said == []


def test_an_altered_jar_is_named_with_what_to_do(recorded: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b-2.jar").write_bytes(b"second, altered")

    with pytest.raises(jars.JarError, match=re.escape(f"{tmp_path / 'b-2.jar'} is damaged")) as caught:
        jars.ensure(wanted=recorded)
    assert "Delete that file and start again" in str(caught.value)


def test_a_jar_missing_from_a_given_folder_is_named_and_not_fetched(recorded: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a-1.jar").unlink()

    with pytest.raises(jars.JarError, match=r"1 of 2 jars are missing there, first a-1\.jar"):
        jars.ensure(wanted=recorded)
    assert not (tmp_path / "a-1.jar").exists()


def test_a_failing_network_is_told_with_both_ways_out(recorded: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError("no route to host")

    monkeypatch.delenv("ELASTICSEARCH_JARS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jgo, "build", fail)

    with pytest.raises(jars.JarError, match=r"no route to host\. Check the network .* or set ELASTICSEARCH_JARS"):
        jars.ensure(wanted=recorded)


def test_a_fetched_jar_that_is_not_the_recorded_one_is_refused(
    recorded: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Environment:
        path = tmp_path / "fetched"

    def build(*_arguments: object, **_options: object) -> Environment:
        Environment.path.mkdir()
        (Environment.path / "a-1.jar").write_bytes(b"something else")
        (Environment.path / "b-2.jar").write_bytes(b"second")
        return Environment()

    monkeypatch.delenv("ELASTICSEARCH_JARS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jgo, "build", build)

    with pytest.raises(jars.JarError, match=r"a-1\.jar came without its recorded sha256"):
        jars.ensure(wanted=recorded)
    assert list((tmp_path / "cache").rglob("*.jar")) == []
