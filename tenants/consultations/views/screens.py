"""How the site's consultations stand, the opinions on one as a list or a file, and one opinion with who sent it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from typing_extensions import override

from observability.audit import record_audit
from spreadsheets import sheets
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.consultations.selectors.opinions import opinions_on, row_of, rows_on
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
        shown = Paginator(opinions_on(page), ROWS).get_page(request.GET.get("p"))
        rows = [{"pk": opinion.pk, "cells": row_of(opinion)} for opinion in shown]
        return self.shown(consultation=page, rows=rows, shown=shown, total=shown.paginator.count)


class OneOpinion(Screen):
    """One opinion; who sent it is shown when somebody asks for it, and that is recorded."""

    template_name = "consultations/admin/opinion.html"
    page_title = "公众意见"

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the opinion with name and contact masked."""
        return self._shown(self._opinion(), is_open=False)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show name and contact, and write down who looked."""
        if not request.user.has_perm(CONTACT):
            raise PermissionDenied
        opinion = self._opinion()
        with transaction.atomic():
            record_audit("opinion.contact.opened", actor=self.by, subject=opinion.number, tenant_uuid=self.tenant.uuid)
        return self._shown(opinion, is_open=True)

    def _opinion(self) -> Opinion:
        return get_object_or_404(Opinion.objects.select_related("consultation"), pk=self.kwargs["pk"])

    def _shown(self, opinion: Opinion, *, is_open: bool) -> HttpResponse:
        number, at, text, name, contact = row_of(opinion)
        who = (opinion.name, opinion.contact) if is_open else (name, contact)
        may_open = not is_open and bool(name or contact) and self.request.user.has_perm(CONTACT)
        return self.shown(
            consultation=opinion.consultation, number=number, at=at, text=text, name=who[0], contact=who[1], may_open=may_open
        )


def _file(page: ConsultationPage, form: str) -> HttpResponse:
    rows = rows_on(page)
    content = sheets.written_csv(rows) if form == "csv" else sheets.written_xlsx(rows, title="公众意见")
    kind = "text/csv; charset=utf-8" if form == "csv" else _XLSX
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="opinions-{page.pk}.{form}"'})
