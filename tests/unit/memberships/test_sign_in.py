"""Who counts as one place and one name when guesses are counted."""

import pytest

from memberships.services.sign_in import _name_key
from observability.addresses import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_one_customer_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("username", ["Wang", " wang ", "ＷＡＮＧ", "WANG"])
def test_a_name_written_otherwise_is_the_same_name(username: str) -> None:
    assert _name_key(username) == "wang"


def test_a_name_that_grows_in_lower_case_still_fits() -> None:
    assert len(_name_key("ß" * 150)) == 150
