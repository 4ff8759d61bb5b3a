"""Sample topic pages of the demo, and what they gather: real texts and sample news of several sites, tagged with topics."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from deploy.demo import writing
from registry.contract import Kind, TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import ArticlePage, DocumentPage
from tenants.pages.services import project
from tenants.topics.models import TopicPage

# Real texts by their titles, with the topics they belong to; tagged wherever the demo put them.
TAGS = {
    "国务院关于做好当前和今后一个时期促进就业工作的若干意见": ("wenjiuye", "bao-jiuye"),
    "国务院办公厅关于有效发挥政府性融资担保基金作用切实支持小微企业和“三农”发展的指导意见": ("wenjinrong", "bao-shichang"),
    "国务院关于促进综合保税区高水平开放高质量发展的若干意见": ("wenwaimao", "wenwaizi"),
    "国务院办公厅关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见": ("tuopin",),
    "国务院办公厅关于印发“无废城市”建设试点工作方案的通知": ("jingtu",),
    "国务院办公厅关于印发国家粮食应急预案的函": ("bao-liangshi-nengyuan",),
    "国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见": ("yingshang",),
    "优化营商环境条例": ("yingshang", "bao-shichang"),
    "失业保险条例": ("wenjiuye", "bao-minsheng"),
    "保障农民工工资支付条例": ("bao-minsheng",),
    "中华人民共和国大气污染防治法": ("lantian",),
    "中华人民共和国水污染防治法": ("bishui",),
    "中华人民共和国土壤污染防治法": ("jingtu",),
}
PAGES = {
    "liuwen": ("六稳", "稳就业、稳金融、稳外贸、稳外资、稳投资、稳预期：政策、解读和各县（市、区）的进展。"),
    "liubao": ("六保", "保居民就业、基本民生、市场主体、粮食能源安全、产业链供应链稳定、基层运转。"),
    "gongjianzhan": ("三大攻坚战", "防范化解重大风险、精准脱贫、污染防治。"),
    "yingshang": ("优化营商环境", "“放管服”改革、承诺制改革、证照分离、“双随机、一公开”监管。"),
}


@dataclass(frozen=True, slots=True)
class News:
    """A sample piece of news with its topics."""

    title: str
    text: str
    topics: tuple[str, ...]
    days_ago: int


NEWS = {
    "taiyuan": News("太原市开展防范非法集资宣传", "通过窗口、社区和校园，讲清非法集资的常见手法和举报渠道。", ("fengxian",), 8),
    "xiaodian": News("小店区举办重点群体专场招聘活动", "组织企业为高校毕业生、农民工等重点群体提供岗位。", ("wenjiuye", "bao-jiuye"), 3),
    "yingze": News("迎泽区推进“一枚印章管审批”改革", "审批事项集中到一个窗口受理，一枚印章办结。", ("yimeiyinzhang",), 5),
    "wanbolin": News("万柏林区上门服务外贸企业", "了解企业出口中的困难，协调通关、融资等事项。", ("wenwaimao",), 7),
    "jinyuan": News("晋源区开展河道清理行动", "清理河道垃圾和漂浮物，巡查入河排污口。", ("bishui",), 6),
    "qingxu": News("清徐县做好粮食收储工作", "公布收购价格和网点，方便农民售粮。", ("bao-liangshi-nengyuan",), 10),
    "yangqu": News("阳曲县加强秸秆综合利用", "推广秸秆还田和打捆离田，减少露天焚烧。", ("lantian",), 11),
    "loufan": News("娄烦县持续巩固脱贫成果", "开展动态监测，帮扶易返贫人口就业增收。", ("tuopin",), 9),
    "rsj": News("市人社局宣传稳岗返还政策", "通过短信和上门告知符合条件的参保企业。", ("wenjiuye",), 4),
}


def publish_topics(site: TenantRef) -> int:
    """Put the site's topic pages and its news, and tag the real texts it has; return how many pages were made or tagged."""
    wanted = PAGES if site.kind is Kind.CITY else {"liuwen": PAGES["liuwen"]}
    with in_schema_of(site), transaction.atomic():
        made = [_news(site), *(_topic(topic, *said) for topic, said in wanted.items())]
        return writing.make_findable(site, made) + _tag(DocumentPage.objects.filter(title__in=TAGS, topics=[]))


def _topic(topic: str, title: str, summary: str) -> TopicPage | None:
    parent = writing.column("zt")
    if parent is None:
        return None
    page = TopicPage(title=writing.marked(title), topic=topic, summary=summary, source="样例", body=writing.paragraphs())
    made: TopicPage | None = writing.put(parent, page, topic, days_ago=20)
    return made


def _news(site: TenantRef) -> ArticlePage | None:
    news, parent = NEWS.get(site.slug), writing.column("yaowen")
    if news is None or parent is None:
        return None
    page = ArticlePage(
        title=writing.marked(news.title),
        summary=news.text,
        source=f"{site.name}网站",
        topics=list(news.topics),
        body=writing.paragraphs(news.text),
    )
    made: ArticlePage | None = writing.put(parent, page, "sample-topic-news", days_ago=news.days_ago)
    return made


def _tag(pages: Iterable[DocumentPage]) -> int:
    tagged = 0
    for page in pages:
        page.topics = list(TAGS[page.title])
        page.save()
        revision = page.save_revision(changed=False, clean=False)
        DocumentPage.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
        project(page)
        tagged += 1
    return tagged
