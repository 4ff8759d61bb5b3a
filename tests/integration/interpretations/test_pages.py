"""Interpretations, their documents and answers as a reader gets them; what belongs to one site stays there."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.documents.forms import get_document_form
from wagtail.models import Page

from library.models import Relation
from registry import selectors
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.interpretations.forms import warnings_of
from tenants.interpretations.models import InterpretationMedia, InterpretationPage, InterpretedDocument, ResponseUpdate
from tenants.media.models import SiteFile, SiteImage
from tests.conftest import empty_database
from tests.factories.interpretations import answer, explain, issue, moment
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # Wagtail leaves that of a new rendition to be collected
MOST_QUERIES = 15  # one switch of schemas counted; what other rooms add to every text is in it
BESIDES = ("SET search_path", "SELECT number FROM public.registry_directoryversion")  # one switch of schemas is counted
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


@pytest.fixture(autouse=True)
def _no_texts(sites: Sites, settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = str(tmp_path)
    yield
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()


def get(site: TenantRef, path: str) -> str:
    response = Client(headers={"host": site.primary_domain}).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def described(html: str, kind: str) -> Any:
    found = [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)]
    return next((facts for facts in found if facts["@type"] == kind), None)


def file(name: str, content: bytes = b"x") -> SiteFile:
    made: SiteFile = SiteFile.objects.create(title=name, file=ContentFile(content, name=name))
    return made


def picture() -> SiteImage:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(stream, "PNG")
    made: SiteImage = SiteImage.objects.create(title="图", file=ContentFile(stream.getvalue(), name="map.png"), width=40, height=30)
    return made


def test_an_interpretation_and_its_document_show_each_other(sites: Sites) -> None:
    """S22: tied both ways, with number and validity; a draft is shown on neither side."""
    _, here, _ = sites
    with in_schema_of(here):
        document = publish_document("停车管理办法", doc_no="小政发〔2026〕3号", validity="in_force")
        explain("《停车管理办法》图解", document, kinds=["text", "leader"], organ="示例机关", interpreter="样例甲", interpreter_post="局长")
        draft = explain("还没有公开的解读", document, slug="draft")
        with transaction.atomic():
            draft.unpublish()

    explaining, explained = get(here, "/zwgk/zcjd/jd/"), get(here, "/zwgk/zcwj/text/")

    section = re.search(r'<section class="explained-documents".*?</section>', explaining, re.DOTALL)
    assert section
    assert '<a href="/zwgk/zcwj/text/">停车管理办法</a>' in section[0]
    assert "小政发〔2026〕3号" in section[0]
    assert "现行有效" in section[0]
    assert "<dt>第一解读人</dt><dd>样例甲 局长</dd>" in explaining
    back = re.search(r'<section class="interpretations".*?</section>', explained, re.DOTALL)
    assert back
    assert '<a class="row-title" href="/zwgk/zcjd/jd/">《停车管理办法》图解</a>' in back[0]
    assert re.findall(r'<span class="form-tag">(.*?)</span>', back[0]) == ["文字解读", "负责人解读"]
    assert "还没有公开的解读" not in explained


def test_a_document_of_another_site_is_found_by_its_address(sites: Sites) -> None:
    """S22: a county explains the city's document: title, number and address are the city's, until it is withdrawn."""
    portal, here, _ = sites
    with in_schema_of(portal):
        document = publish_document("市级办法", doc_no="并政发〔2026〕1号", slug="shiji")
    address = selectors.site_url(portal, "/zwgk/zcwj/shiji/")
    with in_schema_of(here), transaction.atomic():
        page = explain("解读市级办法")
        row = InterpretedDocument(page=page, address=f" {address} ")
        row.clean()
        row.save()
        InterpretationPage.objects.get(pk=page.pk).save_revision().publish()

    assert (row.document, row.site, row.site_page, row.address) == (None, portal.uuid, document.pk, address)
    html = get(here, "/zwgk/zcjd/jd/")
    assert f'<a href="{address}">市级办法</a>' in html
    assert "太原市人民政府网站" in html

    back = re.search(r'<section class="interpretations".*?</section>', get(portal, "/zwgk/zcwj/shiji/"), re.DOTALL)
    assert back
    assert f'<a class="row-title" href="{selectors.site_url(here, "/zwgk/zcjd/jd/")}">解读市级办法</a>' in back[0]
    assert f"{here.name}网站" in back[0]
    assert "form-tag" not in back[0]

    with in_schema_of(portal), transaction.atomic():
        document.unpublish()
    assert "市级办法</a>" not in get(here, "/zwgk/zcjd/jd/")
    with in_schema_of(portal), transaction.atomic():
        document.save_revision().publish()
    with in_schema_of(here), transaction.atomic():
        InterpretationPage.objects.get(pk=page.pk).unpublish()
    assert "解读市级办法" not in get(portal, "/zwgk/zcwj/shiji/")


def test_a_document_published_after_its_interpretation_shows_it(sites: Sites) -> None:
    """S22: both are prepared together; whichever is published first, they are tied in the end, and no longer when one is deleted."""
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        document = publish_document("办法")
        document.unpublish()
        explain("先公布的解读", document)
    assert Relation.objects.count() == 0
    assert "办法</a>" not in get(here, "/zwgk/zcjd/jd/")

    with in_schema_of(here), transaction.atomic():
        document.save_revision().publish()

    assert "先公布的解读" in get(here, "/zwgk/zcwj/text/")
    assert Relation.objects.count() == 1
    with in_schema_of(here), transaction.atomic():
        InterpretationPage.objects.get().delete()
    assert Relation.objects.count() == 0
    assert "先公布的解读" not in get(here, "/zwgk/zcwj/text/")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "请选择本站的一个文件"),
        ("javascript:alert(1)", "请填写以 http:// 或 https:// 开头的网址"),
        ("http://xiaodian.localhost/zwdt/yaowen/article/", "不是本市网站上已公开的文件"),
        ("http://xiaodian.localhost/nothing/", "不是本市网站上已公开的文件"),
        ("https://elsewhere.example/a", "只能指向本市各网站"),
    ],
)
def test_what_is_no_document_of_the_city_is_refused(sites: Sites, address: str, words: str) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        publish_article("要闻")
        row = InterpretedDocument(page=explain(), address=address)

        with pytest.raises(ValidationError, match=words):
            row.clean()
        assert InterpretedDocument.objects.count() == 0


def test_the_sites_own_address_becomes_its_own_document(sites: Sites) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        document = publish_document("办法")
        row = InterpretedDocument(page=explain(), address="/zwgk/zcwj/text/")

        row.clean()

    assert (row.document_id, row.address, row.site, row.site_page) == (document.pk, "", None, None)


def test_elements_and_questions_are_shown_found_and_read_by_machines(sites: Sites) -> None:
    """S22: the elements of an interpretation and its questions; what is empty is not shown; nothing typed becomes markup."""
    _, here, _ = sites
    with in_schema_of(here):
        page = explain(
            background="原办法已满五年。\n上位法有变化。",
            benefits="停车前三十分钟免费。",
            questions=(("夜间收费吗？", "不收费。\n</script><b>二十二时起</b>免费。"), ("谁来管？", "街道。")),
        )
        body = Projection.objects.get(page_id=page.pk, tenant__uuid=here.uuid).body

    html = get(here, "/zwgk/zcjd/jd/")

    shown = re.search(r'<div class="prose explained">.*?</div>', html, re.DOTALL)
    assert shown
    assert re.findall(r"<h2>(.*?)</h2>", shown[0]) == ["背景依据", "惠民利民举措"]
    assert re.findall(r"<p>(.*?)</p>", shown[0]) == ["原办法已满五年。", "上位法有变化。", "停车前三十分钟免费。"]
    faq = described(html, "FAQPage")
    assert [entry["name"] for entry in faq["mainEntity"]] == ["夜间收费吗？", "谁来管？"]
    assert faq["mainEntity"][0]["acceptedAnswer"]["text"] == "不收费。\n</script><b>二十二时起</b>免费。"
    assert "<b>二十二时起</b>" not in html
    assert all(words in body for words in ("停车前三十分钟免费", "夜间收费吗", "街道"))


def test_a_page_without_questions_claims_none(sites: Sites) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        explain()

    html = get(here, "/zwgk/zcjd/jd/")

    assert described(html, "FAQPage") is None
    assert described(html, "Article")["headline"] == "解读"
    assert "政策问答" not in html


def test_films_recordings_and_pictures_have_words_and_stay_on_the_host(sites: Sites) -> None:
    """S22: nothing plays by itself, each has its text, all come from the site's own files."""
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        page = explain(kinds=["video", "audio", "pictures"])
        film, sound, image = file("film.mp4"), file("talk.mp3"), picture()
        for place, fields in enumerate(
            (
                {"medium": "picture", "title": "一图看懂", "image": image, "alt": "三步办理：申请、受理、发证。"},
                {"medium": "video", "title": "动画", "file": film, "transcript": "大家好。\n今天讲三件事。"},
                {"medium": "audio", "title": "录音", "file": sound, "transcript": "自七月起施行。"},
            )
        ):
            row = InterpretationMedia(page=page, sort_order=place, **fields)
            row.full_clean()
            row.save()

    html = get(here, "/zwgk/zcjd/jd/")

    video = re.search(r"<video[^>]*>", html)
    assert video
    assert " controls" in video[0]
    assert "autoplay" not in html
    assert re.findall(r"<(?:video|audio)[^>]* src=\"(.*?)\"", html) == [f"/documents/{each.pk}/{each.filename}" for each in (film, sound)]
    assert re.search(r'<img src="(/media/[^"]+)" width="40" height="30" alt="三步办理：申请、受理、发证。"', html)
    assert html.index("“动画”文字稿") < html.index("<p>大家好。</p>") < html.index("<p>今天讲三件事。</p>")
    main = html[html.index("<main") : html.index("</main>")]
    assert not re.findall(r'(?:src|poster)="(?:https?:)?//', main)


def test_a_film_has_captions_or_its_editor_is_warned(sites: Sites) -> None:
    """S22: who cannot hear reads along; the captions come from the site, as captions and nothing else."""
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        page = explain(kinds=["video"])
        row = InterpretationMedia(page=page, medium="video", title="动画", file=file("film.mp4"), transcript="大家好。")
        row.save()
        told = [line for line in warnings_of(InterpretationPage.objects.get()) if "字幕" in line]
        assert told == ["视频“动画”没有字幕，听不见的读者看不懂：请上传 WebVTT（.vtt）字幕文件，并在视频处选择。"]
    assert "<track" not in get(here, "/zwgk/zcjd/jd/")

    with in_schema_of(here), transaction.atomic():
        words = SiteFile(title="字幕", file=ContentFile("WEBVTT\n\n00:01.000 --> 00:04.000\n大家好。\n".encode(), "film.vtt"))
        words.clean()
        words.save()
        row.captions = words
        row.full_clean()
        row.save()
        assert not [line for line in warnings_of(InterpretationPage.objects.get()) if "字幕" in line]

    address = f"/documents/{words.pk}/{words.filename}"
    html = get(here, "/zwgk/zcjd/jd/")
    assert f'<track kind="captions" srclang="zh" label="中文字幕" src="{address}" default>' in html
    with closing(Client(headers={"host": here.primary_domain}).get(address)) as answer:
        assert b"".join(answer.streaming_content).startswith(b"WEBVTT\n")  # type: ignore[attr-defined] # a file response
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.vtt", b"<script>alert(1)</script>", "第 1 行须是 WEBVTT"), ("b.srt", b"1", "srt")],
)
def test_what_are_no_captions_is_refused_at_upload(sites: Sites, name: str, content: bytes, says: str) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        form = get_document_form(SiteFile)({"title": "字幕"}, {"file": ContentFile(content, name)}, user=None)

        assert not form.is_valid()
        assert says in str(form.errors["file"])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"medium": "video", "file": "film.mp4", "transcript": "文字", "captions": "paper.pdf"}, {"captions"}),
        ({"medium": "audio", "file": "talk.mp3", "transcript": "文字", "captions": "film.vtt"}, {"captions"}),
        ({"medium": "picture", "alt": "说明"}, {"image"}),
        ({"medium": "picture", "alt": " "}, {"image", "alt"}),
        ({"medium": "video", "transcript": "文字"}, {"file"}),
        ({"medium": "video", "file": "film.mp4"}, {"transcript"}),
        ({"medium": "video", "file": "talk.mp3", "transcript": "文字"}, {"file"}),
        ({"medium": "audio", "file": "paper.pdf", "transcript": "文字"}, {"file"}),
    ],
)
def test_what_cannot_be_seen_or_heard_by_all_is_refused(sites: Sites, fields: dict[str, Any], wrong: set[str]) -> None:
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        given = fields | {name: file(fields[name]) for name in ("file", "captions") if name in fields}
        row = InterpretationMedia(page=explain(), **given)

        with pytest.raises(ValidationError) as refused:
            row.clean()

        assert set(refused.value.message_dict) == wrong


def test_the_database_itself_keeps_films_without_words_out(sites: Sites) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        page = explain()

        with pytest.raises(IntegrityError, match="interpretations_media_has_words"), transaction.atomic():
            InterpretationMedia.objects.create(page=page, medium="video", file=file("film.mp4"))
        with pytest.raises(IntegrityError, match="interpretations_kinds_known"), transaction.atomic():
            InterpretationPage.objects.filter(pk=page.pk).update(kinds=["text", "dance"])
        with pytest.raises(IntegrityError, match="interpretations_kinds_known"), transaction.atomic():
            InterpretationPage.objects.filter(pk=page.pk).update(kinds=[])

        assert InterpretationPage.objects.get(pk=page.pk).kinds == ["text"]


def test_a_column_lists_forms_and_documents_and_can_be_narrowed(sites: Sites) -> None:
    """S22: the column shows each text's forms and document, and one form alone; ordinary articles stay in the list."""
    _, here, _ = sites
    with in_schema_of(here):
        document = publish_document("停车办法", doc_no="小政发〔2026〕3号")
        explain("图解停车办法", document, slug="a", kinds=["text", "pictures"], organ="示例机关")
        explain("专家谈停车", document, slug="b", kinds=["expert"])
        publish_article("从前的解读", parent="zcjd")

    def titles(query: str = "") -> list[str]:
        return re.findall(r'<a class="row-title" href="[^"]*">(.*?)</a>', get(here, f"/zwgk/zcjd/{query}"))

    html = get(here, "/zwgk/zcjd/")

    assert titles() == ["从前的解读", "专家谈停车", "图解停车办法"]
    assert (
        html.count('<p class="row-document">解读：<a href="/zwgk/zcwj/text/">停车办法</a><span class="doc-no">（小政发〔2026〕3号）</span>')
        == 2
    )
    assert re.findall(r'<a href="\?kind=(\w+)">[^<]*<span class="count">(\d+)</span>', html) == [
        ("text", "1"),
        ("pictures", "1"),
        ("expert", "1"),
    ]
    assert titles("?kind=pictures") == ["图解停车办法"]
    assert titles("?kind=video") == []
    assert "本栏目没有这种形式的解读" in get(here, "/zwgk/zcjd/?kind=video")
    assert titles("?kind=nonsense") == titles()
    assert Client(headers={"host": here.primary_domain}).get("/zwgk/zcjd/?kind=text&page=9").status_code == 404


@pytest.mark.usefixtures("known_sites")
def test_pages_cost_no_more_with_more_rows(sites: Sites) -> None:
    _, here, _ = sites
    reader = Client(headers={"host": here.primary_domain})
    with in_schema_of(here), transaction.atomic():
        documents = [publish_document(f"办法{number}", slug=f"d{number}") for number in range(3)]
        explain("一", documents[0], slug="one", kinds=["pictures"])
        many = explain("多", *documents, slug="many", questions=tuple((f"问{n}", "答") for n in range(9)))
        for place in range(5):
            InterpretationMedia.objects.create(page=many, sort_order=place, medium="picture", image=picture(), alt="图")
            explain(f"解读{place}", documents[0], slug=f"jd{place}")
        single = explain("单", documents[1], slug="single", questions=(("问", "答"),))
        InterpretationMedia.objects.create(page=single, medium="picture", image=picture(), alt="图")

    def cost(path: str) -> int:
        reader.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(path).status_code == 200
        return 1 + len([query for query in queries if not query["sql"].startswith(BESIDES)])

    costs = {path: cost(path) for path in ("/zwgk/zcjd/single/", "/zwgk/zcjd/many/", "/zwgk/zcjd/", "/zwgk/zcwj/d0/", "/zwgk/zcwj/d2/")}

    assert costs["/zwgk/zcjd/many/"] == costs["/zwgk/zcjd/single/"]
    assert costs["/zwgk/zcwj/d0/"] == costs["/zwgk/zcwj/d2/"]
    assert max(costs.values()) <= MOST_QUERIES, costs


def test_an_answer_shows_what_people_asked_and_how_it_went_on_but_not_staffs_record(sites: Sites) -> None:
    """S26, S27: the focus, the press conference, what came later, other channels; the record of the issue stays inside."""
    _, here, _ = sites
    with in_schema_of(here):
        known = issue("内部：某小区停水舆情", noticed_at=moment("2026-01-05 08:00"), summary="内部研判", source="内部监测")
        page = answer(known, "关于停水的通报", focus="什么时候来水？", form="press", held_at=moment("2026-01-05 15:00"), organ="示例机关")
        for at, text in (("2026-01-05 18:00", "管道更换完成。"), ("2026-01-06 08:00", "恢复供水。")):
            ResponseUpdate.objects.create(page=page, at=moment(at), text=text)

    html = get(here, "/hdjl/hygq/hy/")

    assert "<strong>公众关注：</strong>什么时候来水？" in html
    assert "<dt>回应方式</dt><dd>新闻发布会</dd>" in html
    assert "2026-01-05 15:00" in html
    assert html.index("恢复供水。") < html.index("管道更换完成。")
    assert not any(words in html for words in ("内部研判", "内部监测", "某小区停水舆情"))
    row = Projection.objects.get(page_id=page.pk, tenant__uuid=here.uuid)
    assert (row.tab, "什么时候来水" in row.body) == ("dialogue", True)


def test_sites_do_not_see_each_others_interpretations(sites: Sites) -> None:
    """Two sites with the same page numbers are strangers."""
    _, here, there = sites
    with in_schema_of(here):
        explain("小店的解读", publish_document("小店办法"))
    with in_schema_of(there):
        publish_document("迎泽办法")

    assert "小店的解读" not in get(there, "/zwgk/zcwj/text/")
    assert "小店的解读" not in get(there, "/zwgk/zcjd/")
    assert "小店的解读" in get(here, "/zwgk/zcjd/")
    assert Client(headers={"host": there.primary_domain}).get("/zwgk/zcjd/jd/").status_code == 404
    with in_schema_of(there):
        assert InterpretationPage.objects.count() == 0
