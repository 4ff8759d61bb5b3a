"""Plain SQL, for what a test must do behind the models' back."""

from typing import Any

from django.db import connection


def execute(statement: str, *values: Any) -> None:
    """Run a statement in the current schema."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query in the current schema."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return list(cursor.fetchall())
