"""Sample consultations: on the portal one that runs and one that was answered, from draft to decision; on each county one that runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from deploy.demo import writing
from deploy.demo.documents import member_of
from deploy.demo.samples import ADDRESS, MARK, NOTE, PHONE
from intake import services as intake
from intake.contract import Purpose
from registry.contract import Kind, TenantRef
from registry.schemas import in_schema_of
from tenants.consultations import services
from tenants.consultations.models import ConsultationHearing, ConsultationOutcome, ConsultationPage, Opinion

ANSWERED, PARKS, LIFTS = "sample-consult-parking", "sample-consult-parks", "sample-consult-lifts"
OUTCOMES = (
    ("建议把免费停车时间延长到三十分钟。", "adopted", "已改为“停车不超过三十分钟的，不收取停车费”。"),
    ("建议夜间停车全部免费。", "partly", "二十二时至次日七时实行优惠收费；全部免费会使泊位被长期占用。"),
    ("建议取消停车收费异议三个工作日内答复的规定。", "declined", "该规定保护停车人的权益，予以保留。"),
)
OPINIONS = {
    ANSWERED: ("十五分钟太短，接送孩子不够。", "晚上停车请免费。", "建议公布每个停车场的收费标准。"),
    PARKS: ("希望早晨六点开放。", "建议增加遮阴的座椅和饮水处。"),
    LIFTS: ("一楼住户的采光怎么补偿？",),
}


def publish_consultations(site: TenantRef) -> int:
    """Put the sample consultations onto a site with the opinions on them; return how many pages were made."""
    with in_schema_of(site), transaction.atomic():
        made = [page for page in _pages(site) if page is not None]
        for page in made:
            services.follow(page, now=timezone.now())
            _send_opinions(page, site)
        return writing.make_findable(site, made)


def _pages(site: TenantRef) -> Iterator[ConsultationPage | None]:
    parent = writing.column("yjzj")
    if parent is None or site.kind is Kind.DEPARTMENT:
        return
    if site.kind is Kind.COUNTY:
        yield writing.put(parent, _lifts(site), LIFTS, days_ago=8)
        return
    yield writing.put(parent, _parks(), PARKS, days_ago=6)
    yield writing.put(parent, _parking(site), ANSWERED, days_ago=95)


def _page(title: str, *, begins: int, days: int, body: tuple[str, ...], **fields: Any) -> ConsultationPage:
    """Return a consultation that began so many days ago; the law does not count the first day."""
    first = timezone.localdate() - timedelta(days=begins)
    period = {"starts_on": first, "ends_on": first + timedelta(days=days)}
    ways = {"address": ADDRESS, "email": "yangli@example.cn", "phone": PHONE, "source": "样例"}
    return ConsultationPage(title=writing.marked(title), body=writing.paragraphs(*body), **period, **ways, **fields)


def _parks() -> ConsultationPage:
    page = _page(
        "《太原市城市公园开放管理办法（草案）》公开征求意见",
        begins=6,
        days=36,
        kind="rule",
        organ="样例园林部门",
        summary="城市公园开放时间、便民设施和文明游园的规定，公开听取社会各界意见。",
        note="城市公园是全体市民的公共空间。草案规定了开放时间、便民设施和文明游园的要求。\n重点听取对开放时间和设施的意见。",
        body=("第一条 城市公园免费向公众开放，每日开放不少于十四小时。", "第二条 公园应当设置座椅、饮水处和无障碍设施。"),
    )
    meeting = {"title": "听证会", "place": "样例会议室", "participants": "居民代表五人、经营者代表二人，报名后抽签产生。"}
    at = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=20)
    page.hearings = [ConsultationHearing(sort_order=0, held_at=at, materials="草案和起草说明，会前七日送达参加人。", **meeting)]
    return page


def _parking(site: TenantRef) -> ConsultationPage:
    draft, final = member_of("sample-parking-draft", site), member_of("sample-parking-change", site)
    page = _page(
        "修改《太原市城市停车管理办法》公开征求意见",
        begins=95,
        days=35,
        kind="rule",
        affects_market=True,
        organ="样例交通部门",
        summary="免费停车时间和夜间停车优惠的修改，意见采纳情况已经公布。",
        note="原办法施行以来，群众希望延长免费停车时间、增加夜间优惠。",
        body=("征求意见稿见本页链接的文件。",),
        feedback="征集期间收到的意见已逐条研究，归纳为三类：采纳一类，部分采纳一类，未采纳一类。",
        offline_count=4,
        draft_document_id=draft.page if draft else None,
        final_target=final.key if final else "",
        final_reference=f"太原市人民政府关于修改《太原市城市停车管理办法》的决定{MARK}" if final else "",
        answered_at=timezone.now() - timedelta(days=45),
    )
    page.outcomes = [
        ConsultationOutcome(sort_order=place, opinion=opinion, adoption=adoption, reason=reason)
        for place, (opinion, adoption, reason) in enumerate(OUTCOMES)
    ]
    return page


def _lifts(site: TenantRef) -> ConsultationPage:
    return _page(
        "既有住宅加装电梯实施方案公开征求意见",
        begins=8,
        days=31,
        kind="other",
        organ=f"{site.short_name}样例街道办事处",
        summary="既有住宅加装电梯的申请条件、费用分摊和补贴办法，公开听取居民意见。",
        note="辖区老旧住宅较多，居民希望加装电梯。方案写明申请条件、费用分摊和补贴办法。",
        body=("一、经依法表决同意的，可以申请加装电梯。", "二、费用由业主协商分摊，按规定给予补贴。"),
    )


def _send_opinions(page: ConsultationPage, site: TenantRef) -> None:
    at = timezone.now() - timedelta(days=5) if page.slug != ANSWERED else timezone.now() - timedelta(days=70)
    for place, text in enumerate(OPINIONS[page.slug]):
        _send(page, site, f"{text}{MARK}", place, at + timedelta(hours=place))


def _send(page: ConsultationPage, site: TenantRef, text: str, place: int, at: datetime) -> None:
    issued = intake.issue_for(f"{site.slug}:{page.slug}:{place}", tenant=site, purpose=Purpose.COMMENT, now=at)
    name, contact = ("样例甲", "yangli@example.cn") if place == 0 else ("", "")
    Opinion.objects.create(consultation=page, number=issued.number, text=f"{text}\n{NOTE}", name=name, contact=contact, received_at=at)
