"""Tags and filters the themes' templates use: stylesheet links, and dates and numbers as government sites write them."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from theming.activation import current_theme
from theming.catalogue import BASE, catalogue
from theming.traditional import PREFIX

register = template.Library()
_HARMLESS = {
    ord("<"): "\\u003C",
    ord(">"): "\\u003E",
    ord("&"): "\\u0026",
}  # so that no text can end the block, as Django's json_script does


@register.simple_tag
def theme_css() -> SafeString:
    """Two links: the tokens of the theme in force, and the one stylesheet that is written in those tokens."""
    theme = current_theme()
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">',
        catalogue().stylesheet(theme.name).url,
        static(f"{BASE}/site.css"),
    )


@register.simple_tag
def json_ld(facts: Mapping[str, Any]) -> SafeString:
    """What a page is about, in the words of schema.org, for machines: a block of data that no browser runs."""
    return format_html('<script type="application/ld+json">{}</script>', _data(facts))


@register.filter
def traditional_address(url: str) -> str:
    """The address at which the same page stands in traditional characters."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{PREFIX}{parts.path}"))


@register.filter
def iso_date(value: date | str | None) -> str:
    """`2026-11-23`, in the time zone of the sites; text is passed on, nothing becomes an empty string."""
    return _local(value).strftime("%Y-%m-%d") if isinstance(value, date) else (value or "")


@register.filter
def iso_time(value: date | str | None) -> str:
    """`2026-11-23 09:05`; a date without a time stays a date."""
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    return iso_date(value)


@register.filter
def thousands(value: int | str | None) -> str:
    """`12,345`; text such as `约 1,000+` is passed on."""
    return f"{value:,}" if isinstance(value, int) else (value or "")


def _data(facts: Mapping[str, Any]) -> SafeString:
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(_HARMLESS))  # noqa: S308 - nothing in it can begin or end a tag


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
