"""People and their roles, made the way operations make them."""

from accounts.models import User
from memberships import services
from memberships.contract import Role, SiteLike

PASSWORD = "Correct-Horse-Battery-7"


def person(username: str = "zhangsan", *, roles: dict[Role, list[SiteLike]] | None = None) -> User:
    """Return a new person with the given roles; needs the `database` fixture."""
    made = services.create_person(username, name="示例人员", password=PASSWORD)
    for role, sites in (roles or {}).items():
        for site in sites:
            services.grant(made, site, role, by="tests")
    return made
