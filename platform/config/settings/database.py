"""PostgreSQL with one schema per tenant, and caches that cannot mix tenants."""

from config import env

_given = env.database()
env.refuse_embedded_database(_given)
DATABASES = {
    "default": _given
    | {
        "ENGINE": "django_tenants.postgresql_backend",
        "ATOMIC_REQUESTS": True,  # Wagtail publishes outside a transaction of its own
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2, **_given.get("OPTIONS", {})},
    },
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "registry.schemas.cache_key",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
        "TIMEOUT": 300,
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # signed cookies or a cache would open another site's editor
