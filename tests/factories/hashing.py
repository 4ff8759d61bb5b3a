"""What every table of every schema holds, as hashes: to show that nothing else changed."""

from django.db import connection

NOTES = ("provisioning_backup",)  # what a check of an archive may write


def hashes(*, without: tuple[str, ...] = NOTES, schemas: str = "") -> dict[str, str]:
    """Return a hash of each table's rows, by schema and table."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)' AND schemaname ~ %s ORDER BY 1, 2",
            [schemas],
        )
        for schema, table in cursor.fetchall():
            if table not in without:
                found[f"{schema}.{table}"] = rows_hash(schema, table)
    return found


def rows_hash(schema: str, table: str, where: str = "true") -> str:
    """Return a hash of a table's rows in whatever order they lie."""
    rows = f'SELECT t::text AS r FROM "{schema}"."{table}" t WHERE {where}'  # noqa: S608 - names of the catalogue
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(coalesce(string_agg(r, chr(10) ORDER BY r), '')) FROM ({rows}) AS s")  # noqa: S608 - as above
        return str(cursor.fetchone()[0])
