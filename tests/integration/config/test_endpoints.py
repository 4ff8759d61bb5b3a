"""Every address of the three planes, walked from the URL configuration: what strangers may call is declared here, all else refuses them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from memberships import services as memberships
from memberships.contract import PlatformRole, Role
from tests.factories.people import person, signed_in
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")

# Anybody may call these: what they show is public by nature.
SEARCH = {
    "search/",
    "search/suggest/",
    "search/click/",
    "search/feed/",
    "search/feedback/",
    "search/api/",
    "api/search/",
    "api/search/openapi.json",
}
OPEN = {
    "config.urls.public": SEARCH | {"", "sign-in/", "sign-out/", "-/live", "-/ready", "-/theme/x.x.css"},
    "config.urls.site": SEARCH
    | {"site-map/", "-/theme/x.x.css", "x/", "media/x", "documents/1/x", "wenjianku/", "wenjianku/1.docx", "wenjianku/1.pdf"}
    | {"yijian/1/"}  # takes an opinion on a consultation that is open; any other, and one that is not there, is refused
    | {"letters/write/", "letters/receipt/", "letters/query/"}  # forms that anybody may fill in
    | {"reading-aids/", "sitemap.xml", "sitemap-x.xml", "robots.txt", "feed/", "feed/x"},
    "config.urls.editor": {
        "",  # leads to /admin/
        "enter/",  # takes a ticket, or leads to the platform's sign-on
        "-/theme/x.x.css",
        "admin/login/",  # the same as enter/
        "admin/logout/",  # ends whatever session there is
        "admin/jsi18n/",  # words of the interface
        "admin/sprite/",  # icons of the interface
        "media/x",  # a site's pictures
        "documents/1/x",  # checks the privacy of the file's collection
    },
}
HOSTS = {
    "config.urls.public": "platform.localhost",
    "config.urls.site": "xiaodian.localhost",
    "config.urls.editor": "xiaodian.manage.localhost",
}
REFUSED = {301, 302, 400, 403, 404, 405}
SAMPLES = (
    (re.compile(r"<int:\w+>"), "1"),
    (re.compile(r"<uuid:\w+>"), "6f1c1c1e-0000-4000-8000-000000000000"),
    (re.compile(r"<form:\w+>"), "csv"),
    (re.compile(r"<(?:str|slug|path):\w+>"), "x"),
    (re.compile(r"\(\?P<\w+>\\d\+\)|\(\\d\+\)"), "1"),
    (re.compile(r"\(\(\?:\[\\w\\-\]\+/\)\*\)"), "x/"),
    (re.compile(r"\(\?P<\w+>\.\+\)|\(\.\*\)|\(\.\+\)|\(\?P<\w+>[^()]*\)|\([^()?][^()]*\)"), "x"),
    (re.compile(r"<\w+>"), "x"),
    (re.compile(r"\\Z|[\^$]"), ""),
    (re.compile(r"\\"), ""),
)


def paths(urlconf: str) -> list[str]:
    """Return a sample address for every pattern of a plane."""
    return sorted({_sample(pattern) for pattern in _walk(get_resolver(urlconf).url_patterns, "")})


def _walk(patterns: list[Any], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def _sample(route: str) -> str:
    for pattern, sample in SAMPLES:
        route = pattern.sub(sample, route)
    return route


@pytest.mark.parametrize("urlconf", HOSTS)
def test_what_is_not_declared_open_refuses_strangers(urlconf: str) -> None:
    open_sites("xiaodian")
    stranger = Client(headers={"host": HOSTS[urlconf]}, raise_request_exception=False)
    walked = paths(urlconf)

    for path in set(walked) - OPEN[urlconf]:
        for method in (stranger.get, stranger.post):
            response = method(f"/{path}")
            assert response.status_code in REFUSED, f"{path} answered {response.status_code}"
            if response.status_code in (301, 302):
                assert re.search(r"/enter/|/sign-in/|/admin/", response.headers["Location"]), (
                    f"{path} leads to {response.headers['Location']}"
                )
    assert OPEN[urlconf] <= set(walked), f"declared open, but not there: {OPEN[urlconf] - set(walked)}"
    assert len(walked) >= {"config.urls.public": 8, "config.urls.site": 7, "config.urls.editor": 150}[urlconf]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR])
def test_no_role_of_a_site_reaches_people_groups_or_sites(role: Role) -> None:
    (tenant,) = open_sites("xiaodian")
    person("somebody", roles={role: [tenant]})
    client = signed_in(tenant, "somebody", raise_request_exception=False)
    admin = [path for path in paths("config.urls.editor") if re.match(r"admin/(users|groups|sites|workflows|collections|redirects)/", path)]
    guarded = [path for path in admin if "task_chooser" not in path]  # lists the names of review steps; adding one asks for the right

    answers = {path: client.get(f"/{path}").status_code for path in guarded}

    assert {path: status for path, status in answers.items() if status == 200} == {}
    assert len(guarded) >= 20
    assert client.cookies[settings.SESSION_COOKIE_NAME].value


# Screens of a site's editor that not all of its roles may use; each asks before it looks for what the address names.
STAFF = {"admin/hearing/opinions/1/withhold/": {Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR}}


@pytest.mark.parametrize("role", list(Role))
def test_screens_for_some_roles_refuse_the_others(role: Role) -> None:
    (tenant,) = open_sites("xiaodian")
    person("somebody", roles={role: [tenant]})
    client = signed_in(tenant, "somebody", raise_request_exception=False)

    for path, roles in STAFF.items():
        answers = {method(f"/{path}").status_code for method in (client.get, client.post)}
        assert answers == ({404} if role in roles else {302}), path
    assert set(STAFF) <= set(paths("config.urls.editor"))


EVERY = set(PlatformRole)
# Who may call which page of the console; whoever is not named is refused, editors of sites and strangers always.
CONSOLE = {
    "console/": EVERY,
    "console/open/": {PlatformRole.OPERATIONS},
    "console/sites/x/": EVERY,
    "console/sites/x/x/": {PlatformRole.OPERATIONS},
    "console/sites/x/apply/": {PlatformRole.OPERATIONS},
    "console/sites/x/check-domain/": {PlatformRole.OPERATIONS},
    "console/sites/x/confirm-restore/": {PlatformRole.OPERATIONS},
    "console/sites/x/undo-restore/": {PlatformRole.OPERATIONS},
    "console/prepare/": {PlatformRole.OPERATIONS},
    "console/clone/": {PlatformRole.OPERATIONS},
    "console/restore/": {PlatformRole.OPERATIONS},
    "console/import/": {PlatformRole.OPERATIONS},
    "console/jobs/": EVERY,
    "console/jobs/6f1c1c1e-0000-4000-8000-000000000000/": EVERY,
    "console/jobs/6f1c1c1e-0000-4000-8000-000000000000/retry/": {PlatformRole.OPERATIONS},
    "console/jobs/6f1c1c1e-0000-4000-8000-000000000000/roll-back/": {PlatformRole.OPERATIONS},
    "console/platform/": EVERY,
    "console/platform/retry-events/": {PlatformRole.OPERATIONS},
    "console/rules/": EVERY,
    "console/rules/add/": {PlatformRole.OPERATIONS},
    "console/rules/of/x/": EVERY,
    "console/calendar/": EVERY,
    "console/calendar/import/": {PlatformRole.OPERATIONS},
    "console/greyscale/": EVERY,
    "console/greyscale/add/": {PlatformRole.OPERATIONS},
    "console/greyscale/end/": {PlatformRole.OPERATIONS},
    "console/announcements/": EVERY,
    "console/announcements/add/": {PlatformRole.OPERATIONS},
    "console/announcements/6f1c1c1e-0000-4000-8000-000000000000/": EVERY,
    "console/announcements/6f1c1c1e-0000-4000-8000-000000000000/withdraw/": {PlatformRole.OPERATIONS},
    "console/openness/": EVERY,
    "console/openness/of/x/": EVERY,
    "console/openness/export.csv": EVERY,
    "console/people/": {PlatformRole.SECURITY},
    "console/people/grant/": {PlatformRole.SECURITY},
    "console/people/revoke/": {PlatformRole.SECURITY},
    "console/people/unlock/": {PlatformRole.SECURITY},
    "console/people/deactivate/": {PlatformRole.SECURITY},
    "console/audit/": {PlatformRole.AUDIT},
    "console/audit/export.csv": {PlatformRole.AUDIT},
}
READ_ONLY_PAGES = {"console/", "console/open/", "console/jobs/", "console/platform/", "console/people/", "console/audit/"} | {
    "console/rules/",
    "console/rules/add/",
    "console/calendar/",
    "console/calendar/import/",
    "console/greyscale/",
    "console/greyscale/add/",
    "console/announcements/",
    "console/announcements/add/",
    "console/openness/",
    "console/prepare/",
    "console/clone/",
    "console/restore/",
    "console/import/",
}


@pytest.mark.parametrize("role", [None, *PlatformRole])
def test_each_page_of_the_console_lets_its_officers_in_and_nobody_else(role: PlatformRole | None) -> None:
    (tenant,) = open_sites("xiaodian")
    somebody = person("somebody", roles={Role.ADMINISTRATOR: [tenant]} if role is None else None)
    if role:
        memberships.grant_platform(somebody, role, by="tests")
    client = Client(headers={"host": settings.PLATFORM_HOST}, raise_request_exception=False)
    client.force_login(somebody, backend="accounts.backends.PersonBackend")
    walked = [path for path in paths("config.urls.public") if path.startswith("console/")]

    for path in walked:
        for method in (client.get, client.post):
            status = method(f"/{path}").status_code
            if role not in CONSOLE[path]:
                assert status == 403, f"{path} answered {status} to {role}"
            else:
                assert status not in (403, 500), f"{path} answered {status} to {role}"
        if role in CONSOLE[path] and path in READ_ONLY_PAGES:
            assert client.get(f"/{path}").status_code == 200

    assert set(walked) == set(CONSOLE)


def test_the_console_takes_nothing_without_a_token() -> None:
    somebody = person("somebody")
    memberships.grant_platform(somebody, PlatformRole.SECURITY, by="tests")
    client = Client(headers={"host": settings.PLATFORM_HOST}, enforce_csrf_checks=True)
    client.force_login(somebody, backend="accounts.backends.PersonBackend")

    answers = {path: client.post(f"/{path}").status_code for path in CONSOLE if PlatformRole.SECURITY in CONSOLE[path]}

    assert set(answers.values()) == {403}
