"""The topic page: a text of its own, and below it what is tagged with its topic."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from search.contract import Tab
from tenants.pages.models import TITLE, TextPage
from tenants.topics import composing


class TopicPage(TextPage):
    """What a site shows of a topic: an introduction, then policies, interpretations and results from all sites it may gather from."""

    topic = models.CharField(
        "专题", max_length=40, help_text="标有该专题（含其下级专题）的内容自动收录；县（市、区）网站收录本站和市级门户的内容。"
    )
    section_rows = models.PositiveSmallIntegerField("每栏条数", default=composing.SECTION_ROWS)

    own_tab: ClassVar[Tab | None] = Tab.OPENNESS
    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldRowPanel([FieldPanel("topic"), FieldPanel("section_rows")]),
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "专题"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(section_rows__gte=1, section_rows__lte=30), name="topics_rows_between_1_and_30"),
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the introduction and what was gathered."""
        return composing.topic(self, request)

    @override
    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the page, or with `?format=atom` what was gathered as a feed."""
        if request.GET.get("format") == "atom":
            return HttpResponse(composing.feed(self, request), content_type="application/atom+xml; charset=utf-8")
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return response
