"""The files of the migrations: read in order, and checked before any of them runs."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from yoyo import read_migrations  # type: ignore[import-untyped]
from yoyo.exceptions import MigrationConflict  # type: ignore[import-untyped]
from yoyo.migrations import (  # type: ignore[import-untyped]
    Migration,
    parse_metadata_from_sql_comments,
)

from api.cli.refusal import RefusedError


class MigrationError(RefusedError):
    """A migration or its samples failed; the text is a sentence that says where and why."""

    def __init__(self, subject: str, reason: str) -> None:
        """Take the file (with its line), directory or database, and what is wrong with it."""
        super().__init__(f"{subject}: {reason}")


@dataclass(frozen=True, slots=True)
class Script:
    """An SQL file: its name in messages, and its text.

    `depends`: the ids after `-- depends:`; `transactional`: whether it is one transaction, which
    `-- transactional: false` says.
    """

    name: str
    text: str
    digest: str
    depends: frozenset[str]
    transactional: bool

    def at(self, position: int) -> str:
        """Return the file and the line of a place in the text, for messages."""
        return f"{self.name}:{line(self.text, position)}"


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """A migration, or the view of `views/`, with its rollback; `record`: yoyo's value."""

    record: Migration
    script: Script
    undo: Script

    @property
    def id(self) -> str:
        """The file's name without `.sql`."""
        return str(self.record.id)


def shipped(schema_dir: Path) -> list[str]:
    """List the ids of a directory's migrations, in the order in which they apply.

    An id is the file's name without `.sql`. Raises MigrationError.
    """
    return [migration.id for migration in read(schema_dir)[0]]


def read(schema_dir: Path) -> tuple[list[MigrationFile], list[MigrationFile]]:
    """Read a directory's migrations, in order, and its views; raises MigrationError.

    Checks that each migration depends on the one before it: otherwise one could be rolled back
    while those that build on it stay. Checks also that each has a rollback file, and is no copy.
    """
    try:
        found = read_migrations(escape(str(schema_dir)), escape(str(schema_dir / "views")))
    except MigrationConflict as error:
        raise MigrationError(str(error), "two files have this name") from None
    migrations = [_file(record, schema_dir) for record in found]
    views = [_file(record, schema_dir) for record in found.post_apply]
    if not migrations:
        raise MigrationError(str(schema_dir), "holds no migrations")
    for script in (part for view in views for part in (view.script, view.undo)):
        if not script.transactional:
            raise MigrationError(
                script.name, "must be transactional: all views are replaced at once"
            )
    known: dict[str, str] = {}
    previous: frozenset[str] = frozenset()
    for migration in migrations:
        script = migration.script
        if other := known.get(script.digest):
            raise MigrationError(script.name, f"is a copy of {other}; a migration runs only once")
        if script.depends != previous:
            above = f"`-- depends: {''.join(previous)}`" if previous else "no `-- depends:`"
            reason = f"must depend on the one before it: write {above} in the comment at its top"
            raise MigrationError(script.name, reason)
        known[script.digest], previous = script.name, frozenset({migration.id})
    return migrations, views


def line(text: str, position: int) -> int:
    """Return the number, from 1, of the line that holds this character."""
    return text.count("\n", 0, position) + 1


def moved(applied: str, digest: str | None, files: Collection[MigrationFile]) -> str | None:
    """Return the name of the file that was this applied migration's, and was renamed since.

    It has the same digest, or the same name after the number.
    """
    for file in files:
        same_name = file.id.partition(".")[2] == applied.partition(".")[2]
        if file.script.digest == digest or same_name:
            return file.script.name
    return None


def _file(record: Migration, schema_dir: Path) -> MigrationFile:
    path = Path(record.path)
    undo = path.with_suffix(".rollback.sql")
    if path.suffix != ".sql":
        raise MigrationError(_name(path, schema_dir), "is not SQL")
    if not undo.is_file():
        raise MigrationError(_name(path, schema_dir), "its .rollback.sql file is missing")
    script, undoing = _script(path, schema_dir), _script(undo, schema_dir)
    return MigrationFile(
        record,
        script,
        replace(undoing, transactional=script.transactional and undoing.transactional),
    )


def _script(path: Path, schema_dir: Path) -> Script:
    name, content = _name(path, schema_dir), path.read_bytes()
    try:
        text = content.decode("utf-8-sig")  # psql, too, ignores a byte order mark
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        place = f"{name}:{number}"
        raise MigrationError(place, "is not UTF-8") from None
    if "\0" in text:
        place = f"{name}:{line(text, text.index(chr(0)))}"
        raise MigrationError(place, "holds a NUL character")
    directives, _, _ = parse_metadata_from_sql_comments(text)
    transactional = directives.get("transactional", "true").strip().lower()
    if transactional not in ("true", "false"):
        raise MigrationError(name, "`-- transactional:` must be followed by true or false")
    return Script(
        name,
        text,
        hashlib.sha256(content).hexdigest(),
        frozenset(directives.get("depends", "").split()),
        transactional == "true",
    )


def _name(path: Path, schema_dir: Path) -> str:
    return str(schema_dir.name / path.relative_to(schema_dir))
