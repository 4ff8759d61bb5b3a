"""The only place that switches schemas, and only as `with`: the decorator form of django-tenants is not re-entrant."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend.base import FakeTenant


class HasSchema(Protocol):
    """Anything that names a schema: a Tenant row or its snapshot."""

    @property
    def schema_name(self) -> str:
        """The schema's name."""


@contextmanager
def in_schema_of(tenant: HasSchema) -> Iterator[None]:
    """Run the block with the tenant's tables in front of those in `public`."""
    with _within(tenant):
        yield


@contextmanager
def in_public() -> Iterator[None]:
    """Run the block with the shared tables alone."""
    with _within(FakeTenant("public")):
        yield


@contextmanager
def any_schema() -> Iterator[CursorWrapper]:
    """Give a cursor for a statement that names its schema itself: the search path is neither set nor set back."""
    is_set = bool(connection.search_path_set_schemas)  # type: ignore[attr-defined] # django-tenants' connection
    if not is_set:
        connection.search_path_set_schemas = ["any"]  # type: ignore[attr-defined] # so that the cursor takes it for set
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        if not is_set:
            connection.search_path_set_schemas = None  # type: ignore[attr-defined] # and the next one sets it


@contextmanager
def _within(tenant: HasSchema) -> Iterator[None]:
    before = connection.tenant  # type: ignore[attr-defined] # django-tenants' connection
    with _switching():
        connection.set_tenant(tenant)  # type: ignore[attr-defined] # django-tenants' connection
    try:
        yield
    finally:
        with _switching():
            connection.set_tenant(before)  # type: ignore[attr-defined] # django-tenants' connection


class ContentTypesBySchema:
    """What Django remembers of content types, apart for each schema; stands in for `ContentType.objects._cache`.

    Django keeps one memory for the whole process, and ids differ between schemas. django-tenants empties it at every switch, which
    costs each request its queries and still lets two threads in two schemas read each other's ids.
    """

    def __init__(self) -> None:
        self._kept: defaultdict[tuple[str, str], dict[Any, Any]] = defaultdict(dict)
        self.switching = threading.local()

    def __getitem__(self, alias: str) -> dict[Any, Any]:
        return self._kept[alias, current_schema()]

    def setdefault(self, alias: str, _default: object) -> dict[Any, Any]:
        """Return the memory of the current schema."""
        return self[alias]

    def clear(self) -> None:
        """Forget everything, unless a switch of schemas asks, which needs no forgetting here."""
        if not getattr(self.switching, "is_on", False):
            self._kept.clear()


content_types = ContentTypesBySchema()


@contextmanager
def _switching() -> Iterator[None]:
    content_types.switching.is_on = True
    try:
        yield
    finally:
        content_types.switching.is_on = False


def separate_content_types() -> None:
    """Put `content_types` in Django's place; called once at start-up."""
    ContentType.objects._cache = content_types  # type: ignore[attr-defined] # noqa: SLF001 - Django has no other place for it


def enter_schema_of(tenant: HasSchema) -> None:
    """Point this thread's connection at the tenant until `leave_schema`; for the middleware, which wraps a whole request."""
    with _switching():
        connection.set_tenant(tenant)  # type: ignore[attr-defined] # django-tenants' connection


def leave_schema() -> None:
    """Point this thread's connection back at `public`."""
    with _switching():
        connection.set_schema_to_public()  # type: ignore[attr-defined] # django-tenants' connection


def current_schema() -> str:
    """Return the name of the schema this thread's connection points at."""
    name: str = connection.schema_name  # type: ignore[attr-defined] # django-tenants' connection
    return name


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Return the key of something of the current site in a cache: with its uuid, since its name may come back with another site."""
    uuid = getattr(connection.tenant, "uuid", "")  # type: ignore[attr-defined] # django-tenants' connection
    return f"{current_schema()}:{uuid}:{key_prefix}:{version}:{key}"
