"""Templates looked up along the active theme's chain and compiled once per chain, however many sites wear it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.template import Engine, Origin, TemplateDoesNotExist
from django.template.loaders import cached
from django.utils._os import safe_join
from typing_extensions import override

from theming.activation import current_theme
from theming.catalogue import catalogue


class ThemeLoader(cached.Loader):
    """Finds `vermilion → base`; a template may extend the one of the same name further down the chain.

    The cache of compiled templates is keyed by theme chain: django-tenants' own loader keys by schema, which makes
    a thousand sites compile a thousand copies.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, [])

    @override
    def get_dirs(self) -> Iterator[Path]:
        """All template folders of all themes, for the development server's reloader."""
        return (catalogue().root / name / "templates" for name in catalogue().themes)

    @override
    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        """Yield where the active theme and its parents would keep this template, nearest first."""
        for folder in catalogue().template_dirs(current_theme()):
            try:
                path = safe_join(folder, template_name)
            except SuspiciousFileOperation:
                continue  # `../` in a name leads out of the theme: there is no such template
            yield Origin(name=path, template_name=template_name, loader=self)

    @override
    def get_contents(self, origin: Origin) -> str:
        """The text of a template; raises `TemplateDoesNotExist`."""
        try:
            return Path(origin.name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise TemplateDoesNotExist(origin) from None

    @override
    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        """Prefix Django's key with the theme chain."""
        key: Any = super().cache_key(template_name, skip)
        return f"{'/'.join(current_theme().chain)}:{key}"
