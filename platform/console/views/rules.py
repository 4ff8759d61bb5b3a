"""The rules: every dated row, what holds at a site and why, and a new row from a day on."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.contract import Preview
from console.forms.places import sites_there_are
from console.forms.rules import RuleForm
from console.selectors import rules as selectors
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.asking import Question, ask
from observability.addresses import client_address
from registry.selectors import directory
from rules import services
from rules.contract import Scope, Unit
from rules.selectors import names

DAY = "%Y-%m-%d"


@officers(EVERY)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Show all dated rows, or what holds at a chosen site today."""
    text, slug, today = request.GET.get("q", "")[:100], request.GET.get("site", ""), timezone.localdate()
    site = directory().by_slug.get(slug)
    if slug and site is None:
        raise Http404
    context = {
        "q": text,
        "site": site,
        "sites": sites_there_are(),
        "today": today,
        "answers": selectors.answers_at(site, today=today) if site else [],
        "rows": [] if site else selectors.rule_rows(text=text, today=today),
    }
    return page(request, "rules", context)


@officers(EVERY)
@require_safe
def rule(request: HttpRequest, key: str) -> HttpResponse:
    """Show what there ever was of one rule."""
    rows = selectors.rule_rows(key=key, today=timezone.localdate())
    if not rows:
        raise Http404
    return page(request, "rule", {"key": key, "label": rows[0].label, "rows": rows})


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Ask for a new row, show what it ends and whom it reaches, then add it."""
    today = timezone.localdate()
    form = RuleForm(request.POST if request.method == "POST" else None, today=today, initial=_initial(request.GET.get("key", "")))

    def carry_out() -> HttpResponse:
        wanted = form.wanted()
        services.set_rule(wanted, by=request.user.get_username(), address=client_address(request))
        messages.success(request, f"已记录：自{wanted.valid_from:{DAY}}起为{selectors.value_text(wanted.value, wanted.unit)}。")
        return HttpResponseRedirect(reverse("console_rule", args=[wanted.key]))

    question = Question(
        title="新增规则",
        form=form,
        back=reverse("console_rules"),
        foresee=lambda: _preview(form.wanted()),
        carry_out=carry_out,
        hint="规则只增加、不改写：新的一条从第一天起生效，同一范围原来的一条在前一天结束，以前的记录都保留。",
        confirm="确认新增",
    )
    return ask(request, question)


def _preview(wanted: services.Wanted) -> Preview:
    foreseen = services.foresee(wanted)
    undo = "不能改写或删除；要恢复，请再新增一条，从以后的某一天起设回原来的数值。"
    if foreseen.is_known:
        return Preview((), undo)
    reached, spared, now = selectors.reach(wanted)
    value = selectors.value_text(wanted.value, wanted.unit)
    will = [f"自{wanted.valid_from:{DAY}}起，“{names()[wanted.key]}”为{value}。"]
    if foreseen.ended and foreseen.ended_on:
        old = selectors.value_text(foreseen.ended.value, Unit(foreseen.ended.unit))
        will.append(f"同一范围原来的规则（{old}，自{foreseen.ended.valid_from:{DAY}}）在{foreseen.ended_on:{DAY}}结束。")
    else:
        will.append(f"在那以前按现有的规则：{'、'.join(now) or '没有规则'}。")
    will.append(f"{len(reached)}个站点从那天起按新规则计算。")
    if spared:
        will.append(f"{len(spared)}个站点另有更小范围的规则，不受影响：{'、'.join(ref.name for ref in spared)}。")
    warnings = [_after(wanted, wanted.valid_to)] if wanted.valid_to else []
    return Preview(tuple(will), undo, sites=tuple(ref.name for ref in reached), warnings=tuple(warnings))


def _after(wanted: services.Wanted, last: dt.date) -> str:
    then = last + dt.timedelta(days=1)
    if wanted.scope is Scope.NATION:
        return f"自{then:{DAY}}起，没有更小范围规则的站点将没有这条规则，用到它的功能会报错。请届时再新增。"
    return f"自{then:{DAY}}起，由更大范围的规则决定。"


def _initial(key: str) -> dict[str, str]:
    found = selectors.unit_of(key)
    return {"key": key, "unit": found} if found else {}
