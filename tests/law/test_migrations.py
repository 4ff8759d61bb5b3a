"""The models and their migrations agree, and the system checks find nothing."""

from pathlib import Path

import pytest
from django.apps import apps
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


ROOT = Path(__file__).resolve().parents[2]
RELEASED = {"pages": 2}  # the last migration of an app that its first release brings, where that is not the first


@pytest.mark.usefixtures("database")
def test_no_later_migration_takes_away_what_released_code_uses() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {each.label for each in apps.get_app_configs() if Path(each.path).parent in (ROOT / "platform", ROOT / "tenants")}
    full = [loader.graph.nodes[key] for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    later = [each for each in dict.fromkeys(full) if each.app_label in ours and int(each.name[:4]) > RELEASED.get(each.app_label, 1)]
    state = loader.project_state([key for key in loader.disk_migrations if key[0] in ours and int(key[1][:4]) == RELEASED.get(key[0], 1)])

    with in_schema_of(Named("s_any")):
        surprises = [str(each) for each in additive.contractions([m for m in later if not hasattr(m, additive.MARK)], state)]

    assert {"accounts", "consultations", "pages", "search"} <= ours
    assert surprises == []
