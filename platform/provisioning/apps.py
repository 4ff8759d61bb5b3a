"""Registers the app."""

from django.apps import AppConfig
from typing_extensions import override

from observability import doctor, health


class ProvisioningConfig(AppConfig):
    """The journal of operations and the template new sites are cloned from; tables in `public` only."""

    name = "provisioning"
    verbose_name = "站点开通"

    @override
    def ready(self) -> None:
        """Let `doctor` look at what opening a site needs."""
        from provisioning import checks  # noqa: PLC0415 - models exist only now

        doctor.register_check("isolation", checks.check_isolation)
        doctor.register_check("template", checks.check_template)
        doctor.register_check("fleet", checks.check_fleet)
        doctor.register_check("pg_dump", checks.check_pg_dump)
        doctor.register_check("backups", checks.check_backups)
        health.register_probe("fleet", checks.sites_are_current, required=False)
