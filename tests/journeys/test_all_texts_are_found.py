"""All 3,655 real texts, imported over four sites as a city would hold them, are in the index, and found by their titles."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from search.models import Projection
from tests.factories.sites import open_sites
from tests.factories.texts import all_texts

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
SITES = ("taiyuan", "xiaodian", "yingze", "qingxu")
EVERY = 12  # one title in so many is searched for; the index is compared as a whole


def import_all(folder: Path) -> None:
    """Give each site every fourth text."""
    texts = all_texts()
    for place, slug in enumerate(SITES):
        path = folder / f"{slug}.jsonl"
        path.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts[place :: len(SITES)]), encoding="utf-8")
        call_command("content", "import", str(path), "--site", slug, "--column", "flfg", verbosity=0)


def search(title: str) -> list[dict[str, Any]]:
    response = Client(headers={"host": "platform.localhost"}).get("/api/search/", {"q": title, "size": "10"})
    found = response.json()
    assert found["degraded"] is False
    hits: list[dict[str, Any]] = found["hits"]
    return hits


def test_all_texts_are_found(search_index: Any, tmp_path: Path) -> None:
    """S35: every one of 3,655 texts is in the index and is found by its own title: complete and precise results."""
    open_sites(*SITES)
    import_all(tmp_path)

    call_command("relay", "run", "--once", verbosity=0)
    search_index.refresh()

    texts = all_texts()
    rows = {row.pk: (row.revision, row.state) for row in Projection.objects.without_text()}
    assert len(rows) == len(texts) == 3655
    assert search_index.documents() == rows
    group_of = {text["id"]: text["group"] for text in texts}
    missed = [
        text["title"]
        for text in texts[::EVERY]
        if not any(group_of[hit["source_id"]] == text["group"] or hit["title"] == text["title"] for hit in search(text["title"]))
    ]
    assert missed == []
