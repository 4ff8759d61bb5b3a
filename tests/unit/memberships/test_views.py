"""Where a sign-on may lead."""

import pytest
from django.http import HttpResponse
from django.urls import resolve

from memberships import views


@pytest.mark.parametrize("after", ["/admin/pages/5/edit/", "/admin/?q=a&p=2", "/admin/"])
def test_a_path_of_this_host_is_followed(after: str) -> None:
    assert views._safe(after) == after


@pytest.mark.parametrize(
    "after",
    [
        "",
        "//evil.test/",
        "https://evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        "admin/",
        "http:///evil.test",
        "\t//evil.test",
        "/\t/evil.test",
        "///evil.test",
    ],
)
def test_anything_else_becomes_the_editors_home(after: str) -> None:
    assert views._safe(after) == "/admin/"


def test_forms_may_end_on_editors_hosts() -> None:
    policy = views._may_lead_to_editors(HttpResponse(), [])["Content-Security-Policy"]

    assert "form-action 'self' http://*.manage.localhost:8000;" in policy
    assert "default-src 'self';" in policy


@pytest.mark.parametrize(("path", "view"), [("/enter/", views.enter), ("/admin/login/", views.enter), ("/admin/logout/", views.leave)])
def test_wagtails_own_ways_in_and_out_are_replaced(path: str, view: object) -> None:
    assert resolve(path, "config.urls.editor").func is view


@pytest.mark.parametrize(("path", "view"), [("/sign-in/", views.sign_in), ("/sign-out/", views.sign_out), ("/sites/", views.sites)])
def test_people_sign_on_at_the_platform(path: str, view: object) -> None:
    assert resolve(path, "config.urls.public").func is view
