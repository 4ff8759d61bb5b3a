"""The user model, the same in `public` (the person) and in each site's schema (the person's shadow there)."""

import uuid
from typing import NoReturn

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.crypto import salted_hmac
from typing_extensions import override

from registry.schemas import current_schema


class PersonHasPasswordError(ValueError):
    """Asked of a person what only a shadow allows."""


class AccountsAreKeptError(PermissionDenied):
    """Accounts are deactivated, never deleted."""


class User(AbstractUser):  # type: ignore[django-manager-missing] # Wagtail's image and file managers have no types
    """A person, or a person's shadow in one site: both carry the same `uuid`, and only the person has a password.

    Accounts are deactivated, never deleted: what they signed keeps its name.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("姓名", max_length=60, blank=True)
    first_name = None  # type: ignore[assignment] # one field holds a Chinese name
    last_name = None  # type: ignore[assignment] # as above

    class Meta:
        verbose_name = verbose_name_plural = "人员"

    @override
    def __str__(self) -> str:
        return f"{self.get_full_name()}（{self.username}）"

    @override
    def get_full_name(self) -> str:
        """Return the person's name, or the sign-in name where none is given."""
        return self.name or self.username

    @override
    def get_short_name(self) -> str:
        """Return what greets the person in the editor."""
        return self.get_full_name()

    @override
    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse: from a site's schema the deletion would also reach for the memberships of another person with the same number.

        Raises:
            AccountsAreKeptError: always.

        """
        raise AccountsAreKeptError(self.username)

    def end_sessions(self) -> None:
        """Make every session of a shadow invalid at its next request; not for a person, whose password would be gone.

        Raises:
            PersonHasPasswordError: the account has a usable password.

        """
        if self.has_usable_password():
            raise PersonHasPasswordError(self.username)
        self.set_unusable_password()  # a new random mark, which sessions are bound to
        self.save(update_fields=["password"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session is bound to: the password's mark and the schema, so that a copied session row opens no other site."""
        return salted_hmac(f"accounts.session.{current_schema()}", self.password, secret=secret, algorithm="sha256").hexdigest()
