"""Sample service guides and accounts for every site of the demo, plainly marked; the basis of each guide is a real law."""

import io
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from docx import Document

from deploy.demo import samples
from tenants.channels.models import AccountPage, Post
from tenants.media.models import SiteFile
from tenants.pages.models import ArticlePage, ColumnPage, TextPage
from tenants.services.models import Material, ProcessStep, ServicePage, Window

FORM = "申请表" + samples.MARK
HOURS = "工作日 9:00—12:00，13:00—17:00"
GUIDES: tuple[dict[str, Any], ...] = (
    {
        "title": "企业开办（设立登记）",
        "summary": "设立登记、公章刻制、发票领用、社保登记一次提交。",
        "audiences": ["enterprise"],
        "events": ["founding"],
        "basis": "《中华人民共和国市场主体登记管理条例》",
        "conditions": "有符合规定的名称、住所和经营范围。\n有符合规定的出资人和法定代表人。",
        "materials": (("设立登记申请书", 1, 0, "applicant"), ("住所使用证明", 1, 1, "authority"), ("身份证明", 0, 1, "authority")),
        "steps": (("申请", "在线或者到窗口提交材料。"), ("审核", "材料齐全的当场受理。"), ("领取", "领取营业执照。")),
        "result_name": "营业执照",
        "online_depth": "whole",
    },
    {
        "title": "新生儿出生登记（落户）",
        "summary": "婴儿出生后，由户主、亲属等向常住地户口登记机关申报出生登记。",
        "audiences": ["person"],
        "events": ["birth", "household"],
        "basis": "《中华人民共和国户口登记条例》",
        "conditions": "婴儿已经出生并取得出生医学证明。",
        "materials": (("出生登记申请表", 1, 0, "applicant"), ("出生医学证明", 1, 1, "authority"), ("居民户口簿", 1, 0, "authority")),
        "steps": (("申请", "到窗口提交材料。"), ("办理", "核对后登记。")),
        "result_name": "居民户口簿登记页",
        "online_depth": "review",
    },
    {
        "title": "失业登记",
        "summary": "失业人员在常住地的公共就业服务机构办理失业登记。",
        "audiences": ["person"],
        "events": ["employment"],
        "basis": "《中华人民共和国就业促进法》",
        "conditions": "在法定劳动年龄内，有劳动能力，有就业要求，处于无业状态。",
        "materials": (("失业登记申请表", 1, 0, "applicant"), ("居民身份证或者社会保障卡", 1, 0, "authority")),
        "steps": (("申请", "在线或者到窗口提交。"), ("办理", "核对信息后登记。")),
        "result_name": "失业登记凭证",
        "online_depth": "whole",
    },
    {
        "title": "不动产登记（首次登记）",
        "summary": "不动产权利第一次登记。",
        "audiences": ["person", "enterprise"],
        "events": ["housing"],
        "basis": "《不动产登记暂行条例》",
        "conditions": "不动产权属清楚，界址、空间界限、面积等资料齐全。",
        "materials": (("不动产登记申请书", 1, 0, "applicant"), ("身份证明", 0, 1, "authority"), ("权属来源材料", 1, 0, "applicant")),
        "steps": (("申请", "到窗口提交材料。"), ("审核", "查验材料。"), ("登簿", "记载于登记簿并发证。")),
        "result_name": "不动产权证书",
        "online_depth": "review",
    },
)
ACCOUNTS: dict[str, dict[str, Any]] = {
    "sample-account": {"title": "样例发布" + samples.MARK, "kind": "wechat", "account_id": "sample-news", "opened": 2000, "posts": (1, 4)},
    "sample-weibo": {"title": "样例微博" + samples.MARK, "kind": "weibo", "account_id": "sample-weibo", "opened": 1600, "posts": (37,)},
    "sample-app": {
        "title": "样例掌上通" + samples.MARK,
        "kind": "app",
        "opened": 1500,
        "posts": (),
        "state": "closed",
        "closed": 120,
        "closing_note": "功能并入“样例发布”，关停前三十日已公告。",
    },
}


def publish_guides() -> list[TextPage]:
    """Make what of the samples the current site lacks, and return the pages that search does not know yet."""
    columns = {column.slug: column for column in ColumnPage.objects.filter(slug__in=["bsfw", "xmt"])}
    known = set(ServicePage.objects.exclude(source_id=None).values_list("source_id", flat=True))
    made: list[TextPage] = []
    for number, facts in enumerate(GUIDES, start=1):
        if "bsfw" in columns and f"sample-guide-{number}" not in known:
            made.append(_guide(columns["bsfw"], f"sample-guide-{number}", dict(facts)))
    if "xmt" in columns:
        made += _accounts(columns["xmt"])
    return made


def _guide(column: ColumnPage, source_id: str, facts: dict[str, Any]) -> ServicePage:
    materials, steps = facts.pop("materials"), facts.pop("steps")
    form = _form()
    page = ServicePage(
        **facts | {"title": facts["title"] + samples.MARK, "source": "样例", "organ_name": "样例办理机构", "fee": "free"},
        code=source_id.upper(),
        hours=HOURS,
        phone=samples.PHONE,
        statutory_days=15,
        promised_days=1,
        visits=1,
    )
    page.materials = [
        Material(sort_order=place, name=name, originals=originals, copies=copies, origin=origin, form_file=None if place else form)
        for place, (name, originals, copies, origin) in enumerate(materials)
    ]
    page.steps = [ProcessStep(sort_order=place, name=name, detail=detail) for place, (name, detail) in enumerate(steps)]
    page.windows = [Window(name="样例窗口", address=samples.ADDRESS, phone=samples.PHONE)]
    page.body = [("paragraph", f"<p>{samples.NOTE}</p>")]
    guide: ServicePage = _live(column, page, source_id)
    return guide


def _accounts(column: ColumnPage) -> list[AccountPage]:
    """Make the accounts that the site lacks: one that is fresh, one that has been silent for too long, one that is closed."""
    known = set(AccountPage.objects.exclude(source_id=None).values_list("source_id", flat=True))
    return [_account(column, source_id, dict(facts)) for source_id, facts in ACCOUNTS.items() if source_id not in known]


def _account(column: ColumnPage, source_id: str, facts: dict[str, Any]) -> AccountPage:
    today, posts, closed = timezone.localdate(), facts.pop("posts"), facts.pop("closed", None)
    days = {"opened_date": today - timedelta(days=facts.pop("opened")), "closed_date": today - timedelta(days=closed) if closed else None}
    page = AccountPage(**facts | days, organ_name="样例主办单位", responsible="样例责任科室", source="样例", summary=samples.NOTE)
    account: AccountPage = _live(column, page, source_id)
    texts = list(ArticlePage.objects.live().filter(source_id__startswith="sample-").order_by("-first_published_at")[: len(posts)])
    for at, ago in enumerate(posts):
        text = texts[at] if at < len(texts) else None
        title = text.title if text else f"样例推送{at + 1}"
        Post.objects.create(account=account, posted_date=today - timedelta(days=ago), title=title, page=text)
    return account


def _live(column: ColumnPage, page: Any, source_id: str) -> Any:
    """Put a page in as published: once each for page and revision."""
    page.slug, page.source_id, page.live = source_id, source_id, True
    page.first_published_at = page.last_published_at = timezone.now() - timedelta(days=2)
    column.refresh_from_db()
    column.add_child(instance=page)
    revision = page.save_revision(changed=False, clean=False)
    type(page).objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    return page


def _form() -> SiteFile:
    """Return the blank form of the current site, made once."""
    known: SiteFile | None = SiteFile.objects.filter(title=FORM).first()
    if known:
        return known
    document, target = Document(), io.BytesIO()
    document.add_heading(FORM)
    document.add_paragraph(samples.NOTE)
    document.save(target)
    made: SiteFile = SiteFile.objects.create(title=FORM, file=ContentFile(target.getvalue(), name="sample-form.docx"))
    return made
