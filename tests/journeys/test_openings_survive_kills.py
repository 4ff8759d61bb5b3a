"""PostgreSQL is killed again and again while a hundred sites are opened; nothing is lost, nothing half open, the next run mends it."""

import itertools
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import environ
import psutil  # type: ignore[import-untyped] # none published
import pytest
from django.db import DatabaseError, InterfaceError, connection, connections

from deploy.embedded import placement, postgres
from deploy.embedded.services import Endpoints
from observability import chain
from provisioning import services
from provisioning.contract import ProvisioningError
from provisioning.fleet import drift
from provisioning.models import Operation
from registry.contract import State
from registry.models import Domain, Tenant
from registry.schemas import leave_schema
from registry.selectors import forget_directory
from tests.factories.sites import TAIYUAN, site_spec
from tests.factories.tables import rows

pytestmark = pytest.mark.long
SITES, KILLS = 100, 5


class Server:
    """A PostgreSQL of this test's own, durable as in production; the other tests need theirs alive."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.kills = 0
        self._stopped = threading.Event()
        self._killer = threading.Thread(target=self._kill_and_start, daemon=True)

    def start(self) -> str:
        return postgres.start(self.home, durable=True)

    def end(self) -> None:
        """Kill it for good; its data are thrown away, and a clean stop would first write them all."""
        self._stopped.set()
        if self._killer.ident:
            self._killer.join()
        if alive := postgres.running(self.home):
            server = psutil.Process(alive[0])
            processes = [server, *server.children()]
            server.kill()
            psutil.wait_procs(processes, timeout=20)
        if cluster := placement.find(self.home):  # started by root, it keeps its data outside of the test's folder
            shutil.rmtree(cluster.base, ignore_errors=True)

    def torment(self) -> None:
        self._killer.start()

    def leave_alone(self) -> None:
        self._stopped.set()
        self._killer.join()
        self.start()

    def _kill_and_start(self) -> None:
        dice = random.Random(20261125)  # noqa: S311 - a repeatable mix
        while self.kills < KILLS and not self._stopped.wait(dice.uniform(0.5, 2.5)):
            alive = postgres.running(self.home)
            assert alive is not None
            psutil.Process(alive[0]).kill()
            self.kills += 1
            self.start()


@pytest.fixture
def own_server(fresh_database: str, engines: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Copy this worker's database onto a server that can be killed, and point Django at it."""
    server = Server(tmp_path / "postgres")
    wrapper = connections["default"]
    before = dict(wrapper.settings_dict)
    url = server.start()
    dump = subprocess.run(
        [engines.pg_dump, engines.database_url.replace("/city?", f"/{fresh_database}?")], capture_output=True, check=True, env=_plain()
    )
    subprocess.run([Path(engines.pg_dump).with_name("psql"), "-q", url], input=dump.stdout, capture_output=True, check=True, env=_plain())
    wrapper.close()
    wrapper.settings_dict.update({key: value for key, value in environ.Env.db_url_config(url).items() if key != "ENGINE"})
    leave_schema()
    try:
        yield server
    finally:
        wrapper.close()
        wrapper.settings_dict.update(before)
        leave_schema()
        server.end()


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def open_all(slugs: list[str]) -> set[str]:
    """Try to open each site once; returns those whose opening said that it was done."""
    opened = set()
    for slug in slugs:
        try:
            services.open_site(site_spec(slug))
            opened.add(slug)
        except (ProvisioningError, DatabaseError, InterfaceError):
            connection.close()
            await_server()
        leave_schema()
        forget_directory()
    return opened


def await_server(seconds: float = 30.0) -> None:
    """Wait as somebody does who sees that the database is away."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(DatabaseError, InterfaceError):
            connection.ensure_connection()
            return
        time.sleep(0.1)
    pytest.fail("The server did not come back.")


def schemas() -> list[str]:
    return [name for (name,) in rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 's\\_%%' ORDER BY nspname")]


def states() -> dict[str, str]:
    return dict(Tenant.objects.values_list("slug", "state"))


def test_a_hundred_openings_survive_a_server_that_is_killed(own_server: Server) -> None:
    services.open_city("taiyuan", region_code=TAIYUAN)
    slugs = [f"k{number:03d}" for number in range(SITES)]

    own_server.torment()
    said_open = open_all(slugs)
    own_server.leave_alone()
    connection.close()
    between, made = states(), schemas()

    assert own_server.kills == KILLS
    assert {slug for slug, state in between.items() if state == State.LIVE} >= said_open
    assert {name: found for name, found in drift.compare(made).items() if found} == {}, "a schema is whole or absent"
    assert len(said_open) < SITES, "no kill met an opening"

    mended = [slug for slug in slugs if slug not in said_open]
    assert open_all(mended) == set(mended)

    assert states() == dict.fromkeys(slugs, State.LIVE.value)
    assert schemas() == sorted(f"s_{slug}" for slug in slugs)
    assert {name: found for name, found in drift.compare(schemas()).items() if found} == {}
    assert Domain.objects.filter(is_primary=True).count() == 2 * SITES
    assert sorted(Operation.objects.filter(verb="site open").values_list("subject", "state")) == [(slug, "done") for slug in slugs]
    audited = dict(rows("SELECT subject, count(*) FROM observability_auditentry WHERE action = 'site.open' GROUP BY subject"))
    assert audited == dict.fromkeys(slugs, 1)
    assert chain.verify().finding is None
    assert not any(open_again.changed for open_again in map(services.open_site, map(site_spec, itertools.islice(slugs, 3))))
