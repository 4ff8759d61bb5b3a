"""Addresses, pid files and folders of the embedded PostgreSQL, without starting one."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import environ
import psycopg2.extensions
import pytest

from deploy.embedded import placement, postgres


@pytest.fixture
def cluster(tmp_path: Path) -> placement.Cluster:
    """A cluster of which nothing exists but an empty data directory."""
    (tmp_path / "data").mkdir()
    return placement.Cluster(tmp_path, tmp_path / "socket", tmp_path / "bin", owner=None)


def test_the_url_means_the_same_to_django_environ_and_to_libpq(cluster: placement.Cluster) -> None:
    cluster = replace(cluster, socket_dir=Path("/srv/城市 platform/a+b/socket"))

    config = environ.Env.db_url_config(cluster.url)

    assert config == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "city",
        "USER": "postgres",
        "PASSWORD": "",
        "HOST": "",
        "PORT": 5432,
        "OPTIONS": {"host": "/srv/城市 platform/a+b/socket", "fallback_application_name": "embedded"},
    }
    assert psycopg2.extensions.parse_dsn(cluster.url) == {
        "user": "postgres",
        "port": "5432",
        "dbname": "city",
        "host": "/srv/城市 platform/a+b/socket",
        "fallback_application_name": "embedded",
    }


@pytest.mark.parametrize("text", ["", "no number\n", "999999999\n", "{mine}\n/somewhere\n"])
def test_a_pid_file_proves_no_server(cluster: placement.Cluster, text: str) -> None:
    (cluster.data / "postmaster.pid").write_text(text.format(mine=os.getpid()))

    assert postgres._postmaster(cluster) is None


def test_a_pid_file_after_a_crash_is_removed(cluster: placement.Cluster) -> None:
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")

    postgres._clear_leftovers(cluster)

    assert list(cluster.data.iterdir()) == []


def test_settings_are_written_once_and_follow_durability(cluster: placement.Cluster) -> None:
    assert postgres._configure(cluster, durable=True)
    assert not postgres._configure(cluster, durable=True)
    durable = (cluster.data / "embedded.conf").read_text().splitlines()

    assert postgres._configure(cluster, durable=False)
    fast = (cluster.data / "embedded.conf").read_text().splitlines()

    assert "listen_addresses = ''" in durable
    assert set(durable) - set(fast) == {"fsync = 'on'", "synchronous_commit = 'on'", "full_page_writes = 'on'"}
    assert set(fast) - set(durable) == {"fsync = 'off'", "synchronous_commit = 'off'", "full_page_writes = 'off'"}


def test_data_of_another_version_is_refused_untouched(cluster: placement.Cluster) -> None:
    (cluster.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(placement.PostgresError, match="was made by PostgreSQL 15, this is 18"):
        postgres._check_data(cluster)


def test_a_folder_that_is_no_data_directory_is_refused(cluster: placement.Cluster) -> None:
    with pytest.raises(placement.PostgresError, match="is not a PostgreSQL data directory: move it away"):
        postgres._check_data(cluster)


def test_a_copy_for_another_user_can_be_read_and_run_but_not_written(tmp_path: Path) -> None:
    program, text = tmp_path / "bin" / "program", tmp_path / "text"
    program.parent.mkdir(mode=0o700)
    for path, mode in ((program, 0o700), (text, 0o600)):
        path.touch()
        path.chmod(mode)

    placement._open_to_all(tmp_path)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (program.parent, program, text)] == [0o755, 0o755, 0o644]


def test_pg_dump_is_that_of_the_server() -> None:
    assert postgres.pg_dump().is_file()
    assert postgres.pg_dump().parts[-3:] == ("pginstall18", "bin", "pg_dump")
