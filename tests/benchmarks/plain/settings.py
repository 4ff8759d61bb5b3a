"""The same pages in a plain Wagtail project with one site: what `wagtail start` gives, with our page types and templates.

No django-tenants, no schemas, no middleware of ours but the one that names the site; templates are found by Django's own
cached loader, tables lie in `public`.
"""

import os
from pathlib import Path

import environ

from config.settings import apps
from config.settings.cms import *  # noqa: F403 - Wagtail's settings are the same on both sides
from config.settings.jobs import *  # noqa: F403 - rooms name the queues of theirs; none is used here

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "only-for-measuring-" + "x" * 40
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.benchmarks.plain.urls"
WSGI_APPLICATION = None

DATABASES = {
    "default": environ.Env.db_url_config(os.environ["PLAIN_DATABASE_URL"])
    | {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},  # as in the product
}

# All that pages are made of, but for the rooms that run a fleet of sites.
FLEET = {"django_tenants", "provisioning", "console", "oversight", "jobs", "memberships", "tenants.curation"}
INSTALLED_APPS = [
    "tests.benchmarks.plain.apps.PlainRegistryConfig" if app == "registry" else app for app in apps.INSTALLED_APPS if app not in FLEET
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "tests.benchmarks.plain.middleware.OneSiteMiddleware",
]

# The pictures of the other side's site, under the addresses they have there.
MEDIA_ROOT, MEDIA_URL = f"{MEDIA_ROOT}/s_xiaodian", "/media/s_xiaodian/"  # noqa: F405 - Wagtail's settings above

DEFAULT_THEME = "azure"  # the site's own; templates below are those of its chain
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "themes" / "azure" / "templates", ROOT / "themes" / "base" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.navigation.context_processors.frame",
            ],
        },
    },
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Named by code that the pages import; nothing here is used to answer a page but the port, for canonical addresses.
TENANT_MODEL, TENANT_DOMAIN_MODEL = "registry.Tenant", "registry.Domain"
PUBLIC_PORT = 8000
PLATFORM_HOST = os.environ["PLATFORM_HOST"]
DEMO_NOTICE = ""
ELASTICSEARCH_URL = "http://127.0.0.1:1"
ELASTICSEARCH_PREFIX = "unused"
ELASTICSEARCH_SHARDS, ELASTICSEARCH_REPLICAS = 1, 0
ELASTICSEARCH_TIMEOUT_SECONDS = 1.0
