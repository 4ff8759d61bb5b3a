"""What kind of query it is: a question is answered by texts, anything else by titles first."""

import re

from search.analysis.folding import fold

_ASKING = re.compile(
    r"[?？]|[吗呢](?=[?？。！!]*$)|请问|怎么办(?![理证事案])|怎么样|怎么|怎样|怎|如何|是否|为什么|为何|什么|啥|咋|多少|多久|多长|哪[些个里儿家种]|能否|可否|能不能|可不可以|"
    r"是不是|有没有|会不会|要不要|应该|谁|(?<![前近这那十后])几(?=[天年岁次分个月元块])|何时"
)
_FEWEST_LEFT = 2  # characters of what is asked about


def is_question(query: str) -> bool:
    """Whether the query reads like a person's question, and asks about something."""
    left, asking = _ASKING.subn(" ", fold(query))
    return asking > 0 and len(left.replace(" ", "")) >= _FEWEST_LEFT


def without_asking(query: str) -> str:
    """Return what a question is about: 护照怎么办理 → 护照 办理. What it asks with stands in no text that answers, or in all others."""
    return _ASKING.sub(" ", fold(query))
