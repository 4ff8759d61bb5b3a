"""Rows of an import: what is taken and what is refused with which words."""

import json
from typing import Any

import pytest

from tenants.pages.importing import RowError, parse
from tests.factories.texts import all_texts

GOOD = {"id": "pol-1", "title": "通知", "body": "正文", "kind": "policy", "doc_nos": ["国发〔2019〕5号"], "promulgated": "2019-01-27"}


def row(**changes: Any) -> str:
    return json.dumps({key: value for key, value in (GOOD | changes).items() if value is not ...})


def test_a_good_row() -> None:
    parsed = parse(row(published="2019-02-15", source_path="http://www.gov.cn/a.htm"))

    assert (parsed.source_id, parsed.title, parsed.category, parsed.doc_nos) == ("pol-1", "通知", "policy", ("国发〔2019〕5号",))
    assert (str(parsed.signed), str(parsed.published), parsed.source_url) == ("2019-01-27", "2019-02-15", "http://www.gov.cn/a.htm")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "no JSON object"),
        ("[1]", "a list or a value"),
        (row(id=...), "id is missing or empty"),
        (row(id="  "), "id is missing or empty"),
        (row(title=None), "title is missing or empty"),
        (row(title="长" * 256), "title has 256 characters; at most 255"),
        (row(title=5), "title must be a text, not int"),
        (row(body=""), "body is missing or empty"),
        (row(body="a\x00b"), "body holds a NUL character"),
        (row(body="a\ud800b"), "body holds half a character (a lone surrogate) at position 1"),
        (row(promulgated="2019年"), "promulgated is '2019年'; write a date as 2026-11-24"),
        (row(doc_nos="国发"), "doc_nos must be a list of texts"),
        (row(subject=201), "subject must be a text, not int"),
        (row(combined_class=["0101"]), "combined_class must be a text, not list"),
    ],
)
def test_a_bad_row_says_what_is_wrong(line: str, says: str) -> None:
    with pytest.raises(RowError) as caught:
        parse(line)

    assert says in str(caught.value)


def test_every_real_text_can_be_read() -> None:
    assert len([parse(json.dumps(text)) for text in all_texts()]) == 3655


def test_an_unknown_kind_is_another_document() -> None:
    assert parse(row(kind="poem")).category == "other"
