"""Screens of the editor: the letters of the site, the most urgent first, and what is done with one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from typing_extensions import override

from exchange.selectors import receivers_of
from registry.selectors import directory
from tenants.letters import selectors, services
from tenants.letters.contract import OPEN, Decision, LetterError, LetterState, NoReceiverError, masked_contact, masked_name
from tenants.letters.forms import StaffForm
from tenants.letters.models import Letter
from tenants.pages.contract import Right, may
from tenants.pages.views import screens

ROWS = 50
LIST = ("letters", "来信办理")
# Which right a button needs: what is refused, what leaves the site and what becomes public is decided by reviewers.
NEEDS = {
    "accept": Right.CHANGE,
    "assign": Right.CHANGE,
    "reply": Right.CHANGE,
    "refuse": Right.DECIDE,
    "hand_over": Right.DECIDE,
    "hand_back": Right.DECIDE,
    "decide": Right.DECIDE,
}
DONE = {
    "accept": "已受理。",
    "assign": "已交承办单位办理。",
    "reply": "已答复，写信人可以查到。",
    "refuse": "已记为不予受理，写信人可以查到理由。",
    "hand_over": "已转办，编号不变，写信人仍在本站查询。",
    "hand_back": "已退回。",
    "decide": "已记录。",
}


class Letters(screens.Screen):
    """All letters of the site."""

    template_name = "letters/list.html"
    page_title = "来信办理"
    header_icon = "mail"
    overview = LIST
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show those of one state or all; nobody is named in full."""
        state, today = request.GET.get("state", ""), timezone.localdate()
        page = Paginator(selectors.listed(state).defer("text", "reply"), ROWS).get_page(request.GET.get("page"))
        letters = list(page.object_list)
        left = selectors.left_of(letters, on=today)
        counts = selectors.count_by_state()
        return self.shown(
            rows=[
                {
                    "letter": letter,
                    "writer": masked_name(letter.writer),
                    "left": left.get(letter.pk),
                    "site": _site_name(letter.handler or letter.origin),
                }
                for letter in letters
            ],
            page_obj=page,
            state=state,
            overdue=selectors.count_overdue(on=today),
            states=[{"value": each.value, "label": each.label, "count": counts[each.value]} for each in LetterState],
            total=sum(counts.values()),
            units=selectors.by_unit(on=today),
        )


class Handle(screens.Screen):
    """One letter, and what may be done with it now."""

    template_name = "letters/handle.html"
    page_title = "来信"
    header_icon = "mail"
    overview = LIST

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the letter."""
        return self._page(self._letter(), None)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do what the button says."""
        letter, verb = self._letter(), request.POST.get("verb", "")
        if verb not in NEEDS or not may(request, NEEDS[verb]):
            raise PermissionDenied
        form = StaffForm(request.POST, sites=receivers_of(self.tenant))
        if not form.is_valid():
            return self._page(letter, form)
        try:
            self._verbs(letter, form)[verb]()
        except LetterError as error:
            messages.error(request, str(error))
            return self._page(self._letter(), form)
        messages.success(request, f"{letter.number}：{DONE[verb]}")
        return redirect("letters") if verb == "hand_back" else redirect("letter", pk=letter.pk)

    def _verbs(self, letter: Letter, form: StaffForm) -> dict[str, Callable[[], object]]:
        said, now = form.cleaned_data, timezone.now()
        who: dict[str, Any] = {"tenant": self.tenant, "by": self.by}

        def hand_over() -> None:
            to = form.receiver()
            if to is None:
                raise NoReceiverError("请选择转给哪个网站。")
            services.hand_over(letter, to=to, **who)

        return {
            "accept": lambda: services.accept(letter, now=now, **who),
            "assign": lambda: services.assign(letter, said["organ"], now=now, **who),
            "reply": lambda: services.reply(letter, said["reply"], organ=said["organ"], now=now, **who),
            "refuse": lambda: services.refuse(letter, said["reason"], **who),
            "hand_over": hand_over,
            "hand_back": lambda: services.hand_back(letter, said["reason"], **who),
            "decide": lambda: services.decide(
                letter,
                Decision(said["decision"]),
                said["reason"],
                tenant=self.tenant,
                by=self.request.user,  # type: ignore[arg-type] # a signed-on person
            ),
        }

    def _letter(self) -> Letter:
        return get_object_or_404(Letter.objects.select_related("answer_page"), pk=self.kwargs["pk"])

    def _page(self, letter: Letter, form: StaffForm | None) -> HttpResponse:
        sites = receivers_of(self.tenant)
        form = form or StaffForm(None, sites=sites, initial={"organ": letter.organ_name, "reply": letter.reply})
        sees_all = may(self.request, Right.CHANGE)
        may_decide = may(self.request, Right.DECIDE)
        is_open = letter.state in OPEN
        is_ours = letter.state == LetterState.ANSWERED and letter.handler is None and letter.erased_at is None
        return self.shown(
            letter=letter,
            form=form,
            left=selectors.left_of([letter], on=timezone.localdate()).get(letter.pk),
            writer=letter.writer if sees_all else masked_name(letter.writer),
            contact=letter.contact if sees_all else masked_contact(letter.contact),
            origin=_site_name(letter.origin),
            handler=_site_name(letter.handler),
            organs=selectors.organ_names(),
            may_accept=sees_all and letter.state == LetterState.WAITING,
            may_assign=sees_all and is_open,
            may_reply=sees_all and (is_open or is_ours),
            may_refuse=may_decide and is_open,
            may_hand_over=may_decide and is_open and bool(sites) and letter.origin is None,
            may_hand_back=may_decide and is_open and letter.origin is not None,
            may_decide=may_decide and is_ours,
            page_url=reverse("wagtailadmin_pages:edit", args=[letter.answer_page_id]) if letter.answer_page_id else "",
        )


def _site_name(uuid: Any) -> str:
    if uuid is None:
        return ""
    site = directory().by_uuid.get(uuid)
    return site.short_name if site else "已关停网站"
