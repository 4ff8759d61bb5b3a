"""Sample organs of a demo site, every one marked: its government and an office, their leaders, a power list in two versions."""

from datetime import timedelta

from django.utils import timezone

from deploy.demo.samples import ADDRESS, MARK, NOTE, PHONE
from registry.contract import Kind, TenantRef
from tenants.organs.models import InnerUnit, OrganLeader, OrganPage, PowerItem, PowerListPage, PowerVersion
from tenants.pages.contract import ColumnType
from tenants.pages.models import ColumnPage

HOURS = "工作日 9:00—12:00，13:00—17:00（样例）"
UNIT, SUPERVISION = "样例业务科室", "责任事项：依法履行受理、审查、决定、送达和事后监管责任。\n监督方式：样例监督电话。"
STEPS = "受理。\n审查。\n决定。\n送达。"
PERMIT = {
    "code": "样例-XK-001",
    "kind": "permit",
    "name": "民办学校设立、分立、合并、变更、终止许可",
    "unit": UNIT,
    "supervision": SUPERVISION,
}
# The basis of each is a real law; the numbers and the units are samples.
KEPT: tuple[dict[str, str], ...] = (
    {"code": "样例-XK-002", "kind": "permit", "name": "校车使用许可", "basis": "《校车安全管理条例》第十五条", "process": STEPS},
    {"code": "样例-QR-001", "kind": "confirmation", "name": "教师资格认定", "basis": "《中华人民共和国教师法》第十三条", "process": STEPS},
    {
        "code": "样例-JL-001",
        "kind": "reward",
        "name": "对优秀教师的奖励",
        "basis": "《中华人民共和国教师法》第三十三条",
        "process": "推荐。\n评审。\n公示。\n表彰。",
    },
)
PENALTY = {
    "code": "样例-CF-001",
    "kind": "penalty",
    "name": "对擅自举办民办学校的处罚",
    "basis": "《中华人民共和国民办教育促进法》第六十四条",
    "process": "立案。\n调查。\n告知。\n决定。\n送达。",
}
SERVICE = {
    "code": "样例-FW-001",
    "kind": "service",
    "name": "义务教育招生入学咨询",
    "basis": "《中华人民共和国义务教育法》",
    "process": "咨询。\n答复。",
}
OLDER = (PERMIT | {"basis": "《中华人民共和国民办教育促进法》第十一条", "process": "受理。\n审查。\n决定。"}, *KEPT, PENALTY)
NEWER = (PERMIT | {"basis": "《中华人民共和国民办教育促进法》第十二条", "process": STEPS}, *KEPT, SERVICE)
DUTIES = ("（一）贯彻执行有关法律、法规和政策。", "（二）拟订本领域规划和规范性文件并组织实施。", "（三）依法公开本机关政府信息。")
LEADING, PART = "主持全面工作。", "协助主要负责人工作，分管样例领域。"
GOVERNMENT = (("样例甲", "主要负责人"), ("样例乙", "负责人"), ("样例丙", "负责人"), ("样例丁", "负责人"))


def publish_organs_of(site: TenantRef) -> int:
    """Publish the samples where the site has a column for organs and no organ yet; return how many pages were made."""
    column = ColumnPage.objects.filter(column_type=ColumnType.ORGANS).live().order_by("path").first()
    if column is None or OrganPage.objects.exists():
        return 0
    if site.kind is Kind.DEPARTMENT:
        _organ(column, site.name, slug="bjg", kind="department", position=1, leaders=GOVERNMENT)
        return 1
    _organ(column, site.name, slug="zf", kind="government", position=1, leaders=GOVERNMENT)
    _organ(column, f"{site.short_name}人民政府办公室", slug="bgs", kind="department", position=5, leaders=(("样例戊", "主任"),))
    office = _organ(
        column, f"{site.short_name}教育局", slug="jyj", kind="department", position=10, leaders=(("样例己", "局长"), ("样例庚", "副局长"))
    )
    page = PowerListPage(title=f"{site.short_name}教育局权责清单{MARK}", slug="qzqd", live=False)
    office.add_child(instance=page)
    year = timezone.localdate().year
    for edition, checked, items in ((year - 1, 380, OLDER), (year, 20, NEWER)):
        page.edition, page.checked_on = f"{edition}年版", timezone.localdate() - timedelta(days=checked)
        page.items = [_item(facts, place) for place, facts in enumerate(items)]
        page.save_revision(clean=False).publish()
        page = PowerListPage.objects.get(pk=page.pk)
    PowerVersion.objects.filter(page=page, number=1).update(published_at=timezone.now() - timedelta(days=380))
    return 4


def _item(facts: dict[str, str], place: int) -> PowerItem:
    return PowerItem(sort_order=place, **{"unit": UNIT, "supervision": SUPERVISION} | facts)


def _organ(column: ColumnPage, name: str, *, slug: str, kind: str, position: int, leaders: tuple[tuple[str, str], ...]) -> OrganPage:
    page = OrganPage(
        title=f"{name}{MARK}",
        slug=slug,
        kind=kind,
        position=position,
        body=[("paragraph", f"<p>{text}</p>") for text in (NOTE, *DUTIES)],
        address=ADDRESS,
        hours=HOURS,
        phone=PHONE,
        openness_unit="样例工作机构",
        source="样例",
        live=False,
    )
    page.units = [
        InnerUnit(sort_order=0, name="办公室", duty="负责日常运转和政府信息公开工作。", phone=PHONE),
        InnerUnit(sort_order=1, name="样例业务科室", duty="负责样例领域的业务工作。", phone=PHONE),
    ]
    page.leaders = [
        OrganLeader(sort_order=place, name=who, post=post, division=PART if place else LEADING, resume=f"{who}，样例简历。")
        for place, (who, post) in enumerate(leaders)
    ]
    column.refresh_from_db()
    column.add_child(instance=page)
    page.save_revision(clean=False).publish()
    published: OrganPage = OrganPage.objects.get(pk=page.pk)
    return published
