"""Announcements: one notice on all chosen sites in one moment or on none, what became of it, and down from everywhere."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console import services
from console.contract import NoticeRow, Preview
from console.forms.places import AnnouncementForm
from console.selectors import announcements as selectors
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.asking import Question, ask
from exchange.services import obstacles
from observability.addresses import client_address
from registry.contract import TenantRef
from registry.selectors import directory


@officers(EVERY)
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """Show what was announced."""
    return page(request, "announcements", {"rows": selectors.notice_rows()})


@officers(EVERY)
@require_safe
def announcement(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one announcement with its receipts."""
    row, text = _notice(number)
    context = {"row": row, "paragraphs": text.splitlines(), "receipts": selectors.receipts(number)}
    return page(request, "announcement", context)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Ask for the notice and its sites, show it as readers will have it, then let it be published."""
    form = AnnouncementForm(request.POST if request.method == "POST" else None, initial={"number": uuid4()})

    def carry_out() -> HttpResponse:
        values = form.cleaned_data
        asked = {"number": values["number"], "title": values["title"], "text": values["text"]}
        by, address = request.user.get_username(), client_address(request)
        made = services.request_announcement(_sites(form)[0], **asked, by=by, address=address)
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title="发布公告",
        form=form,
        back=reverse("console_announcements"),
        foresee=lambda: _preview(form),
        carry_out=carry_out,
        hint="公告发布在每个所选网站的“通知公告”栏目，同一时刻出现；只要有一个网站不能发布，就一个也不发布。",
        confirm="确认发布",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: UUID) -> HttpResponse:
    """Ask once more, then let the notice be taken down everywhere."""
    row, _ = _notice(number)

    def carry_out() -> HttpResponse:
        by, address = request.user.get_username(), client_address(request)
        made = services.request_withdrawal(number, title=row.title, by=by, address=address)
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title=f"撤下公告：{row.title}",
        form=forms.Form({}),
        back=reverse("console_announcement", args=[number]),
        foresee=lambda: _preview_withdrawal(row),
        carry_out=carry_out,
        confirm="确认撤下",
    )
    return ask(request, question)


def _sites(form: AnnouncementForm) -> tuple[list[TenantRef], list[TenantRef]]:
    """Return the sites it goes to, and those of a whole city that are left out because nobody reads or writes there now."""
    chosen = {ref.uuid for ref in form.chosen()[1]}
    reached = form.reached()
    away = [ref for ref in reached if ref.uuid not in chosen and not (ref.is_live and ref.is_writable)]
    return [ref for ref in reached if ref not in away], away


def _preview(form: AnnouncementForm) -> Preview:
    sites, away = _sites(form)
    values: dict[str, Any] = form.cleaned_data
    shown = {"title": values["title"], "text": tuple(line for line in values["text"].splitlines() if line.strip())}
    undo = "在公告页面点“从全部站点撤下”，同一时刻从所有网站消失。"
    left_out = tuple(f"{ref.name}没有开通、已暂停或只读，不在发布范围内。" for ref in away)
    if reasons := obstacles(sites):
        known = directory().by_slug
        blocked = tuple(f"{known[slug].name}不能发布：{reason}。请先处理，或返回修改，去掉这个站点。" for slug, reason in reasons.items())
        return Preview((), undo, warnings=(*blocked, *left_out), **shown)
    if not sites:
        return Preview((), undo, warnings=left_out, **shown)
    will = (
        f"{len(sites)}个网站的“通知公告”栏目在同一时刻出现《{values['title']}》，公众可以看到和搜到。",
        "发布在后台进行，一般几秒到几十秒；结果和各站点的回执在任务页面。",
    )
    return Preview(will, undo, sites=tuple(ref.name for ref in sites), warnings=left_out, **shown)


def _preview_withdrawal(row: NoticeRow) -> Preview:
    undo = "不能恢复原来的页面；需要时请重新发布一次。"
    if row.withdrawn_at:
        return Preview((), undo)
    names = tuple(receipt.site for receipt in selectors.receipts(row.number))
    return Preview((f"《{row.title}》在同一时刻从{row.sites}个网站消失，原来的网址不再能打开。",), undo, sites=names)


def _notice(number: UUID) -> tuple[NoticeRow, str]:
    found = selectors.notice_of(number)
    if found is None:
        raise Http404
    return found
