"""Probes and the doctor on a real database."""

from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from observability import doctor, health
from observability.doctor import Finding, Level

pytestmark = pytest.mark.usefixtures("database")


def test_the_database_probe_answers() -> None:
    health.database_answers()


def test_live_and_ready_are_on_the_platforms_host_alone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_probes", {"database": health.Probe("database", health.database_answers, required=True)})
    client = Client(headers={"host": "platform.localhost:8000"})

    assert client.get("/-/live").json() == {"status": "live"}
    assert client.get("/-/ready").status_code == 200
    assert Client(headers={"host": "unknown.localhost"}).get("/-/live").status_code == 404


def test_a_migrated_database_is_healthy() -> None:
    assert doctor.check_database() == Finding.ok("PostgreSQL 18")
    assert doctor.check_migrations() == Finding.ok("shared tables are current")


def test_an_old_database_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_POSTGRESQL", 99)

    assert doctor.check_database() == Finding.failed("PostgreSQL 18", "Upgrade to PostgreSQL 99 or newer.")


def test_a_missing_migration_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loader(MigrationLoader):
        """Finds one more migration on the disk."""

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.disk_migrations[("registry", "9999_later")] = self.disk_migrations[("registry", "0001_initial")]

    monkeypatch.setattr(doctor, "MigrationLoader", Loader)

    found = doctor.check_migrations()

    assert (found.level, found.what) == (Level.FAILED, "1 not applied, first registry.9999_later")
