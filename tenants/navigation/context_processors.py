"""Puts the frame around every page; worked out only where a template asks for it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tenants.navigation import selectors


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return `frame`, see theming.contract.Frame."""
    return {"frame": SimpleLazyObject(lambda: selectors.frame(request))}
