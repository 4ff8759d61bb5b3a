"""Sample interpretations in several forms, each tied to a document of the demo, and an answer to public opinion with its clock.

What is said of a real document is taken from its text. Nobody is invented: people are called 样例甲 and so on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from deploy.demo import writing
from deploy.demo.documents import member_of
from deploy.demo.samples import MARK, NOTE
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import site_url
from search.models import Projection
from tenants.interpretations import services
from tenants.interpretations.models import (
    InterpretationChannel,
    InterpretationMedia,
    InterpretationPage,
    InterpretationQuestion,
    InterpretedDocument,
    PublicIssue,
    ResponseChannel,
    ResponsePage,
    ResponseUpdate,
)

SITES_REFORM = "pol-4ee75ba612"  # 国办函〔2018〕71号, which the demo always takes
WECHAT, BROADCAST, PAPER = ("wechat", "样例发布"), ("broadcast", "样例广播电台"), ("newspaper", "样例日报")


@dataclass(frozen=True, slots=True)
class Recording:
    """A film or a recording: its file, its title, its words, and for a film the picture before it begins."""

    file: str
    title: str
    transcript: tuple[str, ...]
    poster: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sample interpretation: of which document of the portal, in which forms, with what on its page."""

    name: str
    document: str
    title: str
    days_ago: int
    kinds: tuple[str, ...]
    summary: str
    body: tuple[str, ...] = ()
    elements: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[tuple[str, str], ...] = ()
    pictures: tuple[tuple[str, str, str], ...] = ()  # file, title, what it shows
    recordings: tuple[Recording, ...] = ()
    channels: tuple[tuple[str, str], ...] = ()
    topics: tuple[str, ...] = ()


EXPLANATIONS = (
    Explanation(
        "sample-explain-jobs",
        "pol-4d9e4925d2",
        "一图读懂：稳就业政策给企业和个人带来什么",
        4,
        ("text", "pictures", "questions"),
        "稳岗返还、创业贷款、就业见习、常住地失业登记，一图看明白。",
        elements={
            "background": "国务院印发《关于做好当前和今后一个时期促进就业工作的若干意见》（国发〔2018〕39号），把稳就业放在更加突出位置。",
            "content": "支持企业稳定发展，鼓励支持就业创业，积极实施培训，及时开展下岗失业人员帮扶。",
            "benefits": "不裁员或少裁员的参保企业，可返还上年度实际缴纳失业保险费的50%。\n"
            "符合条件的人员自主创业的，可申请最高不超过15万元的创业担保贷款。",
            "terms": "就业见习：组织16—24岁失业青年参加3—12个月的岗位实践，按规定给予就业见习补贴。",
        },
        questions=(
            (
                "在外地打工失业了，要回老家登记吗？",
                "不用。失业人员可在常住地公共就业服务机构办理失业登记，申请享受当地就业创业服务和就业扶持政策。",
            ),
            ("小微企业能贷多少？", "当年新招用符合条件的人员达到现有在职职工人数25%的，可申请最高不超过300万元的创业担保贷款。"),
        ),
        pictures=(
            (
                "jobs",
                "一图读懂稳就业政策",
                "企业稳岗返还50%；个人创业担保贷款最高15万元，小微企业最高300万元；就业见习3至12个月；失业登记在常住地办理。",
            ),
        ),
        channels=(WECHAT, BROADCAST),
        topics=("wenjiuye", "bao-jiuye"),
    ),
    Explanation(
        "sample-explain-parking",
        "sample-parking-change",
        "漫画：停车新规改了什么",
        38,
        ("text", "comic", "leader"),
        "免费停车时间延长到三十分钟，夜间停车有优惠。",
        elements={
            "background": "《太原市城市停车管理办法》（样例）施行以来，群众希望延长免费时间。",
            "differences": "免费停车时间由十五分钟延长为三十分钟。\n新增二十二时至次日七时的优惠收费。",
            "cautions": "收费标准以停车场公示牌为准；有异议的，可以拨打样例热线。",
        },
        pictures=(("parking", "停车新规四格漫画", "四格：进场自动识别车牌；三十分钟内免费；夜间实行优惠价；离场扫码付费。"),),
        channels=(WECHAT, PAPER),
    ),
    Explanation(
        "sample-explain-jobs-film",
        "sample-jobs",
        "视频和音频解读：促进就业若干措施",
        10,
        ("video", "audio"),
        "稳岗返还、创业贷款、就业见习，看一看、听一听。",
        recordings=(
            Recording(
                "jobs.mp4",
                "促进就业若干措施视频解读",
                (
                    "样例视频：四幅字幕画面，每幅开头有一声提示音，没有人声。",
                    "措施一，稳岗返还：不裁员或者少裁员的参保企业，返还失业保险费。",
                    "措施二，创业贷款：自主创业的，可以申请创业担保贷款。",
                    "措施三，就业见习：失业青年参加三至十二个月见习，给予补贴。",
                ),
                "jobs-film",
            ),
            Recording(
                "jobs.mp3", "促进就业若干措施音频解读", ("样例音频：四声由低到高再回到低的提示音，没有人声，用来演示播放和文字稿。",)
            ),
        ),
        channels=(BROADCAST,),
        topics=("wenjiuye", "bao-jiuye"),
    ),
    Explanation(
        "sample-explain-tax",
        "pol-d3011b64dc",
        "政策问答：个人所得税专项附加扣除怎么算",
        16,
        ("questions",),
        "子女教育、继续教育、大病医疗、住房、赡养老人，逐项问答。",
        elements={
            "scope": "子女教育、继续教育、大病医疗、住房贷款利息或者住房租金、赡养老人等6项专项附加扣除。",
            "cautions": "需要留存备查的相关资料应当留存五年。",
        },
        questions=(
            ("孩子上学能扣多少？", "每个子女每月1000元。父母可以由一方扣100%，也可以各扣50%，一个纳税年度内不能变更。"),
            ("租房能扣多少？", "省会城市每月1500元；其他城市按市辖区户籍人口，每月1100元或者800元。"),
            ("赡养老人怎么扣？", "独生子女每月2000元；非独生子女与兄弟姐妹分摊，每人每月不超过1000元。"),
        ),
        channels=(WECHAT,),
        topics=("bao-minsheng",),
    ),
    Explanation(
        "sample-explain-nursery",
        "pol-bd708a30e3",
        "专家解读：小区配套幼儿园为什么要治理",
        23,
        ("text", "expert"),
        "配套幼儿园是公共服务设施，应当办成公办园或者普惠性民办园。",
        ("样例甲（专家）：城镇小区配套建设幼儿园是城镇公共服务设施建设的重要内容，是扩大普惠性学前教育资源的重要途径。",),
        {
            "standards": "移交后办成公办园或委托办成普惠性民办园，不得办成营利性幼儿园。",
            "goals": "确保规划、建设、移交、办园各环节到位。",
        },
        topics=("bao-minsheng",),
    ),
    Explanation(
        "sample-explain-waste",
        "pol-92e4fb74b2",
        "新闻发布会：“无废城市”建设试点怎样推进",
        29,
        ("text", "press"),
        "固体废物源头减量、资源化利用、无害化处置。",
        ("发布人样例乙介绍了试点的目标和任务，并回答了记者提问。",),
        {
            "terms": "“无废城市”并不是没有固体废物产生，而是一种先进的城市管理理念。",
            "goals": "固体废物产生量最小、资源化利用充分、处置安全。",
        },
        channels=(("press", "样例新闻发布会"),),
        topics=("jingtu",),
    ),
    Explanation(
        "sample-explain-random",
        "pol-fb744a8adc",
        "在线访谈：“双随机、一公开”对企业意味着什么",
        34,
        ("text", "talk"),
        "减少对企业正常经营的干预，抽查结果向社会公开。",
        ("主持人与嘉宾样例丙就企业关心的问题作了交流。",),
        {"content": "随机抽取检查对象，随机选派执法检查人员，抽查情况及查处结果及时向社会公开。", "benefits": "对守法者“无事不扰”。"},
        topics=("yingshang",),
    ),
)
# What every site explains: the same text, which stands on the portal.
ON_EVERY_SITE = Explanation(
    "sample-explain-sites",
    SITES_REFORM,
    "政府网站为什么要集约化",
    3,
    ("text",),
    "统一技术、统一安全、统一检索，内容仍由各单位负责。",
    ("集约化是把分散建设的网站迁到统一平台。对公众来说，最直接的变化是一处检索即可找到全市各网站的信息。",),
    {"background": "国务院办公厅印发《政府网站集约化试点工作方案》（国办函〔2018〕71号）。"},
)


def publish_interpretations(site: TenantRef, *, portal: TenantRef) -> int:
    """Put the sample interpretations onto a site, the portal's seven and the one that all sites have; return how many were made."""
    wanted = (*EXPLANATIONS, ON_EVERY_SITE) if site.uuid == portal.uuid else (ON_EVERY_SITE,)
    with in_schema_of(site), transaction.atomic():
        made = list(_interpretations(wanted, site, portal))
        count = writing.make_findable(site, made)
        for page in made:
            services.follow(page)
    return count


def _interpretations(wanted: tuple[Explanation, ...], site: TenantRef, portal: TenantRef) -> Iterator[InterpretationPage]:
    parent = writing.column("zcjd")
    for each in wanted:
        document = member_of(each.document, portal)
        if parent is None or document is None:
            continue
        row = Projection.objects.only("path").get(pk=document.key)
        tie: dict[str, Any] = {"document_id": document.page}
        if site.uuid != portal.uuid:
            tie = {"address": site_url(portal, row.path), "site": document.site, "site_page": document.page}
        page = writing.put(parent, _interpretation(each, tie, site), each.name, days_ago=each.days_ago)
        if page is not None:
            yield page


def _interpretation(each: Explanation, tie: dict[str, Any], site: TenantRef) -> InterpretationPage:
    page = InterpretationPage(
        title=writing.marked(each.title),
        kinds=list(each.kinds),
        organ="样例起草部门",
        interpreter="样例甲",
        interpreter_post="主要负责人",
        source=f"{site.name}网站",
        summary=each.summary,
        topics=list(each.topics),
        body=writing.paragraphs(*each.body),
        **each.elements,
    )
    day = timezone.localdate() - timedelta(days=each.days_ago)
    page.interpreted = [InterpretedDocument(sort_order=0, **tie)]
    page.questions = [InterpretationQuestion(sort_order=at, question=asked, answer=told) for at, (asked, told) in enumerate(each.questions)]
    page.media = [
        InterpretationMedia(sort_order=at, medium="picture", title=title, image=writing.picture(name, writing.marked(title)), alt=shows)
        for at, (name, title, shows) in enumerate(each.pictures)
    ] + [_recorded(at, recording) for at, recording in enumerate(each.recordings, start=len(each.pictures))]
    page.channels = [
        InterpretationChannel(
            sort_order=at, channel=channel, outlet=outlet, published_on=day, proof=writing.proof(f"{outlet}发布记录（样例）")
        )
        for at, (channel, outlet) in enumerate(each.channels)
    ]
    return page


def _recorded(at: int, recording: Recording) -> InterpretationMedia:
    title, is_film = writing.marked(recording.title), recording.file.endswith(".mp4")
    captions = recording.file.replace(".mp4", ".vtt")
    return InterpretationMedia(
        sort_order=at,
        medium="video" if is_film else "audio",
        title=title,
        file=writing.recording(recording.file, title),
        transcript="\n".join(recording.transcript),
        image=writing.picture(recording.poster, f"{title}封面") if recording.poster else None,
        captions=writing.recording(captions, f"{title}字幕") if is_film else None,
    )


def publish_response(site: TenantRef) -> int:
    """Answer one issue on a site and leave another waiting; return how many pages were made."""
    parent = writing.column("hygq")
    if parent is None or PublicIssue.objects.filter(title__endswith=MARK).exists():
        return 0
    now = timezone.now()
    known = {"source": "网民留言", "organ": "样例责任单位", "summary": NOTE}
    answered = PublicIssue.objects.create(
        title=writing.marked("夜间停车收费被质疑"), kind="opinion", noticed_at=now - timedelta(days=5, hours=6), **known
    )
    PublicIssue.objects.create(title=writing.marked("某小区供热温度不足"), kind="opinion", noticed_at=now - timedelta(hours=20), **known)
    page = ResponsePage(
        title=writing.marked("关于夜间停车收费问题的回应"),
        issue=answered,
        focus="夜间停车为什么也收费？多收的钱退不退？",
        form="statement",
        organ="样例责任单位",
        source=f"{site.name}网站",
        summary="已责成停车场按新规执行夜间优惠，多收的费用原路退回。",
        body=writing.paragraphs(
            "经核查，个别停车场没有及时更新收费系统，仍按原标准收取夜间停车费。", "已责成其当日改正，多收的费用三日内原路退回。"
        ),
    )
    page.updates = [ResponseUpdate(sort_order=0, at=now - timedelta(days=2), text="多收的停车费已经全部退回。")]
    page.channels = [
        ResponseChannel(
            sort_order=0,
            channel=WECHAT[0],
            outlet=WECHAT[1],
            published_on=timezone.localdate() - timedelta(days=4),
            proof=writing.proof(f"{WECHAT[1]}发布记录（样例）"),
            reads=1200,
            shares=36,
        )
    ]
    return writing.make_findable(site, [writing.put(parent, page, "sample-response", days_ago=4)])
