"""Our registry's tables without what it does at start-up: a single site has no schemas to keep apart."""

from django.apps import AppConfig


class PlainRegistryConfig(AppConfig):
    """Lets the page types import the registry's models; nothing is installed, checked or replaced."""

    name = "registry"
    verbose_name = "站点登记"
