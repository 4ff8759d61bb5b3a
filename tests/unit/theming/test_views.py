"""The tokens as a stylesheet: kept for a year at the right address, redirected from an old one."""

from django.test import RequestFactory

from theming import views
from theming.catalogue import catalogue


def test_the_right_address_may_be_kept_for_a_year() -> None:
    sheet = catalogue().stylesheet("azure")

    response = views.tokens_css(RequestFactory().get(sheet.url), name="azure", digest=sheet.digest)

    assert response.status_code == 200
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.content.decode() == sheet.css


def test_an_old_address_leads_to_the_right_one_and_is_not_kept() -> None:
    response = views.tokens_css(RequestFactory().get("/-/theme/azure.old.css"), name="azure", digest="old")

    assert response.status_code == 302
    assert response["Location"] == catalogue().stylesheet("azure").url
    assert response["Cache-Control"] == "no-store"


def test_an_unknown_theme_is_not_found() -> None:
    response = views.tokens_css(RequestFactory().get("/-/theme/pink.x.css"), name="pink", digest="x")

    assert response.status_code == 404
    assert response.content.decode().startswith("There is no theme called 'pink'.")


def test_only_reading_is_allowed() -> None:
    assert views.tokens_css(RequestFactory().post("/-/theme/azure.x.css"), name="azure", digest="x").status_code == 405
