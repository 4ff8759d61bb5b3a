"""Quality on 3,655 real texts and 565 labelled queries: no kind may fall more than a point below what was reached."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction

from registry.contract import TenantRef
from search import evaluation, selectors, services
from search.contract import Category, PageKind, SearchDocument
from tests.factories.texts import DATA, all_texts

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
CHINA = ZoneInfo("Asia/Shanghai")
REACHED = {  # nDCG@10
    "title_exact": 0.991,
    "title_partial": 1.0,
    "abbrev": 0.982,
    "doc_number": 1.0,
    "article_phrase": 0.930,
    "article_ref": 1.0,
    "typo": 0.983,
    "pinyin_full": 0.991,
    "pinyin_initials": 1.0,
    "traditional": 1.0,
    "place_topic": 0.990,
    "lay_question": 0.507,
}
TOLERANCE = 0.01


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
        version_date=dt.date.fromisoformat(text["version_date"]) if text["version_date"] else None,
    )


def test_no_kind_of_query_got_worse(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("taiyuan")
    with transaction.atomic():
        services.publish_many(document_of(site, number, text) for number, text in enumerate(all_texts(), 1))
    call_command("search", "rebuild", verbosity=0)
    queries = evaluation.load(DATA / "queries-dev.jsonl.gz")

    scores = evaluation.evaluate(queries, scope=selectors.scope_of_everything(), groups=selectors.groups_by_source())

    reached = {score.kind: score.ndcg for score in scores if score.kind != "all"}
    assert sum(score.queries for score in scores if score.kind != "all") == 565
    assert {kind: (reached[kind], best) for kind, best in REACHED.items() if reached[kind] < best - TOLERANCE} == {}
    assert set(reached) == set(REACHED)
