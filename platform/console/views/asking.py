"""The way of a change that needs no job or begins one: the form, then what would happen, then done; written once for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from console.contract import Preview
from console.views.access import page
from console.views.refusals import REFUSALS, field_of, in_chinese

REFUSED = 422


@dataclass(frozen=True, slots=True)
class Question:
    """A form with what it is about, what it would do, and what does it; `carry_out` returns where to go then."""

    title: str
    form: forms.Form
    back: str
    foresee: Callable[[], Preview]
    carry_out: Callable[[], HttpResponse]
    hint: str = ""
    confirm: str = "确认执行"


def ask(request: HttpRequest, question: Question) -> HttpResponse:
    """Show the form, then what would happen, and do it once that was confirmed; what is refused stands beside what was typed."""
    form = question.form
    if not form.is_bound or not form.is_valid() or ("edit" in request.POST and form.visible_fields()):
        return _form(request, question, is_wrong=form.is_bound and bool(form.errors))
    try:
        preview = question.foresee()
        if request.POST.get("confirmed") and preview.will:
            return question.carry_out()
    except REFUSALS as error:
        field = field_of(error)
        form.add_error(field if field in form.fields else None, in_chinese(error))
        return _form(request, question, is_wrong=True)
    return page(request, "sure", {"question": question, "form": form, "preview": preview})


def _form(request: HttpRequest, question: Question, *, is_wrong: bool) -> HttpResponse:
    context: dict[str, Any] = {"question": question, "form": question.form}
    return page(request, "ask", context, status=REFUSED if is_wrong else 200)
