"""Quality on 3,655 real texts and 698 labelled queries: no kind may fall more than a point below what was reached."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction

from registry.contract import TenantRef
from search import evaluation, selectors, services
from search.contract import Category, PageKind, Question, SearchDocument
from tests.factories.texts import DATA, all_texts

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
CHINA = ZoneInfo("Asia/Shanghai")
QUERIES = {DATA / "queries-dev.jsonl.gz": 565, DATA / "queries-short.jsonl": 133}
INVARIANTS = Path(__file__).with_name("invariants.tsv")


def document_of(site: TenantRef, number: int, text: dict[str, Any]) -> SearchDocument:
    date = text.get("published") or text["version_date"] or text["promulgated"]
    return SearchDocument(
        tenant=site,
        page_id=number,
        title=text["title"],
        kind=PageKind.DOCUMENT,
        category=Category(text["kind"]),
        path=f"/{number}/",
        source_id=text["id"],
        doc_nos=tuple(text["doc_nos"]),
        issuer=text["issuer"] or "",
        place=text["region"] or "",
        published_at=dt.datetime.fromisoformat(date).replace(tzinfo=CHINA) if date else None,
        body=text["body"],
        group=text["group"],
        effective_date=dt.date.fromisoformat(text["effective"]) if text["effective"] else None,
        version_date=dt.date.fromisoformat(text["version_date"]) if text["version_date"] else None,
    )


def test_no_kind_of_query_got_worse_and_what_must_hold_holds(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("taiyuan")
    with transaction.atomic():
        services.publish_many(document_of(site, number, text) for number, text in enumerate(all_texts(), 1))
    call_command("search", "rebuild", verbosity=0)
    everywhere = selectors.scope_of_everything()

    for path, number in QUERIES.items():
        scores = evaluation.evaluate(evaluation.load(path), scope=everywhere, groups=selectors.groups_by_source())

        baseline = evaluation.read_baseline(evaluation.baseline_path(path))
        assert evaluation.fallen(scores, baseline=baseline) == {}
        assert {score.kind for score in scores} == set(baseline)
        assert sum(score.queries for score in scores if score.kind != "all") == number
    pairs = [line.split("\t") for line in INVARIANTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    first = {query: next((hit.source_id for hit in selectors.find(Question(text=query), scope=everywhere).hits), "") for query, _ in pairs}
    assert first == dict(pairs)
