"""Switching schemas: the way back is kept, and what Django remembers of content types stays with its schema."""

import contextlib
import threading

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from registry.schemas import current_schema, in_public, in_schema_of
from tests.factories.sites import copied_sites
from tests.factories.tables import execute

pytestmark = pytest.mark.usefixtures("database")


def renumber() -> None:
    """Give the current schema's content type of groups another number, as it has where apps were added in another order."""
    execute("UPDATE django_content_type SET model = 'group_before' WHERE app_label = 'auth' AND model = 'group'")
    execute(
        "INSERT INTO django_content_type (id, app_label, model) "
        "SELECT id + 5000, app_label, 'group' FROM django_content_type WHERE model = 'group_before'",
    )


def test_the_way_back_is_kept_even_after_an_error() -> None:
    first, second = copied_sites("xiaodian", "yingze")

    with in_schema_of(first):
        with contextlib.suppress(ZeroDivisionError), in_schema_of(second):
            assert current_schema() == "s_yingze"
            raise ZeroDivisionError
        assert current_schema() == "s_xiaodian"
        with in_public():
            assert current_schema() == "public"
        assert current_schema() == "s_xiaodian"
    assert current_schema() == "public"


def test_content_types_of_two_schemas_are_kept_apart_between_threads() -> None:
    first, second = copied_sites("xiaodian", "yingze")
    with in_schema_of(second):
        renumber()
    seen: dict[str, int] = {}
    entered = threading.Barrier(2, timeout=10)

    def look(tenant: object) -> None:
        with in_schema_of(tenant):  # type: ignore[arg-type] # a TenantRef
            entered.wait()
            for _ in range(50):
                seen[current_schema()] = ContentType.objects.get_for_model(Group).pk
        connection.close()

    threads = [threading.Thread(target=look, args=(tenant,)) for tenant in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen["s_yingze"] == seen["s_xiaodian"] + 5000


def test_a_second_look_at_a_content_type_costs_no_query(django_assert_num_queries: object) -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        ContentType.objects.get_for_model(Group)
    with in_schema_of(tenant), django_assert_num_queries(0):  # type: ignore[operator] # pytest-django's fixture
        ContentType.objects.get_for_model(Group)


def test_forgetting_still_works() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        before = ContentType.objects.get_for_model(Group).pk
        renumber()
        ContentType.objects.clear_cache()
        assert ContentType.objects.get_for_model(Group).pk == before + 5000
