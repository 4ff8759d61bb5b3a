"""Writes projection rows; a row that is there gets the next revision under its lock."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg2.extras import Json

from search import documents

_COLUMNS = [field.name for field in dataclasses.fields(documents.Row)]
_TERMS = ("title_terms", "body_terms")
_JSON = ("files", "card")
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_VALUES = ", ".join("array_to_tsvector(string_to_array(%s, ' '))" if name in _TERMS else "%s" for name in _COLUMNS)
_CHANGES = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in _COLUMNS if name != "id")


def upsert(rows: Sequence[documents.Row]) -> list[str]:
    """Write rows in one statement and return their keys."""
    places = ", ".join([f"({_VALUES}, 1, 'live', true)"] * len(rows))
    statement = (
        f"INSERT INTO search_projection ({_NAMES}, revision, state, latest) VALUES {places} "  # noqa: S608 - columns from the dataclass
        f"ON CONFLICT (id) DO UPDATE SET {_CHANGES}, state = 'live', "
        "revision = search_projection.revision + 1, changed_at = statement_timestamp() RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_adapted(row, name) for row in rows for name in _COLUMNS])
        return [key for (key,) in cursor.fetchall()]


def _adapted(row: documents.Row, name: str) -> Any:
    value = getattr(row, name)
    return Json(value) if name in _JSON else value
