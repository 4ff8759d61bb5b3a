"""Registers the app and its system checks."""

from django.apps import AppConfig
from django.core import checks as django_checks
from typing_extensions import override

from registry import checks


class RegistryConfig(AppConfig):
    """The registry of cities, sites and domains; tables in `public` only."""

    name = "registry"
    verbose_name = "站点登记"

    @override
    def ready(self) -> None:
        """Keep content types apart by schema, and register the checks that keep tenants apart."""
        from registry.schemas import separate_content_types  # noqa: PLC0415 - content types exist only now

        separate_content_types()
        for check in checks.ALL:
            django_checks.register(check)
        for check in checks.ALL_OF_DATABASE:
            django_checks.register(check, django_checks.Tags.database)
