"""Screens of the editor: files into and out of a power list's draft, and the oversight's table of organs."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView
from typing_extensions import override
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView

from spreadsheets import sheets
from tenants.organs import composing, importing
from tenants.organs.contract import ITEM_FIELDS
from tenants.organs.forms import ImportForm
from tenants.organs.models import OrganPage, PowerListPage

MOST_FAULTS = 200


class PowerFile(WagtailAdminTemplateMixin, TemplateView):
    """The file of a power list: what is in the draft, and a file that changes it."""

    template_name = "organs/import.html"
    header_icon = "list-ul"
    page_title = "导入导出权责清单"

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not edit the list, or anybody while it is locked."""
        self.list_page = get_object_or_404(PowerListPage, pk=kwargs["pk"])
        self.rights = self.list_page.permissions_for_user(request.user)
        if not self.rights.can_edit():
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the list and its form."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"list_page": self.list_page, "form": ImportForm(), "fields": ITEM_FIELDS.values()} | context

    @override
    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Return the way back to the list."""
        edit = reverse("wagtailadmin_pages:edit", args=[self.list_page.pk])
        items: list[dict[str, str]] = super().get_breadcrumbs_items()
        return [*items, {"url": edit, "label": self.list_page.title}, {"url": "", "label": self.page_title}]

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Bring the draft in step with the file and tell what became of each row."""
        form = ImportForm(request.POST, request.FILES)
        if self.rights.page_locked():
            form.add_error(None, "清单已锁定，请先解除锁定再导入。")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            with transaction.atomic():
                report = importing.import_items(
                    self.list_page, form.cleaned_data["file"], user=request.user, is_complete=form.cleaned_data["is_complete"]
                )
        except sheets.SheetError as error:
            form.add_error("file", str(error))
            return self.render_to_response(self.get_context_data(form=form))
        more = max(0, len(report.faults) - MOST_FAULTS)
        kept_all = form.cleaned_data["is_complete"] and bool(report.faults)
        return self.render_to_response(
            self.get_context_data(form=form, report=report, faults=report.faults[:MOST_FAULTS], more=more, kept_all=kept_all)
        )


class DraftFile(PowerFile):
    """The draft's items as a file."""

    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Return the file."""
        if kwargs["form"] not in composing.FORMATS:
            raise Http404
        rows = [item.row() for item in importing.draft_of(self.list_page).items.all()]
        return composing.file_of(rows, kwargs["form"], name=self.list_page.title)


class OrganReport(ReportView):
    """All organs with who is responsible for openness, when that was filed, and what is missing."""

    page_title = "政务公开机构与人员"
    header_icon = "group"
    index_url_name = "organs-report"
    index_results_url_name = "organs-report-results"
    any_permission_required: ClassVar[list[str]] = []
    is_searchable = False
    columns: ClassVar[list[Column]] = [
        TitleColumn("title", label="机构", get_url=lambda page: reverse("wagtailadmin_pages:edit", args=[page.pk])),
        Column("kind", label="类别", accessor="get_kind_display"),
        Column("responsible", label="负责同志", accessor=lambda page: page.responsible() or "未填报"),
        Column("filed_on", label="备案日期", accessor=lambda page: page.filed_on.isoformat() if page.filed_on else "未备案"),
        Column("filing_receipt", label="备案回执号"),
        Column("openness_unit", label="工作机构"),
        Column("staff_count", label="专职人员", accessor=lambda page: "" if page.staff_count is None else page.staff_count),
        Column("missing", label="缺项", accessor=lambda page: "、".join(page.missing_elements()) or "无"),
    ]
    list_export: ClassVar[list[str]] = [
        "title",
        "get_kind_display",
        "responsible_name",
        "responsible_post",
        "filed_on",
        "filing_receipt",
        "openness_unit",
        "staff_count",
        "missing_elements",
    ]
    export_headings: ClassVar[dict[str, str]] = {
        "title": "机构",
        "get_kind_display": "类别",
        "responsible_name": "负责同志",
        "responsible_post": "职务",
        "filed_on": "备案日期",
        "filing_receipt": "备案回执号",
        "openness_unit": "工作机构",
        "staff_count": "专职人员",
        "missing_elements": "缺项",
    }
    export_filename = "organs"

    @override
    def get_queryset(self) -> Any:
        """Return all organs that are published, in the order of the directory."""
        return OrganPage.objects.live().prefetch_related("leaders", "units").order_by("kind", "position", "path")
