"""The only reader of the environment: every variable, its type, its default and what it is for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

EMBEDDED = "embedded"  # how deploy/embedded marks the address it gives
ROOT = Path(__file__).resolve().parents[2]


def required(name: str) -> str:
    """Return a variable that production cannot do without.

    Raises:
        django.core.exceptions.ImproperlyConfigured: names the missing variable.

    """
    value: str = env.str(name)
    return value


def secret_key() -> str:
    """Return SECRET_KEY: 50 or more random characters, one per installation."""
    return required("SECRET_KEY")


def database() -> dict[str, Any]:
    """Return DATABASE_URL as Django's dictionary; `postgres://user:password@host:port/name`."""
    config: dict[str, Any] = env.db("DATABASE_URL")
    return config


def refuse_embedded_database(config: Mapping[str, Any]) -> None:
    """Stop where production would run on the embedded PostgreSQL without saying so with ALLOW_EMBEDDED.

    Raises:
        django.core.exceptions.ImproperlyConfigured: it would.

    """
    if config.get("OPTIONS", {}).get("fallback_application_name") == EMBEDDED and not allows_embedded():
        raise ImproperlyConfigured(
            "DATABASE_URL points at the embedded PostgreSQL, which is for the demo and for tests. "
            "Point it at a real server, or set ALLOW_EMBEDDED=true for a small trial.",
        )


def elasticsearch_url() -> str:
    """Return ELASTICSEARCH_URL, with user and password in it where the cluster asks for them."""
    return required("ELASTICSEARCH_URL")


def elasticsearch_prefix() -> str:
    """Return ELASTICSEARCH_PREFIX: what this installation's index and alias names begin with."""
    value: str = env.str("ELASTICSEARCH_PREFIX", default="gov")
    return value


def elasticsearch_shards() -> int:
    """Return ELASTICSEARCH_SHARDS: primary shards of a new index; 1 up to about a million pages, 3 beyond."""
    value: int = env.int("ELASTICSEARCH_SHARDS", default=1)
    return value


def elasticsearch_replicas() -> int:
    """Return ELASTICSEARCH_REPLICAS: copies of a new index; 1 where there are several nodes."""
    value: int = env.int("ELASTICSEARCH_REPLICAS", default=0)
    return value


def forms_per_minute() -> int:
    """Return FORMS_PER_MINUTE: how often one address may send a public form of one kind; 0 means no limit."""
    value: int = env.int("FORMS_PER_MINUTE", default=6)
    return value


def forms_per_hour() -> int:
    """Return FORMS_PER_HOUR: how much of one address is kept within an hour, letters and comments together; 0 means no limit."""
    value: int = env.int("FORMS_PER_HOUR", default=30)
    return value


def forms_per_phone() -> int:
    """Return FORMS_PER_PHONE: how many letters and comments of a day may name the same telephone; 0 means no limit."""
    value: int = env.int("FORMS_PER_PHONE", default=10)
    return value


def form_least_seconds() -> int:
    """Return FORM_LEAST_SECONDS: what comes back sooner was not filled in by a person; 0 takes all."""
    value: int = env.int("FORM_LEAST_SECONDS", default=3)
    return value


def search_requests_per_minute() -> int:
    """Return SEARCH_REQUESTS_PER_MINUTE: how often one address may ask the search API and its feeds; 0 means no limit."""
    value: int = env.int("SEARCH_REQUESTS_PER_MINUTE", default=300)
    return value


def search_labelled_queries() -> str:
    """Return SEARCH_LABELLED_QUERIES: the file of labelled queries that drafts of rules are measured with; the demo's where it is there."""
    own = ROOT / "deploy" / "demo" / "data" / "queries-dev.jsonl.gz"
    value: str = env.str("SEARCH_LABELLED_QUERIES", default=str(own) if own.exists() else "")
    return value


def search_semantic() -> bool:
    """Return SEARCH_SEMANTIC: whether questions are understood by meaning too; needs the extra, the model and `search semantic build`."""
    value: bool = env.bool("SEARCH_SEMANTIC", default=False)
    return value


def search_semantic_folder() -> Path:
    """Return SEARCH_SEMANTIC_FOLDER: where the model's files lie; `search semantic fetch` puts them there."""
    return Path(env.str("SEARCH_SEMANTIC_FOLDER", default=str(var_dir() / "semantic"))).resolve()


def search_external_hosts() -> list[str]:
    """Return SEARCH_EXTERNAL_HOSTS: domains outside the platform that editors may promote, with all below them."""
    value: list[str] = env.list("SEARCH_EXTERNAL_HOSTS", default=["gov.cn"])
    return value


def platform_host() -> str:
    """Return PLATFORM_HOST: the host name of the public plane (all cities, sign-on, health)."""
    return required("PLATFORM_HOST")


def editor_suffix() -> str:
    """Return EDITOR_SUFFIX: a site's editor host is `<slug>.<EDITOR_SUFFIX>`."""
    return required("EDITOR_SUFFIX")


def site_suffix() -> str:
    """Return SITE_SUFFIX: a site opened without a domain of its own gets `<slug>.<SITE_SUFFIX>`."""
    return required("SITE_SUFFIX")


def public_port() -> int:
    """Return PUBLIC_PORT: the port readers type; 443 means https."""
    value: int = env.int("PUBLIC_PORT", default=443)
    return value


def var_dir() -> Path:
    """Return VAR_DIR: where this installation keeps files (media, embedded engines)."""
    return Path(env.str("VAR_DIR", default=str(ROOT / "var"))).resolve()


def static_root() -> Path:
    """Return STATIC_ROOT: where `collectstatic` gathers files for nginx or whitenoise."""
    return Path(env.str("STATIC_ROOT", default=str(var_dir() / "static"))).resolve()


def pg_dump() -> str:
    """Return PG_DUMP: the `pg_dump` of the server's major version."""
    value: str = env.str("PG_DUMP", default="pg_dump")
    return value


def backup_dir() -> Path:
    """Return BACKUP_DIR: where archives of sites are put; best on another disk."""
    return Path(env.str("BACKUP_DIR", default=str(var_dir() / "backups"))).resolve()


def backup_max_age_hours() -> int:
    """Return BACKUP_MAX_AGE_HOURS: from which age of a site's newest backup on `doctor` warns."""
    value: int = env.int("BACKUP_MAX_AGE_HOURS", default=26)
    return value


def allows_embedded() -> bool:
    """Return ALLOW_EMBEDDED: whether the embedded engines may be used although this is production."""
    value: bool = env.bool("ALLOW_EMBEDDED", default=False)
    return value


def demo_notice() -> str:
    """Return DEMO_NOTICE: what the first line of every page says where this is no real site; empty in production."""
    value: str = env.str("DEMO_NOTICE", default="")
    return value


def log_level() -> str:
    """Return LOG_LEVEL: DEBUG, INFO, WARNING or ERROR."""
    value: str = env.str("LOG_LEVEL", default="INFO")
    return value


def log_format() -> str:
    """Return LOG_FORMAT: `json` for machines, `console` for people."""
    value: str = env.str("LOG_FORMAT", default="json")
    return value


def proxy_count() -> int:
    """Return PROXY_COUNT: how many proxies of ours stand in front (0: a client's own address is the peer's)."""
    value: int = env.int("PROXY_COUNT", default=1)
    return value


def trusts_forwarded_proto() -> bool:
    """Return TRUST_FORWARDED_PROTO: whether the proxy in front sets `X-Forwarded-Proto` itself."""
    value: bool = env.bool("TRUST_FORWARDED_PROTO", default=True)
    return value
