"""Sample content of the openness platform: the guide, yearly reports, and columns that fulfil the tree in time, late or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from catalogues.contract import Kind as Catalogue
from deploy.demo import writing
from deploy.demo.samples import ADDRESS, PHONE
from registry.contract import Kind, TenantRef
from registry.schemas import in_schema_of
from tenants.openness.models import AnnualReportPage, Fulfilment, GuidePage
from tenants.openness.services import set_fulfilments
from tenants.pages.contract import ColumnType
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage
from tenants.topics.models import TopicPage

REGULATION = "reg-484ad57b41"  # 政府信息公开条例


@dataclass(frozen=True, slots=True)
class Branch:
    """A column below the statutory tree and the sample text in it; none of that age is an empty column."""

    slug: str
    title: str
    kind: ColumnType
    text: str = ""
    days_ago: int | None = None
    update_days: int | None = None


BRANCHES = (
    Branch("ghjh", "规划计划", ColumnType.PLANNING, "国民经济和社会发展年度计划要点", 60),
    Branch("tjxx", "统计信息", ColumnType.DATA, "主要指标月度简表", 25),
    Branch("czyjs", "财政预决算", ColumnType.OTHER, "部门预算公开说明", 130, 90),  # its own deadline is over
    Branch("rsxx", "人事信息", ColumnType.PERSONNEL, "公务员招考公告", 410),  # the rule's deadline is over
    Branch("zdxm", "重大项目", ColumnType.OTHER, "重大建设项目批准和实施情况", 18),
    Branch("xzzf", "行政执法", ColumnType.OTHER, "“双随机、一公开”抽查结果公示", 15),
    Branch("shjz", "社会救助", ColumnType.OTHER, "最低生活保障标准和申请程序", 45),
    Branch("yjya", "应急预案", ColumnType.OTHER),  # blank
)


def publish_openness(site: TenantRef) -> int:
    """Put guide, reports and rules onto a site, and the tree's columns onto a government's; return how many texts were made."""
    with in_schema_of(site), transaction.atomic():
        made = [*_parts(site), *(_branches() if site.kind is not Kind.DEPARTMENT else ())]
        count = writing.make_findable(site, made)
        _name_fulfilments(site)
        return count


def _parts(site: TenantRef) -> Iterator[GuidePage | AnnualReportPage | ArticlePage | None]:
    if guide := writing.column("zhinan"):
        yield writing.put(guide, _guide(site), "sample-guide", days_ago=30)
    if reports := writing.column("nianbao"):
        last = timezone.localdate().year - 1
        for year in (last, last - 1):
            yield writing.put(reports, _report(site, year, ""), f"sample-report-{year}", days_ago=(last - year) * 365 + 240)
        if site.kind is Kind.CITY:
            yield writing.put(reports, _report(site, last, "太原市教育局"), f"sample-report-{last}-jyj", days_ago=250)
    if rules := writing.column("zhidu"):
        yield writing.put(rules, _rules(), "sample-rules", days_ago=200)


def _guide(site: TenantRef) -> GuidePage:
    return GuidePage(
        title=writing.marked(f"{site.name}政府信息公开指南"),
        source=f"{site.name}网站",
        summary="本机关主动公开哪些信息、怎样查找、怎样申请。",
        classification="按机构职能、政策文件、规划计划、统计信息、财政信息、行政许可等分类，依发布时间编排。",
        access="本网站“政府信息公开”专栏；样例政务服务大厅查阅点。",
        office="样例政务公开办公室",
        address=ADDRESS,
        hours="工作日 9:00—12:00，13:00—17:00（样例）",
        phone=PHONE,
        fax="无",
        internet="通过本网站“依申请公开”提出申请",
        application="一、填写申请表，写明姓名或者名称、身份证明、联系方式，所需信息的名称、文号或者便于查询的特征，以及获取方式。\n"
        "二、当面、邮寄或者在线提交。\n三、本机关自收到申请之日起二十个工作日内答复；需要延长的，书面告知。",
        fees="不收取费用；申请的数量、频次明显超过合理范围的，可以收取信息处理费。",
        remedies="认为本机关未依法履行公开义务的，可以向上一级行政机关或者政府信息公开工作主管部门投诉、举报，"
        "也可以依法申请行政复议或者提起行政诉讼。",
        body=writing.paragraphs(),
    )


def _report(site: TenantRef, year: int, organ: str) -> AnnualReportPage:
    table = {
        "data": [["信息内容", "本年新制作", "本年废止", "现行有效"], ["规章", "0", "0", "0"], ["行政规范性文件", "0", "0", "0"]],
        "first_row_is_table_header": True,
        "first_col_is_header": True,
        "table_header_choice": "both",
    }
    chapters = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况")
    rest = ("五、存在的主要问题及改进情况", "六、其他需要报告的事项")
    body = writing.paragraphs(f"本报告按规定格式编制，统计期限自{year}年1月1日起至12月31日止；表中数字均为样例。")
    for chapter in chapters + rest:
        body.append(("heading", {"text": chapter, "level": "2"}))
        body.append(("table", table) if chapter == chapters[1] else ("paragraph", "<p>样例内容。</p>"))
    title = f"{organ or site.name}{year}年政府信息公开工作年度报告"
    return AnnualReportPage(title=writing.marked(title), year=year, organ=organ, source=f"{organ or site.name}网站", body=body)


def _rules() -> ArticlePage:
    regulation = DocumentPage.objects.live().filter(source_id=REGULATION).first()
    link = f'<a linktype="page" id="{regulation.pk}">全文</a>' if regulation else "全文见国家行政法规库"
    return ArticlePage(
        title=writing.marked("政府信息公开有关法规和制度"),
        source="样例",
        body=writing.paragraphs(
            f"一、《中华人民共和国政府信息公开条例》：{link}。", "二、政府信息公开属性源头认定、保密审查和年度报告制度（样例）。"
        ),
    )


def _branches() -> Iterator[ArticlePage | None]:
    tree = ColumnPage.objects.filter(column_type=ColumnType.CATALOGUE).order_by("path").first()
    for branch in BRANCHES if tree else ():
        column = ColumnPage.objects.child_of(tree).filter(slug=branch.slug).first()
        if column is None:
            tree.refresh_from_db()
            facts = {"responsible": "样例责任科室", "update_days": branch.update_days, "show_in_menus": False}
            column = tree.add_child(instance=ColumnPage(title=branch.title, slug=branch.slug, column_type=branch.kind, **facts))
        if branch.days_ago is not None:
            page = ArticlePage(title=writing.marked(branch.text), source="样例", body=writing.paragraphs("样例内容。"))
            yield writing.put(column, page, f"sample-{branch.slug}", days_ago=branch.days_ago)


def _name_fulfilments(site: TenantRef) -> None:
    """Say which pages fulfil the entry on people's livelihood, where nobody said it: a topic and the measures it gathers."""
    if Fulfilment.objects.exists():
        return
    names = Page.objects.live().filter(slug__in=["liubao", "liuwen", "sample-jobs", "sample-jobs-plan", "sample-school"]).order_by("path")
    pages = [page for page in names if isinstance(page.specific, TopicPage | DocumentPage)]
    if pages:
        set_fulfilments(site, kind=Catalogue.STATUTORY, code="20-11", pages=pages, by="demo")
