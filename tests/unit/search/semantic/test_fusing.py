"""Two orders made one."""

from hypothesis import given
from hypothesis import strategies as st

from search.semantic.fusing import Ranked, order

FOUND = [Ranked("a", 30.0), Ranked("b", 20.0), Ranked("c", 10.0)]


def test_words_and_meaning_count_alike() -> None:
    assert order(FOUND, {"b": 0.9, "c": 0.8, "x": 0.5}) == [1, 0, 2]  # b .5 + 1, a 1 + 0, c 0 + .75
    assert order(FOUND, {"c": 0.9, "a": 0.1}) == [0, 2, 1]  # a 1 + 0 and c 0 + 1: words break the tie


def test_nothing_near_changes_nothing() -> None:
    assert order(FOUND, {}) == [0, 1, 2]
    assert order(FOUND, {"x": 0.9}) == [0, 1, 2]


def test_what_is_named_exactly_stays_first() -> None:
    named = [Ranked("a", 1030.0, is_named=True), *FOUND[1:]]

    assert order(named, {"c": 0.9, "b": 0.2, "a": 0.1}) == [0, 1, 2]


def test_nearness_counts_as_much_as_its_text() -> None:
    repealed = [Ranked("a", 30.0), Ranked("b", 20.0, weight=0.2), Ranked("c", 10.0)]

    assert order(repealed, {"b": 0.9, "a": 0.8}) == [0, 1, 2]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 2000), st.booleans())),
    st.dictionaries(st.sampled_from("abcdefg"), st.floats(0, 1)),
)
def test_the_same_texts_come_out(found: list[tuple[str, float, bool]], near: dict[str, float]) -> None:
    ranked = [Ranked(group, score, is_named=is_named) for group, score, is_named in found]

    assert sorted(order(ranked, near)) == list(range(len(ranked)))
