"""`manage.py person`: people and their roles at sites."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils import translation
from typing_extensions import override

from accounts.models import User
from memberships import services
from memberships.contract import PlatformRole, Role
from memberships.selectors import members_of, officers, people_without_membership
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.contract import TenantRef
from registry.selectors import directory

T = TypeVar("T")

_USERNAME = argument("username", help="Sign-in name.")
_SITE = argument("--site", required=True, metavar="SLUG", help="Name of the site.")
_ROLE = argument("--role", required=True, choices=[role.value for role in Role], help="What the person does there.")
_PLATFORM_ROLE = argument(
    "--role", required=True, choices=[role.value for role in PlatformRole], help="Which of the three officers the person is."
)
_NAME = argument("--name", default="", help="The person's name as colleagues read it.")
_PASSWORD_STDIN = argument("--password-stdin", action="store_true", help="Read the password from standard input; else you are asked.")
_ONE_SITE = argument("--site", metavar="SLUG", help="Only this site.")


class Command(VerbCommand):
    help = "Add people, and give them roles at sites."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("create", "Add a person who can sign on.", self.create, [_USERNAME, _NAME, _PASSWORD_STDIN], changes=True),
            Verb("list", "Show people and their roles.", self.list, [_ONE_SITE]),
            Verb(
                "grant", "Give a person a role at a site, in place of any other there.", self.grant, [_USERNAME, _SITE, _ROLE], changes=True
            ),
            Verb("revoke", "Take a person's role at a site; their session there ends.", self.revoke, [_USERNAME, _SITE], changes=True),
            Verb(
                "grant-platform",
                "Make a person one of the platform's three officers; nobody is two.",
                self.grant_platform,
                [_USERNAME, _PLATFORM_ROLE],
                changes=True,
            ),
            Verb("revoke-platform", "Take a person's role on the platform.", self.revoke_platform, [_USERNAME], changes=True),
            Verb("unlock", "Let a name sign on again after too many failures.", self.unlock, [_USERNAME], changes=True),
            Verb("deactivate", "Close an account for good; every session ends.", self.deactivate, [_USERNAME], changes=True),
        ]

    def create(self, terminal: Terminal) -> None:
        """Add a person; the password never comes from the command line."""
        username: str = terminal.options["username"]
        password = _password(terminal)
        if terminal.is_dry_run:
            terminal.result({"username": username, "changed": False}, text=f"Would add {username}.")
            return
        with translation.override("en"):
            person = _expecting(lambda: services.create_person(username, name=terminal.options["name"], password=password))
        terminal.result({"username": person.username, "uuid": str(person.uuid), "changed": True}, text=f"Added {person.username}.")

    def list(self, terminal: Terminal) -> None:
        """Show who works where."""
        slug = terminal.options["site"]
        rows = [
            {
                "username": m.person.username,
                "name": m.person.name,
                "site": m.tenant.slug,
                "role": m.role,
                "active": m.is_active and m.person.is_active,
            }
            for m in members_of([_site(slug)] if slug else None)
        ]
        if not slug:
            rows += [
                {"username": o.person.username, "name": o.person.name, "site": "(platform)", "role": o.role, "active": o.person.is_active}
                for o in officers()
            ]
            rows += [
                {"username": p.username, "name": p.name, "site": "", "role": "", "active": p.is_active}
                for p in people_without_membership()
                if not hasattr(p, "officer")
            ]
        terminal.table(
            "People",
            ["username", "name", "site", "role", "active"],
            [[row["username"], row["name"], row["site"], row["role"], "yes" if row["active"] else "no"] for row in rows],
        )
        terminal.result({"people": rows})

    def grant(self, terminal: Terminal) -> None:
        """Give a role."""
        person, site, role = _person(terminal), _site(terminal.options["site"]), Role(terminal.options["role"])
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would make {person.username} {role.value} at {site.slug}.")
            return
        has_changed = _expecting(lambda: services.grant(person, site, role, by="command line"))
        done = f"{person.username} is {role.value} at {site.slug}"
        terminal.result(
            {"username": person.username, "site": site.slug, "role": role.value, "changed": has_changed},
            text=f"{done}." if has_changed else f"Nothing to do: {done} already.",
        )

    def revoke(self, terminal: Terminal) -> None:
        """Take a role."""
        person, site = _person(terminal), _site(terminal.options["site"])
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would take {person.username}'s role at {site.slug}.")
            return
        terminal.confirm(f"Take {person.username}'s role at {site.slug}?")
        has_changed = services.revoke(person, site, by="command line")
        text = (
            f"{person.username} has no role at {site.slug} any more."
            if has_changed
            else f"Nothing to do: {person.username} has no role at {site.slug}."
        )
        terminal.result({"username": person.username, "site": site.slug, "changed": has_changed}, text=text)

    def grant_platform(self, terminal: Terminal) -> None:
        """Give a role on the platform."""
        person, role = _person(terminal), PlatformRole(terminal.options["role"])
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would make {person.username} {role.value} officer of the platform.")
            return
        has_changed = _expecting(lambda: services.grant_platform(person, role, by="command line"))
        done = f"{person.username} is {role.value} officer of the platform"
        terminal.result(
            {"username": person.username, "role": role.value, "changed": has_changed},
            text=f"{done}." if has_changed else f"Nothing to do: {done} already.",
        )

    def revoke_platform(self, terminal: Terminal) -> None:
        """Take a role on the platform."""
        person = _person(terminal)
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would take {person.username}'s role on the platform.")
            return
        terminal.confirm(f"Take {person.username}'s role on the platform?")
        has_changed = services.revoke_platform(person, by="command line")
        text = f"{person.username} has no role on the platform any more." if has_changed else "Nothing to do: there is no such role."
        terminal.result({"username": person.username, "changed": has_changed}, text=text)

    def unlock(self, terminal: Terminal) -> None:
        """Forget failures."""
        username: str = terminal.options["username"]
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would let {username} try again.")
            return
        has_changed = services.unlock(username, by="command line")
        text = f"{username} may try again." if has_changed else f"Nothing to do: no failures with {username} of late."
        terminal.result({"username": username, "changed": has_changed}, text=text)

    def deactivate(self, terminal: Terminal) -> None:
        """Close an account."""
        person = _person(terminal)
        if terminal.is_dry_run:
            terminal.result({"changed": False}, text=f"Would close the account of {person.username}.")
            return
        terminal.confirm(f"Close the account of {person.username} and take all its roles?")
        has_changed = services.deactivate_person(person, by="command line")
        text = (
            f"The account of {person.username} is closed."
            if has_changed
            else f"Nothing to do: the account of {person.username} is closed already."
        )
        terminal.result({"username": person.username, "changed": has_changed}, text=text)


def _password(terminal: Terminal) -> str:
    if terminal.options["password_stdin"]:
        try:
            return sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise CommandFailure("The password on standard input is not text in UTF-8.", code=ExitCode.WRONG_USAGE) from None
    first = terminal.read_secret("Password: ")
    if first != terminal.read_secret("Again: "):
        raise CommandFailure("The two passwords differ; nothing was changed.")
    return first


def _person(terminal: Terminal) -> User:
    username: str = terminal.options["username"]
    return _expecting(lambda: services.find_person(username))


def _site(slug: str) -> TenantRef:
    try:
        return directory().by_slug[slug]
    except KeyError:
        raise CommandFailure(f"There is no site named {slug}. `manage.py site list` shows them.", code=ExitCode.WRONG_USAGE) from None


def _expecting(act: Callable[[], T]) -> T:
    """Do it, and turn what can be wrong into a line that says what to do."""
    try:
        return act()
    except services.UnknownPersonError as error:
        raise CommandFailure(f"Nobody signs on as {error}. `manage.py person list` shows who does.", code=ExitCode.WRONG_USAGE) from None
    except services.UsernameTakenError as error:
        raise CommandFailure(f"{error} is taken; choose another sign-in name.") from None
    except services.InvalidPersonError as error:
        raise CommandFailure(f"Not added: {error}") from None
    except services.InactivePersonError as error:
        raise CommandFailure(f"The account of {error} is closed; it can hold no role.") from None
    except (services.SeparationOfDutiesError, services.RoleGroupMissingError) as error:
        raise CommandFailure(str(error)) from None
