"""The editor's forms: a layout for the home page; a page, whose address is made for whoever leaves it empty."""

from datetime import date
from typing import Any

from django.forms import CheckboxSelectMultiple, ChoiceField, Form, MultipleChoiceField, RadioSelect
from django.utils import timezone
from pypinyin import Style, lazy_pinyin
from typing_extensions import override
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Page

from registry.selectors import current_tenant
from tenants.pages.contract import HomeLayout
from tenants.pages.models import ColumnPage, SitePage
from vocabularies.contract import Topic
from vocabularies.selectors import topics

LONGEST_NAME = 40


class SitePageForm(WagtailAdminPageForm):
    """A page's form in which the address may stay empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text += "留空则自动生成。"
        if "topics" in self.fields:
            self.fields["topics"] = self._topics()
        if "layout" in self.fields:
            field: Any = self.fields["layout"]
            field.choices = [("", "不选版式：并排列出勾选了“在首页列出”的栏目"), *HomeLayout.choices]

    def _topics(self) -> MultipleChoiceField:
        """Return a box for each topic on offer; one that is offered no more stays where the text has it."""
        field = self.fields["topics"]
        kept = self.instance.topics
        choices = [(topic.slug, topic.title) for topic in topics_of_site(with_retired=True) if topic.is_offered or topic.slug in kept]
        return MultipleChoiceField(
            label=field.label, help_text=field.help_text, required=False, choices=choices, widget=CheckboxSelectMultiple
        )

    @override
    def clean(self) -> dict[str, Any]:
        """Fill in an empty address before Wagtail looks whether it is taken."""
        if "slug" in self.fields and not self.cleaned_data.get("slug") and "slug" not in self.errors:
            title = self.cleaned_data.get("title") or ""
            name = free_name(type(self.instance), title, parent=self.parent_page, page=self.instance, today=timezone.localdate())
            self.cleaned_data["slug"] = name
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def topics_of_site(*, with_retired: bool = False) -> list[Topic]:
    """Return the topics that the current site may use."""
    tenant = current_tenant()
    return topics(city=tenant.city_slug, with_retired=with_retired) if tenant else []


def free_name(kind: type[Page], title: str, *, parent: Page, page: Page, today: date) -> str:
    """Return the last part of a page's address, free below its parent: a column's initials in pinyin, a text's day."""
    wanted = _initials(title) if issubclass(kind, ColumnPage) else f"t{today:%Y%m%d}"
    name, count = wanted, 1
    while not Page._slug_is_available(name, parent, page):  # noqa: SLF001 - what Wagtail's own form asks
        count += 1
        name = f"{wanted}-{count}"
    return name


def _initials(title: str) -> str:
    """Return the first letters of a title's characters: 通知公告 gives tzgg."""
    letters = "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())[:LONGEST_NAME] or "lm"


class LayoutForm(Form):
    """Which of the ready layouts becomes blocks."""

    layout = ChoiceField(
        label="版式", choices=HomeLayout.choices, widget=RadioSelect, help_text="栏目按类别自动对应；没有对应栏目的列表不生成。"
    )


def connect() -> None:
    """Make it the form of all our page types; called once at start-up, for models stand below forms."""
    SitePage.base_form_class = SitePageForm
