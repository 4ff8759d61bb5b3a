"""The overview, the preview of a draft, and the versions: put into force, go back."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from typing_extensions import override

from search.curation import services
from search.documents import CHINA
from search.models import QueryTask, RuleKind
from search.previewing import preview
from search.selectors import SearchDownError
from tenants.curation.contract import CHANGE_LABELS, KIND_LABELS
from tenants.curation.views.base import Screen
from tenants.pages.contract import Right


class Overview(Screen):
    """Where one begins: the kinds of rules, what the draft would change, the versions."""

    template_name = "curation/overview.html"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show it."""
        draft = services.draft_of(self.owner)
        counts = [(kind, sum(value.kind == kind for value in draft)) for kind in RuleKind]
        versions = services.versions_of(self.owner)
        active = next((version for version in versions if version.is_active), None)
        return self.shown(
            kinds=[
                {"label": kind.label, "count": count, "url": reverse("curation-rules", kwargs={"kind": kind})} for kind, count in counts
            ],
            changes=described(services.changes_of(self.owner)),
            versions=[{"row": version, "changes": len(version.changes)} for version in versions],
            active=active,
            before=active.number - 1 if active else None,
            tasks=QueryTask.objects.owned_by(self.owner).exclude(state=QueryTask.State.DONE).count(),
        )


class Preview(Screen):
    """What the draft would change for readers."""

    template_name = "curation/preview.html"
    page_title = "预览草稿"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Measure and show."""
        changes = described(services.changes_of(self.owner))
        try:
            found = preview(self.tenant, today=dt.datetime.now(CHINA).date()) if changes else None
        except SearchDownError:
            return self.shown(changes=changes, is_down=True)
        kinds = [{"label": KIND_LABELS.get(each.kind, each.kind), "row": each} for each in found.kinds] if found else []
        return self.shown(changes=changes, preview=found, kinds=kinds)


class Activate(Screen):
    """Puts the draft into force."""

    needs = needs_to_post = Right.DECIDE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do it; twice is once."""
        try:
            made = services.activate(self.owner, by=self.by, note=request.POST.get("note", "").strip())
        except services.NothingToActivateError:
            messages.info(request, "草稿与现行版本相同，没有需要启用的变化。")
        else:
            messages.success(request, f"第 {made.number} 版已启用，一秒内对公众生效。")
        return redirect("curation")


class Restore(Screen):
    """Goes back to an earlier version."""

    needs = needs_to_post = Right.DECIDE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do it."""
        try:
            made = services.restore(self.owner, number=self.kwargs["number"], by=self.by)
        except services.NoSuchVersionError:
            messages.error(request, "没有这个版本。")
        else:
            messages.success(request, f"已恢复到第 {self.kwargs['number']} 版的内容，作为第 {made.number} 版启用；草稿也恢复为同样内容。")
        return redirect("curation")


class Discard(Screen):
    """Lets the draft be what is in force."""

    needs = needs_to_post = Right.CHANGE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do it."""
        services.discard_draft(self.owner, by=self.by)
        messages.success(request, "草稿已放弃，恢复为现行版本的内容。")
        return redirect("curation")


def described(changes: list[services.Change]) -> list[dict[str, str]]:
    """Return changes in words."""
    return [
        {
            "sort": CHANGE_LABELS[change.sort],
            "kind": RuleKind(change.rule.kind).label,
            "phrase": change.rule.phrase,
            "detail": change.rule.title or change.rule.address or change.rule.words,
        }
        for change in changes
    ]
