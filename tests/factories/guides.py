"""Service guides and accounts of a site, made inside its schema."""

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from tenants.channels.models import AccountPage, Post
from tenants.media.models import SiteFile
from tenants.pages.models import ColumnPage
from tenants.services.models import Material, ProcessStep, ServicePage, Window

WHOLE = {
    "organ_name": "小店区样例审批局",
    "audiences": ["enterprise"],
    "events": ["founding"],
    "basis": "《市场主体登记管理条例》第三条",
    "conditions": "有名称\n有住所",
    "fee": "free",
    "hours": "工作日 9:00—17:00",
    "phone": "0351-0000000",
    "statutory_days": 15,
    "promised_days": 1,
    "visits": 0,
    "online_depth": "whole",
    "entry": "https://zw.example/kaiban",
    "result_name": "营业执照",
}


def file(title: str = "设立登记申请书", name: str = "form.txt", content: bytes = b"form") -> SiteFile:
    """Return a file of the current site."""
    made: SiteFile = SiteFile.objects.create(title=title, file=ContentFile(content, name=name))
    return made


def publish_guide(
    title: str = "企业开办", *, slug: str = "guide", parent: str = "bsfw", form: SiteFile | None = None, **fields: Any
) -> ServicePage:
    """Publish a guide with all ten elements in the current site; `fields` changes or empties them."""
    page = ServicePage(title=title, slug=slug, live=False, **WHOLE | fields)
    page.materials = [
        Material(sort_order=0, name="设立登记申请书", originals=1, form_file=form),
        Material(sort_order=1, name="住所使用证明", originals=1, copies=1, origin="authority"),
    ]
    page.steps = [
        ProcessStep(sort_order=0, name="申请", detail="在线提交"),
        ProcessStep(sort_order=1, name="领取", time_limit="1 个工作日"),
    ]
    page.windows = [Window(name="企业开办专窗", address="示例路1号一层", hours="工作日 9:00—17:00", phone="0351-0000001")]
    page.questions = [("question", {"question": "可以代办吗？", "answer": "可以。"})]
    published: ServicePage = publish(page, parent)
    return published


def publish_bare_guide(title: str, *, slug: str, parent: str = "bsfw", **fields: Any) -> ServicePage:
    """Publish a guide of which only the name is known."""
    published: ServicePage = publish(ServicePage(title=title, slug=slug, live=False, **fields), parent)
    return published


def publish_account(title: str = "样例发布", *, slug: str = "account", parent: str = "xmt", **fields: Any) -> AccountPage:
    """Publish an account in the current site."""
    page = AccountPage(title=title, slug=slug, live=False, **{"organ_name": "小店区政府办"} | fields)
    published: AccountPage = publish(page, parent)
    return published


def post(account: AccountPage, day: str, title: str = "一条消息", **fields: Any) -> Post:
    """Register a post."""
    return Post.objects.create(account=account, posted_date=day, title=title, **fields)


def publish(page: Any, parent: str) -> Any:
    """Publish a page below a column of the current site."""
    with transaction.atomic():
        ColumnPage.objects.get(slug=parent).add_child(instance=page)
        page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)  # publishing worked on another copy
