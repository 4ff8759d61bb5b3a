"""What a new index has to show before readers get it: the same documents, no worse answers, no slower ones."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from search import client, documents
from search.models import Projection

SAMPLES = 1000
ON_ITS_WAY = dt.timedelta(minutes=1)  # a page that changed since may not have been written yet
_PART = 200


@dataclass(frozen=True, slots=True)
class Gate:
    """What was looked at and what came of it; what `can_be_forced` is a judgement, the rest is a fault."""

    name: str
    is_passed: bool
    detail: str
    can_be_forced: bool = True


# Takes the new index and the one in use, by name.
Probe = Callable[[str, str], Gate]


def same_documents(name: str, *, samples: int = SAMPLES) -> Gate:
    """Compare random published pages, field by field, with what the index holds of them.

    Raises:
        EngineDownError: the engine is away.

    """
    keys = list(Projection.objects.live().order_by("?").values_list("pk", flat=True)[:samples])
    differing = differing_documents(name, keys)
    detail = f"{len(keys)} of the published pages compared, {len(differing)} differ"
    if differing:
        detail += f", first {differing[0]}. Look at its document, mend `documents.to_source` or the mapping, and build again"
    return Gate("documents", not differing, detail, can_be_forced=False)


def differing_documents(name: str, keys: Sequence[str]) -> list[str]:
    """Return which of these pages the index holds otherwise than the projection says; what has just changed is on its way.

    Raises:
        EngineDownError: the engine is away.

    """
    return [key for start in range(0, len(keys), _PART) for key in _differing(name, keys[start : start + _PART])]


def _differing(name: str, keys: Sequence[str]) -> list[str]:
    rows = Projection.objects.live().filter(pk__in=keys).defer("title_terms", "body_terms")
    expected = {row.pk: (row.revision, _digest(documents.to_source(row))) for row in rows}
    with client.guarded():
        found = client.writer().mget(index=name, ids=list(keys))["docs"]
    held = {each["_id"]: (each["_version"], _digest(each["_source"])) for each in found if each["found"]}
    differing = [key for key, wanted in expected.items() if held.get(key) != wanted]
    moving = Projection.objects.filter(pk__in=differing, changed_at__gte=Now() - ON_ITS_WAY).values_list("pk", flat=True)
    same_revision = {key for key in differing if key in held and held[key][0] == expected[key][0]}
    return [key for key in differing if key in same_revision or key not in set(moving)]


def _digest(source: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(source, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()
