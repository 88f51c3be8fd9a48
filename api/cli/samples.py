"""The sample rows: `samples/<table>.csv` beside the migrations, loaded by the owner."""

import csv
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from api.cli.migration_files import MigrationError
from api.cli.migrations import connection_parameters
from api.cli.script_run import explained

_TABLES_BY_NAME = """
    SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = %s AND c.relkind IN ('r', 'p')
    AND n.nspname !~ '^(pg_|information_schema$)'"""


def load_samples(url: str, schema_dir: Path) -> dict[str, int]:
    """Add the rows of each `samples/<table>.csv` that the table lacks; return their count by table.

    A file's header names the columns. All files are one transaction. Raises MigrationError.
    """
    with explained("the samples"), psycopg.connect(**connection_parameters(url)) as connection:
        return {
            path.stem: _load(connection, path)
            for path in sorted((schema_dir / "samples").glob("*.csv"))
        }


def _load(connection: psycopg.Connection[tuple[Any, ...]], path: Path) -> int:
    """Load a file through a temporary table: COPY has no ON CONFLICT clause."""
    tables = connection.execute(_TABLES_BY_NAME, [path.stem]).fetchall()
    if len(tables) != 1:
        reason = f"needs one table named {path.stem}, and there are {len(tables)}"
        raise MigrationError(path.name, reason)
    with path.open(encoding="utf-8", newline="") as file:
        columns = sql.SQL(", ").join(map(sql.Identifier, next(csv.reader(file), [])))
    names = {"columns": columns, "table": sql.Identifier(*tables[0])}
    create = "CREATE TEMP TABLE sample AS SELECT {columns} FROM {table} LIMIT 0"
    connection.execute(sql.SQL(create).format(**names))
    fill = "COPY sample FROM STDIN (FORMAT csv, HEADER match, ENCODING 'UTF8')"
    with connection.cursor().copy(fill) as copy:
        copy.write(path.read_bytes())
    insert = "INSERT INTO {table} ({columns}) SELECT {columns} FROM sample ON CONFLICT DO NOTHING"
    added = connection.execute(sql.SQL(insert).format(**names)).rowcount
    connection.execute("DROP TABLE sample")
    return added
