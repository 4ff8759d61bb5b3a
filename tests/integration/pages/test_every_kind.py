"""Every kind of page a site has costs at most fifteen statements, also when the registry's version has to be asked for."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from wagtail.models import Page, PageViewRestriction

from registry import selectors
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.composing import path_of
from tenants.pages.models import ColumnPage, HomePage, TextPage
from tests.factories import kinds
from tests.factories.pages import column
from tests.factories.sites import open_sites

pytestmark = [
    pytest.mark.elasticsearch,
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),  # Wagtail leaves that of a new rendition to be collected
]
MOST_STATEMENTS = 15  # `SET search_path` counted
VERSION = "SELECT number FROM public.registry_directoryversion"
Pages = tuple[TenantRef, dict[str, str]]


@pytest.fixture(scope="module")
def pages(module_index: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    site, *_ = open_sites("xiaodian", "taiyuan")
    with override_settings(MEDIA_ROOT=str(tmp_path_factory.mktemp("media"))):  # says so to the storage, which remembers it
        made = kinds.publish_every_kind(site)
        call_command("relay", "run", "--once", verbosity=0)
        yield site, made


def test_each_kind_costs_at_most_fifteen_statements_with_the_registrys_version(pages: Pages) -> None:
    site, paths = pages

    costs = {name: _statements(site, path) for name, path in paths.items()}

    assert {name: len(sent) for name, sent in costs.items() if len(sent) > MOST_STATEMENTS} == {}
    assert {name for name, sent in costs.items() if sent.count(VERSION) != 1} == set()
    assert min(sum(statement.startswith("SET search_path") for statement in sent) for sent in costs.values()) == 1


def test_no_kind_is_forgotten(pages: Pages) -> None:
    site, paths = pages
    wanted = {HomePage, ColumnPage, *_concrete(TextPage)}

    with in_schema_of(site):
        shown = [page for page in Page.objects.live().specific() if page.depth > 1 and path_of(page) in paths.values()]
        column_types = {page.column_type for page in ColumnPage.objects.live()}

    assert {type(page) for page in shown} == wanted
    assert column_types - {page.column_type for page in shown if isinstance(page, ColumnPage)} == set()


def test_a_restricted_column_and_its_alias_stay_closed_and_all_else_open(pages: Pages) -> None:
    site, _ = pages
    with in_schema_of(site), transaction.atomic():
        PageViewRestriction.objects.create(page=column("zcwj"), restriction_type=PageViewRestriction.LOGIN)
        alias = column("zcwj").create_alias(parent=column("zwdt"), update_slug="kept-elsewhere")
    reader = Client(headers={"host": site.primary_domain})
    try:
        asked = ("/zwgk/zcwj/", "/zwgk/zcwj/parking/", "/zwdt/kept-elsewhere/", "/zwgk/", "/zwdt/yaowen/heating/")

        answers = [reader.get(path).status_code for path in asked]
        above = reader.get("/zwgk/").content.decode()
    finally:
        with in_schema_of(site), transaction.atomic():
            PageViewRestriction.objects.all().delete()
            alias.delete()

    assert answers == [404, 404, 404, 200, 200]
    assert "停车管理办法" not in above


def _concrete(of: type[Page]) -> set[type[Page]]:
    below: list[type[Page]] = of.__subclasses__()
    return {each for each in below if not each._meta.abstract}.union(*map(_concrete, below))


def _statements(site: TenantRef, path: str) -> list[str]:
    """Return what a page sends when the copy of the registry is just too old, and all that is kept for longer is there."""
    reader = Client(headers={"host": site.primary_domain})
    reader.get(path)
    selectors._copy.compared_at = float("-inf")
    with CaptureQueriesContext(connection) as sent:
        assert reader.get(path).status_code == 200, path
    return [query["sql"] for query in sent]
