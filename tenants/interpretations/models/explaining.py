"""The interpretation of official documents, what belongs to its page, and the duty to interpret that a document carries."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from registry.contract import TenantRef
from registry.selectors import current_tenant
from search.contract import Tab
from tenants.interpretations import composing
from tenants.interpretations.contract import ELEMENTS, NEEDS_ON_PAGE, Form, Medium, backed
from tenants.interpretations.models.channels import ChannelRow
from tenants.media.contract import CAPTIONS
from tenants.pages.models import TITLE, TextPage
from tenants.pages.panels import CaptionsPanel


def plain_form() -> list[str]:
    """Return the form of a text that says nothing else."""
    return [Form.TEXT.value]


class InterpretationPage(TextPage):
    """A text that explains official documents (解读)."""

    kinds = ArrayField(
        models.CharField(max_length=16, choices=Form.choices),
        verbose_name="解读形式",
        default=plain_form,
        help_text="可多选。标为图解、音频、视频或问答的，页面上须有相应内容，否则不计入多样化解读。",
    )
    organ = models.CharField("解读机关", max_length=100, blank=True, help_text="起草部门；联合发文的填牵头部门。解读统计按机关计算。")
    interpreter = models.CharField("第一解读人", max_length=60, blank=True, help_text="起草部门主要负责人是第一解读人。")
    interpreter_post = models.CharField("解读人职务", max_length=100, blank=True)
    background = models.TextField(ELEMENTS["background"], blank=True, help_text="为什么出台、依据什么。")
    goals = models.TextField(ELEMENTS["goals"], blank=True, help_text="要达到什么目标、完成什么任务。")
    content = models.TextField(ELEMENTS["content"], blank=True, help_text="主要规定了什么；不是照抄原文或摘要。")
    scope = models.TextField(ELEMENTS["scope"], blank=True, help_text="适用于哪些人、哪些事、哪些地方。")
    standards = models.TextField(ELEMENTS["standards"], blank=True, help_text="执行时的标准、数额、时限。")
    cautions = models.TextField(ELEMENTS["cautions"], blank=True, help_text="群众和企业办理时要注意什么。")
    terms = models.TextField(ELEMENTS["terms"], blank=True, help_text="用通俗的话解释专门用语。")
    benefits = models.TextField(ELEMENTS["benefits"], blank=True, help_text="群众和企业能得到什么实惠。")
    differences = models.TextField(ELEMENTS["differences"], blank=True, help_text="和原来的政策相比改了什么。")

    own_tab = Tab.INTERPRETATION

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldPanel("subtitle"),
        InlinePanel("interpreted", heading="解读的文件", label="文件", help_text="解读与文件互相链接：文件页面会列出本篇解读。"),
        MultiFieldPanel(
            [
                FieldPanel("kinds"),
                FieldPanel("organ"),
                FieldRowPanel([FieldPanel("interpreter"), FieldPanel("interpreter_post")]),
                FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
            ],
            heading="解读信息",
        ),
        FieldPanel("summary"),
        FieldPanel("body"),
        InlinePanel("media", heading="图片、音频、视频", label="图片、音频或视频"),
        InlinePanel("questions", heading="问答", label="问答"),
        InlinePanel("channels", heading="其他渠道发布情况", label="渠道"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "解读"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kinds__contained_by=list(Form.values)) & ~models.Q(kinds=[]), name="interpretations_kinds_known"
            )
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text with the documents it explains, its elements, pictures and films, questions and channels."""
        return composing.interpretation(self, request)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return an article, and its questions with their answers."""
        return [*super().described(tenant, url), *composing.faq(self)]

    @override
    def search_text(self) -> str:
        """Return the body with the elements, the questions and what pictures and recordings say."""
        parts = [super().search_text(), *(f"{label}\n{text}" for label, text in self.elements)]
        parts += [f"{row.question}\n{row.answer}" for row in self.questions.all()]
        parts += [f"{row.title}\n{row.alt}\n{row.transcript}" for row in self.media.all()]
        return "\n".join(line for part in parts for line in part.splitlines() if line.strip())

    @property
    def elements(self) -> list[tuple[str, str]]:
        """The elements that are filled in, each with what it is called."""
        return [(label, text) for name, label in ELEMENTS.items() if (text := getattr(self, name).strip())]

    @property
    def diversified(self) -> list[Form]:
        """The forms beyond plain words that it really has; a form that must be seen on the page counts only where it is."""
        media = {row.medium for row in self.media.all()}
        if any(part.block_type == "image" for part in self.body):
            media.add(Medium.PICTURE)
        return backed(self.kinds, media=media, has_questions=bool(self.questions.all()))

    @property
    def unbacked(self) -> list[str]:
        """What is wrong with forms that the page only says it has, as editors read it."""
        there = self.diversified
        return [
            f"标为“{form.label}”，但页面上没有{what}" for form, what in NEEDS_ON_PAGE.items() if form in self.kinds and form not in there
        ]


class InterpretedDocument(Orderable):
    """A document that an interpretation explains: one of the site, or of another site of the city by its address."""

    page = ParentalKey(InterpretationPage, on_delete=models.CASCADE, related_name="interpreted")
    document = models.ForeignKey("pages.DocumentPage", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="本站文件")
    address = models.CharField(
        "其他网站的文件", max_length=500, blank=True, help_text="解读本市其他网站（如市政府）的文件时，粘贴该文件的网址。"
    )
    site = models.UUIDField(null=True, blank=True, editable=False)  # whose document the address is, and which
    site_page = models.BigIntegerField(null=True, blank=True, editable=False)

    panels: ClassVar[list[Any]] = [FieldPanel("document"), FieldPanel("address")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "解读的文件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(document__isnull=False, address="", site=None, site_page=None)
                | (models.Q(document=None, site__isnull=False, site_page__isnull=False) & ~models.Q(address="")),
                name="interpretations_one_document_a_row",
            )
        ]

    @override
    def __str__(self) -> str:
        return self.address or str(self.document)

    @override
    def clean(self) -> None:
        """Find the document that an address means; one of the site's own is kept as such."""
        super().clean()
        self.address = self.address.strip()
        if bool(self.address) == bool(self.document):
            raise ValidationError({"document": "请选择本站的一个文件，或填写其他网站文件的网址；两者填一个。"})
        self.site = self.site_page = None
        if not self.address:
            return
        tenant = current_tenant()
        found = composing.document_at(self.address, tenant) if tenant else ""
        if isinstance(found, str):
            raise ValidationError({"address": found})
        self.document_id, self.site, self.site_page = found
        self.address = "" if self.document_id else self.address


class InterpretationMedia(Orderable):
    """A picture, recording or film of the site's own, with what stands for it where it cannot be seen or heard."""

    page = ParentalKey(InterpretationPage, on_delete=models.CASCADE, related_name="media")
    medium = models.CharField("类别", max_length=8, choices=Medium.choices, default=Medium.PICTURE)
    title = models.CharField("标题", max_length=100, blank=True)
    image = models.ForeignKey(
        "media.SiteImage",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="图片",
        help_text="图片类必选；视频可选作封面。",
    )
    alt = models.TextField("图片文字说明", blank=True, help_text="供读屏软件朗读：图上写了什么、画了什么。图片必填。")
    file = models.ForeignKey(
        "media.SiteFile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="音频或视频文件",
        help_text="先在“文件”中上传：音频 mp3，视频 mp4。页面不会自动播放。",
    )
    caption = models.CharField("说明", max_length=200, blank=True)
    transcript = models.TextField(
        "文字稿", blank=True, help_text="音频、视频必填：说了什么、画面上有什么要紧的内容，供听障、视障读者使用。"
    )

    captions = models.ForeignKey(
        "media.SiteFile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="字幕文件",
        help_text="视频的中文字幕：先在“文件”中上传 WebVTT（.vtt）文件，上传时检查格式。",
    )

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("medium"), FieldPanel("title")]),
        FieldPanel("image"),
        FieldPanel("alt"),
        FieldPanel("file"),
        CaptionsPanel("captions"),
        FieldPanel("caption"),
        FieldPanel("transcript"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "图片、音频、视频"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=(models.Q(medium=Medium.PICTURE, image__isnull=False) & ~models.Q(alt=""))
                | (models.Q(medium__in=[Medium.AUDIO, Medium.VIDEO], file__isnull=False) & ~models.Q(transcript="")),
                name="interpretations_media_has_words",
            )
        ]

    EXTENSIONS: ClassVar[dict[str, str]] = {Medium.AUDIO: "mp3", Medium.VIDEO: "mp4"}

    @override
    def __str__(self) -> str:
        return f"{self.get_medium_display()} {self.title or self.pk}"

    @override
    def clean(self) -> None:
        """Refuse a picture without its description, and a recording or film without its words."""
        super().clean()
        errors: dict[str, str] = {}
        if self.medium == Medium.PICTURE:
            if self.image is None:
                errors["image"] = "请选择图片。"
            if not self.alt.strip():
                errors["alt"] = "请写明图上的内容，供看不到图的人了解。"
        else:
            wanted = self.EXTENSIONS[self.medium]
            if self.file is None or self.file.file_extension.lower() != wanted:
                errors["file"] = f"请选择 {wanted} 格式的{self.get_medium_display()}文件。"
            if not self.transcript.strip():
                errors["transcript"] = f"{self.get_medium_display()}须附文字稿，供听障、视障读者使用。"
        if self.captions is not None and (self.medium != Medium.VIDEO or self.captions.file_extension.lower() != CAPTIONS):
            errors["captions"] = f"字幕只用于视频，须是 {CAPTIONS} 格式。"
        if errors:
            raise ValidationError(errors)


class InterpretationQuestion(Orderable):
    """A question people ask about a document, and its answer."""

    page = ParentalKey(InterpretationPage, on_delete=models.CASCADE, related_name="questions")
    question = models.CharField("问", max_length=200)
    answer = models.TextField("答")

    panels: ClassVar[list[Any]] = [FieldPanel("question"), FieldPanel("answer")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "问答"

    @override
    def __str__(self) -> str:
        return self.question


class InterpretationChannel(ChannelRow):
    """Where else an interpretation was published."""

    page = ParentalKey(InterpretationPage, on_delete=models.CASCADE, related_name="channels")

    class Meta(ChannelRow.Meta):
        verbose_name = verbose_name_plural = "其他渠道发布情况"


class InterpretationDuty(Orderable):
    """That a document must be interpreted, and the plan for it; kept with the document, and at most one each."""

    page = ParentalKey("pages.DocumentPage", on_delete=models.CASCADE, related_name="interpretation_duties")
    organ = models.CharField("解读机关", max_length=100, blank=True)
    interpreter = models.CharField("解读人", max_length=60, blank=True)
    forms = models.CharField("解读形式", max_length=100, blank=True, help_text="例：文字、图解、政策问答。")
    planned_on = models.DateField("计划发布日期", null=True, blank=True, help_text="与文件同步发布，最迟不超过规定的工作日。")

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("organ"), FieldPanel("interpreter")]),
        FieldRowPanel([FieldPanel("forms"), FieldPanel("planned_on")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "解读安排"

    @override
    def __str__(self) -> str:
        return f"解读安排：{self.page}"

    @property
    def has_plan(self) -> bool:
        """Whether it is said who interprets, how and when."""
        return bool(self.organ and self.forms and self.planned_on)
