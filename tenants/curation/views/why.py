"""Why this result, why not my page."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from typing_extensions import override
from wagtail.models import Page

from search.client import EngineDownError
from search.contract import document_key
from search.curation.current import rules_for
from search.curation.targets import Target, TargetError, resolve
from search.documents import CHINA
from search.explaining import Explained, explain
from search.requests.parameters import Reach
from search.requests.understanding import understand
from tenants.curation.forms import WhyForm
from tenants.curation.views.base import Screen


class Why(Screen):
    """Asks the search about one query and one page."""

    template_name = "curation/why.html"
    page_title = "为什么搜得到、搜不到"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form, and below it the answer."""
        usual = {"scope": "city" if self.owner.site is None else "site"}
        form = WhyForm(request.GET) if "q" in request.GET else WhyForm(initial=usual | {"address": request.GET.get("address", "")})
        if not form.is_bound or not form.is_valid():
            return self.shown(form=form)
        try:
            target = resolve(form.cleaned_data["address"], standing_on=self.tenant)
        except TargetError as error:
            form.add_error("address", str(error))
            return self.shown(form=form)
        try:
            answer = self._answer(form.cleaned_data["q"], target, form.cleaned_data["scope"])
        except EngineDownError:
            return self.shown(form=form, is_down=True)
        return self.shown(form=form, answer=answer, query=form.cleaned_data["q"])

    def _answer(self, query: str, target: Target, reach: str) -> Explained:
        if target.site is None:
            return Explained(("这是站外地址，搜索不收录它，只能设为推荐结果。",))
        reasons = _in_the_editor(target) if target.site.uuid == self.tenant.uuid else ()
        if reasons:
            return Explained(reasons)
        asked = understand({"q": query, "scope": reach}, tenant=self.tenant, default_reach=Reach.SITE)
        rules = rules_for(self.tenant, today=dt.datetime.now(CHINA).date())
        key = target.key or document_key(target.site.uuid, 0)
        return explain(asked.question, key, scope=asked.scope, rules=rules)


def _in_the_editor(target: Target) -> tuple[str, ...]:
    """Return what the site's own pages say: never published, taken down, for some people only."""
    if target.row:
        page = Page.objects.filter(pk=target.row.page_id).first()
    else:
        top = Page.objects.filter(depth=2).first()
        page = Page.objects.filter(url_path=f"{top.url_path.rstrip('/')}{target.path}").first() if top else None
    if page is None:
        return ("本站没有这个地址的网页，或它已被删除。",)
    if not page.live:
        return ("这个网页还没有发布，或已经撤下。发布后几秒内就能搜到。",)
    if page.get_view_restrictions().exists():
        return ("这个网页设了访问限制，只有部分人能看，所以不进入公众搜索。",)
    return () if target.row else ("这一类页面（如栏目、首页）不进入搜索，只有文章和公文进入。",)
