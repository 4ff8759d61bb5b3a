"""Screens of the editor about guides: which lack what, a table in, a table out."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView
from typing_extensions import override
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from search.contract import VALIDITY_LABELS
from tenants.pages.contract import ColumnType
from tenants.pages.models import ColumnPage
from tenants.services import exporting, importing, selectors
from tenants.services.contract import COLUMNS, ELEMENT_LABELS, NO_MATERIAL, PARTS, Element
from tenants.services.forms import ImportForm
from tenants.services.models import ServicePage

MOST_FAULTS = 200
_TYPES = {
    "csv": (exporting.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (exporting.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """A page of the editor about guides."""

    header_icon = "clipboard-list"

    def shown(self, **context: Any) -> HttpResponse:
        """Return the page with more in its context."""
        return self.render_to_response(self.get_context_data(**context))


class Completeness(Screen):
    """Which guides lack key elements, and whether an inspection would fail the site; everybody in the editor may look."""

    template_name = "services/completeness.html"
    page_title = "办事指南要素检查"

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the guides that lack something, the worst first."""
        found = selectors.completeness(self.request.tenant, on=timezone.localdate())  # type: ignore[attr-defined] # set by the middleware
        rows = [
            {
                "title": row.title,
                "organ": row.organ,
                "edit_url": reverse("wagtailadmin_pages:edit", args=[row.pk]),
                "missing": [ELEMENT_LABELS[element] for element in row.missing],
                "is_too_incomplete": len(row.missing) >= found.kinds,
            }
            for row in found.rows
        ]
        outdated = [
            {
                "title": each.title,
                "basis": each.basis,
                "validity": VALIDITY_LABELS[each.validity],
                "edit_url": reverse("wagtailadmin_pages:edit", args=[each.pk]),
            }
            for each in selectors.outdated(self.request.tenant)  # type: ignore[attr-defined] # as above
        ]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        labels = [ELEMENT_LABELS[element] for element in Element]
        return context | {"found": found, "rows": rows, "elements": labels, "outdated": outdated}


class Import(Screen):
    """A table becomes guides; every bad line is told, the good ones are kept."""

    template_name = "services/import.html"
    page_title = "批量导入办事指南"

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.shown(form=self._form())

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Take the file, and show what became of it."""
        form = self._form(request.POST, request.FILES)
        if not form.is_valid():
            return self.shown(form=form)
        given = form.cleaned_data
        try:
            lines = importing.read(given["file"])
        except importing.TableError as error:
            form.add_error("file", str(error))
            return self.shown(form=form)
        publish = bool(given.get("publish"))
        if publish and not given["column"].permissions_for_user(request.user).can_publish_subpage():
            raise PermissionDenied
        report = importing.import_services(given["column"], lines, by=request.user, publish=publish)  # type: ignore[arg-type] # a signed-on person
        if not report.faults:
            messages.success(request, f"新增 {report.created} 项，更新 {report.changed} 项，未变 {report.unchanged} 项。")
        return self.shown(form=self._form(), report=report, more=max(0, len(report.faults) - MOST_FAULTS), most=MOST_FAULTS)

    def _form(self, *data: Any) -> ImportForm:
        """Return the form with the columns where the person may put guides.

        Raises:
            PermissionDenied: there is none.

        """
        columns = [
            (column, column.permissions_for_user(self.request.user))
            for column in ColumnPage.objects.filter(column_type=ColumnType.SERVICES).order_by("path")
        ]
        allowed = [(column, rights) for column, rights in columns if rights.can_add_subpage()]
        if not allowed:
            raise PermissionDenied
        may_publish = any(rights.can_publish_subpage() for _, rights in allowed)
        return ImportForm(*data, columns=[column for column, _ in allowed], may_publish=may_publish)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"columns": COLUMNS, "parts": PARTS.items(), "no_material": NO_MATERIAL}


def export(_request: HttpRequest, form: str) -> HttpResponse:
    """Return all guides as readers see them, and those being written, as a table."""
    write, content_type = _TYPES[form]
    content = write(ServicePage.objects.order_by("path"))
    headers = {"Content-Disposition": f'attachment; filename="services.{form}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
