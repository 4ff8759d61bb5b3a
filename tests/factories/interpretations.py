"""Interpretations, answers and issues of the current site."""

import datetime as dt
from typing import Any

from django.db import transaction

from tenants.interpretations.models import (
    InterpretationChannel,
    InterpretationDuty,
    InterpretationPage,
    InterpretationQuestion,
    InterpretedDocument,
    PublicIssue,
    ResponsePage,
)
from tenants.pages.models import DocumentPage
from tests.factories.pages import column

CHINA = dt.timezone(dt.timedelta(hours=8))
ISSUE = {"kind": "opinion", "source": "网民留言", "organ": "示例机关"}


def moment(text: str) -> dt.datetime:
    """Return a moment of Chinese time, written 2026-01-31 08:00."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=CHINA)


def explain(
    title: str = "解读",
    *documents: DocumentPage,
    slug: str = "jd",
    questions: tuple[tuple[str, str], ...] = (),
    channels: tuple[dict[str, Any], ...] = (),
    at: dt.datetime | None = None,
    parent: str = "zcjd",
    **fields: Any,
) -> InterpretationPage:
    """Publish an interpretation of documents in the current site; `at` is when."""
    page = InterpretationPage(title=title, slug=slug, live=False, **{"body": [("paragraph", "<p>正文。</p>")], **fields})
    page.interpreted = [InterpretedDocument(document=document, sort_order=place) for place, document in enumerate(documents)]
    page.questions = [
        InterpretationQuestion(sort_order=place, question=question, answer=answer) for place, (question, answer) in enumerate(questions)
    ]
    page.channels = [
        InterpretationChannel(**{"sort_order": place, "published_on": dt.date(2026, 1, 5), **row}) for place, row in enumerate(channels)
    ]
    published: InterpretationPage = _publish(page, parent, at)
    return published


def answer(
    issue: PublicIssue | None, title: str = "回应", *, slug: str = "hy", at: dt.datetime | None = None, **fields: Any
) -> ResponsePage:
    """Publish an answer to an issue in the current site; `at` is when."""
    page = ResponsePage(title=title, slug=slug, live=False, issue=issue, **{"body": [("paragraph", "<p>正文。</p>")], **fields})
    published: ResponsePage = _publish(page, "hygq", at)
    return published


def issue(title: str = "停水", *, noticed_at: dt.datetime, **fields: Any) -> PublicIssue:
    """Record what became known in the current site."""
    made: PublicIssue = PublicIssue.objects.create(title=title, noticed_at=noticed_at, **{**ISSUE, **fields})
    return made


def duty(page: DocumentPage, **plan: Any) -> InterpretationDuty:
    """Mark a document as one that must be interpreted."""
    made: InterpretationDuty = InterpretationDuty.objects.create(page=page, **plan)
    return made


def _publish(page: Any, parent: str, at: dt.datetime | None) -> Any:
    with transaction.atomic():
        column(parent).add_child(instance=page)
        page.save_revision().publish()
    if at:
        type(page).objects.filter(pk=page.pk).update(first_published_at=at)
    return type(page).objects.get(pk=page.pk)  # publishing worked on another copy
