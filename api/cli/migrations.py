"""Migrations, through yoyo's Python API: apply, roll back, list; and the sample rows.

A migration and its record are one transaction on the connection that holds the advisory lock:
whoever is killed leaves nothing half done, and nobody else starts before Postgres has noticed.
"""

import csv
import getpass
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from glob import escape
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend, read_migrations  # type: ignore[import-untyped]
from yoyo.backends import DatabaseBackend  # type: ignore[import-untyped]
from yoyo.exceptions import BadMigration, MigrationConflict  # type: ignore[import-untyped]
from yoyo.migrations import Migration, MigrationList  # type: ignore[import-untyped]

_DATABASE = "the database"
# A statement gives way when it can't have its lock, and stops when the process that sent it is
# gone.
_OPTIONS = "-c lock_timeout=5s -c client_connection_check_interval=1s"
_LOCK = "SELECT pg_try_advisory_lock(hashtext('_yoyo_migration'))"
_NOTE = "UPDATE _yoyo_log SET comment = :digest WHERE migration_id = :id AND operation = 'mark'"
_NOTES = "SELECT migration_id, comment FROM _yoyo_log NATURAL JOIN _yoyo_migration WHERE operation = 'mark'"
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = %s AND c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)'"""


class MigrationError(Exception):
    """What did not go through, and why: a sentence for whoever typed the command."""

    def __init__(self, what: str, why: str) -> None:
        """Take the file, directory or database, and what is wrong with it."""
        super().__init__(f"{what}: {why}")


def shipped(schema_dir: Path) -> list[str]:
    """List the migrations in a directory by id (the file's name without `.sql`), in the order in which they apply."""
    return [migration.id for migration in _read(schema_dir)]


def migrate(url: str, schema_dir: Path, *, patience: float = 600) -> list[str]:
    """Apply what is pending, then replace the views in `views/`; give the ids applied.

    Somebody else's migration is waited for, at most `patience` seconds. Raises MigrationError; what
    had been applied before the one that failed stays.
    """
    migrations = _read(schema_dir)
    with _locked(url, patience) as backend:
        digests = {migration.id: _digest(migration) for migration in migrations}
        for name, noted in backend.execute(_NOTES).fetchall():
            if noted and digests.get(name, noted) != noted:
                raise MigrationError(
                    name, "was edited after it was applied; restore it and add a migration"
                )
        pending = list(backend.to_apply(migrations))
        for migration in pending:
            _run(backend, migration, "apply")
        _run_views(backend, migrations.post_apply, "apply")
        return [migration.id for migration in pending]


def rollback(
    url: str, schema_dir: Path, *, count: int | None = 1, patience: float = 600
) -> list[str]:
    """Roll back the last `count` migrations, or all with None; give the ids, the last one first.

    The views in `views/` go first, whatever the count; the release that knows the older tables
    brings its own back when it migrates. Raises MigrationError.
    """
    migrations = _read(schema_dir)
    with _locked(url, patience) as backend:
        applied = {
            name
            for (name,) in backend.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
        }
        if unknown := sorted(applied.difference(migration.id for migration in migrations)):
            raise MigrationError(
                unknown[-1], "applied by another release, which alone can roll it back"
            )
        chosen = list(islice(backend.to_rollback(migrations), count))
        if chosen:
            _run_views(backend, migrations.post_apply[::-1], "rollback")
        for migration in chosen:
            _run(backend, migration, "rollback")
        return [migration.id for migration in chosen]


def load_samples(url: str, schema_dir: Path) -> dict[str, int]:
    """Add the rows of each `samples/<table>.csv` that the table of that name lacks; count the new rows by table.

    A file's header names the columns. All files are one transaction. Raises MigrationError.
    """
    with _explained("the samples"), psycopg.connect(**_parameters(url)) as connection:
        return {
            path.stem: _load(connection, path)
            for path in sorted((schema_dir / "samples").glob("*.csv"))
        }


def _load(connection: psycopg.Connection[tuple[Any, ...]], path: Path) -> int:
    tables = connection.execute(_TABLES, [path.stem]).fetchall()
    if len(tables) != 1:
        raise MigrationError(
            path.name, f"needs one table named {path.stem}, and there are {len(tables)}"
        )
    with path.open(encoding="utf-8", newline="") as file:
        columns = sql.SQL(", ").join(map(sql.Identifier, next(csv.reader(file), [])))
    names = {"columns": columns, "table": sql.Identifier(*tables[0])}
    # COPY knows no ON CONFLICT.
    connection.execute(
        sql.SQL("CREATE TEMP TABLE sample AS SELECT {columns} FROM {table} LIMIT 0").format(**names)
    )
    with connection.cursor().copy(
        "COPY sample FROM STDIN (FORMAT csv, HEADER match, ENCODING 'UTF8')"
    ) as copy:
        copy.write(path.read_bytes())
    insert = "INSERT INTO {table} ({columns}) SELECT {columns} FROM sample ON CONFLICT DO NOTHING"
    added = connection.execute(sql.SQL(insert).format(**names)).rowcount
    connection.execute("DROP TABLE sample")
    return added


def _read(schema_dir: Path) -> MigrationList:
    with _explained(str(schema_dir)):
        migrations = read_migrations(escape(str(schema_dir)), escape(str(schema_dir / "views")))
        previous: set[Migration] = set()
        for migration in migrations:
            # Without the whole chain yoyo would roll one back and leave what builds on it.
            if migration.depends != previous:
                raise MigrationError(
                    migration.id, "must depend on the one before it, and on no other"
                )
            previous = {migration}
    for migration in (*migrations, *migrations.post_apply):
        # Without this file yoyo would roll nothing back and say that it did.
        if not Path(migration.path).with_suffix(".rollback.sql").is_file():
            raise MigrationError(migration.id, "its .rollback.sql file is missing")
    if not migrations:
        raise MigrationError(str(schema_dir), "holds no migrations")
    return migrations


def _digest(migration: Migration) -> str:
    return hashlib.sha256(Path(migration.path).read_bytes()).hexdigest()


def _run(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    with (
        _explained(migration.id),
        backend.transaction() if migration.use_transactions else nullcontext(),
    ):
        _process(backend, migration, direction)
        if direction == "apply":
            backend.mark_one(migration)
            backend.execute(_NOTE, {"id": migration.id, "digest": _digest(migration)})
        else:
            backend.unmark_one(migration)
    # What one file sets is not the next one's.
    backend.execute("RESET ALL")


def _run_views(backend: DatabaseBackend, hooks: list[Migration], direction: str) -> None:
    with _explained("views"), backend.transaction():
        for hook in hooks:
            _process(backend, hook, direction)


def _process(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    with redirect_stdout(
        StringIO()
    ):  # yoyo prints the rows of a SELECT, which are nobody's business
        migration.process_steps(backend, direction)


@contextmanager
def _locked(url: str, patience: float) -> Iterator[DatabaseBackend]:
    """Connect, and wait for the lock by asking again: a wait inside Postgres makes CREATE INDEX CONCURRENTLY hang."""
    deadline = time.monotonic() + patience
    _name_user()
    with (
        _explained(_DATABASE),
        get_backend(f"postgresql+psycopg:///?{urlencode(_parameters(url))}") as backend,
    ):
        while not backend.execute(_LOCK).fetchone()[0]:
            if time.monotonic() > deadline:
                raise MigrationError(
                    _DATABASE, f"another migration did not end within {patience:g} seconds"
                )
            time.sleep(0.1)
        backend.break_lock()
        backend.ensure_internal_schema_updated()
        yield backend


def _parameters(url: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # From None: the reason quotes the URL, and that may hold a password.
        raise MigrationError(_DATABASE, "its URL cannot be read") from None
    return {**given, "options": f"{given.get('options', '')} {_OPTIONS}"}


def _name_user() -> None:
    """Give yoyo's log a name where the system has none, as in a container with an arbitrary user id."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = f"uid-{os.getuid()}"


def _sentence(error: psycopg.Error) -> str:
    """Say what Postgres said, but never what quotes a row: any error's detail, and a data exception's message."""
    if (error.sqlstate or "").startswith("22"):
        return f"{type(error).__name__} (SQLSTATE {error.sqlstate})"
    return error.diag.message_primary or " ".join(str(error).split())


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise MigrationError(what, _sentence(error)) from error
    except (BadMigration, MigrationConflict) as error:
        raise MigrationError(what, str(error)) from error
