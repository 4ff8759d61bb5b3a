"""Bodies with tables, pictures, quotations and attachments, as a reader gets them."""

import contextlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from PIL import Image
from wagtail.blocks import StructBlockValidationError
from wagtail.documents.forms import get_document_form

from accounts.models import User
from memberships.contract import Role
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.media.models import SiteFile, SiteImage
from tenants.pages.models import ArticlePage
from tests.factories.pages import column
from tests.factories.people import person
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = str(tmp_path)
    forget_folder()
    yield
    forget_folder()


def forget_folder() -> None:
    """Make the storage read MEDIA_ROOT again; django-tenants' does not hear of a change."""
    with contextlib.suppress(AttributeError):  # not asked for yet
        del default_storage.relative_media_root  # type: ignore[attr-defined] # a lazy stand-in for django-tenants' storage


def picture() -> ImageFile:
    stream = BytesIO()
    Image.new("RGB", (1600, 900), "#b3201b").save(stream, "PNG")
    stream.seek(0)
    return ImageFile(stream, name="tree.png")


def publish(body: list[Any], attachments: list[Any] | None = None) -> ArticlePage:
    page = ArticlePage(title="植树", slug="trees", body=body, attachments=attachments or [], live=False)
    with transaction.atomic():
        column("yaowen").add_child(instance=page)
        page.save_revision().publish()
    return page


# Wagtail leaves the closing of a new rendition's temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_every_block_is_shown_and_its_words_are_searchable() -> None:
    (tenant,) = copied_sites("xiaodian")
    table = {
        "data": [["树种", "数量"], ["国槐", "120"]],
        "first_row_is_table_header": True,
        "first_col_is_header": False,
        "table_caption": "植树表",
    }
    with in_schema_of(tenant):
        image = SiteImage.objects.create(title="植树现场", file=picture())
        publish(
            [
                ("heading", {"text": "活动安排", "level": "2"}),
                ("paragraph", "<p>请参加<b>植树</b>。</p>"),
                ("image", {"image": image, "alt": "人们在种树", "caption": "图一"}),
                ("table", table),
                ("quote", {"text": "前人栽树", "source": "俗语"}),
                ("official_text", "第一条　爱护树木。"),
            ],
        )
    reader = Client(headers={"host": "xiaodian.localhost"})

    html = reader.get("/zwdt/yaowen/trees/").content.decode()

    assert "活动安排" in html
    assert "<b>植树</b>" in html
    assert 'alt="人们在种树"' in html
    assert 'width="1200"' in html
    assert "图一" in html
    assert "<th" in html
    assert "国槐" in html
    assert "植树表" in html
    assert "前人栽树" in html
    assert 'id="art-1"' in html
    address = html.split('src="/media/s_xiaodian/images/', 1)[1].split('"', 1)[0]
    shown = reader.get(f"/media/s_xiaodian/images/{address}")
    assert b"".join(shown.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined] # a file response
    shown.close()
    body = Projection.objects.get().body
    for words in ("活动安排", "植树", "国槐", "前人栽树", "爱护树木"):
        assert words in body


def test_a_film_is_shown_with_its_captions_and_its_words_and_the_editor_is_warned_of_one_without() -> None:
    """D20: who cannot hear reads along, who cannot play it reads its words; nothing plays by itself."""
    (tenant,) = copied_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [tenant]})
    with in_schema_of(tenant):
        film = SiteFile.objects.create(title="动画", file=ContentFile(b"no film", "film.mp4"))
        words = SiteFile.objects.create(title="字幕", file=ContentFile("WEBVTT\n\n00:01.000 --> 00:04.000\n好。\n".encode(), "film.vtt"))
        value = {"title": "植树动画", "film": film, "captions": words, "poster": None, "transcript": "大家好。\n今天种树。"}
        page = publish([("film", value), ("film", value | {"title": "没有字幕的", "captions": None})])
        block = ArticlePage.body.field.stream_block.child_blocks["film"]
        with pytest.raises(StructBlockValidationError) as refused:
            block.clean(block.to_python({"title": "错", "film": words.pk, "captions": film.pk, "poster": None, "transcript": "字"}))
        client = Client(headers={"host": tenant.editor_domain})
        client.force_login(User.objects.get(username="editor"), backend="accounts.backends.ShadowBackend")

    html = Client(headers={"host": "xiaodian.localhost"}).get("/zwdt/yaowen/trees/").content.decode()
    editor = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()

    assert sorted(refused.value.block_errors) == ["captions", "film"]
    assert f'<video src="/documents/{film.pk}/film.mp4" controls preload="none" aria-label="植树动画">' in html
    assert html.count(f'<track kind="captions" srclang="zh" label="中文字幕" src="/documents/{words.pk}/film.vtt" default>') == 1
    assert html.index("“植树动画”文字稿") < html.index("<p>大家好。</p>") < html.index("<p>今天种树。</p>")
    assert "autoplay" not in html
    assert "今天种树" in Projection.objects.get().body
    assert "视频“没有字幕的”没有字幕" in editor
    assert "视频“植树动画”没有字幕" not in editor


def test_an_attachment_is_offered_with_type_and_size_and_downloads_from_its_own_site_only() -> None:
    tenant, other = copied_sites("xiaodian", "yingze")
    with in_schema_of(tenant):
        file = SiteFile.objects.create(title="报名表", file=ContentFile(b"x" * 2048, name="form.docx"))
        publish([("paragraph", "<p>见附件。</p>")], [("file", file)])
    reader = Client(headers={"host": "xiaodian.localhost"})

    html = reader.get("/zwdt/yaowen/trees/").content.decode()
    address = "/documents/" + html.split('href="/documents/', 1)[1].split('"', 1)[0]
    download = reader.get(address)

    assert "报名表" in html
    assert "DOCX" in html
    assert "2.0" in html
    assert download.status_code == 200
    assert b"".join(download.streaming_content) == b"x" * 2048  # type: ignore[attr-defined] # a file response
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert Client(headers={"host": other.primary_domain}).get(address).status_code == 404


@pytest.mark.parametrize("name", ["virus.exe", "page.html", "macro.docm", "drawing.svg"])
def test_files_that_could_do_harm_are_refused(name: str) -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        form = get_document_form(SiteFile)(data={"title": "x", "collection": "1"}, files={"file": ContentFile(b"x", name=name)})
        assert not form.is_valid()
        assert "file" in form.errors
