"""Verbs: people, their roles at sites and on the platform, the tickets that open a site's editor, and signing on."""

from memberships.services.officers import OwnRoleError, grant_platform, revoke_platform
from memberships.services.people import (
    InvalidPersonError,
    UnknownPersonError,
    UsernameTakenError,
    create_person,
    deactivate_person,
    find_person,
)
from memberships.services.roles import InactivePersonError, RoleGroupMissingError, SeparationOfDutiesError, grant, revoke
from memberships.services.sign_in import SignInLockedError, check_credentials, unlock
from memberships.services.tickets import (
    ExpiredTicketError,
    MembershipInactiveError,
    NotAMemberError,
    OtherSiteTicketError,
    Person,
    TicketError,
    UnknownTicketError,
    UsedTicketError,
    consume_ticket,
    end_editor_sessions,
    issue_ticket,
)

__all__ = [
    "ExpiredTicketError",
    "InactivePersonError",
    "InvalidPersonError",
    "MembershipInactiveError",
    "NotAMemberError",
    "OtherSiteTicketError",
    "OwnRoleError",
    "Person",
    "RoleGroupMissingError",
    "SeparationOfDutiesError",
    "SignInLockedError",
    "TicketError",
    "UnknownPersonError",
    "UnknownTicketError",
    "UsedTicketError",
    "UsernameTakenError",
    "check_credentials",
    "consume_ticket",
    "create_person",
    "deactivate_person",
    "end_editor_sessions",
    "find_person",
    "grant",
    "grant_platform",
    "issue_ticket",
    "revoke",
    "revoke_platform",
    "unlock",
]
