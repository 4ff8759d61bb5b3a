"""What kind of query it is: a question is answered by texts, anything else by titles first."""

import re

_QUESTION = re.compile(
    r"[?？]|[吗呢]$|怎么|怎样|如何|是否|什么|为何|为什么|多少|多久|哪些|哪个|哪里|能否|可否|能不能|可不可以|是不是|有没有|会不会|应该|谁"
)
_SHORTEST_QUESTION = 9


def is_question(query: str) -> bool:
    """Whether the query reads like a person's question."""
    return len(query) >= _SHORTEST_QUESTION and _QUESTION.search(query) is not None
