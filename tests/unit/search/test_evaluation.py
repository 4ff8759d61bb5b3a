"""The figures: exact on a case worked out by hand; a bad file is named with its line."""

from pathlib import Path

import pytest

from search.evaluation import Labelled, QueryFileError, Score, _figures, _score, load


def test_copies_of_a_text_count_once() -> None:
    query = Labelled("q", "k", "税", {"new": 2, "old": 1, "other": 1})
    groups = {"new": "g", "old": "g", "other": "h"}

    assert _figures(query, ["new", "other"], groups) == (1.0, 1.0, 1.0, 1.0)
    assert _figures(query, ["x", "new"], groups)[1:] == (0.5, 1.0, 0.0)
    assert _figures(query, ["x", "y"], groups) == (0.0, 0.0, 0.0, 0.0)
    assert round(_figures(query, ["other", "new"], groups)[0], 4) == round((1 + 3 / 1.584963) / (3 + 1 / 1.584963), 4)


def test_means() -> None:
    assert _score("k", [(1.0, 1.0, 1.0, 1.0), (0.0, 0.5, 1.0, 0.0)]) == Score("k", 2, 0.5, 0.75, 1.0, 0.5)


@pytest.mark.parametrize("line", ["{", "[]", '{"qid": "a"}', '{"qid": "a", "kind": "k", "query": "q", "grades": {"x": "y"}}'])
def test_a_bad_line_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"qid": "a", "kind": "k", "query": "q", "grades": {"x": 2}}\n' + line + "\n", encoding="utf-8")

    with pytest.raises(QueryFileError, match="line 2"):
        load(path)


def test_one_kind_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"qid": "a", "kind": "k", "query": "q", "grades": {"x": 2}}\n', encoding="utf-8")

    assert load(path, kind="k") == [Labelled("a", "k", "q", {"x": 2})]
    assert load(path, kind="other") == []
