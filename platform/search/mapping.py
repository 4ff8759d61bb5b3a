"""The index as data: every field with what it is for. Only what an Elasticsearch server has without modules or plugins."""

import hashlib
import json
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from elasticsearch.dsl import Boolean, Date, Field, Index, Integer, Keyword, Long, Mapping, Nested, Text, analyzer, token_filter

VERSION = 4
REFRESH_INTERVAL = "500ms"
SEGMENTS_PER_TIER = 4  # instead of 10: a query looks its words up in every segment, and far more is read than written

_PAIRS = token_filter(
    "pairs",
    type="shingle",
    min_shingle_size=2,
    max_shingle_size=2,
    output_unigrams=False,
    output_unigrams_if_no_shingles=True,
    token_separator="",
)
IN_PAIRS = analyzer("zh_bi", tokenizer="standard", filter=["lowercase", _PAIRS])
IN_TOKENS = analyzer("zh_uni", tokenizer="standard", filter=["lowercase"])


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its name, its type and what it is for."""

    name: str
    field: Field
    description: str


FIELDS = (
    FieldSpec("id", Keyword(), "The document's id again, to break ties and to walk the index in order."),
    FieldSpec("state", Keyword(), "`live`, or `withdrawn` for a tombstone; every search filters by it."),
    FieldSpec("content_hash", Keyword(index=False), "What `reconcile` compares with the projection."),
    FieldSpec("site", Keyword(), "The site's uuid: scope, deny list, facet."),
    FieldSpec("kind", Keyword(), "What a citizen understands the text to be: facet."),
    FieldSpec("tab", Keyword(), "The class a citizen chooses first: facet."),
    FieldSpec("region", Keyword(), "The division of the site, six digits: facet."),
    FieldSpec("issuer", Keyword(), "The offices that issued it, one each: facet."),
    FieldSpec("file", Keyword(), "The sorts of files attached: facet."),
    FieldSpec("topic", Keyword(), "The topics it is tagged with, by short name: filter."),
    FieldSpec("page_kind", Keyword(), "The sort of page: document, article, column, home."),
    FieldSpec("group", Keyword(), "The same for all copies and versions of one text: hits are folded by it."),
    FieldSpec("group_no", Long(index=False), "The same as a number, which is counted three to four times as fast."),
    FieldSpec("latest", Boolean(), "Whether it is the newest version of its text."),
    FieldSpec("date", Date(), "When it was published: order by date."),
    FieldSpec("year", Integer(), "The year of that in China: facet."),
    FieldSpec("validity", Keyword(), "Whether the text is in force."),
    FieldSpec(
        "title",
        Text(analyzer=IN_PAIRS, copy_to=["holds"], fields={"uni": Text(analyzer=IN_TOKENS)}),
        "The title, folded, in pairs of characters; `uni` in single ones, which forgives typing errors.",
    ),
    FieldSpec("title_keys", Keyword(), "The forms under which the whole title counts as typed exactly."),
    FieldSpec("doc_no_key", Keyword(), "Document numbers in one form: 国发/2019/5, 国务院令/188."),
    FieldSpec("index_no_key", Keyword(), "The index number (索引号), folded."),
    FieldSpec("py_full", Keyword(), "The title in pinyin."),
    FieldSpec("py_init", Keyword(), "The first letters of the title's pinyin."),
    FieldSpec("body", Text(analyzer=IN_PAIRS, copy_to=["holds"]), "The text in pairs of characters."),
    FieldSpec(
        "file_text",
        Text(analyzer=IN_PAIRS, index_options="freqs", copy_to=["holds"]),
        "Titles and words of attached files; worth less than the text.",
    ),
    FieldSpec(
        "arts",
        Nested(properties={"no": Keyword(), "text": Text(analyzer=IN_PAIRS, index_options="freqs")}),
        "The text in passages, one an article; `no` is the article's anchor. A long law is found and shown by its article.",
    ),
    FieldSpec("place", Text(analyzer=IN_PAIRS, index_options="freqs", copy_to=["holds"]), "The place a text is about or for."),
    FieldSpec(
        "holds",
        Text(analyzer=IN_PAIRS, index_options="docs", norms=False),
        "The pairs of title, text, files and place together, without places or numbers: whether a text holds enough of a query.",
    ),
)


def mapping() -> Mapping:
    """Return the mapping: strict, so that a field nobody described cannot slip in."""
    built = Mapping()
    built.meta("dynamic", "strict")
    built.meta("_meta", {"version": VERSION, "fields": {spec.name: spec.description for spec in FIELDS}})
    for spec in FIELDS:
        built.field(spec.name, spec.field)
    return built


def index_body(*, refresh_interval: str = REFRESH_INTERVAL) -> dict[str, Any]:
    """Return what creates an index: settings, analysis, mapping; the mapping carries its own hash."""
    index = Index("pages")
    index.mapping(mapping())
    body: dict[str, Any] = index.to_dict()
    body["mappings"]["_meta"]["hash"] = mapping_hash()
    body["settings"] = body.get("settings", {}) | {
        "number_of_shards": settings.ELASTICSEARCH_SHARDS,
        "number_of_replicas": settings.ELASTICSEARCH_REPLICAS,
        "refresh_interval": refresh_interval,
        "merge.policy.segments_per_tier": SEGMENTS_PER_TIER,
    }
    return body


def mapping_hash() -> str:
    """Return the hash of fields and analysis: differs where the index has to be rebuilt."""
    index = Index("pages")
    index.mapping(mapping())
    body = index.to_dict()
    body["mappings"].pop("_meta")
    return _digest(body)


def read_alias() -> str:
    """Return the alias that searches use."""
    return f"{settings.ELASTICSEARCH_PREFIX}-pages-read"


def write_alias() -> str:
    """Return the alias that the relay feeds."""
    return f"{settings.ELASTICSEARCH_PREFIX}-pages-write"


def next_alias() -> str:
    """Return the alias of the index being built, which the relay feeds too."""
    return f"{settings.ELASTICSEARCH_PREFIX}-pages-next"


def previous_alias() -> str:
    """Return the alias of the index that served before, kept in step for a day so that `search rollback` can go back to it."""
    return f"{settings.ELASTICSEARCH_PREFIX}-pages-previous"


def index_pattern() -> str:
    """Return what all our indices' names match."""
    return f"{settings.ELASTICSEARCH_PREFIX}-pages-v*"


def _digest(body: AbstractMapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
