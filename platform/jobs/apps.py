"""Registers the app and what `doctor` looks at."""

from django.apps import AppConfig
from typing_extensions import override

from observability import doctor


class JobsConfig(AppConfig):
    """Background jobs in the database, each carrying its site; tables in `public`."""

    name = "jobs"
    verbose_name = "后台任务"

    @override
    def ready(self) -> None:
        """Let `doctor` see jobs that nobody works on."""
        from jobs.checks import check_jobs  # noqa: PLC0415 - models are ready only now

        doctor.register_check("jobs", check_jobs)
