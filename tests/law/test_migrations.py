"""The models and their migrations agree, and the system checks find nothing."""

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from provisioning.fleet import additive
from provisioning.fleet.planning import Named
from registry.schemas import in_schema_of


@pytest.mark.usefixtures("database")
def test_no_model_lacks_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.usefixtures("database")
def test_checks_find_nothing() -> None:
    call_command("check", databases=["default"], fail_level="WARNING")


RELEASED = {"accounts": 1, "media": 1, "pages": 2}  # the last migration of each app that the first release brings


@pytest.mark.usefixtures("database")
def test_no_later_migration_of_a_sites_tables_takes_away_what_released_code_uses() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    full = [loader.graph.nodes[key] for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    later = [each for each in dict.fromkeys(full) if int(each.name[:4]) > RELEASED.get(each.app_label, 9999)]
    state = loader.project_state([key for key in loader.disk_migrations if int(key[1][:4]) == RELEASED.get(key[0])])

    with in_schema_of(Named("s_any")):
        surprises = [str(each) for each in additive.contractions([m for m in later if not hasattr(m, additive.MARK)], state)]

    assert surprises == []
