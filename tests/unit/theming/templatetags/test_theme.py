"""The tags and filters of the templates."""

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from theming.activation import use_theme
from theming.catalogue import catalogue
from theming.templatetags import theme

MORNING = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)


def test_dates_are_written_as_government_sites_write_them() -> None:
    assert theme.iso_date(date(2026, 1, 9)) == "2026-01-09"
    assert theme.iso_time(date(2026, 1, 9)) == "2026-01-09"
    assert theme.iso_time(datetime(2026, 11, 23, 9, 5)) == "2026-11-23 09:05"  # noqa: DTZ001 - naive on purpose
    assert theme.iso_date("2026-11-23") == "2026-11-23"
    assert theme.iso_date(None) == ""
    assert theme.iso_time("") == ""


@override_settings(USE_TZ=True, TIME_ZONE="Asia/Shanghai")
def test_times_are_local() -> None:
    assert theme.iso_time(MORNING) == "2026-11-23 09:05"


@pytest.mark.parametrize(("value", "written"), [(0, "0"), (999, "999"), (1234567, "1,234,567"), ("约 1,000+", "约 1,000+"), (None, "")])
def test_large_numbers_have_separators(value: int | str | None, written: str) -> None:
    assert theme.thousands(value) == written


@override_settings(STATIC_URL="/static/")
def test_a_page_links_the_tokens_of_its_theme_and_the_stylesheet() -> None:
    with use_theme("azure"):
        links = theme.theme_css()

    assert (
        links == f'<link rel="stylesheet" href="{catalogue().stylesheet("azure").url}"><link rel="stylesheet" href="/static/base/site.css">'
    )
