"""Who may do what with texts that travel between sites."""

from enum import StrEnum

from django.http import HttpRequest

from memberships.contract import Role


class Right(StrEnum):
    """What somebody may do here."""

    LOOK = "look"
    DECIDE = "decide"


_ROLES = {
    Right.LOOK: {Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR},
    Right.DECIDE: {Role.ADMINISTRATOR, Role.REVIEWER},  # what is sent or taken is live at once: who may publish, may do it
}


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the person's role at this site allows it."""
    names = {role.group_name for role in _ROLES[right]}
    return bool(request.user.is_authenticated and request.user.groups.filter(name__in=names).exists())
