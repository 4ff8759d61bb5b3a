"""What a published answer shows, as plain values."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from tenants.pages import composing as pages

if TYPE_CHECKING:
    from tenants.letters.models import AnswerPage


def answer(page: "AnswerPage", request: HttpRequest) -> dict[str, Any]:
    """Return what the page of a question and its answer shows."""
    shown = {"facts": facts_of(page), "question": lines_of(page.question), "answer": lines_of(page.answer), "has_body": bool(page.body)}
    return pages.text(page, request) | shown


def facts_of(page: "AnswerPage") -> list[dict[str, str]]:
    """Return what the law wants to be said of an answer (受理日期、答复日期、答复部门)."""
    rows = [
        ("来信类别", page.get_kind_display()),
        ("受理日期", page.received_date),
        ("答复日期", page.answered_date),
        ("答复部门", page.organ_name),
    ]
    return [{"label": label, "value": str(value)} for label, value in rows if value]


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line for raw in text.splitlines() if (line := raw.strip())]
