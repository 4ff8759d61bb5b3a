"""Production starts with what it needs and with nothing less, and says which variable is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NEEDED = {
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgres://city:secret@db.example:5432/city",
    "ELASTICSEARCH_URL": "https://search.example:9200",
    "PLATFORM_HOST": "platform.city.example",
    "SITE_SUFFIX": "city.example",
    "EDITOR_SUFFIX": "manage.city.example",
}
SHOW = "from django.conf import settings as s; print(s.DEBUG, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_NAME, s.DATABASES['default']['HOST'])"


def start(environment: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.production", "VAR_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT / "deploy", env=base | environment, capture_output=True, text=True, check=False
    )


def test_production_is_safe_by_default(tmp_path: Path) -> None:
    done = start(NEEDED, tmp_path)

    assert done.stdout.split() == ["False", "True", "__Host-session", "db.example"], done.stderr


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_stops_the_start_by_name(name: str, tmp_path: Path) -> None:
    done = start({key: value for key, value in NEEDED.items() if key != name}, tmp_path)

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith(f"Set the {name} environment variable")


def test_the_embedded_database_is_refused_unless_named(tmp_path: Path) -> None:
    embedded = NEEDED | {"DATABASE_URL": "postgres://postgres@:5432/city?host=%2Fsrv%2Fsocket&fallback_application_name=embedded"}

    refused, allowed = start(embedded, tmp_path), start(embedded | {"ALLOW_EMBEDDED": "true"}, tmp_path)

    assert "set ALLOW_EMBEDDED=true for a small trial" in refused.stderr
    assert allowed.returncode == 0, allowed.stderr
