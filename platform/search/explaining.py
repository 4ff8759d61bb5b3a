"""Why a page is where it is in the results, or why it is not among them; for editors, in their words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from outbox.models import Event
from registry.schemas import in_public
from registry.selectors import directory
from search import client, mapping, selectors
from search.analysis.reading import read
from search.contract import TOPIC, Guidance, Question, Scope, Validity
from search.curation.rules import Rules
from search.models import Projection
from search.querying import clauses
from search.querying.answers import Candidate
from search.querying.bodies import Purpose, body
from search.selectors.copies import is_coming, site_of, texts
from search.selectors.sending import Asked
from search.semantic import asking

DEPTH = 1000
ALIKE = 0.01  # of two scores that are the same
ABOVE = 3  # pages before it that it is compared with
FIELD_LABELS = {
    "title_keys": "标题完全一致",
    "doc_no_key": "文号一致",
    "title": "标题中的词",
    "title.uni": "标题中的字",
    "body": "正文",
    "arts.text": "最相关的条文",
    "place": "地区",
    "arts": "条文",
    "file_text": "附件",
    "index_no_key": "索引号一致",
    "py_full": "拼音全拼",
    "py_init": "拼音首字母",
    "latest": "现行版本",
}
_OTHER = "其他因素"
_FIELD = re.compile(r"(?:weight|ConstantScore)\([(+#]*(?P<name>[a-z_]+(?:\.[a-z_]+)*):")


@dataclass(frozen=True, slots=True)
class Part:
    """How much one part of a text adds to its score."""

    label: str
    score: float
    percent: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A page among the results: its place, its score, and what it consists of."""

    rank: int
    title: str
    score: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What keeps a page from being found (`reasons`, for people), or where it is and what stands before it.

    `notes` say how the query was understood: other words it was looked for with, whose results come earlier.
    """

    reasons: tuple[str, ...]
    place: Placed | None = None
    above: tuple[Placed, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def behind(self) -> float:
        """How much the one right before it scores more."""
        return round(self.above[-1].score - self.place.score, 2) if self.above and self.place else 0.0


def explain(question: Question, key: str, *, scope: Scope, rules: Rules) -> Explained:
    """Return why a page is or is not among the results for a question, as readers with this scope and these rules get them.

    Raises:
        EngineDownError: the engine cannot tell.

    """
    query, guidance = question.text, rules.guidance(question.text)
    with in_public():
        row = Projection.objects.filter(pk=key).without_text().first()
        events = list(Event.objects.of_topic(TOPIC).filter(key=key))
    if reasons := _kept_away(row, scope, query, rules):
        return Explained(tuple(reasons))
    waiting = _on_its_way(events)
    question = selectors.understood(question, vocabulary=selectors.vocabulary())
    request = body(Purpose.HITS, question, scope=scope, guidance=guidance)
    nearest = asking.start(question, scope=scope, guidance=guidance)
    hits = _ranked(request, nearest)
    notes = tuple(_notes(row, question, guidance, is_by_meaning=nearest is not None))
    position = next((place for place, hit in enumerate(hits) if hit["group"] == _group_of(row)), None)
    promoted = [f"这个网页是“{query}”的推荐结果，显示在最前面。" for rule in rules.promoted(query) if rule.page == key]
    if position is None:
        return Explained((*waiting, *promoted, *_not_matching(query, key)), notes=notes)
    leader = _led(row, Asked(question, scope, rules, directory()))
    chosen = [*range(max(0, position - ABOVE), position), position]
    placed = _explained(request, [(place + 1, hits[place]) for place in chosen])
    return Explained((*waiting, *promoted, *leader), placed[-1], tuple(placed[:-1]), notes)


def _led(row: Projection | None, asked: Asked) -> list[str]:
    """Say which copy or version of its text readers see in a page's place, if they do."""
    with in_public():
        shown = texts([Candidate(row.pk, row.group)], asked, asked.question) if row else []
    if row is None or not shown or shown[0].leader.pk == row.pk:
        return []
    leader, today = shown[0].leader, timezone.localdate()
    if is_coming(row, today) and not is_coming(leader, today):
        since = f"自 {row.effective_date} 起施行" if row.effective_date else "尚未施行"
        return [f"这个版本{since}；在那之前，搜索结果显示现行版本“{leader.title}”，旁边注明新版本。"]
    if leader.version_date and (row.version_date is None or row.version_date < leader.version_date):
        return [f"同一份文件有更新的版本，搜索结果只显示那一个：“{leader.title}”（{leader.version_date}）。"]
    where = asked.known.by_uuid[site_of(leader)]
    if where.uuid == site_of(row):
        return [f"本网站另有一页发布了同一份文件，搜索结果只显示那一页：{leader.path}"]
    return [f"同一份文件在“{where.name}”也有发布，搜索结果只显示那一份，其他网站列在“另有……发布”里。"]


def _kept_away(row: Projection | None, scope: Scope, query: str, rules: Rules) -> list[str]:
    """Return what in the database keeps a page from readers."""
    if row is None:
        return ["这个网页从未公开发布过，搜索里没有它。"]
    site = next((ref for ref in directory().by_uuid.values() if ref.id == row.tenant_id), None)
    reasons = []
    if not row.is_live:
        reasons.append("这个网页没有公开发布：是草稿、已撤下、已到期，或设了访问限制。")
    if site is None or not site.is_live:
        reasons.append("它所在的网站没有开通或已暂停，全部内容都不出现在搜索里。")
    elif not scope.admits(site.uuid):
        reasons.append(f"它在“{site.name}”，不在这次搜索的范围内；改搜“全市”可以看到。")
    if row.pk in rules.guidance(query).hidden:
        reasons.append("有一条“屏蔽与降低”规则对这个搜索词隐藏了它。")
    return reasons


def _group_of(row: Projection | None) -> str:
    return row.group if row else ""


def _on_its_way(events: Sequence[Event]) -> list[str]:
    if any(event.is_parked for event in events):
        return ["最近一次修改没能写进搜索，已转给运维处理；搜到的可能是修改前的内容。"]
    return ["最近一次修改正在写进搜索，通常几秒内完成。"] if events else []


def _notes(row: Projection | None, question: Question, guidance: Guidance, *, is_by_meaning: bool) -> Iterator[str]:
    """Say how the query was understood beyond its own words, and what that means for this page."""
    if question.expansions:
        yield f"这是一个问题，还按公文的说法查找：{'、'.join(question.expansions)}。"
    if question.rewritings:
        yield f"搜索词里有简称或口语，还按正式名称查找：{'、'.join(question.rewritings)}。"
    if guidance.expansions:
        yield f"按同义词规则，还查找：{'、'.join(guidance.expansions)}（得分比原词低）。"
    if question.lift and question.lift.is_on:
        of_place = "这个网页属于该地" if row and row.region in question.lift.regions else "这个网页不属于该地"
        factor = clauses.NAMED if question.lift.is_named else clauses.STANDING
        why = "搜索词里写明了地名" if question.lift.is_named else "读者在该地的网站上搜索"
        yield f"{why}，“{'、'.join(question.lift.names)}”的结果得分乘以 {factor}；{of_place}。"
    if row and row.validity in (Validity.REPEALED, Validity.EXPIRED):
        yield f"它已废止或失效，除标题、文号完全一致外，得分乘以 {clauses.OUT_OF_FORCE}。"
    if is_by_meaning:
        yield f"这是一个问题，前 {asking.WINDOW} 条按词语得分和语义远近一起排序；表中只列词语得分，名次可能与它不同。"


def _ranked(request: Mapping[str, Any], nearest: asking.Pending | None) -> list[dict[str, Any]]:
    """Return the best texts in the order readers get them."""
    asked = nearest.request(request) if nearest else request
    plain = {name: value for name, value in asked.items() if name not in ("from", "size")}
    with client.guarded():
        answer = client.reader().search(index=mapping.read_alias(), **_as_arguments(plain | {"from": 0, "size": DEPTH}))
    found = answer["hits"]["hits"]
    if nearest:
        found = [*(found[place] for place in nearest.order(found[: asking.WINDOW])), *found[asking.WINDOW :]]
    return [{"key": hit["_id"], "group": hit["fields"]["group"][0], "score": hit["_score"] or 0.0} for hit in found]


def _not_matching(query: str, key: str) -> list[str]:
    """Say that the index lacks the page, or which of the query's parts it lacks."""
    with client.guarded():
        found = client.reader().search(index=mapping.read_alias(), query={"term": {"id": key}}, size=1)["hits"]["hits"]
    if not found or found[0]["_source"].get("state") != "live":
        return ["搜索还没有收录它的最新状态；若几分钟后仍是这样，请联系运维。"]
    held = f"{found[0]['_source']['title']}\n{found[0]['_source'].get('body', '')}".lower()
    missing = [part for part in read(query).wording.pairs if part not in held]
    if missing:
        return [f"它的标题和正文里没有：{'、'.join(f'“{part}”' for part in missing[:8])}。可以改正文用词，或增加同义词、推荐结果。"]
    return [f"它排在前 {DEPTH} 条之外。"]


def _explained(request: Mapping[str, Any], placed: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Placed]:
    """Ask the engine how it scored these pages, within the very query readers send.

    Only the best texts are compared by their passages too: the others are asked for once more without.
    """
    keys = [hit["key"] for _, hit in placed]
    explanations = _explanations(request, keys)
    alone = [hit["key"] for _, hit in placed if abs(explanations.get(hit["key"], {"value": hit["score"]})["value"] - hit["score"]) > ALIKE]
    if alone and "rescore" in request:
        explanations |= _explanations({"query": request["query"]}, alone)
    with in_public():
        titles = dict(Projection.objects.filter(pk__in=keys).values_list("pk", "title"))
    found = [(rank, hit["key"], explanations.get(hit["key"], {"value": hit["score"]})) for rank, hit in placed]
    return [Placed(rank, titles.get(key, ""), round(told["value"], 2), parts_of(told)) for rank, key, told in found]


def _explanations(request: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    query = {"bool": {"must": [request["query"]], "filter": [{"terms": {"id": list(keys)}}]}}
    with client.guarded():
        answer = client.reader().search(
            index=mapping.read_alias(), query=query, rescore=request.get("rescore"), size=len(keys), explain=True, source=False
        )
    return {hit["_id"]: hit["_explanation"] for hit in answer["hits"]["hits"]}


def parts_of(explanation: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return what a score consists of, by part of the text, greatest first."""
    scores: dict[str, float] = {}
    for name, value in _leaves(explanation, 1.0):
        label = FIELD_LABELS.get(name, _OTHER)
        scores[label] = scores.get(label, 0.0) + value
    total = sum(scores.values())
    ordered = sorted(scores.items(), key=lambda each: -each[1])
    return tuple(Part(label, round(score, 2), round(score / total * 100)) for label, score in ordered if total and score > 0)


def _leaves(node: Mapping[str, Any], scale: float) -> list[tuple[str, float]]:
    """Walk down sums to the nodes that speak of one field; what multiplies a sum multiplies its parts."""
    value, details = float(node.get("value", 0.0)), node.get("details", [])
    if match := _FIELD.search(node.get("description", "")):
        return [(match["name"], value * scale)]
    below = sum(float(each.get("value", 0.0)) for each in details)
    if "max of" in node.get("description", ""):
        details = sorted(details, key=lambda each: -float(each.get("value", 0.0)))[:1]
        below = value
    if "product of" in node.get("description", ""):  # a score and what it is multiplied by: only the first has parts
        details = details[:1]
        below = float(details[0]["value"]) if details else 0.0
    factor = value / below if below else 0.0
    found = [leaf for each in details for leaf in _leaves(each, scale * factor)]
    return found or ([("", value * scale)] if value else [])


def _as_arguments(request: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {"from": "from_", "_source": "source"}
    return {renamed.get(name, name): value for name, value in request.items()}
