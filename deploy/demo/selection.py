"""Which of the 3,655 texts the demo takes, and which site publishes each: the same answer every time, and more texts only add to fewer."""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
FILES = ("laws-national", "laws-local", "policies")
POLICIES, LAWS = "zcwj", "flfg"  # slugs of standard columns
POLICY_KINDS = ("policy", "work_report", "npc_resolution")

# Of a hundred texts, so many are of each kind; what a kind lacks, the others give.
SHARES = {
    "law": 26,
    "admin_regulation": 18,
    "local_regulation": 22,
    "policy": 14,
    "judicial_interpretation": 7,
    "work_report": 5,
    "npc_resolution": 3,
    "dept_rule": 2,
    "case": 2,
    "other": 1,
}
# What people ask for first.
BEST_KNOWN = (
    "中华人民共和国宪法",
    "中华人民共和国民法典",
    "中华人民共和国刑法",
    "中华人民共和国劳动合同法",
    "中华人民共和国劳动法",
    "中华人民共和国道路交通安全法",
    "中华人民共和国义务教育法",
    "中华人民共和国社会保险法",
    "中华人民共和国消费者权益保护法",
    "中华人民共和国行政处罚法",
    "中华人民共和国行政许可法",
    "中华人民共和国行政复议法",
    "中华人民共和国食品安全法",
    "中华人民共和国个人信息保护法",
    "中华人民共和国未成年人保护法",
    "中华人民共和国教育法",
    "中华人民共和国个人所得税法",
    "中华人民共和国政府信息公开条例",
    "优化营商环境条例",
    "工伤保险条例",
    "失业保险条例",
    "物业管理条例",
    "不动产登记暂行条例",
    "保障农民工工资支付条例",
    "国务院办公厅关于印发《政府网站集约化试点工作方案》的通知",
)
DEPARTMENTS = {
    "jyj": ("教育", "学校", "学生", "教师", "幼儿园", "学位", "高等学校", "学前", "职业教育", "校外"),
    "rsj": ("劳动", "就业", "工资", "社会保险", "工伤", "失业", "人力资源", "职工", "农民工", "人才", "公务员", "退休"),
}
# A site puts a text without any known date up on this day; today's would make it the newest on every home page.
UNDATED = "2015-01-01"
DATES = ("published", "promulgated", "version_date", "year")
REPOSTED_PERCENT = {"policy": 20, "law": 4, "admin_regulation": 2}  # how often one county repeats a national text


@dataclass(frozen=True, slots=True)
class Place:
    """A column of a site."""

    site: str
    column: str


def read_texts() -> list[dict[str, Any]]:
    """Return all texts that ship with the demo."""
    texts: list[dict[str, Any]] = []
    for name in FILES:
        with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
            texts += (json.loads(line) for line in stream)
    return [text if any(text.get(name) for name in DATES) else text | {"published": UNDATED} for text in texts]


def choose(texts: Iterable[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Return `count` texts: every kind in its share, in each the best known first, then the newest."""
    ordered = sorted(texts, key=_freshness)
    known: dict[str, str] = {}
    for text in ordered:
        if text["title"] in BEST_KNOWN:
            known.setdefault(text["title"], text["id"])
    fame = {known[title]: place for place, title in enumerate(BEST_KNOWN) if title in known}
    ordered.sort(key=lambda text: fame.get(text["id"], len(BEST_KNOWN)))
    waiting: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for text in reversed(ordered):  # the first choice of each kind is last
        waiting[text["kind"]].append(text)
    chosen: list[Mapping[str, Any]] = []
    taken = dict.fromkeys(waiting, 0)
    while len(chosen) < count and any(waiting.values()):
        # Whoever is furthest behind its share is next; a kind without any comes before all others.
        kind = min((kind for kind in waiting if waiting[kind]), key=lambda kind: (taken[kind] > 0, taken[kind] / SHARES.get(kind, 1), kind))
        chosen.append(waiting[kind].pop())
        taken[kind] += 1
    return chosen


def _freshness(text: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    """Return what sorts originals before copies and old versions, new texts before old, whole texts before parts."""
    is_copy = not text.get("latest_in_corpus") or bool(text.get("duplicate_of"))
    newest = str(next(filter(None, map(text.get, ("version_date", *DATES))), ""))
    return is_copy, -int(newest.replace("-", "").ljust(8, "0")), -len(text["body"]), text["id"]


def spread(texts: Iterable[Mapping[str, Any]], *, portal: str, counties: Sequence[str]) -> dict[Place, list[Mapping[str, Any]]]:
    """Return which column of which site publishes which texts; the portal the national ones, counties repeat some of them."""
    places: dict[Place, list[Mapping[str, Any]]] = defaultdict(list)
    for text in texts:
        column = POLICIES if text["kind"] in POLICY_KINDS else LAWS
        places[Place(_home(text, portal=portal, counties=counties), column)].append(text)
        for county in counties:
            if _draw(text["id"], county) < REPOSTED_PERCENT.get(text["kind"], 0):
                places[Place(county, column)].append(text)
    return dict(places)


def _home(text: Mapping[str, Any], *, portal: str, counties: Sequence[str]) -> str:
    """Return the site that publishes a text first: by its subject a department, a rule of another place a county, all else the portal."""
    if text["kind"] not in POLICY_KINDS:
        for department, words in DEPARTMENTS.items():
            if any(word in text["title"] for word in words):
                return department
    if text["kind"] == "local_regulation" and counties:
        return counties[_draw(text["id"], "home", sides=len(counties))]
    return portal


def _draw(*parts: str, sides: int = 100) -> int:
    """Return a number below `sides` that hangs on the parts alone."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:8]) % sides
