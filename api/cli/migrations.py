"""Migrations: apply them, roll them back. yoyo keeps the record of what is applied.

A migration and the record of it are one transaction, on the connection that holds an advisory lock.
A process that is killed leaves nothing half done; the next one gets the lock when Postgres has
ended the killed one's session. yoyo's own splitting of files is not used: it differs from psql's.
"""

import getpass
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend  # type: ignore[import-untyped]
from yoyo.backends import DatabaseBackend  # type: ignore[import-untyped]

from api.cli import migration_files, script_run
from api.cli.migration_files import MigrationError, MigrationFile, Script
from api.cli.script_run import explained

_DATABASE = "the database"
# A statement waits 5 seconds for a lock, and ends when the process that has sent it is gone.
_OPTIONS = "-c lock_timeout=5s -c client_connection_check_interval=1s"
_LOCK = "SELECT pg_try_advisory_lock(hashtext('_yoyo_migration'))"
# The digest of a migration's file stands in the comment of yoyo's record.
_SET_DIGEST = (
    "UPDATE _yoyo_log SET comment = :digest WHERE migration_id = :id AND operation = 'mark'"
)
_APPLIED = (
    "SELECT m.migration_id, max(l.comment) FROM _yoyo_migration AS m LEFT JOIN _yoyo_log AS l"
    " ON l.migration_id = m.migration_id AND l.operation = 'mark' GROUP BY m.migration_id"
)


def migrate(url: str, schema_dir: Path, *, lock_timeout: float = 600) -> list[str]:
    """Apply the pending migrations, then replace the views in `views/`; return the applied ids.

    Waits at most `lock_timeout` seconds for another process that migrates. Raises MigrationError:
    before anything is done if a file can't be run; otherwise migrations that were applied before
    the one that failed stay applied.
    """
    migrations, views = migration_files.read(schema_dir)
    with _locked(url, lock_timeout) as backend:
        applied = _applied(backend)
        _check_applied(applied, migrations)
        pending = [migration for migration in migrations if migration.id not in applied]
        for migration in (*pending, *views):
            script_run.parsed(migration.script)
            script_run.parsed(migration.undo)
        for migration in pending:
            _run(backend, migration, "apply")
        _run_views(backend, [view.script for view in views])
        return [migration.id for migration in pending]


def rollback(
    url: str, schema_dir: Path, *, count: int | None = 1, lock_timeout: float = 600
) -> list[str]:
    """Roll back the last `count` migrations (None: all); return their ids, the last one first.

    The views in `views/` are dropped first, whatever the count: they may need what is rolled back.
    The release that fits the older tables creates its own views when it migrates. Raises
    MigrationError.
    """
    migrations, views = migration_files.read(schema_dir)
    with _locked(url, lock_timeout) as backend:
        applied = _applied(backend)
        _check_unknown(applied, migrations)
        applied_here = [migration for migration in migrations if migration.id in applied]
        chosen = applied_here[::-1][:count]
        for migration in (*chosen, *views):
            script_run.parsed(migration.undo)
        if chosen:
            _run_views(backend, [view.undo for view in views[::-1]])
        for migration in chosen:
            _run(backend, migration, "rollback")
        return [migration.id for migration in chosen]


def connection_parameters(url: str) -> dict[str, Any]:
    """Return psycopg's parameters for the owner's connections.

    Raises MigrationError, without the URL: it may hold a password.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise MigrationError(_DATABASE, "its URL cannot be read") from None
    options = f"{given.get('options', '')} {_OPTIONS}"
    return {**given, "options": options, "client_encoding": "UTF8"}  # as the files are


def _applied(backend: DatabaseBackend) -> dict[str, str | None]:
    """Return the digests of the applied migrations' files, by id; None where none was recorded."""
    found: list[tuple[str, str | None]] = backend.execute(_APPLIED).fetchall()
    return dict(found)


def _check_applied(applied: dict[str, str | None], migrations: Sequence[MigrationFile]) -> None:
    """Check that no applied migration was edited or renamed; raises MigrationError."""
    digests = {migration.id: migration.script.digest for migration in migrations}
    pending = [migration for migration in migrations if migration.id not in applied]
    for name, recorded in applied.items():
        renamed = None if name in digests else migration_files.moved(name, recorded, pending)
        if renamed:
            reason = (
                f"is {name}, which is applied under that name; name the file so again, and to"
                " rename it undo it first, with `superbill rollback`"
            )
            raise MigrationError(renamed, reason)
    for position, migration in enumerate(migrations):
        recorded = applied.get(migration.id)
        if recorded and recorded != migration.script.digest:
            count = sum(later.id in applied for later in migrations[position:])
            times = "" if count == 1 else f", {count} times,"
            reason = (
                f"was edited after it was applied; undo it with `superbill rollback`{times} and"
                " migrate again, or restore it and add a migration"
            )
            raise MigrationError(migration.script.name, reason)


def _check_unknown(applied: dict[str, str | None], migrations: Sequence[MigrationFile]) -> None:
    """Check that the files of all applied migrations are here; raises MigrationError."""
    known = {migration.id for migration in migrations}
    pending = [migration for migration in migrations if migration.id not in applied]
    for name in sorted(applied.keys() - known, reverse=True):
        if renamed := migration_files.moved(name, applied[name], pending):
            reason = f"was renamed to {renamed} after it was applied; name it so again to undo it"
            raise MigrationError(name, reason)
        reason = (
            "was applied by another release or branch, and its files are not here; only where they"
            " are can it be rolled back"
        )
        raise MigrationError(name, reason)


def _run(backend: DatabaseBackend, migration: MigrationFile, direction: str) -> None:
    """Apply a migration or roll it back, and record that, in one transaction if it allows one."""
    script = migration.script if direction == "apply" else migration.undo
    if not script.transactional:
        script_run.run(backend.connection, script)
    with explained(script.name), backend.transaction():
        if script.transactional:
            script_run.run(backend.connection, script)
        if direction == "apply":
            backend.mark_one(migration.record)
            backend.execute(_SET_DIGEST, {"id": migration.id, "digest": script.digest})
        else:
            backend.unmark_one(migration.record)


def _run_views(backend: DatabaseBackend, scripts: Sequence[Script]) -> None:
    """Create or drop all views of `views/` in one transaction."""
    with explained("views"), backend.transaction():
        for script in scripts:
            script_run.run(backend.connection, script)


@contextmanager
def _locked(url: str, lock_timeout: float) -> Iterator[DatabaseBackend]:
    """Connect, and take the lock.

    Tries the lock repeatedly instead of waiting in Postgres: CREATE INDEX CONCURRENTLY waits for
    every transaction, also for one that waits for the lock, and would never end.
    """
    deadline = time.monotonic() + lock_timeout
    _name_user()
    parameters = urlencode(connection_parameters(url))
    with explained(_DATABASE), get_backend(f"postgresql+psycopg:///?{parameters}") as backend:
        while not backend.execute(_LOCK).fetchone()[0]:
            if time.monotonic() > deadline:
                reason = f"another migration did not end within {lock_timeout:g} seconds"
                raise MigrationError(_DATABASE, reason)
            time.sleep(0.1)
        backend.break_lock()  # yoyo's own lock is a row, which a killed process leaves
        backend.ensure_internal_schema_updated()
        yield backend


def _name_user() -> None:
    """Set a user name for yoyo's log if the system has none for this user id."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = f"uid-{os.getuid()}"
