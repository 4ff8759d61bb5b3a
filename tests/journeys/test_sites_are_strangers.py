"""Ten thousand mixed requests from eight threads over four sites: no byte of one site in another's answer."""

import random
import threading
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from typing_extensions import override

from accounts.models import User
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import person
from tests.factories.sites import open_sites

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
REQUESTS, THREADS = 10_000, 8
SLUGS = ("taiyuan", "xiaodian", "yingze", "qingxu")


def mark(slug: str) -> str:
    """Return the word that only this site's pages hold."""
    return f"机密{slug}标记"


@pytest.fixture
def sites(search_index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TenantRef]:
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))
    tenants = open_sites(*SLUGS)
    for tenant in tenants:
        with in_schema_of(tenant):
            publish_document(f"{mark(tenant.slug)}办法", f"第一条　{mark(tenant.slug)}。停车共同词。", slug="same")
            publish_article(f"{mark(tenant.slug)}要闻", f"<p>{mark(tenant.slug)}</p>", slug="same-article")
        folder = tmp_path / tenant.schema_name / "images"
        folder.mkdir(parents=True)
        (folder / "same.png").write_bytes(mark(tenant.slug).encode())
    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    return tenants


@pytest.fixture
def sessions(sites: list[TenantRef]) -> dict[str, str]:
    """Return the session cookie of an editor of each site."""
    found = {}
    for tenant in sites:
        person(f"editor-{tenant.slug}", roles={Role.EDITOR: [tenant]})
        with in_schema_of(tenant):
            client = Client(headers={"host": tenant.editor_domain})
            client.force_login(User.objects.get(username=f"editor-{tenant.slug}"), backend="accounts.backends.ShadowBackend")
            found[tenant.slug] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found


class Visitor(threading.Thread):
    """Makes its share of the requests and notes what should not have been there."""

    def __init__(self, seed: int, product: ClientHandler, sites: list[TenantRef], sessions: dict[str, str]) -> None:
        super().__init__()
        self.product = product
        self.random = random.Random(seed)  # noqa: S311 - a repeatable mix
        self.sites, self.sessions = sites, sessions
        self.leaks: list[str] = []
        self.statuses: Counter[tuple[str, int]] = Counter()

    @override
    def run(self) -> None:
        kinds = [self.page, self.page, self.missing, self.media, self.foreign_media, self.search, self.foreign_session, self.own_session]
        try:
            for _ in range(REQUESTS // THREADS):
                self.random.choice(kinds)(self.random.choice(self.sites))
        except Exception as error:  # noqa: BLE001 - a thread's failure is the test's
            self.leaks.append(f"failed: {error!r}")
        finally:
            connection.close()

    def get(self, tenant: TenantRef, path: str, *, host: str = "", cookie: str = "") -> str:
        asked = RequestFactory(headers={"host": host or tenant.primary_domain})
        if cookie:
            asked.cookies[settings.SESSION_COOKIE_NAME] = cookie
        response = self.product(asked.get(path).environ)
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined] # either kind
        text: str = body.decode()
        self.statuses[path.split("/")[1], response.status_code] += 1
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.leaks.append(f"{tenant.slug} {path} {response.status_code}")
        for other in self.sites:
            if other.slug != tenant.slug and mark(other.slug) in text:
                self.leaks.append(f"{tenant.slug} {path} {response.status_code} shows {other.slug}")
        return text

    def expect(self, tenant: TenantRef, path: str, *, holds: bool, **how: str) -> None:
        if (mark(tenant.slug) in self.get(tenant, path, **how)) is not holds:
            self.leaks.append(f"{tenant.slug} {path} {'lacks' if holds else 'shows'} its own mark")

    def page(self, tenant: TenantRef) -> None:
        path = self.random.choice(["/", "/zwgk/zcwj/", "/zwgk/zcwj/same/", "/zwdt/yaowen/same-article/"])
        text = self.get(tenant, path)
        if mark(tenant.slug) not in text:
            self.leaks.append(f"{tenant.slug} {path} lacks its own mark")
        foreign = [
            other.primary_domain
            for other in self.sites
            if other.slug != tenant.slug and f"{other.primary_domain}:8000{path}" in text and path != "/"
        ]
        if foreign:
            self.leaks.append(f"{tenant.slug} {path} carries an address of {foreign}")

    def missing(self, tenant: TenantRef) -> None:
        self.expect(tenant, f"/nothing-{self.random.random()}/", holds=False)

    def media(self, tenant: TenantRef) -> None:
        self.expect(tenant, f"/media/{tenant.schema_name}/images/same.png", holds=True)

    def foreign_media(self, tenant: TenantRef) -> None:
        other = self.random.choice([site for site in self.sites if site.slug != tenant.slug])
        self.expect(tenant, f"/media/{other.schema_name}/images/same.png", holds=False)

    def search(self, tenant: TenantRef) -> None:
        self.expect(tenant, f"/api/search/?scope=site&q={quote('停车共同词')}", holds=True)

    def foreign_session(self, tenant: TenantRef) -> None:
        other = self.random.choice([site for site in self.sites if site.slug != tenant.slug])
        text = self.get(tenant, "/admin/", host=tenant.editor_domain, cookie=self.sessions[other.slug])
        if f"editor-{other.slug}" in text or "w-header" in text:
            self.leaks.append(f"a session of {other.slug} opened {tenant.slug}")

    def own_session(self, tenant: TenantRef) -> None:
        self.get(tenant, "/admin/account/", host=tenant.editor_domain, cookie=self.sessions[tenant.slug])


def test_no_byte_of_one_site_in_anothers_answer(sites: list[TenantRef], sessions: dict[str, str]) -> None:
    product = ClientHandler(enforce_csrf_checks=False)  # one for all threads, as a server's; a client keeps what is drawn in every thread
    product.load_middleware()
    visitors = [Visitor(seed, product, sites, sessions) for seed in range(THREADS)]

    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()

    statuses: Counter[tuple[str, int]] = sum((visitor.statuses for visitor in visitors), Counter())
    assert [leak for visitor in visitors for leak in visitor.leaks] == []
    assert sum(statuses.values()) == REQUESTS
    assert {status for (first, status) in statuses if first == "admin"} == {200, 302}  # own sessions open the editor, foreign ones do not
    assert [status for (first, status) in statuses if first == "api"] == [200]
    assert {status for (first, status) in statuses if first == "media"} == {200, 404}
