"""Tests: as local, with addresses that tests/conftest.py replaces by the engines it starts."""

import os
import tempfile
from pathlib import Path

os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 40
os.environ.setdefault("DATABASE_URL", "postgres://postgres@/city")
os.environ.setdefault("ELASTICSEARCH_URL", "http://127.0.0.1:1")
os.environ.setdefault("VAR_DIR", str(Path(tempfile.gettempdir()) / "city-platform-test-files"))
os.environ["LOG_LEVEL"] = "CRITICAL"
for _name in ("PLATFORM_HOST", "EDITOR_SUFFIX", "SITE_SUFFIX", "PUBLIC_PORT"):
    os.environ.pop(_name, None)

from config.settings.local import *  # noqa: E402 - the environment above comes first

ELASTICSEARCH_TIMEOUT_SECONDS = 3.0  # the engine shares two processors with both test workers; tests of its absence set their own

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise warns where it is missing
WHITENOISE_AUTOREFRESH = True  # no collected files to look for
SEARCH_REQUESTS_PER_MINUTE = 0  # tests ask by the thousand; those of the limit set one
FORMS_PER_MINUTE = FORMS_PER_HOUR = FORMS_PER_PHONE = FORM_LEAST_SECONDS = 0  # as above
