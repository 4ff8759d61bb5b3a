"""From a site's document to its projection row, and from the row to what the index holds; pure functions."""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from search.analysis import folding, numbering, passages, pinyin, titles
from search.contract import SearchDocument, file_key
from search.models import Projection, State

CHINA = ZoneInfo("Asia/Shanghai")
LONGEST_TITLE = 500
LATER = {"combined_class"}  # columns that came later: an empty one says nothing, so no upgrade sends all documents to the index again
LONGEST_BODY = 400_000  # characters; the longest law has 169,102
LONGEST_TERM = 60  # characters; PostgreSQL refuses terms above 2,046 bytes
MOST_TERM_BYTES = 900_000  # and vectors above a megabyte
_SURELY_FITS = MOST_TERM_BYTES // (4 * LONGEST_TERM)


@dataclass(frozen=True, slots=True)
class Row:
    """A projection row to be written; the terms are separated by spaces."""

    id: str
    tenant_id: int
    page_id: int
    source_id: str
    title: str
    page_kind: str
    kind: str
    tab: str
    region: str
    path: str
    doc_nos: list[str]
    index_no: str
    issuer: str
    place: str
    group: str
    version_date: dt.date | None
    published_at: dt.datetime | None
    year: int | None
    validity: str
    body: str
    summary: str
    files: list[dict[str, Any]]
    file_text: str
    topics: list[str]
    card: dict[str, Any]
    content_hash: str
    document_class: str = ""
    subject: str = ""
    combined_class: str = ""
    signed_date: dt.date | None = None
    effective_date: dt.date | None = None
    valid_until: dt.date | None = None
    title_terms: str = ""
    body_terms: str = ""


def to_row(document: SearchDocument, *, file_texts: Mapping[str, str]) -> Row:
    """Return the row of a document, its texts cleaned; without terms, which are dear and not needed where nothing changed.

    `file_texts` are the words of files by key, as far as they are known.
    """
    title = folding.clean(document.title).replace("\n", " ")[:LONGEST_TITLE]
    body = folding.clean(document.body)[:LONGEST_BODY]
    doc_nos = [folding.clean(number)[:100] for number in document.doc_nos]
    published = document.published_at
    row = Row(
        id=document.key,
        tenant_id=document.tenant.id,
        page_id=document.page_id,
        source_id=document.source_id[:100],
        title=title,
        page_kind=document.kind.value,
        kind=document.facet.value,
        tab=document.tab.value,
        region=document.tenant.region_code,
        path=document.path,
        doc_nos=doc_nos,
        index_no=folding.clean(document.index_no)[:100],
        issuer=folding.clean(document.issuer),
        place=folding.clean(document.place),
        group=_group(document, title=title, body=body, doc_nos=doc_nos),
        version_date=document.version_date or (published.astimezone(CHINA).date() if published else None),
        published_at=published.astimezone(dt.UTC) if published else None,
        year=published.astimezone(CHINA).year if published else None,
        validity=document.validity.value,
        body=body,
        summary=folding.clean(document.summary)[:1000],
        files=files_of(document),
        file_text=text_of_files(files_of(document), file_texts),
        topics=sorted(set(document.topics)),
        card=card_of(document),
        content_hash="",
        document_class=document.document_class.value if document.document_class else "",
        subject=document.subject,
        combined_class=document.combined_class,
        signed_date=document.signed_date,
        effective_date=document.effective_date,
        valid_until=document.valid_until,
    )
    return _hashed(row)


def with_file_texts(known: Projection, file_texts: Mapping[str, str]) -> Row:
    """Return the row of a page whose files have been read meanwhile; without terms."""
    columns = {field.name: getattr(known, field.name) for field in dataclasses.fields(Row)}
    text = text_of_files(known.files, file_texts)
    return _hashed(Row(**(columns | {"file_text": text, "content_hash": "", "title_terms": "", "body_terms": ""})))


def files_of(document: SearchDocument) -> list[dict[str, Any]]:
    """Return a document's files as they are kept."""
    return [
        {
            "key": file_key(document.tenant.uuid, file.file_id),
            "title": folding.clean(file.title)[:200],
            "extension": file.extension.lower()[:10],
            "size": file.size,
            "path": file.path,
            "digest": file.digest,
        }
        for file in document.files
    ]


def card_of(document: SearchDocument) -> dict[str, Any]:
    """Return a document's card as it is kept; one without phases as it was before there were any, so it is not written anew."""
    if document.card is None:
        return {}
    kept = dataclasses.asdict(document.card)
    phases = [{**phase, "since": phase["since"] and phase["since"].isoformat()} for phase in kept.pop("phases")]
    return kept | ({"phases": phases} if phases else {})


def text_of_files(files: Sequence[Mapping[str, Any]], file_texts: Mapping[str, str]) -> str:
    """Return titles and words of all files, a file after the other; a file is found by its title before it is read."""
    parts = [part for file in files for part in (str(file["title"]), file_texts.get(file["key"], "")) if part]
    return "\n".join(parts)[:LONGEST_BODY]


def _hashed(row: Row) -> Row:
    columns = dataclasses.asdict(row)
    return dataclasses.replace(row, content_hash=_digest({name: value for name, value in columns.items() if value or name not in LATER}))


def with_terms(row: Row) -> Row:
    """Return the row with the pairs of characters by which PostgreSQL finds it when the engine is away."""
    title = folding.fold(row.title)
    numbers = [*(numbering.number_key(number) for number in row.doc_nos), numbering.index_key(row.index_no)]
    title_terms = dict.fromkeys([*folding.tokens(title), *folding.pairs(title), *filter(None, numbers)])
    return dataclasses.replace(
        row, title_terms=_joined(title_terms), body_terms=_joined(folding.pairs(folding.fold(f"{row.body}\n{row.file_text}")))
    )


def to_source(row: Projection) -> dict[str, Any]:
    """Return what the index holds of a projection: the whole document, or its tombstone."""
    site = row.pk.split(":", 1)[0]
    if not row.is_live:
        return {"id": row.pk, "state": State.WITHDRAWN.value, "site": site, "content_hash": row.content_hash}
    keys = titles.title_keys(row.title)
    full, initials = pinyin.spellings(keys)
    return {
        "id": row.pk,
        "state": State.LIVE.value,
        "content_hash": row.content_hash,
        "site": site,
        "kind": row.kind,
        "tab": row.tab,
        "region": row.region,
        "issuer": row.issuers,
        "file": row.file_types,
        "topic": row.topics,
        "page_kind": row.page_kind,
        "group": row.group,
        "group_no": group_number(row.group),
        "latest": row.latest,
        "date": row.published_at.isoformat() if row.published_at else None,
        "year": row.year,
        "validity": row.validity,
        "title": folding.fold(row.title),
        "title_keys": keys,
        "doc_no_key": [numbering.number_key(number) for number in row.doc_nos],
        "index_no_key": numbering.index_key(row.index_no) or None,
        "py_full": full,
        "py_init": initials,
        "body": row.body,
        "file_text": row.file_text,
        "arts": [{"no": passage.anchor, "text": passage.text} for passage in passages.passages(row.body)],
        "place": folding.fold(row.place),
    }


def group_number(group: str) -> int:
    """Return the number that stands for a group where texts are counted: 63 bits of its digest, so that two hardly ever meet."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) >> 1


def _group(document: SearchDocument, *, title: str, body: str, doc_nos: list[str]) -> str:
    """Return the key all copies of a text share: the one given, else title and number, else title and text, else the page itself."""
    if document.group:
        return _digest(["given", document.group])
    plain = titles.plain_title(title)
    if doc_nos:
        return _digest(["number", plain, numbering.number_key(doc_nos[0])])
    if plain and body:
        return _digest(["text", plain, folding.letters(folding.fold(body))])
    return _digest(["page", document.key])


def _joined(terms: Iterable[str]) -> str:
    """Return the terms as one string, as many as PostgreSQL takes."""
    kept = [term for term in terms if len(term) <= LONGEST_TERM]
    if len(kept) < _SURELY_FITS:
        return " ".join(kept)
    lengths = accumulate(len(term.encode()) for term in kept)
    return " ".join(term for term, length in zip(kept, lengths, strict=True) if length <= MOST_TERM_BYTES)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()[
        :32
    ]
