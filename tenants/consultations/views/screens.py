"""How the site's consultations stand, the opinions on one as a list or a file, and one opinion with who sent it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from typing_extensions import override

from observability.audit import record_audit
from spreadsheets import sheets
from tenants.consultations import services
from tenants.consultations.contract import GONE
from tenants.consultations.forms import WithholdForm
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.consultations.selectors.opinions import opinions_on, row_of, rows_on, withheld_on
from tenants.consultations.selectors.standings import figures, standings
from tenants.pages.views import screens

LOOK, CONTACT = "consultations.view_opinion", "consultations.contact_opinion"
ROWS = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Screen(screens.Screen):
    """A page of the editor for those who may read what citizens sent."""

    header_icon = "comment"
    overview = ("consultation-standings", "征集台账")

    @override
    def is_allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(LOOK))


class Standings(Screen):
    """All consultations with their last day, when the answer is due, and how many opinions came."""

    template_name = "consultations/admin/standings.html"
    page_title = "征集台账"
    http_method_names = ("get", "head", "options")

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the list and the figures of this year."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        today = timezone.localdate()
        rows = standings(self.tenant, today=today)
        overdue = sum(row.is_overdue for row in rows)
        return context | {"rows": rows, "overdue": overdue, "year": figures(self.tenant, year=today.year, today=today)}


class Opinions(Screen):
    """The opinions on one consultation, as a list or a file; who sent them is masked."""

    template_name = "consultations/admin/opinions.html"
    page_title = "公众意见"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show them, or return all of them as a file."""
        page = get_object_or_404(ConsultationPage, pk=kwargs["pk"])
        form = request.GET.get("format", "")
        if form in ("csv", "xlsx"):
            return _file(page, form)
        shows_withheld = "withheld" in request.GET
        found, withheld = opinions_on(page), withheld_on(page)
        shown = Paginator(withheld if shows_withheld else found, ROWS).get_page(request.GET.get("p"))
        rows = [{"pk": opinion.pk, "cells": row_of(opinion), "reason": opinion.withheld_reason} for opinion in shown]
        return self.shown(
            consultation=page, rows=rows, shown=shown, shows_withheld=shows_withheld, total=found.count(), withheld=withheld.count()
        )


class OneOpinion(Screen):
    """One opinion; who sent it is shown when somebody asks for it, and that is recorded."""

    template_name = "consultations/admin/opinion.html"
    page_title = "公众意见"

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the opinion with name and contact masked."""
        return self.one(self.opinion(), is_open=False)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show name and contact, and write down who looked."""
        if not request.user.has_perm(CONTACT):
            raise PermissionDenied
        opinion = self.opinion()
        with transaction.atomic():
            record_audit("opinion.contact.opened", actor=self.by, subject=opinion.number, tenant_uuid=self.tenant.uuid)
        return self.one(opinion, is_open=True)

    def opinion(self) -> Opinion:
        """Return the opinion of the address."""
        return get_object_or_404(Opinion.objects.select_related("consultation"), pk=self.kwargs["pk"])

    def one(self, opinion: Opinion, *, is_open: bool, form: WithholdForm | None = None) -> HttpResponse:
        """Return the page of an opinion, with what the person may do with it; a form is given where something was wrong with it."""
        number, at, text, name, contact = row_of(opinion)
        who = (opinion.name, opinion.contact) if is_open else (name, contact)
        may_handle = self.request.user.has_perm(CONTACT)
        again = {"reason": opinion.withheld_reason, "erases_text": bool(opinion.withheld_at)}  # what is left to do where it was withheld
        may_withhold = may_handle and not (opinion.withheld_at and opinion.text == GONE)
        return self.shown(
            opinion=opinion,
            consultation=opinion.consultation,
            number=number,
            at=at,
            text=text,
            name=who[0],
            contact=who[1],
            may_open=may_handle and not is_open and bool(name or contact),
            withhold_form=(form or WithholdForm(initial=again)) if may_withhold else None,
            is_refused=form is not None,
        )


class Withhold(OneOpinion):
    """Takes one opinion out of lists, files and numbers; by those who may open who sent it, and nobody else."""

    @override
    def is_allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(CONTACT))

    @override
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Withhold it and lead back to the others; without a reason the form is shown again."""
        opinion, form = self.opinion(), WithholdForm(request.POST)
        if not form.is_valid():
            return self.one(opinion, is_open=False, form=form)
        is_new = services.withhold(opinion, self.tenant, by=self.by, now=timezone.now(), **form.cleaned_data)
        done = "已撤除，姓名和联系方式已删除" if is_new else "先前已撤除"
        messages.success(request, f"意见 {opinion.number} {done}。")
        return redirect("consultation-opinions", pk=opinion.consultation_id)


def _file(page: ConsultationPage, form: str) -> HttpResponse:
    rows = rows_on(page)
    content = sheets.written_csv(rows) if form == "csv" else sheets.written_xlsx(rows, title="公众意见")
    kind = "text/csv; charset=utf-8" if form == "csv" else _XLSX
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="opinions-{page.pk}.{form}"'})
