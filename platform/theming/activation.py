"""Which theme the running request wears: one context variable, so threads and tasks never see each other's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from theming.catalogue import catalogue
from theming.contract import Theme

_current: ContextVar[Theme | None] = ContextVar("theme", default=None)


def current_theme() -> Theme:
    """The theme in force here, else the one `DEFAULT_THEME` names; raises `UnknownThemeError` when that one is missing."""
    return _current.get() or catalogue().get(settings.DEFAULT_THEME)


@contextmanager
def use_theme(name: str) -> Iterator[Theme]:
    """Wear the theme called `name` inside the block, and the former one after it; raises `UnknownThemeError`."""
    theme = catalogue().get(name)
    token = _current.set(theme)
    try:
        yield theme
    finally:
        _current.reset(token)
