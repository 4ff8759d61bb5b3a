"""The demo and a developer's machine: plain http on *.localhost, the embedded engines, a secret made at first start."""

import os
import secrets

from config import env

_SECRET = env.var_dir() / "secret-key"
if not _SECRET.exists():
    _SECRET.parent.mkdir(parents=True, exist_ok=True)
    _SECRET.touch(mode=0o600)
    _SECRET.write_text(secrets.token_urlsafe(50), encoding="utf-8")

for _name, _default in {
    "SECRET_KEY": _SECRET.read_text(encoding="utf-8"),
    "PLATFORM_HOST": "platform.localhost",
    "EDITOR_SUFFIX": "manage.localhost",
    "SITE_SUFFIX": "localhost",
    "PUBLIC_PORT": "8000",
    "LOG_FORMAT": "console",
    "PROXY_COUNT": "0",
    "TRUST_FORWARDED_PROTO": "false",
    "ALLOW_EMBEDDED": "true",
}.items():
    os.environ.setdefault(_name, _default)

from config.settings.production import *  # noqa: E402 - the defaults above come first

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "session", "csrf"  # `__Host-` needs https
WAGTAILADMIN_BASE_URL = f"http://{PLATFORM_HOST}:{PUBLIC_PORT}"
