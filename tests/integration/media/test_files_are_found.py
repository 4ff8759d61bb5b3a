"""Attached files in search: by their title at once, by their words once they were read, and never where nobody may read them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from wagtail.models import Collection, CollectionViewRestriction

from outbox.models import Event
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search import selectors
from search.contract import FILE_TOPIC, FileType, Found, Match, Question
from search.models import FileText, Projection
from tenants.media.models import SiteFile
from tenants.pages.models import ArticlePage
from tests.conftest import empty_database
from tests.factories import files
from tests.factories.pages import publish_article
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.elasticsearch


@pytest.fixture(scope="module")
def opened(module_index: Any) -> TenantRef:
    """One site for all tests; each brings its own words."""
    empty_database()
    (site,) = copied_sites("xiaodian")
    return site


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    """The site without the pages of the tests before."""
    selectors.breaker.close()
    yield opened
    with in_schema_of(opened), transaction.atomic():
        CollectionViewRestriction.objects.all().delete()
        for page in ArticlePage.objects.all():
            page.delete()
    assert FileText.objects.count() == 0
    Projection.objects.all().delete()
    Event.objects.all().delete()
    selectors.breaker.close()


def upload(title: str, content: bytes, extension: str, **fields: Any) -> SiteFile:
    with transaction.atomic():
        file: SiteFile = SiteFile.objects.create(title=title, file=ContentFile(content, name=f"file.{extension}"), **fields)
        file.get_file_size()
        file.get_file_hash()
    return file


def carry_out(index: Any) -> None:
    call_command("relay", "run", "--once", verbosity=0)
    index.refresh()


def find(text: str, site: TenantRef, **fields: Any) -> Found:
    found = selectors.find(Question(text=text, **fields), scope=selectors.scope_of_site(site))
    assert found.is_degraded is False
    return found


def titles(text: str, site: TenantRef, **fields: Any) -> list[str]:
    return [hit.title for hit in find(text, site, **fields).hits]


def test_a_file_is_found_by_its_title_then_by_its_words(site: TenantRef, module_index: Any) -> None:
    with in_schema_of(site):
        form = upload("停车位申请表", files.docx("申请人须提交机动车行驶证复印件"), "docx")
        publish_article("便民公告", attachments=[("file", form)])

    assert Event.objects.filter(topic=FILE_TOPIC).count() == 1
    row = Projection.objects.get()
    assert (row.file_text, [file["extension"] for file in row.files]) == ("停车位申请表", ["docx"])
    carry_out(module_index)

    (hit,) = find("机动车行驶证", site).hits
    assert (hit.title, hit.matches) == ("便民公告", (Match.FILE,))
    assert hit.snippet_html == "…申请人须提交<mark>机动车行驶证</mark>复印件"
    (file,) = hit.files
    assert (file.title, file.extension, file.path, file.is_cut, file.is_unread) == (
        "停车位申请表",
        "docx",
        f"/documents/{form.pk}/{form.filename}",
        False,
        False,
    )
    assert titles("停车位申请表", site) == ["便民公告"]
    assert titles("公告", site, file=FileType.WORD) == ["便民公告"]
    assert titles("公告", site, file=FileType.PDF) == []
    assert Event.objects.count() == 0


def test_a_linked_file_counts_and_one_that_cannot_be_read_says_so(site: TenantRef, module_index: Any) -> None:
    with in_schema_of(site):
        locked = upload("加密文件", files.pdf("a", password="x"), "pdf")
        publish_article("附件公告", f'<p>见<a linktype="document" id="{locked.pk}">附件</a>。</p>')
    carry_out(module_index)

    (hit,) = find("加密文件", site).hits
    assert [(file.title, file.is_unread) for file in hit.files] == [("加密文件", True)]
    assert FileText.objects.get().reason == "文件已加密"


def test_what_nobody_may_read_is_not_found(site: TenantRef, module_index: Any) -> None:
    with in_schema_of(site):
        with transaction.atomic():
            secret = Collection.get_first_root_node().add_child(instance=Collection(name="内部"))
            CollectionViewRestriction.objects.create(collection=secret, restriction_type="login")
        hidden = upload("内部名单", files.docx("不得外传"), "docx", collection=secret)
        page = publish_article("公告", attachments=[("file", hidden)])
    carry_out(module_index)
    assert titles("不得外传", site) == titles("内部名单", site) == []
    assert FileText.objects.count() == 0

    with in_schema_of(site), transaction.atomic():
        CollectionViewRestriction.objects.all().delete()
    carry_out(module_index)
    assert titles("不得外传", site) == ["公告"]

    with in_schema_of(site), transaction.atomic():
        CollectionViewRestriction.objects.create(collection=secret, restriction_type="login")
    assert Projection.objects.get(page_id=page.pk).file_text == ""
    assert FileText.objects.count() == 0
    carry_out(module_index)
    assert titles("不得外传", site) == []


def test_files_follow_their_pages_and_their_content(site: TenantRef, module_index: Any) -> None:
    with in_schema_of(site):
        form = upload("申请表", files.docx("旧的要求"), "docx")
        pages = [publish_article(f"公告{number}", slug=f"a{number}", attachments=[("file", form)]) for number in range(2)]
    carry_out(module_index)
    assert sorted(titles("旧的要求", site)) == ["公告0", "公告1"]
    assert FileText.objects.count() == 1  # read once for both

    with in_schema_of(site), transaction.atomic():
        form.file, form.file_size, form.file_hash = ContentFile(files.docx("新的要求"), name="new.docx"), None, ""
        form.save()
    assert [hit.matches for hit in find("旧的要求", site).hits] == [(), ()]  # the engine does not know yet, but its words are gone
    carry_out(module_index)
    assert sorted(titles("新的要求", site)) == ["公告0", "公告1"]

    with in_schema_of(site), transaction.atomic():
        pages[0].unpublish()  # gone at once: pages are looked up before they are shown
    assert titles("新的要求", site) == ["公告1"]
    with in_schema_of(site), transaction.atomic():
        pages[1].unpublish()
    carry_out(module_index)
    assert titles("新的要求", site) == []
    assert (FileText.objects.count(), set(Projection.objects.values_list("file_text", flat=True))) == (0, {""})


def test_a_deleted_file_is_forgotten(site: TenantRef, module_index: Any) -> None:
    with in_schema_of(site):
        form = upload("申请表", files.docx("旧的要求"), "docx")
        publish_article("公告", attachments=[("file", form)])
    carry_out(module_index)

    with in_schema_of(site), transaction.atomic():
        form.delete()

    assert Projection.objects.get().files == []
    assert FileText.objects.count() == 0


def test_a_file_is_found_without_the_engine(site: TenantRef, module_index: Any, settings: Any) -> None:
    with in_schema_of(site):
        publish_article("公告", attachments=[("file", upload("申请表", files.docx("机动车行驶证复印件"), "docx"))])
    carry_out(module_index)
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"

    found = selectors.find(Question(text="机动车行驶证"), scope=selectors.scope_of_site(site))

    (hit,) = found.hits
    assert (found.is_degraded, hit.title, hit.matches) == (True, "公告", (Match.FILE,))
    selectors.breaker.close()
