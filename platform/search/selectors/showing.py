"""What is shown of a text that was found: its best passage or the words around what was found, its files, its copies."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import elasticsearch

from registry.selectors import Directory
from search import client, mapping
from search.analysis import marking
from search.analysis.folding import fold
from search.analysis.passages import article_of
from search.analysis.reading import Reading
from search.analysis.wording import Wording
from search.contract import Card, CardFact, Category, Coming, Copy, FoundFile, Hit, Match, Phase, Question, Scope, Tab, Validity
from search.models import FileText, ShownRow
from search.querying import answers, clauses, explaining
from search.querying.bodies import Purpose, body
from search.selectors.copies import Text, site_of, texts
from search.selectors.rows import words_of
from search.selectors.sending import Asked, breaker

logger = logging.getLogger(__name__)
SNIPPET = 160  # characters
SNIPPET_REACH = 20_000  # characters of a text in which its snippet is looked for where no passage was found
PASSAGES_TIMEOUT = "300ms"


@dataclass(frozen=True, slots=True)
class _View:
    """What hits are made with: the question, words to make snippets of, how far files were read, the sites, passages and their snippets."""

    question: Question
    wording: Wording
    words: Mapping[str, tuple[str, str]]
    unread: Mapping[str, str]
    known: Directory
    passages: Mapping[str, answers.BestPassage]
    snippets: Mapping[str, str]


def checked(candidates: Sequence[answers.Candidate], asked: Asked, question: Question) -> list[Hit]:
    """Return the hits that are still published, each led by the right copy and shown by what it says of the question."""
    shown = texts(candidates, asked, question)
    wording = clauses.reading_of(question).marked
    passages = _passages_of(shown, question, asked.scope)
    snippets = {key: marking.snippet(passage.text, wording, length=SNIPPET) for key, passage in passages.items()}
    snippets = {key: snippet for key, snippet in snippets.items() if "<mark>" in snippet}
    words = words_of([text.leader.pk for text in shown if text.leader.pk not in snippets], most=SNIPPET_REACH)
    view = _View(question, wording, words, _unread(text.leader for text in shown), asked.known, passages, snippets)
    return [_hit(text, view) for text in shown]


def _passages_of(texts: Sequence[Text], question: Question, scope: Scope) -> dict[str, answers.BestPassage]:
    """Return the best passage of each text that is found by what it says and not by its name; none where the engine is away or slow."""
    reading = clauses.reading_of(question)
    if not reading.wording.pairs or not (is_asked := [text.leader.pk for text in texts if _is_found_by_words(text.leader, reading)]):
        return {}
    if not breaker.allows():
        return {}
    asked = body(Purpose.PASSAGES, question, scope=scope, keys=is_asked) | {"timeout": PASSAGES_TIMEOUT}
    try:
        with client.guarded():
            answer = client.reader().search(index=mapping.read_alias(), body=asked)
    except (client.EngineDownError, elasticsearch.ApiError) as error:
        logger.warning("no passages", extra={"reason": str(error)})
        return {}
    return answers.passages(answer.body) if answers.is_whole(answer.body) else {}


def _is_found_by_words(row: ShownRow, reading: Reading) -> bool:
    return bool(reading.articles) or reading.is_question or reading.wording.folded not in fold(row.title)


def _unread(shown: Iterable[ShownRow]) -> dict[str, str]:
    """Return the state of files that could not be read, or not to the end."""
    keys = [file["key"] for row in shown for file in row.files]
    if not keys:
        return {}
    return dict(FileText.objects.filter(pk__in=keys).exclude(state=FileText.State.READ).values_list("pk", "state"))


def _hit(text: Text, view: _View) -> Hit:
    row = text.leader
    site = view.known.by_uuid[site_of(row)]
    copies = {(site_of(other)): other for other in text.others if site_of(other) != site.uuid}
    title, (snippet, where) = marking.marked(row.title, view.wording), _snippet(text, view)
    passage = view.passages.get(row.pk)
    return Hit(
        key=row.pk,
        source_id=row.source_id,
        site=site,
        title=row.title,
        title_html=title,
        snippet_html=snippet,
        path=row.path,
        category=Category(row.kind),
        doc_no=row.doc_nos[0] if row.doc_nos else "",
        published_at=row.published_at,
        validity=Validity(row.validity),
        tab=Tab(row.tab),
        index_no=row.index_no,
        issuer=row.issuer,
        summary=row.summary,
        matches=explaining.matches_of(row, view.question.text, title=title, snippet=snippet, where=where),
        article=article_of(passage.text)[1] if passage and passage.anchor else "",
        anchor=passage.anchor if passage else "",
        files=tuple(_found_file(file, view.unread.get(file["key"], "")) for file in row.files),
        card=_card(row.card),
        coming=_coming(text.coming, view.known) if text.coming else None,
        copies=tuple(Copy(view.known.by_uuid[uuid], other.path) for uuid, other in copies.items()),
    )


def _coming(row: ShownRow, known: Directory) -> Coming:
    return Coming(known.by_uuid[site_of(row)], row.path, row.effective_date)


def _card(kept: Mapping[str, Any]) -> Card | None:
    if not kept:
        return None
    facts = tuple(CardFact(fact["label"], fact["text"]) for fact in kept["facts"])
    return Card(facts=facts, entry=kept["entry"], phases=tuple(_phase(phase) for phase in kept.get("phases", ())))


def _phase(kept: Mapping[str, Any]) -> Phase:
    since = dt.date.fromisoformat(kept["since"]) if kept["since"] else None
    return Phase(since, kept["code"], kept["label"], kept["note"])


def _found_file(file: Mapping[str, Any], state: str) -> FoundFile:
    is_cut, is_unread = state == FileText.State.CUT, state == FileText.State.UNREAD
    return FoundFile(file["title"], file["extension"], file["size"], file["path"], is_cut=is_cut, is_unread=is_unread)


def _snippet(text: Text, view: _View) -> tuple[str, Match]:
    """Return the words around what was found, and where they stand: the page's own text comes before its files."""
    if own := view.snippets.get(text.leader.pk):
        return own, Match.ARTICLE if view.passages[text.leader.pk].anchor else Match.BODY
    body, files = view.words.get(text.leader.pk, ("", ""))
    own = marking.snippet(body, view.wording, length=SNIPPET)
    if "<mark>" in own or not files:
        return own, Match.BODY
    in_files = marking.snippet(files, view.wording, length=SNIPPET)
    return (in_files, Match.FILE) if "<mark>" in in_files else (own, Match.BODY)
