"""Real engines for every test that wants them, one database and one set of indices a worker, and nothing left behind."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, transaction
from filelock import FileLock
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from catalogues.selectors import forget_editions
from deploy.embedded.services import Endpoints, start
from provisioning import cloning
from registry import selectors, services
from registry.schemas import leave_schema
from rules.models import Rule
from tests.factories import memory
from tests.factories.copies import forget_copies, passing_tables, put_back
from tests.factories.indices import SearchIndex
from tests.factories.texts import DATA, lines
from vocabularies.selectors import forget_subjects

# A busy machine is no defect of what is tested.
hypothesis_settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("without a clock")

pytest_plugins = ("tests.plugins.browser", "tests.plugins.chaos", "tests.plugins.order", "tests.plugins.server")

ROOT = Path(__file__).resolve().parents[1]
ENGINES = ROOT / "var" / "test"
_first_rules: list[Any] = []  # those that migrations made


@pytest.fixture(scope="session")
def engines() -> Endpoints:
    """Return the addresses of the embedded PostgreSQL and Elasticsearch, started if need be."""
    return start(ENGINES, durable=False)


@pytest.fixture(scope="session")
def django_db_setup(engines: Endpoints, django_db_blocker: Any, worker_id: str, testrun_uid: str) -> Iterator[None]:
    """Give this worker a migrated database with a template schema: a copy of one that is made once for each set of migrations."""
    with django_db_blocker.unblock():
        wrapper = connections["default"]
        wrapper.settings_dict.update(_database_settings(engines))
        settings.PG_DUMP = engines.pg_dump
        settings.ELASTICSEARCH_URL = engines.elasticsearch_url
        own = f"{testrun_uid[:8]}_{worker_id}"  # two runs at once are strangers
        settings.ELASTICSEARCH_PREFIX = f"test-{own}"
        name = f"city_test_{own}"
        with FileLock(ENGINES / "base.lock"):
            _copy_base(wrapper, name)
        _use(wrapper, name)
        _first_rules.extend(Rule.objects.order_by("pk").values())
        os.environ["DATABASE_URL"] = engines.database_url.replace("/city?", f"/{name}?")  # for processes a test starts
        os.environ["ELASTICSEARCH_URL"] = engines.elasticsearch_url
        os.environ["ELASTICSEARCH_PREFIX"] = settings.ELASTICSEARCH_PREFIX
        os.environ["PG_DUMP"] = engines.pg_dump
    yield
    with django_db_blocker.unblock():
        forget_copies()
        _execute(wrapper, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        with FileLock(ENGINES / "base.lock"):
            memory.leave()


def _database_settings(engines: Endpoints) -> dict[str, Any]:
    config: dict[str, Any] = environ.Env.db_url_config(engines.database_url)
    return {key: value for key, value in config.items() if key != "ENGINE"}


def _base_database(wrapper: Any) -> str:
    """Return the name of the database workers copy; made once for each content of the migrations and of this file."""
    sources = sorted(
        [
            *ROOT.glob("platform/*/migrations/*.py"),
            *ROOT.glob("tenants/*/migrations/*.py"),
            *ROOT.glob("tenants/pages/services.py"),
            Path(__file__),
        ]
    )
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + cloning.fingerprint().encode()).hexdigest()[:12]
    base, unfinished = f"city_base_{mark}", f"city_base_{mark}_unfinished"
    if base in _databases(wrapper):
        return base
    _execute(wrapper, f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)', f'CREATE DATABASE "{unfinished}"')
    _use(wrapper, unfinished)
    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    services.import_regions(services.read_divisions(lines(DATA / "divisions-shanxi.csv.gz")))
    cloning.ensure_template()
    _execute(wrapper, f'ALTER DATABASE "{unfinished}" RENAME TO "{base}"')
    return base


def _copy_base(wrapper: Any, name: str) -> None:
    base = _base_database(wrapper)
    _execute(wrapper, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{base}" {memory.clause()}')


def _use(wrapper: Any, name: str) -> None:
    wrapper.close()
    wrapper.settings_dict["NAME"] = name
    leave_schema()


def _execute(wrapper: Any, *statements: str) -> None:
    """Run statements on the maintenance database, each on its own."""
    _use(wrapper, "postgres")
    with wrapper.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    wrapper.close()


def _databases(wrapper: Any) -> set[str]:
    _use(wrapper, "postgres")
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test commit for real; afterwards every row it left and every schema it made are removed."""
    with django_db_blocker.unblock():
        yield
        empty_database()


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: Any, worker_id: str, testrun_uid: str) -> Iterator[str]:
    """Give the test a database of its own, for what changes tables or the template; returns its name."""
    with django_db_blocker.unblock():
        wrapper = connections["default"]
        before, name = wrapper.settings_dict["NAME"], f"city_fresh_{testrun_uid[:8]}_{worker_id}"
        with FileLock(ENGINES / "base.lock"):
            _copy_base(wrapper, name)
        _use(wrapper, name)
        address = os.environ["DATABASE_URL"]
        os.environ["DATABASE_URL"] = address.replace(f"/{before}?", f"/{name}?")
        try:
            yield name
        finally:
            os.environ["DATABASE_URL"] = address
            _execute(wrapper, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            _use(wrapper, before)


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As `database`, once for all tests of a module."""
    with django_db_blocker.unblock():
        yield
        empty_database()


def empty_database() -> None:
    """Remove all sites and all rows a test left."""
    if connection.in_atomic_block or not connection.is_usable():
        connection.close()
    leave_schema()
    if not put_back():
        _remove_schemas()
        _remove_rows()
        _put_rules_back()
    cache.clear()  # a picture's sizes, say, of a site that is gone: the next one may have the same name and number
    selectors.forget_directory()


def _remove_schemas() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(s|aside|kept)_'")
        schemas = [name for (name,) in cursor.fetchall()]
        for schema in schemas:
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
    if schemas:
        # A connection keeps the plan of every foreign key it checked, also of tables that are gone, and looks through all of them at every
        # change to any table: after a hundred sites that was nine tenths of PostgreSQL's time.
        connection.close()


def _remove_rows() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # The audit trail refuses to be emptied. Only a superuser, as tests are on their own engine, may go round its triggers.
        cursor.execute("SET LOCAL session_replication_role = replica")
        # What another process is still writing is waited for, as TRUNCATE would; which makes new files for every table and index, while a
        # test leaves few rows in few tables.
        cursor.execute(f"LOCK {', '.join(passing_tables('true'))}")
        for table in passing_tables("pg_relation_size(oid) > 0"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name the database gave
        cursor.execute("UPDATE public.observability_audithead SET number = 0, digest = ''")


def _put_rules_back() -> None:
    """Leave the rules that migrations made, and no others: they stay when a test's rows are removed."""
    if list(Rule.objects.order_by("pk").values()) != _first_rules:
        with transaction.atomic():
            Rule.objects.all().delete()
            Rule.objects.bulk_create(Rule(**row) for row in _first_rules)


@pytest.fixture(autouse=True)
def _fresh_directory() -> Iterator[None]:
    """Let no test see the sites, catalogues and subjects another one had."""
    selectors.forget_directory()
    forget_editions()
    forget_subjects()
    yield
    selectors.forget_directory()
    forget_editions()
    forget_subjects()


@pytest.fixture
def known_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the registry's copy as it was read first: where statements are counted, a slow machine would ask for its version in between."""
    monkeypatch.setattr(selectors, "CHECK_EVERY_SECONDS", float("inf"))


@pytest.fixture
def search_index(database: None) -> Iterator[SearchIndex]:
    """Give the test an empty index of its own behind both aliases; afterwards all indices with this worker's prefix are removed."""
    index = SearchIndex()
    index.remove()
    call_command("search", "rebuild", verbosity=0)
    yield index
    index.remove()


@pytest.fixture(scope="module")
def module_index(module_database: None) -> Iterator[SearchIndex]:
    """As `search_index`, once for all tests of a module."""
    index = SearchIndex()
    index.remove()
    call_command("search", "rebuild", verbosity=0)
    yield index
    index.remove()
