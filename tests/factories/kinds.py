"""A site with a page of every kind, and the address of each: for what must hold on all of them."""

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.channels.models import AccountPage
from tenants.interpretations.models import InterpretationMedia
from tenants.letters.models import AnswerPage
from tenants.media.models import SiteImage
from tenants.openness.models import AnnualReportPage, GuidePage
from tenants.organs.models import OrganPage
from tenants.pages.composing import path_of
from tenants.pages.contract import HomeLayout
from tenants.pages.models import HomePage
from tenants.topics.models import TopicPage
from tests.factories.consultations import consult
from tests.factories.guides import file, post, publish, publish_account, publish_guide
from tests.factories.interpretations import answer, explain, issue, moment
from tests.factories.organs import COMPLETE, item, organ, power_list
from tests.factories.pages import publish_article, publish_document

TEXT = "第一章　总则\n第一条　为了便民，制定本办法。\n第二条　停车场应当有序。\n第二章　附则\n第三条　本办法自公布之日起施行。"
# What a site shows without a text of its own.
VIEWS: Mapping[str, str] = {
    "site map": "/site-map/",
    "reading aids": "/reading-aids/",
    "document library": "/wenjianku/",
    "search": "/search/?q=停车",
    "search without a question": "/search/",
    "search API": "/search/api/",
    "search feedback": "/search/feedback/",
    "form for a letter": "/letters/write/",
    "receipt of a letter": "/letters/receipt/",
    "form to ask for a letter": "/letters/query/",
}
COLUMNS: Mapping[str, str] = {
    "column of columns": "/zwgk/",
    "column of articles": "/zwdt/yaowen/",
    "column of notices": "/zwdt/tzgg/",
    "column of documents": "/zwgk/zcwj/",
    "column of interpretations": "/zwgk/zcjd/",
    "column of organs": "/zwgk/jgzn/",
    "column of leaders": "/zwgk/ldxx/",
    "column of power lists": "/zwgk/qzqd/",
    "openness platform": "/zfxxgk/",
    "openness guide": "/zfxxgk/zhinan/",
    "openness regulations": "/zfxxgk/zhidu/",
    "openness tree": "/zfxxgk/fdzdgk/",
    "an entry of the openness tree": "/zfxxgk/fdzdgk/?item=20-01",
    "annual reports": "/zfxxgk/nianbao/",
    "application for openness": "/zfxxgk/ysqgk/",
    "column of services": "/bsfw/",
    "column of accounts": "/xmt/",
    "column of topics": "/zt/",
    "column of dialogue": "/hdjl/",
    "column of consultations": "/hdjl/yjzj/",
    "column of letters": "/hdjl/lx/",
}


def publish_every_kind(site: TenantRef) -> dict[str, str]:
    """Publish a page of every type on a site and return all its kinds of pages, each with an address."""
    with in_schema_of(site):
        attached = [("file", file("停车场名录", "list.txt")), ("file", file("停车收费标准", "fees.txt"))]
        topic: dict[str, Any] = {"topics": ["wenjiuye"]}
        document = publish_document("停车管理办法", TEXT, slug="parking", doc_no="小政发〔2026〕1号", attachments=attached, **topic)
        body = [("paragraph", "<p>十一月一日开始。</p>"), ("image", {"image": picture(), "alt": "热源厂", "caption": "热源厂"})]
        office = _organ()
        texts = {
            "document": document,
            "article": publish_article("冬季供暖", slug="heating", body=body, attachments=attached, **topic),
            "interpretation": explain(
                "停车办法解读", document, slug="explained", kinds=["questions"], questions=(("收费吗？", "不收费。"),)
            ),
            "response": answer(issue(noticed_at=moment("2026-01-31 08:00")), "停水情况回应", slug="answered"),
            "consultation": consult("停车征求意见", slug="consulted", draft_document=document),
            "answer to a letter": publish(_answer(), "lx"),
            "service guide": publish_guide(form=file()),
            "topic": publish(TopicPage(title="六稳专题", slug="liuwen", topic="liuwen", summary="样例说明。", live=False), "zt"),
            "guide to openness": publish(GuidePage(title="公开指南", slug="guide", office="样例办公室", live=False), "zhinan"),
            "annual report": publish(AnnualReportPage(title="2025年工作年度报告", slug="report", year=2025, live=False), "nianbao"),
            "organ": office,
            "power list": power_list(office, item()),
            "account": _account(),
        }
        InterpretationMedia.objects.create(page=texts["interpretation"], medium="picture", image=picture(), alt="一图读懂")
        _compose_home()
        return {"home": "/", **COLUMNS, **{name: path_of(page) for name, page in texts.items()}, **VIEWS}


def picture() -> SiteImage:
    """Upload a picture to the current site."""
    stream = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(stream, "PNG")
    made: SiteImage = SiteImage.objects.create(title="滨河步道", file=ContentFile(stream.getvalue(), name="path.png"))
    return made


def _organ() -> OrganPage:
    leader = {"name": "样例甲", "post": "局长", "division": "主持全面工作。", "photo": picture()}
    return organ("小店区教育局", slug="jyj", leaders=(leader,), units=({"name": "办公室", "duty": "综合。"},), **COMPLETE)


def _answer() -> AnswerPage:
    asked, told = "在哪里办居住证？", "请到社区服务站办理。"
    days = {"received_date": dt.date(2026, 1, 5), "answered_date": dt.date(2026, 1, 7)}
    return AnswerPage(title="办居住证", slug="permit", question=asked, answer=told, organ_name="样例局", live=False, **days)


def _account() -> AccountPage:
    account = publish_account(qr=picture())
    post(account, "2026-01-05")
    return account


def _compose_home() -> None:
    with transaction.atomic():
        home = HomePage.objects.get()
        home.layout = HomeLayout.NEWS
        home.save_revision().publish()
