"""Rows of the projection as a search reads them, by statements written once: Django takes longer to make one than it takes to answer it."""

import json
from collections.abc import Sequence

from django.db import connection

from search.models import Projection, ShownRow, State

_TABLE = Projection._meta.db_table
_COLUMNS = ", ".join(f'"{name}"' for name in ("id", *ShownRow._fields[1:]))
_LIVE = f"SELECT {_COLUMNS} FROM {_TABLE} WHERE state = '{State.LIVE}'"  # noqa: S608 - names of ours, as in the next two
_OF_TEXTS, _OF_PAGES = f'{_LIVE} AND "group" = ANY(%s)', f"{_LIVE} AND id = ANY(%s)"
_WORDS = f"SELECT id, left(body, %s), file_text FROM {_TABLE} WHERE id = ANY(%s)"  # noqa: S608 - as above
_FILES, _CARD = ShownRow._fields.index("files"), ShownRow._fields.index("card")


def live_copies(groups: Sequence[str]) -> list[ShownRow]:
    """Return the live copies of these texts."""
    return _shown(_OF_TEXTS, groups)


def live_pages(keys: Sequence[str]) -> list[ShownRow]:
    """Return those of these pages that are live."""
    return _shown(_OF_PAGES, keys)


def words_of(keys: Sequence[str], *, most: int) -> dict[str, tuple[str, str]]:
    """Return the first `most` characters of pages' texts, and the words of their files."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [most, list(keys)])
        return {key: (body, files) for key, body, files in cursor.fetchall()}


def _shown(statement: str, values: Sequence[str]) -> list[ShownRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values)])
        found = cursor.fetchall()
    return [ShownRow._make((*row[:_FILES], json.loads(row[_FILES]), row[_FILES + 1], json.loads(row[_CARD]))) for row in found]
