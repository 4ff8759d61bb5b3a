"""The product's own settings as the demo and small trials use them; static files keep their plain names, since none are collected here."""

from pathlib import Path

from config.settings.local import *  # noqa: F403 - the product's settings

STORAGES = STORAGES | {  # noqa: F405 - as above
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405 - as above; whitenoise warns where it is missing
SEARCH_REQUESTS_PER_MINUTE = 0  # a benchmark asks more often than one reader may
ELASTICSEARCH_TIMEOUT_SECONDS = 10.0  # a slow answer is to be measured, not replaced by one of PostgreSQL
