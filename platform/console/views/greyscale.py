"""Days without colour: what is planned, a new one for chosen sites or all, and colour back at once."""

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.contract import Preview
from console.forms.places import GreyForm, NumbersForm
from console.selectors import greyscale as selectors
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.asking import Question, ask
from registry import services
from registry.contract import TenantRef
from registry.models import City, GreyPeriod
from registry.selectors import grey_preview_url

MOMENT = "%Y-%m-%d %H:%M"
PREVIEWS = 3  # sites to look at before; the theme does the same on the others
MOST_NAMES = 5


@officers(EVERY)
@require_safe
def greyscale(request: HttpRequest) -> HttpResponse:
    """Show what is going on and what is planned."""
    return page(request, "greyscale", {"rows": selectors.grey_rows(now=timezone.now())})


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Ask where, when and why; show it before; plan it in all places or in none."""
    form, now = GreyForm(request.POST if request.method == "POST" else None), timezone.now()

    def carry_out() -> HttpResponse:
        first, last, reason = form.time()
        places: list[tuple[City, TenantRef | None]] = _places(form)
        by = request.user.get_username()
        made = services.grey_out_several(places, starts_at=first, ends_at=last, reason=reason, by=by, now=now)
        messages.success(request, f"已安排{len(made)}处：到时自动变灰，到时自动恢复。" if made else "与已有的安排相同，没有改动。")
        return HttpResponseRedirect(reverse("console_greyscale"))

    question = Question(
        title="安排灰度显示",
        form=form,
        back=reverse("console_greyscale"),
        foresee=lambda: _preview(form, now),
        carry_out=carry_out,
        hint="选择“全部站点”也包括以后新开通的站点。在这段时间里，所选网站的每一页不显示颜色，文字和功能不变；由时钟开始和结束，不需要值守。",
        confirm="确认安排",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    """Ask once more, then give colour back, or cancel what has not begun."""
    numbers = request.POST.get("numbers", "") or request.GET.get("numbers", "")
    form, now = NumbersForm({"numbers": numbers}), timezone.now()

    def carry_out() -> HttpResponse:
        with transaction.atomic():
            for number in form.cleaned_data["numbers"]:
                services.end_grey(number, by=request.user.get_username(), now=now)
        messages.success(request, "已取消，页面立即恢复彩色。")
        return HttpResponseRedirect(reverse("console_greyscale"))

    if not form.is_valid():
        return HttpResponseRedirect(reverse("console_greyscale"))
    question = Question(
        title="恢复彩色",
        form=form,
        back=reverse("console_greyscale"),
        foresee=lambda: _preview_end(selectors.of_numbers(form.cleaned_data["numbers"], now=now), now),
        carry_out=carry_out,
        confirm="确认恢复彩色",
    )
    return ask(request, question)


def _places(form: GreyForm) -> list[tuple[City, TenantRef | None]]:
    cities, sites = form.chosen()
    own = {city.slug: city for city in City.objects.filter(slug__in={ref.city_slug for ref in sites})}
    return [*((city, None) for city in cities), *((own[ref.city_slug], ref) for ref in sites)]


def _preview(form: GreyForm, now: dt.datetime) -> Preview:
    first, last, reason = form.time()
    services.check_grey(starts_at=first, ends_at=last, reason=reason, now=now)
    reached = form.reached()
    start = "确认后立即" if first <= now else f"{timezone.localtime(first):{MOMENT}}"
    will = (
        f"{start}，{len(reached)}个站点的所有页面变为灰度显示。",
        f"{timezone.localtime(last):{MOMENT}}自动恢复彩色，共{_length(last - max(first, now))}。",
    )
    already = [ref.name for ref in reached if any(begins < last and ends > first for begins, ends in ref.grey)]
    warnings = (
        (f"{len(already)}个站点在这段时间已有灰度安排：{'、'.join(already[:MOST_NAMES])}{'等' if len(already) > MOST_NAMES else ''}。",)
        if already
        else ()
    )
    looks = [ref for ref in reached if ref.is_live][:PREVIEWS]
    return Preview(
        will=will,
        undo="在“灰度显示”页面点“恢复彩色”，立即生效。",
        sites=tuple(ref.name for ref in reached),
        warnings=warnings,
        links=tuple((f"{ref.name}首页的灰度效果（只有持此链接的人能看到，一小时内有效）", grey_preview_url(ref)) for ref in looks),
    )


def _preview_end(rows: list[GreyPeriod], now: dt.datetime) -> Preview:
    will = tuple(
        f"{selectors.place_of(row)}：{'立即恢复彩色' if row.starts_at <= now else '取消还没有开始的安排'}"
        f"（{timezone.localtime(row.starts_at):{MOMENT}}至{timezone.localtime(row.ends_at):{MOMENT}}，{row.reason}）。"
        for row in rows
    )
    return Preview(will, "重新安排一次同样的时间。")


def _length(time: dt.timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return f"{hours // 24}天{hours % 24}小时" if hours >= 24 else f"{hours}小时"  # noqa: PLR2004 - a day
