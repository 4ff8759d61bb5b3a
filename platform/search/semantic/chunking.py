"""A text cut into what the model reads at once: an article, or part of one, under the text's title; pure."""

import hashlib
from dataclasses import dataclass

from search.analysis.folding import clean
from search.analysis.passages import passages

LONGEST = 400  # characters beside the title: the model reads 512 tokens, and longer passages say less clearly what they are about


@dataclass(frozen=True, slots=True)
class Chunk:
    """One passage as the model reads it; `digest` is the same for the same words."""

    text: str

    @property
    def digest(self) -> str:
        """What tells whether these words have been read before."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def chunks(title: str, body: str) -> list[Chunk]:
    """Return the chunks of a text in order; a text without a body is read by its title."""
    parts = [part for passage in passages(body) for part in _cut(passage.text)]
    return [Chunk(clean(f"{title}\n{part}")) for part in parts or [""]]


def _cut(text: str) -> list[str]:
    """Return the text in parts of at most LONGEST characters, cut where a line or a sentence ends if one does."""
    parts = []
    while len(text) > LONGEST:
        end = max(text.rfind(mark, LONGEST // 2, LONGEST) for mark in "\n。；") + 1 or LONGEST
        parts.append(text[:end].strip())
        text = text[end:]
    return [part for part in (*parts, text.strip()) if part]
