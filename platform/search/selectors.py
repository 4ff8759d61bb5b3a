"""Reads: one search, by the engine or without it; whatever is found is checked against the projection before anybody sees it."""

import dataclasses
import datetime as dt
import logging
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import elasticsearch
from django.conf import settings
from django.db import OperationalError
from django.db.models import CharField, F, Func, Max, Q, Window
from django.db.models.functions import Left, RowNumber

from registry.contract import Kind, TenantRef
from registry.selectors import Directory, directory
from search import client, dictionaries, fallback, mapping
from search.analysis import expanding, marking
from search.analysis.expanding import Vocabulary
from search.analysis.folding import fold
from search.analysis.passages import article_of
from search.analysis.reading import Reading
from search.analysis.shape import is_question
from search.analysis.wording import Wording, dissect
from search.contract import (
    MAX_DEPTH,
    SERVICES_SHOWN,
    Card,
    CardFact,
    Category,
    Copy,
    Found,
    FoundFile,
    Gathered,
    Guidance,
    Hit,
    Match,
    Promoted,
    Question,
    Scope,
    Sort,
    Tab,
    Validity,
)
from search.curation.rules import NO_RULES, Rules, RuleValue
from search.documents import CHINA
from search.models import FileText, Projection
from search.querying import answers, clauses, explaining
from search.querying.bodies import Purpose, body
from search.querying.intent import wants_to_get_done
from search.semantic import asking
from search.semantic.asking import Meaning

logger = logging.getLogger(__name__)

SNIPPET = 160  # characters
COPIES_LOOKED_AT = 3  # of each text, where texts of a topic are listed
SNIPPET_REACH = 20_000  # characters of a text in which its snippet is looked for where no passage was found
HELPERS = 16  # requests that may be counted at the same time in one process
PASSAGES_TIMEOUT = "300ms"
PATIENCE = 0.9  # of the time a reader's connection waits: the engine gives up first and answers with what it has

breaker = client.Breaker()
_helpers = ThreadPoolExecutor(HELPERS, thread_name_prefix="search-counts")  # its threads start when they are needed


@dataclass(frozen=True, slots=True)
class Aim:
    """Another index than the readers', asked without their hurry and without PostgreSQL in its place; for comparing and measuring."""

    index: str
    seconds: float = 30.0


class SearchDownError(Exception):
    """Neither the engine nor the database can answer in time."""


def scope_of_site(site: TenantRef) -> Scope:
    """Return the scope of one site."""
    return Scope(sites=(site.uuid,), hidden=tuple(directory().hidden()))


def scope_of_city(city_slug: str) -> Scope:
    """Return the scope of all live sites of a city."""
    known = directory()
    return Scope(sites=tuple(site.uuid for site in known.of_city(city_slug) if site.is_live), hidden=tuple(known.hidden()))


def scope_of_everything() -> Scope:
    """Return the scope of all live sites of the platform."""
    return Scope(sites=None, hidden=tuple(directory().hidden()))


def paths_of_site(site: TenantRef) -> frozenset[str]:
    """Return the addresses of all texts of a site that readers may find, without its host."""
    return frozenset(Projection.objects.live().filter(tenant_id=site.id).values_list("path", flat=True))


def scope_of_sites(sites: Iterable[TenantRef]) -> Scope:
    """Return the scope of some sites."""
    return Scope(sites=tuple(site.uuid for site in sites), hidden=tuple(directory().hidden()))


def gather(topics: Collection[str], *, scope: Scope, rows: int) -> dict[Tab, list[Gathered]]:
    """Return the newest texts tagged with one of these topics, by class, each text once; one query however many there are."""
    order = Window(RowNumber(), partition_by="tab", order_by=[F("published_at").desc(nulls_last=True), "pk"])
    tagged = Projection.objects.live().within(scope.sites, hidden=scope.hidden).about(topics).filter(latest=True).without_text()
    known = directory()
    newest = tagged.annotate(order=order).filter(order__lte=rows * COPIES_LOOKED_AT).order_by("tab", "order")
    found = [row for row in newest if _site_of(row) in known.by_uuid]
    leading: dict[str, Projection] = {}
    for row in sorted(found, key=lambda row: _precedence(row, known)):
        leading.setdefault(row.group, row)
    gathered: dict[Tab, list[Gathered]] = {}
    for row in found:
        if leading[row.group] is row and len(texts := gathered.setdefault(Tab(row.tab), [])) < rows:
            texts.append(_gathered(row, known.by_uuid[_site_of(row)]))
    return gathered


def _gathered(row: Projection, site: TenantRef) -> Gathered:
    return Gathered(
        title=row.title,
        site=site,
        path=row.path,
        tab=Tab(row.tab),
        published_at=row.published_at,
        doc_no=row.doc_nos[0] if row.doc_nos else "",
        validity=Validity(row.validity),
    )


def newest_by_topic(*, scope: Scope) -> dict[str, dt.datetime]:
    """Return when the newest text of each topic was published; one query."""
    tagged = Projection.objects.live().within(scope.sites, hidden=scope.hidden).exclude(topics=[])
    each = tagged.order_by().annotate(topic=Func(F("topics"), function="unnest", output_field=CharField()))
    return dict(each.values_list("topic").annotate(newest=Max("published_at")).exclude(newest=None))


def groups_by_source() -> dict[str, str]:
    """Return the group of every live text by its source id; for the evaluation."""
    return dict(Projection.objects.live().exclude(source_id="").values_list("source_id", "group"))


def find(question: Question, *, scope: Scope, rules: Rules = NO_RULES, aim: Aim | None = None, meaning: Meaning = Meaning.AS_SET) -> Found:
    """Answer a question within a scope, as editors' rules say; by `meaning` too where that is set, unless an `aim` is given.

    Raises:
        SearchDownError: nobody can answer now.
        EngineDownError: an `aim` was given, and that index cannot answer; or the meaning is MEASURED and cannot be asked for.

    """
    began = time.perf_counter()
    question = understood(question, vocabulary=vocabulary())
    asked = _Asked(question, scope, rules, directory())
    try:
        found = _found(_send(asked, aim), asked) if aim else _found_by_engine(asked, meaning)
    except client.EngineDownError:
        if aim or meaning is Meaning.MEASURED:
            raise
        found = dataclasses.replace(_found(_ask_database(question, scope), asked), is_degraded=True)
    return dataclasses.replace(found, took_ms=round((time.perf_counter() - began) * 1000))


def titles(question: Question, *, scope: Scope, rules: Rules = NO_RULES) -> list[str]:
    """Return the titles of a question's hits alone, without numbers and snippets: what a correction is made of.

    Raises:
        SearchDownError: nobody can answer now.

    """
    question = understood(question, vocabulary=vocabulary())
    asked = _Asked(question, scope, rules, directory())
    try:
        with _watched():
            answer = _send(asked, is_counted=False)
    except client.EngineDownError:
        answer = _ask_database(question, scope)
    return [text.leader.title for text in _texts(answer.candidates, asked, question)]


def vocabulary() -> Vocabulary:
    """Return the words by which queries are expanded: what ships with the product."""
    return Vocabulary(short_names=dictionaries.short_names(), plain_words=dictionaries.plain_words())


def understood(question: Question, *, vocabulary: Vocabulary) -> Question:
    """Return the question with its text said in official words: parts of it for a question, else the whole."""
    if is_question(question.text):
        return dataclasses.replace(question, expansions=expanding.expansions(question.text, table=vocabulary.plain_words))
    return dataclasses.replace(question, rewritings=expanding.rewritings(question.text, table=vocabulary.short_names))


def has_service_cards(question: Question) -> bool:
    """Whether service pages come first: on the first page, for those who want to get something done and chose no class yet."""
    is_plain = question.page == 1 and question.tab is None and question.sort is Sort.RELEVANCE
    return is_plain and wants_to_get_done(question.text)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question understood, where it is asked, by whose rules, and the sites there are."""

    question: Question
    scope: Scope
    rules: Rules
    known: Directory

    @property
    def guidance(self) -> Guidance:
        """What editors' rules change of this search."""
        return self.rules.guidance(self.question.text)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the engine, or the database, said. The numbers may still be on their way: who asks for them waits."""

    candidates: list[answers.Candidate]
    services: list[answers.Candidate]
    counts: Callable[[], answers.Counts]


def _found_by_engine(asked: _Asked, meaning: Meaning) -> Found:
    with _watched():
        return _found(_send(asked, None, meaning=meaning), asked)


@contextmanager
def _watched() -> Iterator[None]:
    """Spare other readers the wait where the engine does not answer.

    Raises:
        EngineDownError: it does not, or did not a moment ago.

    """
    if not breaker.allows():
        raise client.EngineDownError("it did not answer a moment ago")
    try:
        yield
    except client.EngineDownError as error:
        logger.warning("search goes on without the engine", extra={"reason": str(error)})
        breaker.open()
        raise
    except elasticsearch.ApiError as error:  # a body it cannot read is our mistake: nobody else has to do without the engine
        logger.exception("search body refused")
        raise client.EngineDownError("the request was refused") from error
    breaker.close()


def _found(answer: _Answer, asked: _Asked) -> Found:
    """Return what of an answer may be shown, with its numbers."""
    question = asked.question
    hits = _checked(answer.candidates, asked, question)
    promoted = _promoted(question, asked.scope, asked.rules, asked.known)
    above = {each.key for each in promoted if each.key}
    hits = [hit for hit in hits if hit.key not in above]  # shown once, at the top
    only_services = dataclasses.replace(question, tab=Tab.SERVICE, size=SERVICES_SHOWN)
    services = _checked(answer.services, asked, only_services) if answer.services else []
    counts = answer.counts()
    return Found(
        promoted=tuple(promoted),
        hits=tuple(hits[: question.size]),
        total=min(counts.total, MAX_DEPTH),
        is_exact=counts.total <= MAX_DEPTH,
        took_ms=0,
        is_degraded=False,
        total_of_tabs=min(counts.total_of_tabs, MAX_DEPTH),
        facets=counts.facets,
        services=tuple([hit for hit in services if hit.key not in above][:SERVICES_SHOWN]),
    )


def _send(asked: _Asked, aim: Aim | None = None, *, meaning: Meaning = Meaning.OFF, is_counted: bool = True) -> _Answer:
    """Ask for hits, and beside them for the numbers, which are counted while the hits are checked and their passages asked for."""
    question, scope, guidance = asked.question, asked.scope, asked.guidance
    nearest = asking.start(question, scope=scope, guidance=guidance, meaning=meaning)
    counted = _helpers.submit(_ask, [body(Purpose.COUNTS, question, scope=scope, guidance=guidance)], question, aim) if is_counted else None
    bodies = [body(Purpose.HITS, nearest.widened if nearest else question, scope=scope, guidance=guidance)]
    if nearest:
        bodies = [nearest.request(bodies[0])]
    if is_counted and has_service_cards(question):
        bodies.append(body(Purpose.SERVICES, question, scope=scope, guidance=guidance))
    hits, *services = _ask(bodies, question, aim)
    wanted = nearest.candidates(hits) if nearest else answers.candidates(hits)
    found = [candidate for answer in services for candidate in answers.candidates(answer)]
    return _Answer(wanted, found, lambda: answers.counts(counted.result()[0]) if counted else answers.NO_COUNTS)


def _ask(bodies: Sequence[dict[str, Any]], question: Question, aim: Aim | None) -> list[Any]:
    """Return an answer to each body, all whole; the same question goes to the same copy of the index, so that pages fit together.

    Raises:
        EngineDownError: one of them is not whole, or the engine is away.

    """
    to = aim or Aim(mapping.read_alias(), settings.ELASTICSEARCH_TIMEOUT_SECONDS)
    header = {"index": to.index, "preference": f"q{zlib.crc32(question.text.encode())}"}
    limit = {"timeout": f"{round(to.seconds * PATIENCE * 1000)}ms"}
    engine = client.writer() if aim else client.reader()
    with client.guarded():
        found: list[Any] = engine.msearch(searches=[part for each in bodies for part in (header, each | limit)])["responses"]
    for answer in found:
        if not answers.is_whole(answer):
            raise client.EngineDownError(f"incomplete answer: {answer.get('error', 'too slow, or a shard is away')}")
    return found


def _ask_database(question: Question, scope: Scope) -> _Answer:
    try:
        found, counts = fallback.search(question, scope=scope)
        only_services = dataclasses.replace(question, tab=Tab.SERVICE, size=SERVICES_SHOWN)
        services = fallback.search(only_services, scope=scope)[0] if has_service_cards(question) else []
        return _Answer(found, services, lambda: counts)
    except OperationalError as error:
        raise SearchDownError from error


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that may be shown: the copy that leads, and all other copies."""

    leader: Projection
    others: tuple[Projection, ...]


def _promoted(question: Question, scope: Scope, rules: Rules, known: Directory) -> list[Promoted]:
    """Return what editors put first, if it may be seen: live pages of live sites. A city's rule stays within the reader's scope."""
    wanted = rules.promoted(question.text) if question.text else []
    if not wanted or question.page > 1 or question.sort is not Sort.RELEVANCE or question.is_narrowed:
        return []
    rows = Projection.objects.live().filter(pk__in=[rule.page for rule in wanted if rule.page]).without_text().in_bulk()
    found = [_as_promoted(rule, rows.get(rule.page), scope, known) for rule in wanted]
    return [each for each in found if each is not None]


def _as_promoted(rule: RuleValue, row: Projection | None, scope: Scope, known: Directory) -> Promoted | None:
    if not rule.page:
        return Promoted(title=rule.title or rule.address, address=rule.address)
    site = known.by_uuid.get(_site_of(row)) if row else None
    if row is None or site is None or not site.is_live or not (rule.is_own or scope.admits(site.uuid)):
        return None
    return Promoted(title=rule.title or row.title, key=row.pk, source_id=row.source_id, site=site, path=row.path)


def _checked(candidates: Sequence[answers.Candidate], asked: _Asked, question: Question) -> list[Hit]:
    """Return the hits that are still published, each led by the right copy and shown by what it says of the question."""
    shown = _texts(candidates, asked, question)
    wording = dissect(question.text)
    passages = _passages_of(shown, question, asked.scope)
    snippets = {key: marking.snippet(passage.text, wording, length=SNIPPET) for key, passage in passages.items()}
    snippets = {key: snippet for key, snippet in snippets.items() if "<mark>" in snippet}
    words = _words_of([text.leader.pk for text in shown if text.leader.pk not in snippets])
    view = _View(question, wording, words, _unread(text.leader for text in shown), asked.known, passages, snippets)
    return [_hit(text, view) for text in shown]


def _texts(candidates: Sequence[answers.Candidate], asked: _Asked, question: Question) -> list[_Text]:
    """Return the texts that are still published and fit the reader's choices, in order, a page of them; one query."""
    members = _members(candidates, asked.scope, asked.known, asked.guidance.hidden)
    texts: dict[str, _Text] = {}
    for candidate in candidates:
        own = members.rows.get(candidate.key)
        rows = members.groups.get(own.group if own else candidate.group, [])
        fitting = [row for row in rows if _fits(row, question)]
        if fitting:
            leader = min(fitting, key=lambda row: _precedence(row, asked.known))
            texts.setdefault(leader.pk, _Text(leader, tuple(row for row in rows if row.pk != leader.pk)))
    return list(texts.values())[: question.size]


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


def _passages_of(texts: Sequence[_Text], question: Question, scope: Scope) -> dict[str, answers.BestPassage]:
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


def _is_found_by_words(row: Projection, reading: Reading) -> bool:
    return bool(reading.articles) or reading.is_question or reading.wording.folded not in fold(row.title)


def _words_of(keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the beginning of the text, and files' words, of pages whose snippet has to be made of them."""
    if not keys:
        return {}
    rows = Projection.objects.filter(pk__in=keys).values_list("pk", Left("body", SNIPPET_REACH), "file_text")
    return {pk: (body, files) for pk, body, files in rows}


def _unread(rows: Iterable[Projection]) -> dict[str, str]:
    """Return the state of files that could not be read, or not to the end."""
    keys = [file["key"] for row in rows for file in row.files]
    if not keys:
        return {}
    return dict(FileText.objects.filter(pk__in=keys).exclude(state=FileText.State.READ).values_list("pk", "state"))


@dataclass(frozen=True, slots=True)
class _Members:
    """Live rows by id and by text."""

    rows: Mapping[str, Projection]
    groups: Mapping[str, list[Projection]]


def _members(candidates: Iterable[answers.Candidate], scope: Scope, known: Directory, unwanted: Sequence[str]) -> _Members:
    found = list(candidates)
    same = Q(pk__in=[each.key for each in found]) | Q(group__in=[each.group for each in found])
    groups: dict[str, list[Projection]] = {}
    visible = Projection.objects.live().within(scope.sites, hidden=scope.hidden).filter(same).without_text()
    shown = [row for row in visible if row.pk not in unwanted]
    rows = {row.pk: row for row in shown if _site_of(row) in known.by_uuid}  # a site may be younger than this process's directory
    for row in rows.values():
        groups.setdefault(row.group, []).append(row)
    return _Members(rows, groups)


def _fits(row: Projection, question: Question) -> bool:
    """Whether a page is what the reader's choices ask for."""
    day = row.published_at.astimezone(CHINA).date() if row.published_at else None
    return (
        (question.site is None or _site_of(row) == question.site)
        and (question.tab is None or row.tab == question.tab)
        and (not question.region or row.region == question.region)
        and (not question.issuer or question.issuer in row.issuers)
        and (question.kind is None or row.kind == question.kind)
        and (question.year is None or row.year == question.year)
        and (question.validity is None or row.validity == question.validity)
        and (question.file is None or question.file in row.file_types)
        and (question.topic is None or not set(question.topic.family).isdisjoint(row.topics))
        and (question.since is None or (day is not None and day >= question.since))
        and (question.until is None or (day is not None and day <= question.until))
    )


def _precedence(row: Projection, known: Directory) -> tuple[int, int, float, str]:
    """Return what orders the copies of a text: newest version, the issuer's own site, the portal, the first to publish it."""
    site = known.by_uuid[_site_of(row)]
    issuer = fold(row.issuer)
    is_own = bool(issuer) and issuer in {fold(name) for name in (site.name, site.short_name, site.organizer)}
    rank = 0 if is_own else 1 if site.kind is Kind.CITY else 2
    newest_first = -row.version_date.toordinal() if row.version_date else 0
    return newest_first, rank, row.published_at.timestamp() if row.published_at else float("inf"), row.pk


def _hit(text: _Text, view: _View) -> Hit:
    row = text.leader
    site = view.known.by_uuid[_site_of(row)]
    copies = {(_site_of(other)): other for other in text.others if _site_of(other) != site.uuid}
    snippet, where = _snippet(text, view)
    passage = view.passages.get(row.pk)
    return Hit(
        key=row.pk,
        source_id=row.source_id,
        site=site,
        title=row.title,
        title_html=marking.marked(row.title, view.wording),
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
        matches=explaining.matches_of(row, view.question.text, view.wording, snippet=snippet, where=where),
        article=article_of(passage.text)[1] if passage and passage.anchor else "",
        anchor=passage.anchor if passage else "",
        files=tuple(_found_file(file, view.unread.get(file["key"], "")) for file in row.files),
        card=_card(row.card),
        copies=tuple(Copy(view.known.by_uuid[uuid], other.path) for uuid, other in copies.items()),
    )


def _card(kept: Mapping[str, Any]) -> Card | None:
    if not kept:
        return None
    return Card(facts=tuple(CardFact(fact["label"], fact["text"]) for fact in kept["facts"]), entry=kept["entry"])


def _found_file(file: Mapping[str, Any], state: str) -> FoundFile:
    is_cut, is_unread = state == FileText.State.CUT, state == FileText.State.UNREAD
    return FoundFile(file["title"], file["extension"], file["size"], file["path"], is_cut=is_cut, is_unread=is_unread)


def _snippet(text: _Text, view: _View) -> tuple[str, Match]:
    """Return the words around what was found, and where they stand: the page's own text comes before its files."""
    if own := view.snippets.get(text.leader.pk):
        return own, Match.ARTICLE if view.passages[text.leader.pk].anchor else Match.BODY
    body, files = view.words.get(text.leader.pk, ("", ""))
    own = marking.snippet(body, view.wording, length=SNIPPET)
    if "<mark>" in own or not files:
        return own, Match.BODY
    in_files = marking.snippet(files, view.wording, length=SNIPPET)
    return (in_files, Match.FILE) if "<mark>" in in_files else (own, Match.BODY)


def _site_of(row: Projection) -> UUID:
    return UUID(row.pk.split(":", 1)[0])
