"""The only place that switches schemas, and only as `with`: the decorator form of django-tenants is not re-entrant."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from django.db import connection
from django_tenants.utils import schema_context


class HasSchema(Protocol):
    """Anything that names a schema: a Tenant row or its snapshot."""

    @property
    def schema_name(self) -> str:
        """The schema's name."""


@contextmanager
def in_schema_of(tenant: HasSchema) -> Iterator[None]:
    """Run the block with the tenant's tables in front of those in `public`."""
    with schema_context(tenant.schema_name):
        yield


@contextmanager
def in_public() -> Iterator[None]:
    """Run the block with the shared tables alone."""
    with schema_context("public"):
        yield


def enter_schema_of(tenant: HasSchema) -> None:
    """Point this thread's connection at the tenant until `leave_schema`; for the middleware, which wraps a whole request."""
    connection.set_tenant(tenant)  # type: ignore[attr-defined] # django-tenants' connection


def leave_schema() -> None:
    """Point this thread's connection back at `public`."""
    connection.set_schema_to_public()  # type: ignore[attr-defined] # django-tenants' connection


def current_schema() -> str:
    """Return the name of the schema this thread's connection points at."""
    name: str = connection.schema_name  # type: ignore[attr-defined] # django-tenants' connection
    return name
