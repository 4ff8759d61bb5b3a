"""A service guide (办事指南) as a page, its rows, and the events of life by which people look for one."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable

from registry.contract import TenantRef
from registry.selectors import current_tenant
from search.contract import Tab
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS
from tenants.pages.models import TITLE, TextPage
from tenants.pages.panels import ElementPanel, ElementRowsPanel
from tenants.services import blocks, composing
from tenants.services.contract import ELEMENT_LABELS, Audience, Depth, Element, Fee, Origin

ORGAN_NAME_LENGTH = 100


def _asked(element: Element) -> dict[str, Any]:
    """Return what marks the field or the rows of a key element while the guide lacks it."""
    return {"element": element, "basis": f"{ELEMENT_LABELS[element]}，检查要求的重点要素"}


class LifeEvent(models.Model):
    """An event in the life of a person or an enterprise, by which guides are found."""

    code = models.SlugField("代码", max_length=30, unique=True, help_text="小写字母、数字和连字符；办事指南按它归类，用过后不要改。")
    label = models.CharField("名称", max_length=20)
    audience = models.CharField("对象", max_length=12, choices=Audience.choices)
    position = models.PositiveSmallIntegerField("次序", default=100)
    is_offered = models.BooleanField("使用", default=True, help_text="不再使用的取消勾选，已归类的办事指南不受影响。")

    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        EDITORS: ("view",),
        REVIEWERS: ("view",),
        ADMINISTRATORS: ("view", "add", "change"),
        AUDITORS: ("view",),
    }

    class Meta:
        verbose_name = verbose_name_plural = "生命周期事件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="services_event_audience_known"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.get_audience_display()}：{self.label}"


class ServicePage(TextPage):
    """A guide to one service: what it takes, where, how long, what it costs."""

    code = models.CharField("事项编码", max_length=60, blank=True, help_text="国家政务服务事项编码；批量导入时据此更新，不会重复。")
    organ_name = models.CharField(
        "办理机构", max_length=ORGAN_NAME_LENGTH, blank=True, help_text="例：小店区行政审批局。选了机构页面的可留空。"
    )
    organ = models.ForeignKey(
        "organs.OrganPage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="机构页面",
        help_text="选择本网站的机构，页面上链接到它；不选时，名称与某个机构相同的自动链接。",
    )
    audiences = ArrayField(models.CharField(max_length=12), verbose_name="服务对象", default=list, blank=True)
    events = ArrayField(models.CharField(max_length=30), verbose_name="生命周期事件", default=list, blank=True)
    basis = models.TextField("设定依据", blank=True, help_text="法律法规名称和条款，一条一行。")
    conditions = models.TextField("申请条件", blank=True, help_text="一条一行。")
    needs_no_material = models.BooleanField("无需提交材料", default=False)
    fee = models.CharField("是否收费", max_length=10, choices=Fee.choices, blank=True)
    fee_standard = models.TextField("收费标准和依据", blank=True, help_text="收费的，写明标准和依据。")
    hours = models.CharField("办理时间", max_length=200, blank=True, help_text="例：工作日 9:00—17:00；窗口各不相同的填在窗口里。")
    phone = models.CharField("咨询电话", max_length=60, blank=True)
    complaint_phone = models.CharField("监督投诉电话", max_length=60, blank=True)
    statutory_days = models.PositiveSmallIntegerField("法定办结时限（工作日）", null=True, blank=True, help_text="即时办结填 0。")
    promised_days = models.PositiveSmallIntegerField("承诺办结时限（工作日）", null=True, blank=True, help_text="不能长于法定时限。")
    visits = models.PositiveSmallIntegerField("到现场次数", null=True, blank=True, help_text="一次也不用去填 0。")
    online_depth = models.CharField("网办深度", max_length=10, choices=Depth.choices, blank=True)
    entry = models.CharField("在线办理入口", max_length=300, blank=True, help_text="https:// 开头的地址，或以 / 开头的本站路径。")
    result_name = models.CharField("办理结果", max_length=100, blank=True, help_text="例：营业执照。")
    result_sample = models.ForeignKey("media.SiteFile", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="结果样本")

    questions = StreamField(blocks.QuestionsBlock(required=False), verbose_name="常见问题", blank=True)

    own_tab = Tab.SERVICE
    exclude_fields_in_copy: ClassVar[list[str]] = ["code"]

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        MultiFieldPanel(
            [
                FieldPanel("code"),
                FieldRowPanel([ElementPanel("organ_name", **_asked(Element.ORGAN)), FieldPanel("organ")]),
                FieldPanel("audiences"),
                FieldPanel("events"),
                FieldPanel("summary"),
            ],
            heading="事项",
        ),
        ElementPanel("basis", **_asked(Element.BASIS)),
        ElementPanel("conditions", **_asked(Element.CONDITIONS)),
        ElementRowsPanel("materials", label="材料", heading="办理材料", **_asked(Element.MATERIALS)),
        FieldPanel("needs_no_material"),
        ElementRowsPanel("steps", label="环节", heading="办理流程", **_asked(Element.STEPS)),
        ElementRowsPanel("windows", label="窗口", heading="办理地点", **_asked(Element.PLACE)),
        MultiFieldPanel(
            [
                ElementPanel("hours", **_asked(Element.HOURS)),
                FieldRowPanel([FieldPanel("statutory_days"), FieldPanel("promised_days")]),
                FieldRowPanel([ElementPanel("phone", **_asked(Element.PHONE)), FieldPanel("complaint_phone")]),
            ],
            heading="时间和电话",
        ),
        MultiFieldPanel([ElementPanel("fee", **_asked(Element.FEES)), FieldPanel("fee_standard")], heading="收费"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("online_depth"), FieldPanel("visits")]),
                FieldPanel("entry"),
                FieldRowPanel([FieldPanel("result_name"), FieldPanel("result_sample")]),
            ],
            heading="网上办理和结果",
        ),
        FieldPanel("questions"),
        FieldPanel("body", heading="补充说明"),
        FieldPanel("attachments"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "办事指南"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(code=""),
                name="services_one_guide_a_code",
                violation_error_message="这个事项编码已有办事指南，请到那一篇里修改。",
            ),
            models.CheckConstraint(
                condition=models.Q(promised_days__isnull=True)
                | models.Q(statutory_days__isnull=True)
                | models.Q(promised_days__lte=models.F("statutory_days")),
                name="services_promise_within_law",
                violation_error_message="承诺办结时限不能长于法定办结时限。",
            ),
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the guide as tables, each with its anchor."""
        return composing.guide(self, request)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return a service of the government, with where and how it is done."""
        return [composing.described(self, tenant, url)]

    @override
    def clean(self) -> None:
        """Keep the chosen organ's name as words, and refuse an entry that leads over an open line.

        Raises:
            ValidationError: the entry is neither https nor on the site itself.

        """
        super().clean()
        if self.organ is not None and not self.organ_name:
            self.organ_name = self.organ.title[:ORGAN_NAME_LENGTH]
        if self.entry and not _is_safe_entry(self.entry):
            raise ValidationError({"entry": "在线办理入口要以 https:// 开头，或是以 / 开头的本站路径。"})

    @override
    def search_text(self) -> str:
        """Return all that a reader sees of the guide, a paragraph a line."""
        return "\n".join(line for line in [*composing.lines_of(self), super().search_text()] if line)

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return the organ, and what a result's card shows."""
        return {"issuer": self.organ_name, "card": composing.card_of(self)}

    @override
    def file_ids(self) -> list[int]:
        """Return the numbers of the forms, samples and files below the text, each once."""
        of_rows = [pk for row in self.materials.all() for pk in (row.form_file_id, row.sample_file_id) if pk]
        result = [self.result_sample_id] if self.result_sample_id else []
        return list(dict.fromkeys([*of_rows, *result, *super().file_ids()]))

    @cached_property
    def shown_windows(self) -> list["Window"]:
        """The windows, asked for once while the page is shown."""
        return list(self.windows.all())

    @property
    def missing_elements(self) -> tuple[Element, ...]:
        """The key elements the guide lacks."""
        windows = list(self.windows.all())
        rows = composing.RowsThere(
            materials=bool(self.materials.all()),
            steps=bool(self.steps.all()),
            places=any(window.address for window in windows),
            hours=any(window.hours for window in windows),
            phones=any(window.phone for window in windows),
        )
        return composing.missing_of(self, rows)


class Material(Orderable):
    """A document the applicant hands in."""

    service = ParentalKey(ServicePage, on_delete=models.CASCADE, related_name="materials")
    name = models.CharField("材料名称", max_length=120)
    originals = models.PositiveSmallIntegerField("原件份数", default=1)
    copies = models.PositiveSmallIntegerField("复印件份数", default=0)
    origin = models.CharField("来源", max_length=12, choices=Origin.choices, default=Origin.APPLICANT.value)
    form_file = models.ForeignKey("media.SiteFile", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="空白表格")
    sample_file = models.ForeignKey("media.SiteFile", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="填写样表")
    note = models.CharField("要求", max_length=200, blank=True)

    panels: ClassVar[list[Any]] = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("originals"), FieldPanel("copies"), FieldPanel("origin")]),
        FieldRowPanel([FieldPanel("form_file"), FieldPanel("sample_file")]),
        FieldPanel("note"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "办理材料"

    @override
    def __str__(self) -> str:
        return self.name


class ProcessStep(Orderable):
    """A step on the way from handing in to the result."""

    service = ParentalKey(ServicePage, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField("环节", max_length=40)
    detail = models.TextField("做什么", blank=True)
    time_limit = models.CharField("时限", max_length=40, blank=True)

    panels: ClassVar[list[Any]] = [FieldRowPanel([FieldPanel("name"), FieldPanel("time_limit")]), FieldPanel("detail")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "办理环节"

    @override
    def __str__(self) -> str:
        return self.name


class Window(Orderable):
    """Where the service is done in person."""

    service = ParentalKey(ServicePage, on_delete=models.CASCADE, related_name="windows")
    name = models.CharField("窗口名称", max_length=80)
    address = models.CharField("地址", max_length=150, blank=True)
    hours = models.CharField("办理时间", max_length=120, blank=True)
    phone = models.CharField("电话", max_length=60, blank=True)
    route = models.CharField("交通指引", max_length=200, blank=True, help_text="公交、地铁、停车等。")

    panels: ClassVar[list[Any]] = [
        FieldPanel("name"),
        FieldPanel("address"),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("phone")]),
        FieldPanel("route"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "办理窗口"

    @override
    def __str__(self) -> str:
        return self.name


def _is_safe_entry(address: str) -> bool:
    """Whether an address is https, a path of the site, or on the site's own host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return address.startswith("/") and "\\" not in address
    tenant = current_tenant()
    is_own = tenant is not None and parts.hostname == tenant.primary_domain
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_own))
