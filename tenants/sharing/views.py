"""Screens of the editor: give a text to other sites, what was sent and received, take or decline."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from typing_extensions import override
from wagtail.models import Page

from exchange import selectors
from exchange import services as exchange
from exchange.contract import DeliveryState, ExchangeError, Mode, label_of
from exchange.models import Delivery, Relay
from registry.selectors import site_url
from tenants.pages.contract import Right, may
from tenants.pages.models import TextPage
from tenants.pages.views import screens
from tenants.sharing import services
from tenants.sharing.forms import DecideForm, SendForm
from tenants.sharing.selectors import public_copies

NEWEST = 100


class Screen(screens.Screen):
    """A page of the editor about what travels between sites."""

    needs_to_post = Right.DECIDE
    header_icon = "site"
    page_title = "站间推送"

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what every screen shows: whether the person may decide."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"may_decide": may(self.request, Right.DECIDE)}


class Send(Screen):
    """Choose who gets a text."""

    template_name = "sharing/send.html"
    page_title = "推送到其他网站"
    needs = Right.DECIDE

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self._form(None)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Send."""
        form = SendForm(request.POST, sites=selectors.receivers_of(self.tenant))
        page = self._page()
        if not form.is_valid():
            return self._form(form)
        try:
            services.send(page, receivers=form.sites(), mode=Mode(form.cleaned_data["mode"]), by=self.by)
        except ExchangeError as error:
            messages.error(request, str(error))
            return self._form(form)
        messages.success(request, f"《{page.title}》已推送到 {len(form.sites())} 个网站，办理情况见“发出的内容”。")
        return redirect("sharing-sent")

    def _page(self) -> TextPage:
        page = get_object_or_404(Page, pk=self.kwargs["pk"]).specific
        if not isinstance(page, TextPage) or not page.permissions_for_user(self.request.user).can_publish():
            raise PermissionDenied
        return page

    def _form(self, form: SendForm | None) -> HttpResponse:
        page = self._page()
        sent = selectors.sending_of(self.tenant, page.pk)
        form = form or SendForm(None, sites=selectors.receivers_of(self.tenant))
        return self.shown(form=form, page=page, version=sent.version if sent else 0)


class Sent(Screen):
    """What this site sent and what became of it."""

    template_name = "sharing/sent.html"
    page_title = "发出的内容"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the newest."""
        rows = list(selectors.sent_by(self.tenant)[:NEWEST])
        relays = list(selectors.taken_over_from(self.tenant)[:NEWEST])
        names = selectors.names(
            [*(delivery.receiver for row in rows for delivery in row.deliveries.all()), *(row.receiver for row in relays)]
        )
        public = public_copies(relays)
        return self.shown(
            may_send=bool(selectors.receivers_of(self.tenant)),
            relays=[
                {
                    "row": each,
                    "label": label_of(each.mark),
                    "site": names.get(each.receiver, "已关停网站"),
                    "url": public.get(each.pk, ""),
                    "is_signed": each.seen_mark == each.mark,
                }
                for each in relays
            ],
            rows=[
                {
                    "row": row,
                    "deliveries": [{"row": each, "site": names.get(each.receiver, "已关停网站")} for each in row.deliveries.all()],
                }
                for row in rows
            ],
        )


class Received(Screen):
    """What this site was given."""

    template_name = "sharing/received.html"
    page_title = "收到的内容"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the newest, what waits first."""
        rows = sorted(selectors.received_by(self.tenant)[:NEWEST], key=lambda row: row.state != DeliveryState.OFFERED)
        relays = sorted(selectors.taken_over_by(self.tenant)[:NEWEST], key=lambda row: row.seen_mark == row.mark)
        names = selectors.names([*(row.sending.sender for row in rows), *(row.sender for row in relays)])
        public = public_copies(relays)
        return self.shown(
            relays=[
                {
                    "row": each,
                    "label": label_of(each.mark),
                    "site": names.get(each.sender, "已关停网站"),
                    "edit_url": reverse("wagtailadmin_pages:edit", args=[each.copy_id]) if each.pk in public else "",
                    "is_signed": each.seen_mark == each.mark,
                }
                for each in relays
            ],
            rows=[
                {
                    "row": row,
                    "site": names.get(row.sending.sender, "已关停网站"),
                    "is_newer": row.state == DeliveryState.CARRIED and row.version < row.sending.version,
                    "is_unseen": row.state == DeliveryState.CARRIED and row.seen_mark != row.sending.mark,
                    "label": label_of(row.sending.mark),
                }
                for row in rows
            ],
        )


class Sign(Screen):
    """Say that one has read what became of the original of a text this site took over by itself."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Sign."""
        relay = get_object_or_404(Relay, pk=self.kwargs["pk"], receiver=self.tenant.uuid)
        exchange.acknowledge(relay, by=self.by, now=timezone.now())
        messages.success(request, f"已签收《{relay.title}》的原文状态，原文网站会看到。")
        return redirect("sharing-received")


class Decide(Screen):
    """Take a text, decline it, or say that one has read what became of the original."""

    template_name = "sharing/decide.html"
    page_title = "处理收到的内容"

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the text and the form."""
        return self._form(None)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do what the button says."""
        delivery, now = self._delivery(), timezone.now()
        form = DecideForm(request.POST, columns=services.columns_for(delivery.sending.row))
        if "seen" in request.POST:
            exchange.acknowledge(delivery, by=self.by, now=now)
            messages.success(request, "已签收。")
            return redirect("sharing-received")
        if not form.is_valid():
            return self._form(form)
        try:
            if "decline" in request.POST:
                exchange.decline(delivery, by=self.by, reason=form.cleaned_data["reason"], now=now)
                messages.success(request, "已退回，发出网站会看到理由。")
            else:
                page = services.carry(delivery, column=int(form.cleaned_data["column"]), by=self.by, now=now)
                messages.success(request, f"《{page.title}》已发布。")
        except ExchangeError as error:
            messages.error(request, str(error))
            return self._form(form)
        return redirect("sharing-received")

    def _delivery(self) -> Delivery:
        return get_object_or_404(Delivery.objects.select_related("sending"), pk=self.kwargs["pk"], receiver=self.tenant.uuid)

    def _form(self, form: DecideForm | None) -> HttpResponse:
        delivery = self._delivery()
        sending = delivery.sending
        sender = selectors.names([sending.sender]).get(sending.sender, "已关停网站")
        page = Page.objects.filter(pk=delivery.page_id).first() if delivery.page_id else None
        return self.shown(
            form=form or DecideForm(None, columns=services.columns_for(sending.row)),
            delivery=delivery,
            site=sender,
            original=selectors.original_url(sending),
            facts=services.facts_of(sending.row),
            page_url=site_url(self.tenant, page.specific.url) if page and page.live else "",
            edit_url=reverse("wagtailadmin_pages:edit", args=[page.pk]) if page else "",
            can_decide=delivery.state != DeliveryState.CARRIED or delivery.version < sending.version,
            can_acknowledge=delivery.state == DeliveryState.CARRIED and delivery.seen_mark != sending.mark,
        )
