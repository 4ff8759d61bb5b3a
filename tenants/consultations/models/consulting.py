"""A consultation: what is drafted, how long people may comment and how, and what became of their opinions."""

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from registry.contract import TenantRef
from rules.contract import Mark
from search.contract import Card, Category, Tab
from tenants.consultations import composing
from tenants.consultations.contract import MISSING, Adoption, Kind, Status, phases_of, status_of
from tenants.pages.describing import first_sentences
from tenants.pages.models import TITLE, TextPage
from tenants.pages.panels import ElementPanel, MissingPanel


class ConsultationPage(TextPage):
    """A draft on which the public is heard (意见征集)."""

    kind = models.CharField("征集类别", max_length=12, choices=Kind.choices, default=Kind.DECISION)
    affects_market = models.BooleanField(
        "与市场主体生产经营活动密切相关", default=False, help_text="涉及企业、个体工商户等的，征集期限另有规定。"
    )
    organ = models.CharField("起草单位", max_length=100, blank=True, help_text="起草的部门、乡镇人民政府或街道办事处全称。")
    # A draft may lack them, what is published may not: the form asks, as it does for every field that is not `blank`.
    starts_on = models.DateField("征集开始日期", null=True)
    ends_on = models.DateField("征集截止日期", null=True, help_text="当天仍可提意见，24时止。")
    short_reason = models.TextField("缩短期限的理由", blank=True, help_text="期限短于规定时必填，会在页面上公开。")
    note = models.TextField("起草说明", blank=True, help_text="背景、依据、主要内容和要解决的问题，与草案一并公布。")
    draft_document = models.ForeignKey(
        "pages.DocumentPage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="已发布的征求意见稿",
        help_text="草案已作为公文发布的，选择该公文；否则写在正文或作为附件。",
    )
    is_online = models.BooleanField("可在网上提意见", default=True, help_text="选中后，征集期间页面上有填写意见的表单。")
    address = models.CharField("通信地址", max_length=200, blank=True, help_text="含邮政编码，信封上注明的字样也写在这里。")
    email = models.CharField("电子邮箱", max_length=100, blank=True, validators=[EmailValidator("请填写完整的电子邮箱地址。")])
    phone = models.CharField("联系电话", max_length=60, blank=True, help_text="含区号。")
    feedback = models.TextField("意见采纳情况说明", blank=True, help_text="征集截止后填写总体采纳情况；没有收到意见的也要说明。")
    offline_count = models.PositiveIntegerField(
        "其他渠道收到的意见数", default=0, help_text="信函、邮件、电话、座谈会等收到的条数；网上提交的由系统统计。"
    )
    final_reference = models.CharField(
        "正式文件", max_length=300, blank=True, help_text="公布后填写发文字号、完整标题或网页地址；该文件页面会链接到本次征集。"
    )
    final_target = models.CharField(max_length=80, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)  # when the page first said what became of the opinions

    member_fields: ClassVar[tuple[str, ...]] = ("final_target",)  # holds a page's key, so an export names what it leads to
    own_tab = Tab.DIALOGUE
    content_panels: ClassVar[list[Any]] = [
        MissingPanel(),
        TITLE,
        FieldPanel("subtitle"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), ElementPanel("organ")]),
                FieldPanel("affects_market"),
                FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
                FieldPanel("short_reason"),
            ],
            heading="征集事项与期限",
        ),
        ElementPanel("note"),
        FieldPanel("draft_document"),
        FieldPanel("body", heading="征求意见稿正文"),
        FieldPanel("attachments", heading="征求意见稿及其他附件"),
        MultiFieldPanel(
            [FieldPanel("is_online"), FieldPanel("address"), FieldRowPanel([FieldPanel("email"), FieldPanel("phone")])],
            heading="提意见的方式",
        ),
        InlinePanel("hearings", heading="听证会、座谈会", label="会议"),
        MultiFieldPanel([FieldPanel("feedback"), FieldPanel("offline_count")], heading="意见采纳情况"),
        InlinePanel("outcomes", heading="逐条采纳情况", label="意见"),
        FieldPanel("final_reference"),
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "意见征集"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="consultations_ends_after_it_starts"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="consultations_kind_known"),
        ]

    @override
    def with_content_json(self, content: dict[str, Any]) -> "ConsultationPage":
        """Return the page with a draft's content; when it was answered is what the page says, as with its publication."""
        page: ConsultationPage = super().with_content_json(content)
        page.answered_at = self.answered_at
        return page

    @override
    def clean(self) -> None:
        """Refuse a period that ends before it begins; whether it is long enough, the editor's form asks.

        Raises:
            ValidationError: it does.

        """
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "截止日期早于开始日期，请改正。"})

    def lacks_reason(self) -> str:
        """Return what an editor reads whose period is shorter than the law says, without a reason; nothing where it is right."""
        short = composing.too_short(self)
        is_law = short is not None and short.mark == Mark.LAW
        return f"{short.text}如需缩短，请在此写明理由并公开。" if short and is_law and not self.short_reason.strip() else ""

    @property
    def is_answered(self) -> bool:
        """Whether the page says what became of the opinions."""
        return bool(self.feedback.strip() or self.outcomes.all())

    def status(self, today: dt.date) -> Status:
        """Return how it stands on a day."""
        return status_of(self.starts_on, self.ends_on, is_answered=self.is_answered, today=today)

    def missing_elements(self) -> list[str]:
        """Return what must be published and is not, as editors read it."""
        there = {
            "organ": self.organ.strip(),
            "note": self.note.strip(),
            "draft": len(self.body) or len(self.attachments) or self.draft_document_id,
            "ways": self.is_online or self.address.strip() or self.email.strip() or self.phone.strip(),
        }
        missing = [element.label for element in MISSING if not there[element.name]]
        short = composing.too_short(self)
        return missing + ([f"缩短期限的理由：{short.text}"] if short and not self.short_reason.strip() else [])

    @override
    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the page; with a form or a receipt on it, it is one reader's alone and nobody keeps a copy."""
        response: HttpResponse = super().serve(request, *args, **kwargs)
        context: Any = getattr(response, "context_data", None) or {}
        if context.get("opinion_form") or composing.RECEIPT in request.GET:
            add_never_cache_headers(response)
        return response

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the draft, the period, the ways to comment, the form while it is open, and what became of the opinions."""
        return composing.consultation(self, request)

    @override
    def in_short(self, tenant: TenantRef) -> str:
        """Return the summary, else how the explanation begins, else as any text."""
        return self.summary or self.search_description or first_sentences(self.note) or super().in_short(tenant)

    @override
    def search_text(self) -> str:
        """Return the draft with its explanation, who drafted it, and what became of the opinions."""
        outcomes = [f"{row.opinion}\n{row.get_adoption_display()}\n{row.reason}" for row in self.outcomes.all()]
        parts = [self.get_kind_display(), self.note, super().search_text(), self.feedback, *outcomes]
        return "\n".join(line for part in parts for line in part.splitlines() if line.strip())

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return what it is, and who drafts: readers narrow down by it; and how it stands on which day, which a result shows."""
        phases = phases_of(self.starts_on, self.ends_on, is_answered=self.is_answered)
        return {"category": Category.CONSULTATION, "issuer": self.organ, "card": Card(phases=phases)}


class ConsultationHearing(Orderable):
    """A meeting at which people are heard."""

    page = ParentalKey(ConsultationPage, on_delete=models.CASCADE, related_name="hearings")
    title = models.CharField("会议名称", max_length=100, default="听证会")
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=200, blank=True)
    participants = models.TextField("参加人及其产生方式", blank=True, help_text="听证会参加人应当提前公布。")
    materials = models.TextField("会议材料", blank=True, help_text="材料名称和获取方式；听证会材料应当提前送达参加人。")

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("title"), FieldPanel("held_at")]),
        FieldPanel("place"),
        ElementPanel("participants", basis="国令第713号第十六条"),
        FieldPanel("materials"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "听证会、座谈会"

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class ConsultationOutcome(Orderable):
    """An opinion, or several that say the same, and what became of it."""

    page = ParentalKey(ConsultationPage, on_delete=models.CASCADE, related_name="outcomes")
    opinion = models.TextField("意见摘要", help_text="归纳意见的内容，不写提意见人的姓名和联系方式。")
    adoption = models.CharField("采纳情况", max_length=8, choices=Adoption.choices, default=Adoption.ADOPTED)
    reason = models.TextField("说明", blank=True, help_text="怎样修改的；部分采纳、未采纳的必须写明理由。")

    panels: ClassVar[list[Any]] = [FieldPanel("opinion"), FieldPanel("adoption"), FieldPanel("reason")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "逐条采纳情况"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(adoption=Adoption.ADOPTED) | (models.Q(adoption__in=Adoption.values) & ~models.Q(reason="")),
                name="consultations_declined_with_reason",
            )
        ]

    @override
    def __str__(self) -> str:
        return f"{self.opinion[:20]} ({self.pk})"

    @override
    def clean(self) -> None:
        """Refuse to decline without a reason.

        Raises:
            ValidationError: it says none.

        """
        super().clean()
        self.reason = self.reason.strip()
        if self.adoption != Adoption.ADOPTED and not self.reason:
            raise ValidationError({"reason": f"{self.get_adoption_display()}的意见请写明理由。"})
