"""Regions, cities, sites and their domains; in `public`, once for all."""

import uuid
from typing import ClassVar

from django.db import models
from django_tenants.models import TenantMixin
from typing_extensions import override

from registry.contract import (
    FILING_LABELS,
    HOST,
    IDENTIFIER,
    KIND_LABELS,
    SCHEMA_NAME,
    SLUG,
    STATE_LABELS,
    DomainPurpose,
    FilingKind,
    Kind,
    State,
)

_HOST_FORM = HOST.pattern.replace(r"(?=.{1,253}\Z)", "")  # the column limits the length; PostgreSQL knows no `\Z`


def _choices(labels: dict[Kind, str] | dict[State, str]) -> list[tuple[str, str]]:
    return [(key.value, label) for key, label in labels.items()]


class Region(models.Model):  # type: ignore[django-manager-missing] # django-tenants' base has no types
    """An administrative division by its code of the statistics bureau: 6 digits to county level, 9 below it."""

    class Level(models.TextChoices):
        """The tiers of government."""

        PROVINCE = "province", "省级"
        CITY = "city", "地级"
        COUNTY = "county", "县级"
        TOWNSHIP = "township", "乡级"

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    kind = models.CharField("类型", max_length=20, blank=True)
    slug = models.CharField("拼音", max_length=80)
    is_admin = models.BooleanField("行政区划", default=True, help_text="统计用区划（如开发区）不是行政区划。")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级")

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"

    @override
    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class City(models.Model):  # type: ignore[django-manager-missing] # as above
    """A city and all the sites run together with it."""

    slug = models.CharField("标识", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    region = models.OneToOneField(Region, models.PROTECT, verbose_name="行政区划")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "城市"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(slug__regex=rf"^{SLUG.pattern}$"), name="registry_city_slug_form"),
        ]

    @override
    def __str__(self) -> str:
        return self.name


class Tenant(TenantMixin):
    """One government site and the schema its tables live in."""

    auto_create_schema = False  # provisioning clones schemas; a save never does
    auto_drop_schema = False

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.CharField("标识", max_length=40, unique=True)
    name = models.CharField("站点名称", max_length=100)
    short_name = models.CharField("简称", max_length=40)
    kind = models.CharField("类别", max_length=12, choices=_choices(KIND_LABELS))
    state = models.CharField("状态", max_length=12, choices=_choices(STATE_LABELS), default=State.PREPARING.value)
    city = models.ForeignKey(City, models.PROTECT, related_name="tenants", verbose_name="城市")
    region = models.ForeignKey(Region, models.PROTECT, related_name="tenants", verbose_name="行政区划")
    theme = models.CharField("主题", max_length=40)
    identifier = models.CharField("网站标识码", max_length=20, blank=True)
    is_identifier_unusual = models.BooleanField("标识码格式例外", default=False)
    organizer = models.CharField("主办单位", max_length=100, blank=True)
    undertaker = models.CharField("承办单位", max_length=100, blank=True)
    contact_phone = models.CharField("联系电话", max_length=40, blank=True)
    contact_address = models.CharField("地址", max_length=120, blank=True)
    icp = models.CharField("ICP备案编号", max_length=40, blank=True)
    police_record = models.CharField("公安备案号", max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Tenant"]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(schema_name__regex=rf"^{SCHEMA_NAME.pattern}$"), name="registry_tenant_schema_form"),
            models.CheckConstraint(condition=models.Q(slug__regex=rf"^{SLUG.pattern}$"), name="registry_tenant_slug_form"),
            models.CheckConstraint(
                condition=models.Q(identifier="")
                | models.Q(identifier__regex=rf"^({IDENTIFIER.pattern})$")
                | models.Q(is_identifier_unusual=True),
                name="registry_tenant_identifier_form",
            ),
            models.CheckConstraint(condition=models.Q(state__in=[state.value for state in State]), name="registry_tenant_state_known"),
            models.CheckConstraint(condition=models.Q(kind__in=[kind.value for kind in Kind]), name="registry_tenant_kind_known"),
            models.UniqueConstraint(fields=["city"], condition=models.Q(kind=Kind.CITY.value), name="registry_one_portal_per_city"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.name}（{self.slug}）"


class Domain(models.Model):
    """A host name of a site: one primary and any number of aliases for readers, one for editors."""

    domain = models.CharField("域名", max_length=253, unique=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="domains", verbose_name="站点")
    purpose = models.CharField(
        "用途", max_length=8, choices=[(p.value, p.value) for p in DomainPurpose], default=DomainPurpose.PUBLIC.value
    )
    is_primary = models.BooleanField("主域名", default=False)
    redirect_until = models.DateTimeField("跳转截止", null=True, blank=True, help_text="旧域名到此时为止转到主域名；空：长期有效。")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "域名"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "purpose"], condition=models.Q(is_primary=True), name="registry_one_primary_domain"),
            models.CheckConstraint(condition=models.Q(domain__regex=rf"^{_HOST_FORM}$"), name="registry_domain_form"),
            models.CheckConstraint(
                condition=models.Q(is_primary=False) | models.Q(redirect_until=None), name="registry_primary_domain_stays"
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.domain


class Filing(models.Model):
    """One of the five papers a site needs before it opens: number, date, and a copy that no reader can reach."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="filings", verbose_name="站点")
    kind = models.CharField("手续", max_length=12, choices=[(kind.value, label) for kind, label in FILING_LABELS.items()])
    number = models.CharField("编号", max_length=60)
    issued_on = models.DateField("日期")
    file = models.CharField("文件", max_length=200, blank=True, help_text="相对于备案文件目录的路径。")
    sha256 = models.CharField("文件校验值", max_length=64, blank=True)
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "开办手续"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="registry_one_filing_of_a_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=[kind.value for kind in FilingKind]), name="registry_filing_kind_known"),
            models.CheckConstraint(condition=~models.Q(number=""), name="registry_filing_has_a_number"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tenant_id} {self.kind} {self.number}"


class Outage(models.Model):
    """A time for which a site was announced to be away; the clock takes it off and brings it back, no job has to."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="outages", verbose_name="站点")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    reason = models.CharField("原因", max_length=200)
    announced_at = models.DateTimeField("申请时间")
    cancelled_at = models.DateTimeField("提前结束", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "临时下线"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="registry_outage_in_order"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tenant_id} {self.starts_at} – {self.ends_at}"


class GreyPeriod(models.Model):
    """A time in which pages are shown without colour: of one site, or (no site) of all sites of a city; the clock begins and ends it."""

    city = models.ForeignKey(City, models.CASCADE, related_name="grey_periods", verbose_name="城市")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, blank=True, related_name="grey_periods", verbose_name="站点")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    reason = models.CharField("事由", max_length=200)
    set_by = models.CharField("设置人", max_length=150)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "灰度显示"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="registry_grey_in_order"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="registry_grey_has_a_reason"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tenant_id or 'all'} {self.starts_at} – {self.ends_at}"


class Closure(models.Model):
    """How a site was closed: why, where its readers go, where its archive lies, and from when it may be purged."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, related_name="closure", verbose_name="站点")
    reason = models.CharField("原因", max_length=200)
    notice_url = models.URLField("公告地址", max_length=400)
    redirect_to = models.URLField("转到", max_length=400, blank=True)
    archive = models.JSONField("归档")
    closed_at = models.DateTimeField("关闭时间")
    purge_from = models.DateField("可清除日期")
    receipt = models.JSONField("回执", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "关停记录"

    @override
    def __str__(self) -> str:
        return f"{self.tenant_id} {self.closed_at}"


class DirectoryVersion(models.Model):
    """One row; a trigger raises its number whenever a site or a domain changes, so that every process can tell its copy is old."""

    number = models.BigIntegerField(default=0)

    @override
    def __str__(self) -> str:
        return str(self.number)
