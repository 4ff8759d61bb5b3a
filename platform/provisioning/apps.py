"""Registers the app."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """The journal of operations and the template new sites are cloned from; tables in `public` only."""

    name = "provisioning"
    verbose_name = "站点开通"
