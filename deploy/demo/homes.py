"""Sample home pages: the portal's is put together from blocks, others show the layouts that are ready."""

import json
from typing import Any

from django.db import transaction
from wagtail.models import Page

from deploy.demo import writing
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.contract import HomeLayout
from tenants.pages.models import HomePage

COMPOSED = "taiyuan"
# The three layouts; the others have what their blueprints say.
LAYOUTS = {"yingze": HomeLayout.NEWS, "xiaodian": HomeLayout.SERVICES, "jyj": HomeLayout.OPENNESS}
FIGURES = (("市辖区", "6", "个"), ("县", "3", "个"), ("县级市", "1", "个"))
LINKS = (
    ("中国政府网", "https://www.gov.cn/"),
    ("国家行政法规库", "https://xzfg.moj.gov.cn/"),
    ("山西省人民政府", "http://www.shanxi.gov.cn/"),
    ("国家企业信用信息公示系统", "https://www.gsxt.gov.cn/"),
)


def compose_home(site: TenantRef) -> bool:
    """Give a site its home page; return whether that changed anything. One that is put together from blocks already stays."""
    with in_schema_of(site), transaction.atomic():
        home = HomePage.objects.first()
        wanted = LAYOUTS.get(site.slug, home.layout if home else "")
        if home is None or home.blocks or (site.slug != COMPOSED and home.layout == wanted):
            return False
        if site.slug == COMPOSED:
            home.blocks = json.dumps(_blocks(), ensure_ascii=False)
        home.layout = wanted
        home.save_revision(clean=False).publish()
        return True


def _blocks() -> list[dict[str, Any]]:
    pages = dict(Page.objects.live().filter(slug__in=_NAMED).values_list("slug", "pk"))
    columns = {slug: found.pk for slug in ("yaowen", "tzgg", "zcwj", "zcjd", "hygq", "tjxx") if (found := writing.column(slug))}
    pictures = [
        {"image": writing.picture(name, writing.marked(title)).pk, "alt": alt, "title": title, "page": pages.get(page)}
        for name, title, alt, page in PICTURES
    ]
    blocks = [
        ("lead", {"page": pages.get("sample-jobs"), "pictures": pictures, "columns": _of(columns, "yaowen", "tzgg"), "rows": 7}),
        ("lists", {"columns": _of(columns, "zcwj", "zcjd"), "rows": 8, "across": "2"}),
        ("services", {"title": "办事服务", "rows": 8}),
        ("topics", {"title": "专题专栏", "rows": 4}),
        ("lists", {"columns": _of(columns, "hygq", "tjxx"), "rows": 5, "across": "2"}),
        ("figures", {"title": "市情数据", "period": "2023年", "source": "国家统计局统计用区划代码", "figures": _figures()}),
        ("leaders", {"title": "", "rows": 8}),
        ("links", {"title": "相关网站", "links": [{"title": title, "page": None, "url": url} for title, url in LINKS]}),
    ]
    return [{"type": kind, "value": value} for kind, value in blocks]


PICTURES = (
    ("city", "样例风光：城市与河流", "插画：远山、楼群和一条河，河边有树。", "sample-1"),
    ("hall", "政务服务大厅设综合窗口", "插画：大厅里有综合受理、企业开办、社会保障三个窗口，有人正在办事。", "sample-2"),
)
_NAMED = ("sample-jobs", *(page for *_, page in PICTURES))


def _of(columns: dict[str, int], *slugs: str) -> list[int]:
    return [columns[slug] for slug in slugs if slug in columns]


def _figures() -> list[dict[str, str]]:
    return [{"label": label, "value": value, "unit": unit} for label, value, unit in FIGURES]
