"""The tables of topics and of subjects; in `public`."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from vocabularies.contract import SCHEME_LABELS, SUBJECT, TOPIC, Scheme, Subject


class TopicRow(models.Model):
    """A topic that texts of all sites may be tagged with. Texts name it by its short name, so that no table points across schemas."""

    slug = models.CharField("标识", max_length=40, primary_key=True)
    title = models.CharField("名称", max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members", verbose_name="所属专题")
    description = models.CharField("说明", max_length=300, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    city = models.CharField("城市", max_length=40, blank=True, help_text="空：所有城市共用。")
    position = models.PositiveSmallIntegerField("次序", default=0)
    is_offered = models.BooleanField("供编辑选用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "专题词"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(slug__regex=rf"^{TOPIC.pattern}$"), name="vocabularies_topic_slug_form"),
            models.CheckConstraint(condition=~models.Q(title=""), name="vocabularies_topic_has_a_title"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("slug")), name="vocabularies_topic_not_its_own"),
            models.UniqueConstraint(fields=["title", "city"], name="vocabularies_topic_one_title"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.slug})"


class SubjectList(models.Model):
    """An edition of a scheme of documents (主题分类, 组配分类) as somebody announced it; a changed one is a further edition."""

    scheme = models.CharField(
        "分类法",
        max_length=10,
        choices=[(scheme.value, label) for scheme, label in SCHEME_LABELS.items()],
        default=Scheme.SUBJECT.value,
        db_default=Scheme.SUBJECT.value,
    )
    title = models.CharField("名称", max_length=200)
    source = models.CharField("来源", max_length=300)
    published_on = models.DateField("公布日期", null=True, blank=True)
    valid_from = models.DateField("适用起始日期", null=True, blank=True, help_text="空：自始适用。")
    city = models.CharField("城市", max_length=40, blank=True, help_text="空：所有城市共用。")

    class Meta:
        verbose_name = verbose_name_plural = "文件分类表"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(source=""), name="vocabularies_subjects_have_a_source"),
            models.CheckConstraint(
                condition=models.Q(scheme__in=[scheme.value for scheme in Scheme]), name="vocabularies_subjects_scheme_known"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk}, from {self.valid_from})"


class SubjectRow(models.Model):
    """A subject of an edition; `code` stays the same from edition to edition, so that documents keep what they are about."""

    edition = models.ForeignKey(SubjectList, models.CASCADE, related_name="rows")
    code = models.CharField("编码", max_length=4)
    title = models.CharField("名称", max_length=60)
    is_sample = models.BooleanField("样例", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "主题"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["edition", "code"], name="vocabularies_subject_one_code"),
            models.CheckConstraint(condition=models.Q(code__regex=rf"^{SUBJECT.pattern}$"), name="vocabularies_subject_code_form"),
            models.CheckConstraint(condition=~models.Q(title=""), name="vocabularies_subject_has_a_title"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.code} {self.title} ({self.edition_id})"

    @property
    def subject(self) -> Subject:
        """The row as a plain value."""
        return Subject(self.code, self.title, self.is_sample)
