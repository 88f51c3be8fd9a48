"""Migrations and samples on a real server: applied, rolled back, refused, killed, at once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from api.cli.migration_files import MigrationError, shipped
from api.cli.migrations import migrate, rollback
from api.cli.samples import load_samples
from api.config import ROOT
from tests.support.processes import eventually

SCHEMA = ROOT / "schema"
FIRST = ("CREATE TABLE thing (name text)", "DROP TABLE thing")
SECOND = ("-- depends: 0001.first\nCREATE TABLE other (name text)", "DROP TABLE other")
VIEW = ("CREATE OR REPLACE VIEW seen AS SELECT 1 AS version", "DROP VIEW IF EXISTS seen")


def write(directory: Path, files: Mapping[str, tuple[str, str | None]]) -> Path:
    """Write migrations, each with its rollback; give their directory."""
    for name, (text, undo) in files.items():
        path = directory / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if undo is not None:
            path.with_suffix(".rollback.sql").write_text(undo, encoding="utf-8")
    return directory


def rows(url: str, query: LiteralString) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def tables(url: str) -> set[str]:
    return {
        name for (name,) in rows(url, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v')")
    }


def start(url: str, directory: Path) -> subprocess.Popen[str]:
    program = (
        "import sys; from pathlib import Path; from api.cli.migrations import migrate;"
        "print(*migrate(sys.argv[1], Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", program, url, str(directory)]
    # our own program
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603


def await_query(url: str, text: str) -> None:
    """Wait until a statement with this text runs."""
    query = (
        "SELECT FROM pg_stat_activity"
        " WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        assert eventually(lambda: bool(connection.execute(query, [f"%{text}%"]).fetchall()))


def test_migrate_applies_each_migration_once(empty_database: str) -> None:
    names = shipped(SCHEMA)
    assert names == sorted(
        path.stem for path in SCHEMA.glob("*.sql") if not path.stem.endswith(".rollback")
    )
    assert migrate(empty_database, SCHEMA) == names
    assert migrate(empty_database, SCHEMA) == []


def test_rows_that_a_migration_selects_are_not_printed(
    empty_database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {
        "0001.first": ("SELECT 'Jane Roe' AS name", "SELECT 'Jane Roe' AS name"),
        "views/post-apply.00.v": VIEW,
    }
    directory = write(tmp_path / "schema", files)
    assert (
        migrate(empty_database, directory) == rollback(empty_database, directory) == ["0001.first"]
    )
    assert "Jane" not in "".join(capfd.readouterr())


def test_three_processes_that_migrate_at_once_all_succeed(empty_database: str) -> None:
    processes = [start(empty_database, SCHEMA) for _ in range(3)]
    applied = [process.communicate(timeout=100)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(applied) == [[], [], shipped(SCHEMA)]


def test_killed_migration_leaves_nothing_half_done(empty_database: str, tmp_path: Path) -> None:
    directory = tmp_path / "schema"
    shutil.copytree(SCHEMA, directory)
    names = shipped(directory)
    third = directory / f"{names[2]}.sql"
    text = third.read_text(encoding="utf-8")
    third.write_text(f"{text}\nDO $$ BEGIN PERFORM pg_sleep(300); END $$;\n", encoding="utf-8")
    process = start(empty_database, directory)
    await_query(empty_database, "pg_sleep(300)")
    process.kill()
    process.communicate(timeout=60)
    third.write_text(text, encoding="utf-8")
    # Postgres cancels the statement of the killed process: the lock is free before 300 s are over.
    assert migrate(empty_database, directory, lock_timeout=100) == names[2:]


def test_rollback_begins_with_the_last_migration(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, {"0001.first": FIRST, "0002.second": SECOND})
    migrate(empty_database, tmp_path)
    assert rollback(empty_database, tmp_path) == ["0002.second"]
    assert {"thing", "other"} & tables(empty_database) == {"thing"}
    assert migrate(empty_database, tmp_path) == ["0002.second"]
    assert rollback(empty_database, tmp_path, count=None) == ["0002.second", "0001.first"]
    assert rollback(empty_database, tmp_path) == []
    assert not {"thing", "other"} & tables(empty_database)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "holds no migrations"),
        ({"0001.first": ("SELECT 1", None)}, r"/0001\.first\.sql: its \.rollback\.sql file is mis"),
        (
            {"0001.first": FIRST, "views/post-apply.01.seen": (VIEW[0], None)},
            "views/post-apply.01.seen.sql: its .rollback.sql",
        ),
        (
            {"0001.first": FIRST, "0002.second": ("SELECT 1", "")},
            "0002.second.sql: must depend on the one before it: write `-- depends: 0001.first`",
        ),
        ({"0001.first": ("-- depends: 0000.none\nSELECT 1", "")}, "0001.first.sql"),
        ({"0001.first": FIRST, "views/0001.first": FIRST}, "0001.first"),
        (
            {"0001.first": ("CREATE TABLE thing (name nonsense)", "")},
            '^[^/]+/0001.first.sql:1: type "nonsense" does not exist$',
        ),
        (
            {"0001.first": FIRST, "views/post-apply.01.seen": ("SELECT nothing", "")},
            "/views/post-apply.01.seen.sql:1: column",
        ),
        (
            {
                "0001.first": FIRST,
                "views/post-apply.01.seen": ("-- transactional: false\nSELECT 1", ""),
            },
            "/views/post-apply.01.seen.sql: must be transactional",
        ),
    ],
)
def test_faulty_migrations_are_refused_with_a_reason(
    empty_database: str, tmp_path: Path, files: Mapping[str, tuple[str, str | None]], reason: str
) -> None:
    with pytest.raises(MigrationError, match=reason) as caught:
        migrate(empty_database, write(tmp_path, files))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("check", ["CHECK (false)", "CHECK (CAST(name AS integer) > 0)"])
def test_error_quotes_no_row(empty_database: str, tmp_path: Path, check: str) -> None:
    text = f"CREATE TABLE thing (name text {check}); INSERT INTO thing VALUES ('Oberly')"
    with pytest.raises(MigrationError) as caught:
        migrate(empty_database, write(tmp_path, {"0001.first": (text, "")}))
    assert "Oberly" not in str(caught.value)
    assert "thing" not in tables(empty_database)


def test_edited_migration_is_refused_until_it_is_rolled_back(
    empty_database: str, tmp_path: Path
) -> None:
    migrate(empty_database, write(tmp_path, {"0001.first": FIRST, "0002.second": SECOND}))
    write(tmp_path, {"0001.first": ("CREATE TABLE thing (name text, size int)", FIRST[1])})
    with pytest.raises(MigrationError, match=r"/0001\.first\.sql: was edited after it was app"):
        migrate(empty_database, tmp_path)
    rollback(empty_database, tmp_path, count=2)
    assert migrate(empty_database, tmp_path) == ["0001.first", "0002.second"]
    assert migrate(empty_database, tmp_path) == []


def test_migration_of_another_release_is_not_rolled_back(
    empty_database: str, tmp_path: Path
) -> None:
    older = write(tmp_path / "older", {"0001.first": FIRST})
    newer = write(tmp_path / "newer", {"0001.first": FIRST, "0002.second": SECOND})
    migrate(empty_database, newer)
    assert migrate(empty_database, older) == []
    with pytest.raises(MigrationError, match=r"^0002\.second: was applied by another release"):
        rollback(empty_database, older)


def test_every_migrate_replaces_all_views_in_one_transaction(
    empty_database: str, tmp_path: Path
) -> None:
    write(tmp_path, {"0001.first": FIRST, "views/post-apply.01.seen": VIEW})
    migrate(empty_database, tmp_path)
    write(tmp_path, {"views/post-apply.01.seen": (VIEW[0].replace("1", "2"), VIEW[1])})
    assert migrate(empty_database, tmp_path) == []
    assert rows(empty_database, "SELECT * FROM seen") == [(2,)]
    write(tmp_path, {"views/post-apply.01.seen": (VIEW[0].replace("1", "3"), VIEW[1])})
    write(tmp_path, {"views/post-apply.02.more": ("CREATE VIEW more AS SELECT nothing", "")})
    with pytest.raises(MigrationError):
        migrate(empty_database, tmp_path)
    assert rows(empty_database, "SELECT * FROM seen") == [(2,)]
    rollback(empty_database, tmp_path)
    assert not {"seen", "thing"} & tables(empty_database)


def test_setting_of_one_migration_does_not_reach_the_next(
    empty_database: str, tmp_path: Path
) -> None:
    text = (
        "DO $$ BEGIN ASSERT current_setting('lock_timeout') = '5s', 'not 5s'; END $$;"
        "SET lock_timeout = '7s'"
    )
    files = {"0001.first": (text, ""), "0002.second": (f"-- depends: 0001.first\n{text}", "")}
    assert migrate(empty_database, write(tmp_path, files)) == list(files)


def test_migration_without_transaction_can_create_an_index_concurrently(
    empty_database: str, tmp_path: Path
) -> None:
    index = (
        "-- transactional: false\n-- depends: 0001.first\n"
        "CREATE INDEX CONCURRENTLY thing_idx ON thing (name)"
    )
    files = {
        "0001.first": FIRST,
        "0002.second": (index, "-- transactional: false\nDROP INDEX thing_idx"),
    }
    assert migrate(empty_database, write(tmp_path, files)) == list(files)
    assert rollback(empty_database, tmp_path, count=2) == list(files)[::-1]


def test_percent_signs_and_colons_reach_postgres_unchanged(
    empty_database: str, tmp_path: Path
) -> None:
    text = "DO $$ BEGIN ASSERT '50%s :name' LIKE '50\\%s :%', 'changed'; END $$"
    assert migrate(empty_database, write(tmp_path, {"0001.first": (text, "")}))


def test_lock_row_of_a_killed_process_is_ignored(empty_database: str) -> None:
    migrate(empty_database, SCHEMA)
    rows(empty_database, "INSERT INTO yoyo_lock (locked, pid) VALUES (1, 1)")
    assert rollback(empty_database, SCHEMA)


def test_migrate_fails_when_another_migration_holds_the_lock_too_long(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('_yoyo_migration'))")
        with pytest.raises(
            MigrationError, match=r"another migration did not end within 0\.2 seconds"
        ):
            migrate(empty_database, SCHEMA, lock_timeout=0.2)
    assert migrate(empty_database, SCHEMA, lock_timeout=5)


def test_user_id_without_a_name_can_migrate(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(os, "getuid", lambda: 65432)
    assert migrate(empty_database, SCHEMA)
    assert rows(empty_database, "SELECT DISTINCT username FROM _yoyo_log") == [("uid-65432",)]


def test_unknown_database_is_an_error_of_one_sentence(empty_database: str) -> None:
    with pytest.raises(
        MigrationError, match=r'^the database: .* database ".*_none" does not exist$'
    ):
        migrate(empty_database.replace("?", "_none?"), SCHEMA)


def test_error_about_a_malformed_url_does_not_quote_its_password() -> None:
    with pytest.raises(MigrationError, match=r"^the database: its URL cannot be read$") as caught:
        migrate("postgresql://owner:secret@[/superbill", SCHEMA)
    assert "secret" not in repr(caught.value.__cause__)


SAMPLES: tuple[LiteralString, ...] = ('name,size\n"a ""b"", c",1\n', "name\nd\n")


def test_load_adds_each_sample_row_once(empty_database: str, tmp_path: Path) -> None:
    rows(
        empty_database,
        "CREATE TABLE thing (size int, name text PRIMARY KEY, made date NOT NULL DEFAULT now())",
    )
    (tmp_path / "samples").mkdir()
    assert load_samples(empty_database, tmp_path) == {}
    for text, count in ((SAMPLES[0], 1), (SAMPLES[0], 0), (SAMPLES[1], 1)):
        (tmp_path / "samples" / "thing.csv").write_text(text, encoding="utf-8")
        assert load_samples(empty_database, tmp_path) == {"thing": count}
    assert rows(empty_database, "SELECT name, size FROM thing ORDER BY name") == [
        ('a "b", c', 1),
        ("d", None),
    ]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("none", "name\na\n", r"^none\.csv: needs one table named none, and there are 0$"),
        ("pg_class", "relname\na\n", "there are 0$"),
        ("thing", "name,colour\na,red\n", '^the samples: column "colour" does not exist$'),
        ("thing", "size\nbig\n", "^the samples: InvalidTextRepresentation "),
    ],
)
def test_faulty_sample_is_refused_with_a_reason(
    empty_database: str, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    rows(empty_database, "CREATE TABLE thing (size int, name text PRIMARY KEY)")
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MigrationError, match=reason):
        load_samples(empty_database, tmp_path)
    assert rows(empty_database, "SELECT * FROM thing") == []
