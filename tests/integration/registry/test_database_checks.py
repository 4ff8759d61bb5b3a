"""The checks that need the database: schema names, and sites' tables in the wrong place."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from registry import checks
from registry.models import City, Domain, Region, Tenant
from tests.factories.sites import open_sites
from tests.factories.tables import execute

pytestmark = pytest.mark.usefixtures("database")


def test_the_database_itself_refuses_a_bad_schema_name() -> None:
    open_sites("xiaodian")

    for name in ("../x", "x%s", "a b", "X", 'z","b', "s"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tenant.objects.filter(slug="xiaodian").update(schema_name=name)


def test_a_bad_schema_name_is_found_where_the_constraint_is_missing() -> None:
    open_sites("xiaodian")
    execute("ALTER TABLE registry_tenant DROP CONSTRAINT registry_tenant_schema_form")
    try:
        Tenant.objects.filter(slug="xiaodian").update(schema_name="a b")
        assert [error.id for error in checks.check_schema_names(databases=["default"])] == ["registry.E003"]
    finally:
        Tenant.objects.filter(slug="xiaodian").update(schema_name="s_xiaodian")
        execute("ALTER TABLE registry_tenant ADD CONSTRAINT registry_tenant_schema_form CHECK (schema_name ~ '^[a-z][a-z0-9_]{1,47}$')")


def test_a_sites_table_in_public_is_found_and_named() -> None:
    assert checks.check_public_tables(databases=["default"]) == []
    execute("CREATE TABLE public.pages_articlepage (id int)")
    try:
        (error,) = checks.check_public_tables(databases=["default"])
        assert error.id == "registry.E004"
        assert "'pages_articlepage'" in error.msg
    finally:
        execute("DROP TABLE public.pages_articlepage")


def test_two_portals_or_two_primary_domains_are_impossible() -> None:
    open_sites("taiyuan", "xiaodian")

    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.filter(slug="xiaodian").update(kind="city")
    with pytest.raises(IntegrityError), transaction.atomic():
        Domain.objects.create(domain="neu.test", tenant=Tenant.objects.get(slug="xiaodian"), purpose="public", is_primary=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        City.objects.create(slug="Bad Slug", name="x", region=Region.objects.get(code="140200"))
    assert connection.in_atomic_block is False
