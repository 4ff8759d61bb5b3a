"""The screen of the editor that says which accounts have been silent for too long."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView
from typing_extensions import override
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from tenants.channels import selectors


class Freshness(WagtailAdminTemplateMixin, TemplateView):
    """All accounts that are kept, the stalest first; everybody in the editor may look."""

    template_name = "channels/freshness.html"
    page_title = "新媒体更新检查"
    header_icon = "mail"

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the accounts with the last day on which each has to publish."""
        today = timezone.localdate()
        found = selectors.freshness(self.request.tenant, on=today)  # type: ignore[attr-defined] # set by the middleware
        rows = [
            {
                "title": each.account.title,
                "kind": each.account.get_kind_display(),
                "organ": each.account.organ_name,
                "edit_url": reverse("wagtailadmin_pages:edit", args=[each.account.pk]),
                "last_date": each.last_date,
                "due": each.due,
                "days_late": (today - each.due).days if each.due and each.is_stale else 0,
                "is_stale": each.is_stale,
            }
            for each in found
        ]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"rows": rows, "stale": sum(row["is_stale"] for row in rows)}
