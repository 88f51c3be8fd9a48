"""What psql runs, a migration runs; or one sentence with file and line, and nothing is done."""

from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from api.cli.migration_files import MigrationError, shipped
from api.cli.migrations import migrate, rollback

BOM = "\ufeff"
TABLE = "CREATE TABLE thing (name text, size int);\n"
# A file, and what the query `SELECT string_agg(name, ',' ORDER BY name) FROM thing` answers then.
RUN: dict[str, tuple[str, str | None]] = {
    "nested comment": (
        f"{TABLE}/* /* ; */ ' */ INSERT INTO thing VALUES ('a'); -- '\n",
        "a",
    ),
    "byte order mark": (f"{BOM}{TABLE}", None),
    "quotes": (
        (
            f"{TABLE}INSERT INTO thing VALUES ('a;'), (E'\\';'), ($x$;$$;$x$);\n"
            "INSERT INTO thing (\"name\") VALUES ('50% :name')"
        ),
        "';,50% :name,;$$;,a;",
    ),
    "value of a new type that is added and used": (
        (
            f"{TABLE}CREATE TYPE shade AS ENUM ('red');\nALTER TYPE shade ADD VALUE 'blue';\n"
            "INSERT INTO thing VALUES (CAST('blue' AS shade)::text);"
        ),
        "blue",
    ),
    "function with a body of statements": (
        (
            f"{TABLE}CREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC\n"
            "SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nINSERT INTO thing VALUES (one());"
        ),
        "2",
    ),
    "data of COPY": (
        (
            f"{TABLE}COPY thing FROM stdin;\na'\t1\nb;\t\\N\n\\.\n"
            'COPY thing (size, name) FROM stdin WITH (FORMAT csv);\n2,"c\nd"\n\\.\n'
        ),
        "a',b;,c\nd",
    ),
    "search_path of a dump": (
        (
            f"{TABLE}SELECT pg_catalog.set_config('search_path', '', false);\n"
            "INSERT INTO public.thing VALUES ('a');"
        ),
        "a",
    ),
    "savepoints": (
        f"{TABLE}SAVEPOINT s; INSERT INTO thing VALUES ('a'); ROLLBACK TO SAVEPOINT s;",
        None,
    ),
    "transactions of its own": (
        (
            f"-- transactional: false\n{TABLE}BEGIN;\nINSERT INTO thing VALUES ('a');\nCOMMIT;\n"
            "CREATE INDEX CONCURRENTLY ON thing (name);\nVACUUM thing;"
        ),
        "a",
    ),
}
# A file, and the end of the sentence that refuses it, after the file's name.
REFUSED: dict[str, tuple[str, str]] = {
    "transaction": (
        f"{TABLE}-- so\nBEGIN;\nCREATE TABLE other ();\nCOMMIT;",
        ":3: BEGIN must be left out: the file is one transaction anyway",
    ),
    "prepared transaction": (
        f"{TABLE}PREPARE TRANSACTION 'a';",
        ":2: PREPARE must be left out: the file is one transaction anyway",
    ),
    "command of psql": (
        f"{TABLE}\n\\copy thing from 'thing.csv'",
        ":3: \\copy is a command of psql, not SQL",
    ),
    "new value of an old type": (
        f"{TABLE}ALTER TYPE color ADD VALUE 'blue';\nSELECT 'blue'::color;",
        (
            ':3: unsafe use of new value "blue" of enum type color; use the value in the next'
            " migration: this one has to be committed before"
        ),
    ),
    "index built concurrently": (
        f"{TABLE}CREATE INDEX CONCURRENTLY ON thing (name);",
        (
            ":2: CREATE INDEX CONCURRENTLY cannot run inside a transaction block; it needs a file"
            " of its own, with `-- transactional: false` in the comment at its top"
        ),
    ),
    "syntax": (f"{TABLE}SELECT\n  1,\n  ,2;", ':4: syntax error at or near ","'),
    "unfinished text": (
        f"{TABLE}SELECT\n 'a;\n",
        ':3: unterminated quoted string at or near "\'a;"',
    ),
    "error without a position": (
        f"{TABLE}\n/* so */\n{TABLE}",
        ':4: relation "thing" already exists',
    ),
    "data that are not of the type": (
        f"{TABLE}COPY thing FROM stdin;\na\t1\nJane Roe\tJane Roe\n\\.\n",
        ":4: InvalidTextRepresentation (SQLSTATE 22P02)",
    ),
    "data on the line of COPY": (
        f"{TABLE}COPY thing FROM stdin; SELECT 1;",
        ":2: the data of COPY … FROM stdin must begin on the next line",
    ),
    "output of COPY": (f"{TABLE}COPY thing TO stdout;", ":2: COPY … TO STDOUT has no reader here"),
    "NUL": (f"{TABLE}SELECT '\0';", ":2: holds a NUL character"),
    "unknown word for transactional": (
        f"-- transactional: no\n{TABLE}",
        ": `-- transactional:` must be followed by true or false",
    ),
}


def folder(directory: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write migrations, each with a rollback that does nothing unless there is one."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = directory / f"{name}.sql"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if not name.endswith(".rollback"):
            path.with_suffix(".rollback.sql").touch()
    return directory


def names(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        exists = connection.execute("SELECT to_regclass('thing')").fetchone()
        if exists == (None,):
            return "no table"
        query = "SELECT string_agg(name, ',' ORDER BY name COLLATE \"C\") FROM thing"
        found = connection.execute(query).fetchone()
        return str(found[0]) if found and found[0] is not None else None


@pytest.mark.parametrize("name", RUN)
def test_file_that_psql_runs_is_run(empty_database: str, tmp_path: Path, name: str) -> None:
    text, answer = RUN[name]
    migrations = {"0001.first": text, "0002.next": f"{BOM}-- depends: 0001.first\nSELECT 1"}
    assert migrate(empty_database, folder(tmp_path / "schema", migrations)) == list(migrations)
    assert names(empty_database) == answer


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_cannot_run_is_refused_with_its_line_and_nothing_is_done(
    empty_database: str, tmp_path: Path, name: str
) -> None:
    text, sentence = REFUSED[name]
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TYPE color AS ENUM ('red')")
    directory = folder(tmp_path / "schema", {"0001.first": text})
    with pytest.raises(MigrationError) as caught:
        migrate(empty_database, directory)
    assert str(caught.value) == f"schema/0001.first.sql{sentence}"
    assert names(empty_database) == "no table"


def test_fault_of_a_later_file_or_rollback_is_found_before_any_file_runs(
    empty_database: str, tmp_path: Path
) -> None:
    files = {"0001.first": TABLE, "0002.next": "-- depends: 0001.first\n\\i more.sql"}
    with pytest.raises(MigrationError, match=r"^schema/0002\.next\.sql:2: \\i is a command"):
        migrate(empty_database, folder(tmp_path / "schema", files))
    files["0002.next"], files["0002.next.rollback"] = "-- depends: 0001.first\n", "\nCOMMIT"
    with pytest.raises(MigrationError, match=r"^schema/0002\.next\.rollback\.sql:2: COMMIT must"):
        migrate(empty_database, folder(tmp_path / "schema", files))
    assert names(empty_database) == "no table"


def test_file_without_transaction_says_that_what_it_has_done_stays(
    empty_database: str, tmp_path: Path
) -> None:
    text = f"-- transactional: false\n{TABLE}SELECT nothing;"
    with pytest.raises(MigrationError, match=r"; what stands above this line is done and stays$"):
        migrate(empty_database, folder(tmp_path / "schema", {"0001.first": text}))
    assert names(empty_database) is None
    text = "-- transactional: false\nBEGIN;\nINSERT INTO thing VALUES ('a')"
    with pytest.raises(MigrationError, match=r"leaves a transaction open; it was rolled back$"):
        migrate(empty_database, folder(tmp_path / "schema", {"0001.first": text}))
    assert names(empty_database) is None


def test_text_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    directory = folder(tmp_path / "schema", {"0001.first": "SELECT 1;\n-- é".encode("latin-1")})
    with pytest.raises(MigrationError, match=r"^schema/0001\.first\.sql:2: is not UTF-8$"):
        shipped(directory)


def test_renamed_file_is_told_its_old_name_and_the_way_out(
    empty_database: str, tmp_path: Path
) -> None:
    first, room = {"0001.first": TABLE}, "-- depends: 0001.first\nCREATE TABLE room ()"
    directory = folder(tmp_path / "schema", {**first, "0002.room": room})
    assert len(migrate(empty_database, directory)) == 2
    # By its digest, and by its name where the text was changed too.
    for name, text in (("0002.rooms", room), ("0003.room", f"{room};")):
        renamed = folder(tmp_path / name / "schema", {**first, name: text})
        reason = (
            rf"^schema/{name}\.sql: is 0002\.room, which is applied under that name; .*rollback"
        )
        with pytest.raises(MigrationError, match=reason):
            migrate(empty_database, renamed)
        with pytest.raises(
            MigrationError, match=rf"^0002\.room: was renamed to schema/{name}\.sql"
        ):
            rollback(empty_database, renamed)
    folder(directory, {"0002.room.rollback": "DROP TABLE room"})
    assert rollback(empty_database, directory) == ["0002.room"]
    assert migrate(empty_database, renamed) == ["0003.room"]


def test_files_are_utf_8_whatever_the_client_s_encoding_is(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    text = f"{TABLE}INSERT INTO thing VALUES ('é');\nCOPY thing (name) FROM stdin;\nß\n"
    migrate(empty_database, folder(tmp_path / "schema", {"0001.first": text}))
    monkeypatch.undo()
    assert names(empty_database) == "ß,é"


def test_copied_file_is_refused(empty_database: str, tmp_path: Path) -> None:
    files = {"0001.first": TABLE, "0002.copy": TABLE}
    with pytest.raises(MigrationError, match=r"/0002\.copy\.sql: is a copy of schema/0001\.first"):
        migrate(empty_database, folder(tmp_path / "schema", files))


def test_edited_file_is_told_how_often_to_roll_back(empty_database: str, tmp_path: Path) -> None:
    next_ = "-- depends: 0001.first\nSELECT 1"
    directory = folder(tmp_path / "schema", {"0001.first": TABLE, "0002.next": next_})
    migrate(empty_database, directory)
    for name, text, times in (("0002.next", f"{next_};", "`"), ("0001.first", "", "`, 2 times,")):
        folder(directory, {name: text})
        reason = rf"/{name}\.sql: was edited after it was applied; undo it with `superbill rollback"
        with pytest.raises(MigrationError, match=f"{reason}{times} and migrate again"):
            migrate(empty_database, directory)
