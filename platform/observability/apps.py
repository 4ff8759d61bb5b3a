"""Registers the app, its probe and its checks."""

from django.apps import AppConfig
from typing_extensions import override

from observability import doctor, health


class ObservabilityConfig(AppConfig):
    """Logs, health, audit trail; tables in `public` only."""

    name = "observability"
    verbose_name = "运行观测"

    @override
    def ready(self) -> None:
        """Add what every installation needs looked at."""
        health.register_probe("database", health.database_answers, required=True)
        doctor.register_check("python", doctor.check_python)
        doctor.register_check("files", doctor.check_var_dir)
        doctor.register_check("disk", doctor.check_disk)
        doctor.register_check("database", doctor.check_database)
        doctor.register_check("migrations", doctor.check_migrations)
