"""The address a page gets when the editor leaves it empty."""

from datetime import date
from typing import Any

import pytest
from wagtail.models import Page

from registry.schemas import in_schema_of
from tenants.pages.forms import SitePageForm, free_name
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage, HomePage
from tests.factories.pages import column, publish_article
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 24)


@pytest.fixture
def site() -> Any:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        yield tenant


def name(kind: type[Page], title: str, parent: Page) -> str:
    return free_name(kind, title, parent=parent, page=kind(title=title), today=TODAY)


def test_a_text_is_known_by_its_day_and_then_counted(site: Any) -> None:
    assert name(DocumentPage, "2026年工作报告", column("tzgg")) == "t20261124"

    publish_article("第一篇", slug="t20261124", parent="tzgg")

    assert name(ArticlePage, "第二篇", column("tzgg")) == "t20261124-2"
    assert name(ArticlePage, "别处", column("yaowen")) == "t20261124"


@pytest.mark.parametrize(
    ("title", "expected"), [("便民服务", "bmfw"), ("5G 建设", "5gjs"), ("政务公开", "zwgk-2"), ("——", "lm"), ("长" * 60, "c" * 40)]
)
def test_a_column_is_known_by_its_initials(site: Any, title: str, expected: str) -> None:
    assert name(ColumnPage, title, HomePage.objects.get()) == expected


@pytest.mark.parametrize("kind", [HomePage, ColumnPage, ArticlePage, DocumentPage])
def test_every_page_type_has_the_form(kind: Any) -> None:
    assert issubclass(kind.get_edit_handler().get_form_class(), SitePageForm)
