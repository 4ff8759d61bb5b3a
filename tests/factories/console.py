"""Officers' browsers, the words of their pages, and the worker behind them."""

import re
from typing import Any

from django.conf import settings
from django.test import Client

from jobs.worker import Worker
from memberships import services as memberships
from memberships.contract import PlatformRole
from tests.factories.people import person

ADDRESS = "203.0.113.9"


def officer(role: PlatformRole) -> Client:
    """Return an officer's browser."""
    somebody = person(f"officer-{role.value}")
    memberships.grant_platform(somebody, role, by="tests")
    client = Client(headers={"host": settings.PLATFORM_HOST}, REMOTE_ADDR=ADDRESS)
    client.force_login(somebody, backend="accounts.backends.PersonBackend")
    return client


def work() -> None:
    """Let a worker do what waits."""
    Worker().run(should_stop=lambda: False, once=True)


def text_of(response: Any) -> str:
    """Return a page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
