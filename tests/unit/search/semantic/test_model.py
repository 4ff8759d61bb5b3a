"""How texts are put together for the model."""

import itertools

from search.semantic.model import TEXTS_PER_BATCH, TOKENS_PER_BATCH, batches


def test_texts_of_like_length_are_read_together_and_none_is_left_out() -> None:
    lengths = [5, 300, 6, 384, 7, *[50] * 40]

    found = list(batches(lengths))

    assert sorted(itertools.chain.from_iterable(found)) == list(range(len(lengths)))
    assert all(len(batch) <= TEXTS_PER_BATCH for batch in found)
    assert all(len(batch) * max(lengths[place] for place in batch) <= TOKENS_PER_BATCH for batch in found)
    assert found[0][:3] == [0, 2, 4]
    assert list(batches([])) == []
