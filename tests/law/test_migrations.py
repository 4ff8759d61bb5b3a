"""The models and their migrations agree, and the system checks find nothing."""

import pytest
from django.core.management import call_command


@pytest.mark.usefixtures("database")
def test_no_model_lacks_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.usefixtures("database")
def test_checks_find_nothing() -> None:
    call_command("check", databases=["default"], fail_level="WARNING")
