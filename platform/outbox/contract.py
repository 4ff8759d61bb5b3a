"""What the relay and those who handle its events agree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What becomes of an event."""

    DONE = "done"
    RETRY = "retry"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler says of one key; the reason is shown to the people who run the platform."""

    verdict: Verdict
    reason: str = ""


DONE = Outcome(Verdict.DONE)


class TransportDownError(Exception):
    """A handler's far side is away or overloaded: the batch is tried again later and no attempt is used up."""


class Handler(Protocol):
    """Carries one topic's events out; must be able to do the same key twice and to do keys in any order."""

    def prepare(self) -> None:
        """Make sure that the far side can take events. Raises TransportDownError."""

    def handle(self, keys: Sequence[str]) -> Mapping[str, Outcome]:
        """Bring the far side to the present state of each key and say how each went; no key comes twice. Raises TransportDownError."""
