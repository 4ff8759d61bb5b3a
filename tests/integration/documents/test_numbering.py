"""Index numbers (索引号): each once on a site, whoever gives them and however many at once."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Site

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.documents import selectors, services
from tenants.documents.contract import TakenNumberError
from tenants.documents.models import DocumentNumbering
from tenants.pages.contract import INDEX_NO_CONSTRAINT
from tenants.pages.models import DocumentPage
from tests.conftest import empty_database
from tests.factories.library import clear
from tests.factories.pages import publish_document
from tests.factories.sites import copied_sites

Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here = copied_sites("taiyuan", "xiaodian")
    return portal, here


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    with time_machine.travel(dt.datetime(2026, 11, 26, 4, tzinfo=dt.UTC), tick=True):
        yield opened
    clear(*opened)
    for site in opened:
        with in_schema_of(site):
            DocumentNumbering.objects.all().delete()


def template(site: TenantRef, text: str, *, code: str = "110140105") -> None:
    with in_schema_of(site), transaction.atomic():
        numbering = DocumentNumbering.for_site(Site.objects.get(is_default_site=True))
        numbering.code, numbering.template = code, text
        numbering.save()


def numbers(site: TenantRef) -> list[str]:
    with in_schema_of(site):
        return sorted(DocumentPage.objects.values_list("index_no", flat=True))


def test_a_number_in_use_is_refused_by_the_name_of_the_text_that_has_it(sites: Sites) -> None:
    portal, here = sites
    with in_schema_of(here):
        publish_document("停车办法", slug="one", index_no="A-1")
        draft = publish_document("停车细则", slug="two", index_no="A-2")
        draft.index_no = " A-1 "
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            draft.save()
        with pytest.raises(IntegrityError, match=INDEX_NO_CONSTRAINT), transaction.atomic():
            DocumentPage.objects.filter(pk=draft.pk).update(index_no="A-1")
    with in_schema_of(portal):
        other_site = publish_document("市停车办法", slug="one", index_no="A-1")

    assert refused.value.message_dict == {"index_no": ["索引号“A-1”已用于《停车办法》。请另编一个，或留空由系统编号。"]}
    assert numbers(here) == ["A-1", "A-2"]
    assert other_site.live


def test_a_copy_has_no_number_and_texts_without_one_are_many(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here), transaction.atomic():
        page = publish_document("停车办法", slug="one", index_no="A-1")
        page.copy(update_attrs={"slug": "copy", "title": "副本"}, keep_live=False)
        publish_document("无号", slug="three")

    assert numbers(here) == ["", "", "A-1"]


def test_texts_published_at_once_get_numbers_of_their_own(sites: Sites) -> None:
    _, here = sites
    template(here, "{code}/{year}-{number:05}")
    with in_schema_of(here):
        column = publish_document("前一份", slug="before").get_parent()
        with transaction.atomic():
            for each in range(4):
                column.refresh_from_db()
                column.add_child(instance=DocumentPage(title=f"办法{each}", slug=f"n{each}", live=False))
    together = Barrier(4)

    def publish(each: int) -> None:
        try:
            with in_schema_of(here):
                page = DocumentPage.objects.get(slug=f"n{each}")
                together.wait(30)
                with transaction.atomic():
                    page.save_revision().publish()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(4)))

    assert numbers(here) == [f"110140105/2026-{each:05}" for each in range(1, 6)]


def test_two_editors_who_type_the_same_number_at_once_get_it_once(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here):
        one, two = publish_document("甲", slug="one"), publish_document("乙", slug="two")
    together = Barrier(2)

    def save(page: DocumentPage) -> str:
        page.index_no = "A-1"
        try:
            with in_schema_of(here), transaction.atomic():
                page.clean()  # both look before either writes
                together.wait(30)
                page.save(clean=False)
        except IntegrityError as error:
            with in_schema_of(here):
                return str(services.clash_of(error)) if services.is_clash(error) else repr(error)
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(("甲", "乙"), pool.map(save, (one, two)), strict=True))

    winner = next(title for title, words in said.items() if words == "kept")
    loser = next(title for title in said if title != winner)
    assert said[loser] == f"索引号“A-1”已用于《{winner}》。请另编一个，或留空由系统编号。"
    assert numbers(here) == ["", "A-1"]


def test_a_number_typed_while_the_system_counts_makes_it_count_on(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    _, here = sites
    template(here, "{code}/{year}-{number:05}")
    from tenants.documents.services import numbering  # noqa: PLC0415 - the module itself, whose look is stood still

    counted = numbering.number_for
    looks: list[str] = []

    def look(page: DocumentPage, **kwargs: Any) -> str:
        found = counted(page, **kwargs)
        if not looks:  # what another editor's transaction does between the look and the write
            DocumentPage.objects.filter(slug="typed").update(index_no=found)
        looks.append(found)
        return found

    with in_schema_of(here):
        publish_document("手填", slug="typed", index_no="B-1")
        monkeypatch.setattr(numbering, "number_for", look)
        page = publish_document("自动", slug="auto")

    assert looks == ["110140105/2026-00001", "110140105/2026-00002"]
    assert page.index_no == "110140105/2026-00002"


def test_without_a_free_number_publishing_is_refused(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    _, here = sites
    from tenants.documents.services import numbering  # noqa: PLC0415 - as above

    with in_schema_of(here):
        publish_document("停车办法", slug="one", index_no="A-1")
        monkeypatch.setattr(numbering, "number_for", lambda *_args, **_kwargs: "A-1")
        with pytest.raises(TakenNumberError, match="A-1"):
            publish_document("停车细则", slug="two")

    assert numbers(here) == ["A-1"]


@pytest.mark.parametrize(
    ("number", "warnings"),
    [
        ("110140105/2026-00007", []),
        ("110140105/2026-7", []),
        ("", []),
        ("110140106/2026-00007", ["索引号“110140106/2026-00007”不合本网站的索引号模板，例如 110140105/2026-00001。"]),
        ("小区-7", ["索引号“小区-7”不合本网站的索引号模板，例如 110140105/2026-00001。"]),
    ],
)
def test_a_number_of_another_form_is_told_and_not_refused(sites: Sites, number: str, warnings: list[str]) -> None:
    _, here = sites
    template(here, "{code}/{year}-{number:05}")

    with in_schema_of(here):
        assert selectors.warnings_about(DocumentPage(title="办法", index_no=number)) == warnings


def test_the_migration_names_the_rows_that_clash_and_changes_nothing(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here):
        one = publish_document("甲办法", slug="one", index_no="A-1")
        two = publish_document("乙办法", slug="two", index_no="A-2")
        publish_document("丙办法", slug="three", index_no="A-3")
        migration = MigrationExecutor(connection).loader.graph.nodes["pages", "0010_one_document_an_index_no"]
        clashes = migration.operations[0].sql[0]
        clashing = f"DROP INDEX {INDEX_NO_CONSTRAINT}; UPDATE pages_documentpage SET index_no = 'A-1' WHERE page_ptr_id = {two.pk};"  # noqa: S608 - a name and a number of ours
        with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(clashing + clashes)
        with connection.cursor() as cursor:
            cursor.execute(clashes)  # rows that do not clash are not refused

    assert f'Index numbers that several documents have: A-1: page {one.pk} "甲办法", page {two.pk} "乙办法"\n' in str(refused.value)
    assert numbers(here) == ["A-1", "A-2", "A-3"]
