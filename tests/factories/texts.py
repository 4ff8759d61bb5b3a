"""Real official texts: the ones that ship with the demo."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "data"
FILES = ("laws-national", "laws-local", "policies")


def lines(path: Path) -> list[str]:
    """Return the lines of a gzipped text file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return list(stream)


@cache
def all_texts() -> list[dict[str, Any]]:
    """Return all 3,655 texts."""
    return [json.loads(line) for name in FILES for line in lines(DATA / f"{name}.jsonl.gz")]


@cache
def queries() -> list[dict[str, Any]]:
    """Return the 565 labelled queries."""
    return [json.loads(line) for line in lines(DATA / "queries-dev.jsonl.gz")]
