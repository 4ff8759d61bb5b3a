"""Host names as they arrive, and what is made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.contract import HOST, IDENTIFIER, SCHEMA_NAME, SLUG, InvalidHostError
from registry.selectors import normalise_host


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("xiaodian.localhost", "xiaodian.localhost"),
        ("XiaoDian.LOCALHOST", "xiaodian.localhost"),
        ("xiaodian.localhost.", "xiaodian.localhost"),
        ("xiaodian.localhost:8000", "xiaodian.localhost"),
        ("XIAODIAN.localhost.:8000", "xiaodian.localhost"),
        ("xn--fiqs8s.xn--55qx5d", "xn--fiqs8s.xn--55qx5d"),
    ],
)
def test_a_host_is_lower_case_without_dot_and_port(raw: str, host: str) -> None:
    assert normalise_host(raw) == host


@pytest.mark.parametrize(
    "raw",
    ["", ".", "a..b", "a b", "a_b.test", "-a.test", "a-.test", "[::1]", "user@host", "a/b", "a\x00b", "x" * 64, "太原.test", "a.test.."],
)
def test_what_is_no_host_name_is_refused(raw: str) -> None:
    with pytest.raises(InvalidHostError):
        normalise_host(raw)


@given(st.text(max_size=300))
def test_any_text_gives_a_host_name_or_is_refused(raw: str) -> None:
    try:
        host = normalise_host(raw)
    except InvalidHostError:
        return
    assert HOST.fullmatch(host)


@pytest.mark.parametrize("name", ["z','b", "../x", "x%s", "a b", "X", "1a", "", "a", "a" * 49, 'a"b', "pg_x"])
def test_schema_names_that_are_not_plain(name: str) -> None:
    assert bool(SCHEMA_NAME.fullmatch(name)) is (name == "pg_x")  # the prefix keeps ours clear of PostgreSQL's


@pytest.mark.parametrize(
    ("slug", "is_slug"), [("xiaodian", True), ("x2", True), ("a-b", True), ("x", False), ("Xiao", False), ("2x", False), ("小店", False)]
)
def test_slugs(slug: str, is_slug: bool) -> None:  # noqa: FBT001 - a table of cases
    assert bool(SLUG.fullmatch(slug)) is is_slug


@pytest.mark.parametrize(
    ("identifier", "is_one"), [("1401050001", True), ("bm55000001", True), ("140105000", False), ("BM55000001", False)]
)
def test_site_identifiers(identifier: str, is_one: bool) -> None:  # noqa: FBT001 - as above
    assert bool(IDENTIFIER.fullmatch(identifier)) is is_one
