"""What the embedded services agree on: how they fail, how they tell what they do, where a node leaves its traces."""

from collections.abc import Callable
from pathlib import Path

Progress = Callable[[str], None]
NODE_LOCKED = 3  # the node's exit code when one runs on the same home already


class EmbeddedError(Exception):
    """An embedded service could not do what was asked; the message says why and what to do."""


def silent(_message: str) -> None:
    """Tell nobody."""


def node_lock(home: Path) -> Path:
    """The file a living Elasticsearch node of this home keeps locked; it holds the node's pid and port as JSON."""
    return home / "node.pid"


def node_log(home: Path) -> Path:
    """Everything the Elasticsearch node of this home says."""
    return home / "logs" / "node.log"
