"""What others may know of memberships: the roles, and what is asked of a site."""

from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Role(StrEnum):
    """What a person does at a site; the group of this name in the site's schema holds the permissions."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """The role as people read it."""
        return _LABELS[self]

    @property
    def group_name(self) -> str:
        """The name of the role's group in every site's schema."""
        return _LABELS[self]


_LABELS = {Role.ADMINISTRATOR: "系统管理员", Role.EDITOR: "编辑", Role.REVIEWER: "审核", Role.AUDITOR: "审计"}


class PlatformRole(StrEnum):
    """The three officers who run the platform (三员): three people, and none of them holds two of these."""

    OPERATIONS = "operations"
    SECURITY = "security"
    AUDIT = "audit"

    @property
    def label(self) -> str:
        """The role as people read it."""
        return _PLATFORM_LABELS[self]

    @property
    def barred_roles(self) -> frozenset[Role]:
        """The roles at sites that would defeat the separation: who runs does not audit, who audits does not run."""
        return _BARRED[self]


_PLATFORM_LABELS = {PlatformRole.OPERATIONS: "系统管理员", PlatformRole.SECURITY: "安全管理员", PlatformRole.AUDIT: "审计员"}
_BARRED = {
    PlatformRole.OPERATIONS: frozenset({Role.AUDITOR}),
    PlatformRole.SECURITY: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    PlatformRole.AUDIT: frozenset({Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER}),
}


class SiteLike(Protocol):
    """A site as this app needs it: the registry's row or its snapshot."""

    @property
    def id(self) -> int:
        """The row's number."""

    @property
    def uuid(self) -> UUID:
        """The site's lasting identity."""

    @property
    def slug(self) -> str:
        """The site's short name."""

    @property
    def schema_name(self) -> str:
        """Where its tables are."""
