"""An index that an earlier release made answers the same until it is rebuilt."""

from typing import Any

import pytest
from django.core.management import call_command

from outbox import relay
from search import mapping, selectors
from search.contract import Question
from search.indexing import indices
from tests.factories.documents import document, publish
from tests.factories.sites import open_sites

pytestmark = pytest.mark.elasticsearch


@pytest.fixture
def older_index(search_index: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put an index in the place of the test's, made as before there was a field of all that a text holds."""
    search_index.remove()
    made_today = mapping.index_body

    def made_before(**options: Any) -> dict[str, Any]:
        body = made_today(**options)
        fields = body["mappings"]["properties"]
        del fields["holds"]
        for field in fields.values():
            field.pop("copy_to", None)
        body["mappings"]["_meta"]["hash"] = "before"
        return body

    monkeypatch.setattr(mapping, "index_body", made_before)
    monkeypatch.setattr(mapping, "VERSION", 2)
    relay.prepare()
    monkeypatch.undo()
    return search_index


def test_it_finds_and_counts_what_holds_enough_of_a_query(older_index: Any) -> None:
    [site] = open_sites("taiyuan")
    publish(
        document(site, 900_031, title="供热管理办法", body="采暖期从十一月一日开始。"),
        document(site, 900_032, title="供水管理办法", body="用水高峰在夏季。"),
    )

    call_command("relay", "run", "--once", verbosity=0)
    older_index.refresh()
    name = indices.aliased(mapping.read_alias())
    found = selectors.find(Question(text="采暖期从十一月开始"), scope=selectors.scope_of_everything())

    assert name is not None
    assert (indices.hash_of(name), "-pages-v2-" in name) == ("before", True)
    assert ([hit.title for hit in found.hits], found.total, found.is_degraded) == (["供热管理办法"], 1, False)


def test_a_new_one_finds_the_same(search_index: Any) -> None:
    [site] = open_sites("taiyuan")
    publish(
        document(site, 900_031, title="供热管理办法", body="采暖期从十一月一日开始。"),
        document(site, 900_032, title="供水管理办法", body="用水高峰在夏季。"),
    )

    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    found = selectors.find(Question(text="采暖期从十一月开始"), scope=selectors.scope_of_everything())

    assert ([hit.title for hit in found.hits], found.total, found.is_degraded) == (["供热管理办法"], 1, False)
