"""Who may sign on where: people with a password on the platform's host, shadows with a ticket on editors' hosts, nobody elsewhere."""

from typing import Any

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.http import HttpRequest
from typing_extensions import override

from accounts.models import User
from registry.contract import Plane
from registry.schemas import current_schema

PUBLIC = "public"


class PersonBackend(BaseBackend):
    """Knows people by name and password, on the platform's host alone; gives no permissions there."""

    @override
    def authenticate(self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any) -> User | None:
        """Return the active person with this name and password, or None; takes as long for unknown names as for known ones."""
        if username is None or password is None or current_schema() != PUBLIC or getattr(request, "plane", None) is not Plane.PLATFORM:
            return None
        person = User.objects.filter(username=User.normalize_username(username)).first()
        if person is None:
            User().set_password(password)  # the work of a check, so that time does not tell which names exist
            return None
        return person if person.check_password(password) and person.is_active else None

    @override
    def get_user(self, user_id: int) -> User | None:
        """Return the active person of a session; None in a site's schema, where the same number is somebody else."""
        return User.objects.filter(pk=user_id, is_active=True).first() if current_schema() == PUBLIC else None


class ShadowBackend(ModelBackend):
    """Knows shadows by their session, in a site's schema alone; accepts no password. Permissions come from the shadow's groups."""

    @override
    def authenticate(self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any) -> None:
        """Return None: only a ticket signs a shadow on (`memberships.views.enter`)."""

    @override
    def get_user(self, user_id: int) -> User | None:
        """Return the active shadow of a session; None in `public`, where the same number is somebody else."""
        return User.objects.filter(pk=user_id, is_active=True).first() if current_schema() != PUBLIC else None
