"""Published lists: `superbill load LIST FILE`, by `loads/<list>.toml` and `loads/<list>.sql`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from api.cli import record_files, record_layout
from api.cli.migration_files import MigrationError
from api.cli.migrations import connection_parameters
from api.cli.record_files import Row
from api.cli.record_layout import Layout, Record
from api.cli.refusal import RefusedError
from api.cli.script_run import explained

_TYPES: dict[bool, LiteralString] = {True: "date", False: 'text COLLATE "C"'}
_FIRST_DAY = {
    "required": "--from is missing: the day since which this file is valid, as 2025-10-01",
    "refused": "--from can't be given: the file has the days of each row, or needs none",
}


def load_list(
    url: str, schema_dir: Path, name: str, path: Path, first_day: date | None
) -> list[str]:
    """Load a file, in one transaction; return the lines that the list's queries return.

    Raises MigrationError, which names the file's line if one is wrong, and RefusedError.
    """
    lists = {found.stem: found for found in sorted((schema_dir / "loads").glob("*.toml"))}
    if name not in lists:
        message = f"There is no list {name}: {', '.join(lists)}." if lists else "There is no list."
        raise RefusedError(message)
    layout = record_layout.read(lists[name])
    if layout.first_day == ("refused" if first_day else "required"):
        raise MigrationError(path.name, _FIRST_DAY[layout.first_day])
    tables = record_files.read(path, layout)
    script = lists[name].with_suffix(".sql").read_bytes()
    with explained(path.name), psycopg.connect(**connection_parameters(url)) as connection:
        day = first_day.isoformat() if first_day else ""
        connection.execute("SELECT set_config('load.first_day', %s, true)", [day])
        _fill(connection, layout, tables)
        return list(_lines(connection.execute(script, prepare=False)))


def _fill(
    connection: psycopg.Connection[tuple[Any, ...]], layout: Layout, tables: dict[str, list[Row]]
) -> None:
    for record in layout.records:
        connection.execute(_create(record))
        copy = sql.SQL("COPY pg_temp.{} FROM STDIN").format(sql.Identifier(record.table))
        with connection.cursor().copy(copy) as rows:
            for row in tables[record.table]:
                rows.write_row(row)
        connection.execute(sql.SQL("ANALYZE pg_temp.{}").format(sql.Identifier(record.table)))


def _create(record: Record) -> sql.Composed:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(_TYPES[bool(field.dates)]))
        for field in record.fields
    ]
    create = "CREATE TEMP TABLE {} (line bigint, {}) ON COMMIT DROP"
    return sql.SQL(create).format(sql.Identifier(record.table), sql.SQL(", ").join(columns))


def _lines(cursor: psycopg.Cursor[tuple[Any, ...]]) -> Iterable[str]:
    """Give the lines that the queries of a script return, in their order."""
    while True:
        if cursor.description:
            yield from (str(line) for (line,) in cursor)
        if not cursor.nextset():
            return
