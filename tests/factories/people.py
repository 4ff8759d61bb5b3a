"""People and their roles, made the way operations make them."""

from typing import Any

from django.test import Client

from accounts.models import User
from memberships import services
from memberships.contract import Role, SiteLike
from registry.contract import TenantRef
from registry.schemas import in_schema_of

PASSWORD = "Correct-Horse-Battery-7"


def person(username: str = "zhangsan", *, roles: dict[Role, list[SiteLike]] | None = None) -> User:
    """Return a new person with the given roles; needs the `database` fixture."""
    made = services.create_person(username, name="示例人员", password=PASSWORD)
    for role, sites in (roles or {}).items():
        for site in sites:
            services.grant(made, site, role, by="tests")
    return made


def signed_in(site: TenantRef, username: str, **options: Any) -> Client:
    """Return a client at the site's editor in which the person is signed in; `options` are the client's."""
    client = Client(headers={"host": site.editor_domain}, **options)
    with in_schema_of(site):
        client.force_login(User.objects.get(username=username), backend="accounts.backends.ShadowBackend")
    return client
