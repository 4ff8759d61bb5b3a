"""Changes of one site that ask for more than a verb's own fields: a blueprint applied, a domain looked at."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from blueprints.contract import Difference, Verdict
from console import services
from console.contract import Mark, Preview, Tone
from console.forms.archives import ApplyForm, DomainForm
from console.views.access import OPERATIONS, officers
from console.views.asking import Question, ask
from observability.addresses import client_address
from provisioning import blueprints, verbs
from provisioning import services as provisioning
from registry.contract import TenantRef
from registry.selectors import directory

_VERDICTS = {
    Verdict.ADD: Mark(Tone.GOOD, "新增"),
    Verdict.CHANGE: Mark(Tone.WARNING, "改为蓝本的内容"),
    Verdict.EDITED: Mark(Tone.QUIET, "不动：本站自己改过"),
    Verdict.REMOVED: Mark(Tone.QUIET, "不动：本站自己去掉了"),
    Verdict.DROPPED: Mark(Tone.QUIET, "不动：蓝本不再有"),
    Verdict.OWN: Mark(Tone.QUIET, "不动：本站自有"),
}


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a blueprint, show each difference and what becomes of it, then let it be carried in."""
    site = _site(slug)
    form = ApplyForm(request.POST if request.method == "POST" else None, site=site)

    def carry_out() -> HttpResponse:
        wanted = verbs.apply_request(slug, blueprints.load(form.cleaned_data["blueprint"]))
        by, address = request.user.get_username(), client_address(request)
        return HttpResponseRedirect(reverse("console_job", args=[services.request_operation(verbs.APPLY, wanted, by=by, address=address)]))

    question = Question(
        title=f"套用蓝本：{site.name}",
        form=form,
        back=reverse("console_site", args=[slug]),
        foresee=lambda: _preview_apply(site, form.cleaned_data["blueprint"]),
        carry_out=carry_out,
        hint="把蓝本的栏目和设置带进站点；本站人员自己改过的不动。",
        confirm="确认套用",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def look_at(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a domain, then let DNS and the net be asked about it; what they say stands on the site's page."""
    site = _site(slug)
    form = DomainForm(request.POST if request.method == "POST" else None, initial={"domain": request.GET.get("domain", "")[:253]})

    def carry_out() -> HttpResponse:
        by, address = request.user.get_username(), client_address(request)
        made = services.request_look(slug, form.cleaned_data["domain"], by=by, address=address)
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title=f"检查域名：{site.name}",
        form=form,
        back=reverse("console_site", args=[slug]),
        foresee=lambda: _preview_look(slug, form.cleaned_data["domain"]),
        carry_out=carry_out,
        hint="查它的IPv4、IPv6地址、归属记录，以及IPv6能不能连上。",
        confirm="开始检查",
    )
    return ask(request, question)


def _preview_apply(site: TenantRef, name: str) -> Preview:
    blueprint = blueprints.load(name)
    services.rehearsed(verbs.APPLY, lambda: verbs.apply_request(site.slug, blueprint))
    found = blueprints.differences(site, blueprint)
    doing = [each for each in found if not each.is_left_alone]
    rows = tuple((number, _told(each), _VERDICTS[each.verdict]) for number, each in enumerate(found, start=1))
    undo = "在任务页面点“撤销”；套用以后又改过的保留。"
    if not doing:
        return Preview((), undo, rows=rows)
    added = sum(each.verdict is Verdict.ADD for each in doing)
    title, changed, left = blueprint.title or blueprint.name, len(doing) - added, len(found) - len(doing)
    text = f"{site.name}按“{title}”新增{added}处、改动{changed}处；另外{left}处不动。"
    return Preview((text,), undo, sites=(site.name,), rows=rows)


def _told(each: Difference) -> str:
    return f"{each.subject}：{_short(each.present)} → {_short(each.wanted)}"


def _short(value: object) -> str:
    return "无" if value in (None, "", (), []) else str(value)[:80]


def _preview_look(slug: str, domain: str) -> Preview:
    name = provisioning.check_name(slug, domain)
    return Preview(
        (f"向DNS查询{name}，并试着连接它的IPv6地址；一般十几秒。只查看，不改动站点。", "结果记在站点页面的“域名”里，替换上一次的结果。"),
        "不需要撤销。",
    )


def _site(slug: str) -> TenantRef:
    try:
        return directory().by_slug[slug]
    except KeyError:
        raise Http404 from None
