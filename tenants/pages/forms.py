"""The editor's form of a page: whoever leaves the address empty gets one, since a Chinese title makes none by itself."""

from datetime import date
from typing import Any

from django.utils import timezone
from pypinyin import Style, lazy_pinyin
from typing_extensions import override
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Page

from tenants.pages.models import ColumnPage, SitePage

LONGEST_NAME = 40


class SitePageForm(WagtailAdminPageForm):
    """A page's form in which the address may stay empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text += "留空则自动生成。"

    @override
    def clean(self) -> dict[str, Any]:
        """Fill in an empty address before Wagtail looks whether it is taken."""
        if "slug" in self.fields and not self.cleaned_data.get("slug") and "slug" not in self.errors:
            title = self.cleaned_data.get("title") or ""
            name = free_name(type(self.instance), title, parent=self.parent_page, page=self.instance, today=timezone.localdate())
            self.cleaned_data["slug"] = name
        cleaned: dict[str, Any] = super().clean()
        return cleaned


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


def connect() -> None:
    """Make it the form of all our page types; called once at start-up, for models stand below forms."""
    SitePage.base_form_class = SitePageForm
