"""From the platform's sign-on into editors, over http."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from memberships import services
from memberships.contract import Role
from memberships.models import SignInFailure
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.people import PASSWORD, person
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]

PLATFORM = "platform.localhost:8000"


def at(host: str) -> Client:
    return Client(headers={"host": host})


def editor_of(site: TenantRef) -> str:
    return f"{site.editor_domain}:8000"


def sign_in(client: Client, username: str = "zhangsan", password: str = PASSWORD, query: str = "", **extra: Any) -> Any:
    return client.post(f"/sign-in/{query}", {"username": username, "password": password}, **extra)


def follow(response: Any) -> tuple[Client, Any]:
    """Follow a redirect to another host, as a new cookie jar of that host."""
    target = urlsplit(response["Location"])
    client = at(target.netloc)
    return client, client.get(f"{target.path}?{target.query}")


def enter(site: TenantRef, platform: Client) -> Client:
    """Return a browser signed on to a site's editor through the platform."""
    client, response = follow(platform.post(f"/sites/{site.slug}/enter/"))
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    return client


def test_signing_on_leads_to_ones_sites_and_into_an_editor() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    person(roles={Role.EDITOR: [here]})
    platform = at(PLATFORM)

    response = sign_in(platform)
    assert (response.status_code, response["Location"]) == (302, "/sites/")
    page = platform.get("/sites/").content.decode()
    assert here.name in page
    assert there.name not in page

    editor = enter(here, platform)
    home = editor.get("/admin/")
    assert home.status_code == 200
    assert AuditEntry.objects.filter(action__in=["person.signed_in", "editor.entered"]).count() == 2


def test_the_session_id_changes_on_signing_in() -> None:
    person()
    platform = at(PLATFORM)
    session = platform.session
    session["seen"] = True
    session.save()
    before = platform.cookies["session"].value

    sign_in(platform)

    assert platform.cookies["session"].value != before


def test_a_ticket_in_the_address_is_told_to_no_other_page() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)

    redirect = platform.post("/sites/xiaodian/enter/")
    _, landed = follow(redirect)

    assert redirect["Location"].startswith("http://xiaodian.manage.localhost:8000/enter/?ticket=")
    assert redirect["Referrer-Policy"] == landed["Referrer-Policy"] == "no-referrer"
    assert "no-store" in redirect["Cache-Control"]
    assert landed["Cache-Control"] == "no-store"


def test_an_editor_without_session_asks_the_platform_and_comes_back() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    editor = at(editor_of(site))

    first = editor.get("/admin/pages/")
    assert first["Location"] == "/enter/?next=/admin/pages/"
    second = editor.get(first["Location"])
    target = urlsplit(second["Location"])
    assert (target.netloc, target.path, parse_qs(target.query)) == (
        PLATFORM,
        "/sign-in/",
        {"site": ["xiaodian"], "next": ["/admin/pages/"]},
    )
    third = sign_in(at(PLATFORM), query=f"?{target.query}")
    _, fourth = follow(third)

    assert (fourth.status_code, fourth["Location"]) == (302, "/admin/pages/")


def test_whoever_is_signed_on_comes_straight_back() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)

    _, landed = follow(platform.get("/sign-in/?site=xiaodian&next=/admin/pages/"))

    assert (landed.status_code, landed["Location"]) == (302, "/admin/pages/")


def test_a_used_ticket_gets_a_page_that_says_so() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)
    redirect = platform.post("/sites/xiaodian/enter/")
    follow(redirect)

    thief, response = follow(redirect)

    assert response.status_code == 403
    assert "登录链接已失效" in response.content.decode()
    assert "_auth_user_id" not in thief.session


def test_a_ticket_for_another_site_opens_nothing_there() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.EDITOR: [here, there]})
    secret = services.issue_ticket(zhang, here)

    response = at(editor_of(there)).get("/enter/", {"ticket": secret})

    assert response.status_code == 403


def test_a_stranger_is_told_and_gets_no_ticket() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    person(roles={Role.EDITOR: [here]})
    platform = at(PLATFORM)
    sign_in(platform)

    for response in (platform.post("/sites/yingze/enter/"), platform.get("/sign-in/?site=yingze"), platform.post("/sites/nowhere/enter/")):
        assert response.status_code == 403
        assert "没有这个网站的权限" in response.content.decode()
    assert there.name not in platform.get("/sites/").content.decode()


def test_entering_needs_a_post_and_a_sign_on() -> None:
    copied_sites("xiaodian")
    platform = at(PLATFORM)

    assert platform.get("/sites/xiaodian/enter/").status_code == 405
    assert platform.post("/sites/xiaodian/enter/")["Location"] == "/sign-in/?site=xiaodian"
    assert platform.get("/sites/")["Location"] == "/sign-in/"


def test_entering_needs_the_csrf_token() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = Client(enforce_csrf_checks=True, headers={"host": PLATFORM})

    assert sign_in(platform).status_code == 403
    assert platform.post("/sites/xiaodian/enter/").status_code == 403


def test_one_editors_session_is_nobody_in_another() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    person(roles={Role.EDITOR: [here, there]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(here, platform)
    other = at(editor_of(there))
    other.cookies = editor.cookies

    assert other.get("/admin/")["Location"] == "/enter/?next=/admin/"


def test_a_copied_session_row_opens_no_other_editor() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.EDITOR: [here, there]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(here, platform)
    with in_schema_of(here):
        row, mark = editor.session, User.objects.get(uuid=zhang.uuid).password
        values = dict(row.items())
    with in_schema_of(there):
        User.objects.filter(uuid=zhang.uuid).update(password=mark)
        copy = type(row)(session_key=row.session_key)
        copy.update(values)
        copy.save(must_create=True)
    other = at(editor_of(there))
    other.cookies = editor.cookies

    assert other.get("/admin/")["Location"] == "/enter/?next=/admin/"


def test_a_platform_session_is_nobody_in_an_editor_and_the_other_way_round() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(site, platform)

    in_editor, on_platform = at(editor_of(site)), at(PLATFORM)
    in_editor.cookies, on_platform.cookies = platform.cookies, editor.cookies

    assert in_editor.get("/admin/")["Location"] == "/enter/?next=/admin/"
    assert on_platform.get("/sites/")["Location"] == "/sign-in/"


@pytest.mark.parametrize("path", ["/sign-in/", "/sites/", "/enter/", "/admin/", "/admin/login/", "/django-admin/"])
def test_a_public_host_has_no_way_in(path: str) -> None:
    copied_sites("xiaodian")

    assert at("xiaodian.localhost:8000").get(path).status_code == 404


def test_wagtails_own_sign_on_takes_no_password() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    editor = at(editor_of(site))

    assert editor.post("/admin/login/", {"username": "zhangsan", "password": PASSWORD}).status_code == 405
    assert editor.get("/admin/password_reset/").status_code == 404
    assert editor.get("/sign-in/").status_code == 404


def test_no_password_works_outside_the_platform() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    with in_schema_of(site):
        shadow = User.objects.get(username="zhangsan")
        shadow.set_password(PASSWORD)
        shadow.save()

        assert at(editor_of(site)).login(username="zhangsan", password=PASSWORD) is False


def test_a_revoked_role_ends_the_editors_session() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(site, platform)

    services.revoke(zhang, site, by="tests")

    assert editor.get("/admin/")["Location"] == "/enter/?next=/admin/"


def test_a_closed_account_ends_the_platforms_session() -> None:
    zhang = person()
    platform = at(PLATFORM)
    sign_in(platform)

    services.deactivate_person(zhang, by="tests")

    assert platform.get("/sites/")["Location"] == "/sign-in/"
    assert "用户名或密码不正确" in sign_in(platform).content.decode()


def test_signing_out_at_the_platform_ends_the_editors_too() -> None:
    (site,) = copied_sites("xiaodian")
    person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(site, platform)

    assert platform.get("/sign-out/").status_code == 405
    assert platform.post("/sign-out/")["Location"] == "/sign-in/"

    assert platform.get("/sites/")["Location"] == "/sign-in/"
    assert editor.get("/admin/")["Location"] == "/enter/?next=/admin/"


def test_leaving_an_editor_ends_that_session_alone() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    person(roles={Role.EDITOR: [here, there]})
    platform = at(PLATFORM)
    sign_in(platform)
    first, second = enter(here, platform), enter(there, platform)

    assert first.get("/admin/logout/").status_code == 405
    assert first.post("/admin/logout/")["Location"] == "http://platform.localhost:8000/sites/"

    assert first.get("/admin/")["Location"] == "/enter/?next=/admin/"
    assert second.get("/admin/").status_code == 200


def test_who_may_not_edit_is_told_so_and_not_sent_round_in_circles() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    platform = at(PLATFORM)
    sign_in(platform)
    editor = enter(site, platform)
    with in_schema_of(site):
        User.objects.get(uuid=zhang.uuid).groups.clear()

    assert editor.get("/admin/")["Location"] == "/enter/?next=/admin/"
    response = editor.get("/enter/?next=/admin/")

    assert response.status_code == 403
    assert "不能使用这个网站的编辑后台" in response.content.decode()


@pytest.mark.parametrize(("username", "password"), [("zhangsan", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong")])
def test_a_wrong_name_and_a_wrong_password_look_alike(username: str, password: str) -> None:
    person()

    response = sign_in(at(PLATFORM), username, password)

    assert response.status_code == 200
    assert "用户名或密码不正确，请重新输入。" in response.content.decode()
    assert SignInFailure.objects.count() == 1


@pytest.mark.parametrize("username", ["zhangsan", "nobody"])
def test_five_failures_lock_a_name_known_or_not(username: str) -> None:
    person()

    statuses = [sign_in(at(PLATFORM), username, "wrong").status_code for _ in range(5)]
    locked = sign_in(at(PLATFORM), username, PASSWORD)

    assert statuses == [200] * 5
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "请15分钟后再试" in locked.content.decode()
    assert sign_in(at(PLATFORM), username.upper(), PASSWORD).status_code == 429


def test_a_lock_opens_after_a_quarter_of_an_hour() -> None:
    person()
    for _ in range(5):
        sign_in(at(PLATFORM), password="wrong")
    SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=15, seconds=1))

    assert sign_in(at(PLATFORM)).status_code == 302


def test_success_forgives_the_failures_before_it() -> None:
    person()
    for _ in range(4):
        sign_in(at(PLATFORM), password="wrong")

    assert sign_in(at(PLATFORM)).status_code == 302
    assert SignInFailure.objects.count() == 0


def test_one_network_cannot_try_many_names() -> None:
    person()
    SignInFailure.objects.bulk_create(SignInFailure(username=f"name{n}", network="127.0.0.1", at=timezone.now()) for n in range(30))

    assert sign_in(at(PLATFORM)).status_code == 429
    assert sign_in(at(PLATFORM), REMOTE_ADDR="203.0.113.9").status_code == 302


@pytest.mark.parametrize(
    "values", [{}, {"username": "x"}, {"password": "x"}, {"username": "a\x00b", "password": "x"}, {"username": "x" * 151, "password": "x"}]
)
def test_incomplete_forms_are_asked_again(values: dict[str, str]) -> None:
    response = at(PLATFORM).post("/sign-in/", values)

    assert response.status_code == 200
    assert SignInFailure.objects.count() == 0


def test_the_sign_on_page_lets_its_form_lead_to_an_editor() -> None:
    (site,) = copied_sites("xiaodian")

    policy = at(PLATFORM).get("/sign-in/?site=xiaodian")["Content-Security-Policy"]

    assert "form-action 'self' http://*.manage.localhost:8000;" in policy
    assert site.editor_domain.endswith(".manage.localhost")
