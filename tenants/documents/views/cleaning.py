"""The editor's screens of validity and cleaning: what ends soon, campaigns, and one campaign's documents."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from typing_extensions import override

from library import services as library
from library.contract import CampaignError, Decision
from library.models import Campaign, CampaignItem
from library.selectors import progress_at, progress_of
from registry.contract import Kind, TenantRef
from registry.selectors import site_url
from tenants.documents import services
from tenants.documents.contract import DocumentError
from tenants.documents.forms import CampaignForm
from tenants.pages.contract import Right, may
from tenants.pages.views import screens

ROWS = 50


class Screen(screens.Screen):
    """A page of the editor about the site's documents."""

    header_icon = "doc-full-inverse"
    page_title = "文件时效与清理"
    overview = ("document-cleaning", "文件时效与清理")

    def campaigns(self) -> Any:
        """Return the campaigns that the site takes part in, and no others."""
        return Campaign.objects.of_site(self.tenant.uuid, city_slug=self.tenant.city_slug)


class Overview(Screen):
    """What ends soon, the campaigns, and where a new one begins."""

    template_name = "official_documents/cleaning.html"
    needs_to_post = Right.DECIDE

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return documents that end soon, and each campaign with how far this site is."""
        today = timezone.localdate()
        campaigns = list(self.campaigns().order_by("-pk")[:ROWS])
        own = progress_at(self.tenant, campaigns)
        return super().get_context_data(**kwargs) | {
            "expiring": services.expiring(self.tenant, today=today),
            "campaigns": [{"campaign": campaign, "progress": own.get(campaign.pk)} for campaign in campaigns],
            "form": kwargs.get("form") or CampaignForm(initial={"as_of": today}, is_city=self.tenant.kind is Kind.CITY),
            "may_lead": may(self.request, Right.DECIDE),
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Open a campaign, or say what is missing."""
        form = CampaignForm(request.POST, is_city=self.tenant.kind is Kind.CITY)
        if form.is_valid():
            site = None if form.cleaned_data.get("is_for_city") else self.tenant
            facts = {name: form.cleaned_data[name] for name in ("title", "as_of")}
            try:
                campaign = library.open_campaign(**facts, city_slug=self.tenant.city_slug, site=site, by=self.by)
            except CampaignError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"已开始“{campaign.title}”，请逐件提出处理意见。")
                return redirect("document-campaign", pk=campaign.pk)
        return self.render_to_response(self.get_context_data(form=form))


class OneCampaign(Screen):
    """One campaign: how far each site is, and the site's own documents with what is decided."""

    template_name = "official_documents/campaign.html"

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Know the campaign, or there is no such page."""
        tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        visible = Campaign.objects.of_site(tenant.uuid, city_slug=tenant.city_slug)
        self.campaign = get_object_or_404(visible, pk=kwargs["pk"])
        self.page_title = self.campaign.title
        return super().dispatch(request, *args, **kwargs)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return a page of the site's documents and the progress of all sites."""
        own = CampaignItem.objects.filter(campaign=self.campaign, site=self.tenant.uuid).order_by("pk")
        page = Paginator(own, ROWS).get_page(self.request.GET.get("page"))
        progress = progress_of(self.campaign)
        mine = next((each for each in progress if each.site.uuid == self.tenant.uuid), None)
        return super().get_context_data(**kwargs) | {
            "campaign": self.campaign,
            "items": page,
            "decisions": Decision.choices,
            "progress": progress,
            "mine": mine,
            "result_url": site_url(self.tenant, mine.path) if mine and mine.path else "",
            "may_decide": may(self.request, Right.CHANGE) and mine is not None and not mine.path,
            "may_lead": may(self.request, Right.DECIDE) and mine is not None and not mine.path,
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Keep the decisions of the page that was shown; the good ones even where one lacks its reason."""
        shown = CampaignItem.objects.filter(campaign=self.campaign, site=self.tenant.uuid, pk__in=self._shown(request)).order_by("pk")
        kept = 0
        for item in shown:
            decision, reason = request.POST.get(f"decision-{item.pk}", ""), request.POST.get(f"reason-{item.pk}", "")
            if decision not in Decision.values:
                continue
            try:
                kept += library.decide(
                    self.campaign, site=self.tenant, page=item.page, decision=Decision(decision), reason=reason[:200], by=self.by
                )
            except CampaignError as error:
                messages.error(request, str(error))
        messages.success(request, f"已保存 {kept} 件处理意见。")
        return redirect(request.get_full_path())

    @staticmethod
    def _shown(request: HttpRequest) -> list[int]:
        return [int(pk) for name in request.POST if name.startswith("decision-") and (pk := name.removeprefix("decision-")).isdecimal()]


class ConcludeCampaign(OneCampaign):
    """Lets the site's decisions take effect together."""

    http_method_names: Sequence[str] = ("post", "options")
    needs_to_post = Right.DECIDE

    @override
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do it, or say what is missing."""
        try:
            done = library.conclude(self.campaign, site=self.tenant, by=self.by)
        except (CampaignError, DocumentError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"清理结果已生效，并公布在 {site_url(self.tenant, done.path)}。")
        return redirect("document-campaign", pk=self.campaign.pk)
