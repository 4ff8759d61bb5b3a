"""Sample organs of a demo site, every one marked: its government and an office, their leaders, a power list in two versions."""

from deploy.demo.samples import ADDRESS, MARK, NOTE, PHONE
from registry.contract import Kind, TenantRef
from tenants.organs.models import InnerUnit, OrganLeader, OrganPage, PowerItem, PowerListPage
from tenants.pages.contract import ColumnType
from tenants.pages.models import ColumnPage

HOURS = "工作日 9:00—12:00，13:00—17:00（示例）"
OLDER = (
    PowerItem(code="样例-XK-001", kind="permit", name="民办学校设立许可（示例）", basis="示例依据", unit="示例处室"),
    PowerItem(code="样例-CF-001", kind="penalty", name="违规办学行为处罚（示例）", basis="示例依据", unit="示例处室"),
)
NEWER = (
    PowerItem(
        code="样例-XK-001",
        kind="permit",
        name="民办学校设立许可（示例）",
        basis="示例依据（修订）",
        unit="示例处室",
        process="受理。\n审查。\n决定。\n送达。",
        supervision="示例监督方式。",
    ),
    PowerItem(code="样例-FW-001", kind="service", name="入学信息咨询（示例）", basis="示例依据", unit="示例处室"),
)


def publish_organs_of(site: TenantRef) -> int:
    """Publish the samples where the site has a column for organs and no organ yet; return how many pages were made."""
    column = ColumnPage.objects.filter(column_type=ColumnType.ORGANS).live().order_by("path").first()
    if column is None or OrganPage.objects.exists():
        return 0
    if site.kind is Kind.DEPARTMENT:
        _organ(column, site.name, slug="bjg", kind="department", position=1, leaders=(("样例甲", "主要负责人"), ("样例乙", "负责人")))
        return 1
    _organ(column, site.name, slug="zf", kind="government", position=1, leaders=(("样例甲", "主要负责人"), ("样例乙", "负责人")))
    office = _organ(
        column, f"{site.short_name}教育局", slug="jyj", kind="department", position=10, leaders=(("样例丙", "局长"), ("样例丁", "副局长"))
    )
    page = PowerListPage(title=f"{site.short_name}教育局权责清单{MARK}", slug="qzqd", edition="示例版", live=False)
    office.add_child(instance=page)
    for items in (OLDER, NEWER):
        page.items = [_copy(item, place) for place, item in enumerate(items)]
        page.save_revision(clean=False).publish()
        page = PowerListPage.objects.get(pk=page.pk)
    return 3


def _copy(item: PowerItem, place: int) -> PowerItem:
    return PowerItem(sort_order=place, **item.row())


def _organ(column: ColumnPage, name: str, *, slug: str, kind: str, position: int, leaders: tuple[tuple[str, str], ...]) -> OrganPage:
    page = OrganPage(
        title=f"{name}{MARK}",
        slug=slug,
        kind=kind,
        position=position,
        body=[("paragraph", f"<p>{NOTE}</p>")],
        address=ADDRESS,
        hours=HOURS,
        phone=PHONE,
        openness_unit="示例工作机构",
        source="示例",
        live=False,
    )
    page.units = [InnerUnit(sort_order=0, name="办公室（示例）", duty="负责日常运转和政府信息公开工作。", phone=PHONE)]
    page.leaders = [
        OrganLeader(sort_order=place, name=who, post=post, division="示例分工。", resume="示例简历。")
        for place, (who, post) in enumerate(leaders)
    ]
    column.refresh_from_db()
    column.add_child(instance=page)
    page.save_revision(clean=False).publish()
    published: OrganPage = OrganPage.objects.get(pk=page.pk)
    return published
