"""The checks that refuse what would mix sites."""

from typing import Any

from registry import checks

TENANT_AWARE = "registry.schemas.cache_key"


def test_a_cache_without_tenant_aware_keys_is_refused(settings: Any) -> None:
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "KEY_FUNCTION": TENANT_AWARE}, "pages": {"BACKEND": backend}}

    assert [(error.id, "'pages'" in error.msg) for error in checks.check_cache_keys()] == [("registry.E001", True)]


def test_the_projects_own_caches_pass() -> None:
    assert checks.check_cache_keys() == []
    assert checks.check_sessions() == []


def test_sessions_outside_the_database_are_refused(settings: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

    assert [error.id for error in checks.check_sessions()] == ["registry.E002"]
