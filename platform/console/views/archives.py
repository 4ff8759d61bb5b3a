"""Sites from archives: restored, confirmed or taken back, and prepared from an open archive; each in the background."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console import services
from console.contract import Preview
from console.forms.archives import ImportForm, RestoreForm, SureForm
from console.views.access import OPERATIONS, officers
from console.views.asking import Question, ask
from observability.addresses import client_address
from provisioning import restoring, verbs
from provisioning.contract import RefusedError
from provisioning.verbs.opening import check_slug_form
from provisioning.verbs.restoring import UnconfirmedError
from registry.contract import TenantRef
from registry.selectors import directory

MOMENT = "%Y-%m-%d %H:%M"


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest) -> HttpResponse:
    """Ask for an archive, say what becomes of the site, then let it be restored."""
    slug = request.GET.get("site", "")
    form = RestoreForm(request.POST if request.method == "POST" else None, slug=slug)

    def carry_out() -> HttpResponse:
        row, new_slug = form.row(), form.cleaned_data["new_slug"]
        by, address = request.user.get_username(), client_address(request)
        made = services.request_restore(row["path"], row["slug"], new_slug=new_slug, by=by, address=address)
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title="从备份恢复",
        form=form,
        back=reverse("console_site", args=[slug]) if slug in directory().by_slug else reverse("console_platform"),
        foresee=lambda: _preview_restore(form),
        carry_out=carry_out,
        hint="" if form.has_choices else "没有可以在这里恢复的备份。",
        confirm="确认恢复",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the site's name, then let the state before its restore be removed; there is no way back."""
    site, form = _site(slug), SureForm(request.POST if request.method == "POST" else None, slug=slug)

    def carry_out() -> HttpResponse:
        made = services.request_confirmation(slug, by=request.user.get_username(), address=client_address(request))
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title=f"确认恢复：{site.name}",
        form=form,
        back=reverse("console_site", args=[slug]),
        foresee=lambda: _preview_confirmation(site),
        carry_out=carry_out,
        hint="请先看过恢复后的网站。确认后，恢复前的内容不再保留。",
        confirm="确认，删除恢复前的内容",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def go_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then let the site go back to what it was before its restore."""
    site = _site(slug)

    def carry_out() -> HttpResponse:
        by, address = request.user.get_username(), client_address(request)
        return HttpResponseRedirect(reverse("console_job", args=[services.request_rollback(verbs.RESTORE, slug, by=by, address=address)]))

    question = Question(
        title=f"退回恢复前：{site.name}",
        form=forms.Form({}),
        back=reverse("console_site", args=[slug]),
        foresee=lambda: _preview_back(site),
        carry_out=carry_out,
        confirm="确认退回",
    )
    return ask(request, question)


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for an open archive and a name, then let the site be prepared from it."""
    form = ImportForm(request.POST if request.method == "POST" else None)

    def carry_out() -> HttpResponse:
        values = form.cleaned_data
        by, address = request.user.get_username(), client_address(request)
        made = services.request_import(form.path(), values["slug"], city=values["city"], by=by, address=address)
        return HttpResponseRedirect(reverse("console_job", args=[made]))

    question = Question(
        title="导入站点",
        form=form,
        back=reverse("console_home"),
        foresee=lambda: _preview_import(form),
        carry_out=carry_out,
        hint="用开放格式归档建一个筹建中的站点；公众看不到，看过以后再开通。",
        confirm="确认导入",
    )
    return ask(request, question)


def _preview_restore(form: RestoreForm) -> Preview:
    row, new_slug = form.row(), form.cleaned_data["new_slug"]
    taken, known = f"{timezone.localtime(row['taken_at']):{MOMENT}}", directory().by_slug
    facts = f"备份含{row['rows']:,}行数据、{row['files']:,}个文件"
    proved = () if row["is_good"] else ("这个备份没有校验过；恢复时会逐项核对，不对就不恢复。",)
    if new_slug:
        check_slug_form(new_slug)
        if new_slug in known:
            return Preview((), "", warnings=(f"已有标识为“{new_slug}”的站点，请换一个。",))
        anew = (
            f"新建站点“{new_slug}”，内容是“{row['slug']}”在{taken}的样子（{facts}）。",
            "新站点处于筹建状态，用平台分配的域名；原站点不变。",
        )
        return Preview(anew, "在任务页面点“撤销”，新站点随之删除。", warnings=proved)
    site = known.get(row["slug"])
    if site is None:
        lost = (f"“{row['slug']}”已不在平台上，按{taken}的样子重新建立（{facts}）。",)
        return Preview(lost, "在任务页面点“撤销”。", warnings=proved)
    if restoring.is_kept(site.slug):
        raise UnconfirmedError(site.slug)
    will = (
        f"{site.name}整站回到{taken}的样子（{facts}）；那以后的修改不再显示。",
        "恢复期间网站照常可读；最后一步一次切换，几秒内完成。",
        "恢复前的内容保留到您确认为止。其他站点不受影响。",
    )
    return Preview(will, "在站点页面点“退回恢复前”，确认以前都可以。", sites=(site.name,), warnings=proved)


def _preview_confirmation(site: TenantRef) -> Preview:
    undo = "不能撤销。恢复前的内容只能从更早的备份找回。"
    if not restoring.is_kept(site.slug):
        return Preview((), undo)
    return Preview((f"删除{site.name}恢复前的内容；网站保持现在的样子。",), undo, sites=(site.name,))


def _preview_back(site: TenantRef) -> Preview:
    undo = "再从同一备份恢复一次。"
    try:
        steps = restoring.plan_roll_back(site.slug)
    except RefusedError:
        return Preview((), undo)
    will = (f"{site.name}回到恢复以前的样子；恢复以后所做的修改不再显示。",) if steps else ()
    return Preview(will, undo, sites=(site.name,))


def _preview_import(form: ImportForm) -> Preview:
    slug = form.cleaned_data["slug"]
    check_slug_form(slug)
    undo = "在任务页面点“撤销”，站点随之删除。"
    if slug in directory().by_slug:
        return Preview((), undo, warnings=(f"已有标识为“{slug}”的站点，导入只建新站点。请换一个标识。",))
    will = (
        f"用{form.cleaned_data['file']}建一个筹建中的站点“{slug}”。",
        "先逐行检查归档；有一行不对，就一行也不导入，任务页面写明是哪个文件的第几行。",
    )
    return Preview(will, undo)


def _site(slug: str) -> TenantRef:
    try:
        return directory().by_slug[slug]
    except KeyError:
        raise Http404 from None
