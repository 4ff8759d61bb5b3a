"""A letter as a plain row that no reader sees, and the page on which a question and its answer are published."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from search.contract import Tab
from tenants.letters import composing
from tenants.letters.contract import Decision, LetterKind, LetterState, Source
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS
from tenants.pages.models import TITLE, TextPage


class AnswerPage(TextPage):
    """A question that somebody asked, with its answer, for all to read and find; nobody is named."""

    kind = models.CharField("来信类别", max_length=10, choices=LetterKind.choices, default=LetterKind.CONSULT)
    question = models.TextField("来信内容", help_text="公开前请核对：姓名、电话、证件号码、住址等个人信息都要隐去。")
    answer = models.TextField("答复内容")
    organ_name = models.CharField("答复部门", max_length=100)
    received_date = models.DateField("受理日期")
    answered_date = models.DateField("答复日期")

    own_tab = Tab.DIALOGUE
    content_panels: ClassVar[list[Any]] = [
        TITLE,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("organ_name")]),
                FieldRowPanel([FieldPanel("received_date"), FieldPanel("answered_date")]),
                FieldPanel("question"),
                FieldPanel("answer"),
            ],
            heading="问答",
        ),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
        FieldPanel("body", heading="补充说明"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "来信选登"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=LetterKind.values), name="letters_answer_kind_known"),
            models.CheckConstraint(
                condition=models.Q(answered_date__gte=models.F("received_date")),
                name="letters_answered_after_received",
                violation_error_message="答复日期不能早于受理日期。",
            ),
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the question and the answer with their facts."""
        return composing.answer(self, request)

    @override
    def search_text(self) -> str:
        """Return all that a reader sees of it, a paragraph a line."""
        facts = [f"{fact['label']}：{fact['value']}" for fact in composing.facts_of(self)]
        parts = [*facts, *composing.lines_of(self.question), *composing.lines_of(self.answer), super().search_text()]
        return "\n".join(line for line in parts if line)

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return who answered."""
        return {"issuer": self.organ_name}


class Letter(models.Model):
    """What a citizen wrote and what became of it; staff's own record."""

    wagtail_reference_index_ignore = True

    number = models.CharField("编号", max_length=20, unique=True, help_text="全市唯一。")
    code_hash = models.CharField("查询码摘要", max_length=64, blank=True)
    order_no = models.CharField("12345工单编号", max_length=40, null=True, blank=True, unique=True)
    source = models.CharField("来源", max_length=10, choices=Source.choices, default=Source.SITE)
    kind = models.CharField("类别", max_length=10, choices=LetterKind.choices)
    subject = models.CharField("标题", max_length=100)
    text = models.TextField("内容")
    writer = models.CharField("姓名", max_length=40, blank=True)
    contact = models.CharField("联系方式", max_length=100, blank=True)
    organ_name = models.CharField("承办单位", max_length=100, blank=True)
    may_publish = models.BooleanField("同意公开", default=False)
    received_at = models.DateTimeField("收到时间")
    due_on = models.DateField("答复期限", null=True, blank=True)
    limit_on = models.DateField("最长期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=LetterState.choices, default=LetterState.WAITING)
    reason = models.CharField("说明", max_length=300, blank=True)
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    reply = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    origin = models.UUIDField("转来的网站", null=True, blank=True)
    handler = models.UUIDField("转往的网站", null=True, blank=True)
    decision = models.CharField("是否公开", max_length=10, choices=Decision.choices, blank=True, default=Decision.OPEN)
    decision_reason = models.CharField("公开与否的理由", max_length=300, blank=True)
    answer_page = models.ForeignKey(AnswerPage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="选登页面")
    erased_at = models.DateTimeField("清除时间", null=True, blank=True)

    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        EDITORS: ("view", "change"),
        REVIEWERS: ("view", "change"),
        ADMINISTRATORS: ("view", "change"),
        AUDITORS: ("view",),
    }

    class Meta:
        verbose_name = verbose_name_plural = "来信"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=LetterKind.values), name="letters_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=LetterState.values), name="letters_state_known"),
            models.CheckConstraint(condition=models.Q(source__in=Source.values), name="letters_source_known"),
            models.CheckConstraint(condition=models.Q(decision__in=Decision.values), name="letters_decision_known"),
            models.CheckConstraint(
                condition=~models.Q(state=LetterState.ANSWERED) | (models.Q(answered_at__isnull=False) & ~models.Q(reply="")),
                name="letters_answered_has_an_answer",
            ),
            models.CheckConstraint(condition=~models.Q(state=LetterState.REFUSED) | ~models.Q(reason=""), name="letters_refused_says_why"),
            models.CheckConstraint(
                condition=~models.Q(state=LetterState.FORWARDED) | models.Q(handler__isnull=False), name="letters_forwarded_says_where"
            ),
            models.CheckConstraint(condition=models.Q(decision="") | ~models.Q(decision_reason=""), name="letters_decision_says_why"),
            models.CheckConstraint(
                condition=~models.Q(decision=Decision.PUBLISH) | models.Q(may_publish=True), name="letters_published_was_agreed"
            ),
            models.CheckConstraint(condition=models.Q(origin=None) | models.Q(handler=None), name="letters_handed_on_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_on"], name="letters_by_urgency"),
            models.Index(fields=["received_at"], name="letters_by_month"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.number}（{self.get_kind_display()}）"
