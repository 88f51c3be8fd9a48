"""Migrations, through yoyo's Python API: list them, apply them, roll them back.

A migration and the record of it are one transaction, on the connection that holds an advisory lock.
A process that is killed leaves nothing half done; the next one gets the lock when Postgres has
ended the killed one's session.
"""

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
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend, read_migrations  # type: ignore[import-untyped]
from yoyo.backends import DatabaseBackend  # type: ignore[import-untyped]
from yoyo.exceptions import BadMigration, MigrationConflict  # type: ignore[import-untyped]
from yoyo.migrations import Migration, MigrationList  # type: ignore[import-untyped]

_DATABASE = "the database"
# A statement waits 5 seconds for a lock, and ends when the process that has sent it is gone.
_OPTIONS = "-c lock_timeout=5s -c client_connection_check_interval=1s"
_LOCK = "SELECT pg_try_advisory_lock(hashtext('_yoyo_migration'))"
_APPLIED = "SELECT migration_id FROM _yoyo_migration"
# The digest of a migration's file stands in the comment of yoyo's record.
_SET_DIGEST = (
    "UPDATE _yoyo_log SET comment = :digest WHERE migration_id = :id AND operation = 'mark'"
)
_DIGESTS = (
    "SELECT migration_id, comment FROM _yoyo_log NATURAL JOIN _yoyo_migration"
    " WHERE operation = 'mark'"
)


class MigrationError(Exception):
    """A migration or its samples failed; the text is a sentence that says where and why."""

    def __init__(self, subject: str, reason: str) -> None:
        """Take the file, directory or database, and what is wrong with it."""
        super().__init__(f"{subject}: {reason}")


def shipped(schema_dir: Path) -> list[str]:
    """List the ids of a directory's migrations, in the order in which they apply.

    An id is the file's name without `.sql`. Raises MigrationError.
    """
    return [migration.id for migration in _read(schema_dir)]


def migrate(url: str, schema_dir: Path, *, lock_timeout: float = 600) -> list[str]:
    """Apply the pending migrations, then replace the views in `views/`; return the applied ids.

    Waits at most `lock_timeout` seconds for another process that migrates. Raises MigrationError;
    migrations that were applied before the one that failed stay applied.
    """
    migrations = _read(schema_dir)
    with _locked(url, lock_timeout) as backend:
        _check_digests(backend, migrations)
        pending = list(backend.to_apply(migrations))
        for migration in pending:
            _run(backend, migration, "apply")
        _run_views(backend, migrations.post_apply, "apply")
        return [migration.id for migration in pending]


def rollback(
    url: str, schema_dir: Path, *, count: int | None = 1, lock_timeout: float = 600
) -> list[str]:
    """Roll back the last `count` migrations (None: all); return their ids, the last one first.

    The views in `views/` are dropped first, whatever the count: they may need what is rolled back.
    The release that fits the older tables creates its own views when it migrates. Raises
    MigrationError.
    """
    migrations = _read(schema_dir)
    with _locked(url, lock_timeout) as backend:
        applied = {name for (name,) in backend.execute(_APPLIED).fetchall()}
        if unknown := sorted(applied.difference(migration.id for migration in migrations)):
            reason = "was applied by another release; only that release can roll it back"
            raise MigrationError(unknown[-1], reason)
        chosen = list(islice(backend.to_rollback(migrations), count))
        if chosen:
            _run_views(backend, migrations.post_apply[::-1], "rollback")
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
    return {**given, "options": f"{given.get('options', '')} {_OPTIONS}"}


@contextmanager
def explained(subject: str) -> Iterator[None]:
    """Convert errors of Postgres and yoyo into a MigrationError about this subject."""
    try:
        yield
    except psycopg.Error as error:
        raise MigrationError(subject, _reason(error)) from error
    except (BadMigration, MigrationConflict) as error:
        raise MigrationError(subject, str(error)) from error


def _reason(error: psycopg.Error) -> str:
    """Return Postgres's message without anything that quotes a row.

    The detail of any error, and the message of a data exception (class 22), can quote a row.
    """
    if (error.sqlstate or "").startswith("22"):
        return f"{type(error).__name__} (SQLSTATE {error.sqlstate})"
    return error.diag.message_primary or " ".join(str(error).split())


def _read(schema_dir: Path) -> MigrationList:
    """Read the migrations, and check what yoyo needs and does not check.

    Each migration must depend on the one before it: otherwise yoyo could roll back a migration and
    leave those that build on it. Each must have a rollback file: without it yoyo would undo
    nothing, and record a rollback. Raises MigrationError.
    """
    with explained(str(schema_dir)):
        migrations = read_migrations(escape(str(schema_dir)), escape(str(schema_dir / "views")))
        previous: set[Migration] = set()
        for migration in migrations:
            if migration.depends != previous:
                reason = "must depend on the one before it, and on no other"
                raise MigrationError(migration.id, reason)
            previous = {migration}
    for migration in (*migrations, *migrations.post_apply):
        if not Path(migration.path).with_suffix(".rollback.sql").is_file():
            raise MigrationError(migration.id, "its .rollback.sql file is missing")
    if not migrations:
        raise MigrationError(str(schema_dir), "holds no migrations")
    return migrations


def _check_digests(backend: DatabaseBackend, migrations: MigrationList) -> None:
    """Check that no applied migration was edited.

    Raises MigrationError.
    """
    digests = {migration.id: _digest(migration) for migration in migrations}
    for name, recorded in backend.execute(_DIGESTS).fetchall():
        if recorded and digests.get(name, recorded) != recorded:
            reason = "was edited after it was applied; restore it and add a migration"
            raise MigrationError(name, reason)


def _digest(migration: Migration) -> str:
    return hashlib.sha256(Path(migration.path).read_bytes()).hexdigest()


def _run(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    """Apply a migration or roll it back, and record that, in one transaction if it allows one."""
    transaction = backend.transaction() if migration.use_transactions else nullcontext()
    with explained(migration.id), transaction:
        _process(backend, migration, direction)
        if direction == "apply":
            backend.mark_one(migration)
            backend.execute(_SET_DIGEST, {"id": migration.id, "digest": _digest(migration)})
        else:
            backend.unmark_one(migration)
    backend.execute("RESET ALL")  # a file's SET must not reach the next file


def _run_views(backend: DatabaseBackend, views: list[Migration], direction: str) -> None:
    """Create or drop all views of `views/` in one transaction."""
    with explained("views"), backend.transaction():
        for view in views:
            _process(backend, view, direction)


def _process(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    with redirect_stdout(StringIO()):  # yoyo prints the rows of a SELECT: they may name a person
        migration.process_steps(backend, direction)


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
