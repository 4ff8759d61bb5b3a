"""An index that an earlier release made answers the same until it is rebuilt."""

from typing import Any

import pytest
from django.core.management import call_command

from outbox.models import Event
from search import documents, mapping, selectors
from search.contract import Facet, Question
from search.indexing import indices
from tests.factories.documents import document, publish
from tests.factories.sites import open_sites

pytestmark = pytest.mark.elasticsearch


LACKING = {2: {"holds", "group_no"}, 3: {"group_no"}}  # of what there is today, by version of the index


def made_before(made_today: dict[str, Any], *, version: int) -> dict[str, Any]:
    """Return what creates an index as an earlier release did."""
    fields = {name: field for name, field in made_today["mappings"]["properties"].items() if name not in LACKING[version]}
    if "holds" not in fields:
        fields = {name: {key: value for key, value in field.items() if key != "copy_to"} for name, field in fields.items()}
    mappings = made_today["mappings"] | {"properties": fields, "_meta": {"hash": "before"}}
    return made_today | {"mappings": mappings}


@pytest.mark.parametrize("version", LACKING)
def test_it_finds_and_counts_what_holds_enough_of_a_query(version: int, search_index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    search_index.remove()
    make = mapping.index_body
    with monkeypatch.context() as patch:
        patch.setattr(mapping, "index_body", lambda **options: made_before(make(**options), version=version))
        patch.setattr(mapping, "VERSION", version)
        patch.setattr(documents, "to_source", lambda row, build=documents.to_source: without(build(row), "group_no"))
        sites = open_sites("taiyuan", "xiaodian")
        publish(document(sites[0], 900_031, title="供热管理办法", body="采暖期从十一月一日开始。"))
        call_command("relay", "run", "--once", verbosity=0)

    publish(  # by today's release, to the index of that time
        document(sites[1], 900_031, title="供热管理办法", body="采暖期从十一月一日开始。"),
        document(sites[0], 900_032, title="供水管理办法", body="用水高峰在夏季。"),
        document(sites[0], 900_033, title="供暖费管理办法", body="采暖期从十一月一日开始收费。"),
    )
    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()
    name = indices.aliased(mapping.read_alias())
    found = selectors.find(Question(text="采暖期从十一月开始"), scope=selectors.scope_of_everything())

    assert name is not None
    assert (indices.hash_of(name), f"-pages-v{version}-" in name) == ("before", True)
    assert Event.objects.count() == 0  # the engine refused none
    assert (sorted(hit.title for hit in found.hits), found.total, found.is_degraded) == (["供暖费管理办法", "供热管理办法"], 2, False)
    assert [(each.value, each.count) for each in found.facets[Facet.SITE]] == [(str(sites[0].uuid), 2), (str(sites[1].uuid), 1)]


def without(source: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in source.items() if name != field}


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
