"""The commands: what each does, which logins `serve` accepts, and errors of one sentence."""

import asyncio
import json
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from api.cli import dev_postgres, migration_files
from api.cli.command_line import main
from api.cli.commands import COMMANDS
from api.config import ROOT
from api.operations import discovery
from tests.support.databases import FAST, SCHEMAS, Server, TestDatabase
from tests.support.folders import reachable_folder
from tests.support.outages import add_billed_visit, superuser_url
from tests.support.processes import one_sentence, run_program
from tests.support.serving import Serving

Command = Callable[..., tuple[int, str, str]]
LAST = migration_files.shipped(ROOT / "schema")[-1]
REFUSED = [
    "INSERT INTO billing.patient (id, first_name, last_name) VALUES (uuidv7(), 'John', 'Oberly')",
    "INSERT INTO api.patients (id, first_name, last_name) VALUES (uuidv7(), 'John', 'Oberly')",
    "UPDATE billing.patient SET id = uuidv7()",
    "UPDATE api.encounters SET patient_id = uuidv7()",
    "UPDATE billing.encounter SET patient_id = uuidv7()",
    "UPDATE api.line_items SET encounter_id = uuidv7()",
    "UPDATE api.line_items SET cpt_code_description = 'Free'",
    "DELETE FROM billing.patient",
    "DELETE FROM api.patients",
    "DELETE FROM api.encounters",
    "INSERT INTO api.cpt_codes (code, description) VALUES ('00001', 'Mine')",
    "INSERT INTO billing.cpt_code (code, description) VALUES ('00001', 'Mine')",
    "UPDATE billing.cpt_code SET description = 'Mine'",
    "DELETE FROM api.cpt_codes",
    "UPDATE api.superbills SET date = '2024-01-01'",
    "DELETE FROM api.superbills",
    "UPDATE reporting.patient_statements SET units = 1",
    "DELETE FROM reporting.code_utilisation",
    "DELETE FROM reporting.encounters_without_line_items",
    "TRUNCATE billing.line_item",
    "TRUNCATE billing.patient CASCADE",
    "CREATE TABLE mine (id int)",
    "CREATE TABLE api.mine (id int)",
    "CREATE TABLE billing.mine (id int)",
    "CREATE SCHEMA mine",
    "ALTER TABLE billing.patient DISABLE TRIGGER ALL",
    "ALTER VIEW api.patients SET (security_invoker = false)",
    "DROP VIEW api.patients",
    "GRANT DELETE ON billing.patient TO superbill_api",
    "DELETE FROM public._yoyo_migration",
    "SET ROLE superbill_owner",
    "COPY billing.patient TO PROGRAM 'cat'",
    "BEGIN; LOCK billing.cpt_code",
]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Give a function that runs a command with these settings only.

    It gives the exit status, standard output and standard error.
    """

    def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
        for name in (
            "DATABASE_URL",
            "MIGRATION_DATABASE_URL",
            "HOST",
            "PORT",
            "SCHEMA_DIR",
            "LOG_LEVEL",
        ):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"LOG_LEVEL": "WARNING", **environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["superbill", *arguments])
        capsys.readouterr()
        try:
            status = main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def login(server: Server, database: TestDatabase) -> Iterator[Callable[[str], str]]:
    """Give a function that makes a login with these options, and gives its URL."""
    made: list[str] = []

    def make(options: str) -> str:
        name = f"login_{database.name}_{len(made)}"
        made.append(name)
        server.execute(f"CREATE ROLE {name} LOGIN {options}")
        return server.postgres.url(name, database.name)

    yield make
    for name in made:
        server.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("SUPERUSER", " is a superuser"),
        ("BYPASSRLS IN ROLE superbill_api", " has BYPASSRLS"),
        ("IN ROLE superbill_owner", " owns api.adjustments, api.allocations,"),
        ("SUPERUSER BYPASSRLS", " is a superuser; "),
    ],
)
def test_serve_refuses_a_login_that_needs_no_grants(
    command: Command, login: Callable[[str], str], options: str, reason: str
) -> None:
    status, out, err = command("serve", DATABASE_URL=login(options))
    assert (status, out) == (1, "")
    assert reason in one_sentence(err)
    assert err.startswith("Refusing to serve: ")


def test_serve_refuses_the_owner(command: Command, database: TestDatabase) -> None:
    status, _, err = command("serve", DATABASE_URL=database.owner_url)
    assert status == 1
    assert "superbill_owner owns " in one_sentence(err)


def test_serve_refuses_a_login_that_owns_a_table(
    command: Command, login: Callable[[str], str], database: TestDatabase, server: Server
) -> None:
    url = login("IN ROLE superbill_api")
    name = url.split("//")[1].split("@")[0]
    with psycopg.connect(superuser_url(database), autocommit=True) as connection:
        connection.execute(f"ALTER VIEW api.patients OWNER TO {name}".encode())
        status, _, err = command("serve", DATABASE_URL=url)
        connection.execute("ALTER VIEW api.patients OWNER TO superbill_owner")
    assert status == 1
    assert f"{name} owns api.patients." in one_sentence(err)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://api:secret@127.0.0.1:1/db", "can't be reached: ConnectionRefusedError"),
        ("postgresql://api:secret@/db?host=/nowhere", "can't be reached: FileNotFoundError"),
        ("postgresql://api:secret@127.0.0.1:1/db?sslmode=perhaps", "can't be reached"),
    ],
)
@pytest.mark.parametrize("name", ["serve", "routes", "openapi"])
def test_unreachable_database_is_an_error_of_one_sentence(
    command: Command, name: str, url: str, reason: str
) -> None:
    status, out, err = command(name, DATABASE_URL=url)
    assert (status, out) == (1, "")
    assert reason in one_sentence(err)
    assert "secret" not in err


def test_serve_without_a_url_starts_no_database(command: Command) -> None:
    status, _, err = command("serve")
    assert status == 1
    assert one_sentence(err).startswith("DATABASE_URL is not set")


def test_unknown_database_or_login_is_an_error_of_one_sentence(
    command: Command, database: TestDatabase
) -> None:
    for url in (
        f"{database.api_url}".replace(database.name, "none"),
        database.api_url.replace("_server", "_none"),
    ):
        status, _, err = command("serve", DATABASE_URL=url)
        assert status == 1
        assert "can't be reached" in one_sentence(err)


def test_serve_refuses_a_database_that_lacks_a_migration(
    command: Command, empty_database: str, database: TestDatabase
) -> None:
    status, _, err = command("serve", DATABASE_URL=empty_database.replace("_owner", "_server"))
    assert status == 1
    assert (
        one_sentence(err)
        == "The database lacks the list of migrations: run `superbill migrate` first."
    )
    assert command("rollback", MIGRATION_DATABASE_URL=database.owner_url)[0] == 0
    status, _, err = command("serve", DATABASE_URL=database.api_url)
    assert status == 1
    lacking = f"The database lacks migration {LAST}: run `superbill migrate` first."
    assert one_sentence(err) == lacking


def test_all_faults_of_the_environment_are_named_at_once(command: Command) -> None:
    status, out, err = command("serve", PORT="http", DATABASE_URL="mysql://db")
    assert (status, out) == (1, "")
    assert {line.split(" must be ")[0] for line in err.splitlines()} == {"PORT", "DATABASE_URL"}


def test_port_in_use_is_an_error_of_one_sentence(command: Command, one_role: TestDatabase) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, _, err = command("serve", DATABASE_URL=one_role.api_url, PORT=port)
    assert status == 1
    assert port in one_sentence(err)


@pytest.mark.parametrize("name", ["migrate", "rollback", "load"])
def test_commands_that_change_the_schema_need_the_owner(
    command: Command, database: TestDatabase, name: str
) -> None:
    status, _, err = command(name, DATABASE_URL=database.api_url)
    assert status == 1
    assert one_sentence(err).startswith("MIGRATION_DATABASE_URL is not set")


def test_commands_migrate_load_and_roll_back(command: Command, empty_database: str) -> None:
    environ = {"MIGRATION_DATABASE_URL": empty_database}
    status, out, err = command("migrate", **environ)
    names = sorted(
        path.stem for path in (ROOT / "schema").glob("0*.sql") if "rollback" not in path.stem
    )
    assert (status, err) == (0, "")
    assert out.splitlines() == [f"applied {name}" for name in names]
    assert command("migrate", **environ) == (0, "", "")
    loaded = [
        f"loaded {len(path.read_text(encoding='utf-8').splitlines()) - 1} new rows into {path.stem}"
        for path in sorted((ROOT / "schema" / "samples").iterdir())
    ]
    assert len(loaded) == 4
    status, out, err = command("load", **environ)
    assert (status, out.splitlines(), err) == (0, loaded, "")
    status, out, err = command("load", **environ)
    assert out.splitlines() == [re.sub("[0-9]+", "0", line) for line in loaded]
    assert command("rollback", **environ) == (0, f"rolled back {names[-1]}\n", "")
    status, _, err = command("migrate", **environ, SCHEMA_DIR="/nowhere")
    assert status == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("schema", ["billing", "menagerie"])
def test_routes_prints_every_operation_with_valid_sql(
    command: Command, database: TestDatabase, menagerie: TestDatabase, schema: str
) -> None:
    made = {"billing": database, "menagerie": menagerie}[schema]
    settings = {"DATABASE_URL": made.api_url, "SCHEMA_DIR": str(SCHEMAS[schema])}
    status, out, err = command("routes", "--sql", **settings)
    assert (status, err) == (0, "")
    table, *blocks, notes = out.split("\n\n")
    assert all(line.startswith(("note: ", "      ")) for line in notes.splitlines())
    with psycopg.connect(made.sql_url) as connection:
        for number, block in enumerate(blocks):
            title, sql = block.removeprefix("\n").split("\n")
            method, path = title.removeprefix("-- ").split()[:2]
            assert re.search(rf"^{method} +{re.escape(path)}( |$)", table, re.MULTILINE)
            connection.execute(f"PREPARE s{number} AS {sql}".encode())
    assert len(blocks) == len(table.splitlines()) - 1
    assert command("routes", **settings) == (0, f"{table}\n\n{notes}", "")
    listed = json.loads(command("routes", "--json", **settings)[1])
    assert len(listed["operations"]) == len(blocks)
    assert len(listed["notes"]) == notes.count("note: ")
    if schema == "billing":
        assert re.search(r"\nGET +/patients/ +\S+  json ndjson csv html  +id \(= gte gt", table)
        (note,) = (n for n in listed["notes"] if "under cpt_code: no index" in n["sentence"])
        assert note["sentence"] == "no collection under cpt_code: no index begins with cpt_code."
        assert note["sql"] == "CREATE INDEX ON billing.line_item (clinic_id, cpt_code, id);"


async def test_openapi_prints_the_document_that_is_served(
    service: Serving, database: TestDatabase, command: Command
) -> None:
    served = (await service.client.get("/openapi.json")).json()
    # The printed document is that of a server with an issuer; this one says that it has none.
    text, mark, _ = served["info"]["description"].partition("\n\n**Development identity.**")
    assert (mark != "", served["security"]) == (True, [{}, {"bearer": []}])
    served["info"]["description"], served["security"] = text, [{"bearer": []}]
    listed = [o.id for o in discovery.build(service.catalog)]
    printed = await asyncio.to_thread(command, "openapi", DATABASE_URL=database.api_url)
    assert (printed[0], printed[2]) == (0, "")
    # A file has no address of its own, so it names the server of `make run`.
    assert json.loads(printed[1]) == {**served, "servers": [{"url": "http://localhost:8080"}]}
    url = "https://billing.example/api"
    named = await asyncio.to_thread(command, "openapi", DATABASE_URL=database.api_url, PREFIX=url)
    assert json.loads(named[1]) == {**served, "servers": [{"url": url}]}
    routes = await asyncio.to_thread(command, "routes", "--json", DATABASE_URL=database.api_url)
    assert [o["id"] for o in json.loads(routes[1])["operations"]] == listed


def test_help_names_every_command(command: Command) -> None:
    ended = run_program("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("usage: ")
    assert [name for name in COMMANDS if f"    {name}" not in ended.stdout] == []
    status, _, err = command("fly")
    assert (status, "invalid choice: 'fly'" in err) == (2, True)
    assert command("serve", "--help")[0] == 0


def test_login_of_the_api_can_change_granted_tables_only(
    database: TestDatabase,
) -> None:
    add_billed_visit(database)
    tables = ("patient", "encounter", "line_item", "cpt_code")
    query = " UNION ALL ".join(
        f"(SELECT CAST(t AS text) FROM billing.{name} AS t ORDER BY 1)" for name in tables
    )
    before = database.execute(query)
    refusals = (
        errors.InsufficientPrivilege,
        errors.ObjectNotInPrerequisiteState,
        errors.FeatureNotSupported,
    )
    for statement in REFUSED:
        with (
            psycopg.connect(database.sql_url, autocommit=True) as connection,
            pytest.raises(refusals),
        ):
            connection.execute(statement.encode())
    assert database.execute(query) == before


def test_login_of_the_api_owns_nothing(database: TestDatabase) -> None:
    query = (
        "SELECT count(*) FROM pg_shdepend WHERE refobjid = 'superbill_server'::regrole"
        " AND deptype = 'o'"
    )
    assert database.execute(query) == [(0,)]


def test_run_says_first_what_it_does_and_how_long_that_takes(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: TestDatabase
) -> None:
    def refuse(_directory: Path) -> None:
        raise RuntimeError

    monkeypatch.setattr(dev_postgres, "postgres", refuse)
    directory = tmp_path / "postgres"
    settings = {"POSTGRES_DIR": str(directory)}
    created = f"Creating the development database in {directory}: about 10 seconds, only this time."
    assert command("run", **settings)[1].splitlines() == [created]
    (directory / "data").mkdir(parents=True)
    started = f"Starting the development database in {directory}: a few seconds."
    assert command("run", **settings)[1].splitlines() == [started]
    out = command("run", DATABASE_URL=database.owner_url)[1]
    assert out == "Reading the schema of the database at DATABASE_URL.\n"


def test_looking_at_a_database_names_what_it_lacks_and_applies_nothing(
    command: Command, database: TestDatabase
) -> None:
    assert command("rollback", MIGRATION_DATABASE_URL=database.owner_url)[0] == 0
    lacking = f"The database lacks migration {LAST}: `superbill migrate` was not run.\n"
    for name in ("routes", "openapi"):
        status, out, err = command(name, DATABASE_URL=database.api_url)
        assert (status, err) == (0, lacking)
        assert "patients" in out
    assert (LAST,) not in database.execute("SELECT migration_id FROM _yoyo_migration")


@pytest.mark.costly
def test_without_any_url_commands_use_the_development_database(
    command: Command, tmp_path: Path
) -> None:
    schema = tmp_path / "schema"
    shutil.copytree(SCHEMAS["menagerie"], schema)  # the smaller one
    with (
        reachable_folder() as folder,
        dev_postgres.postgres(folder / "postgres", settings=FAST),  # so that each finds it running
    ):
        settings = {"POSTGRES_DIR": str(folder / "postgres"), "SCHEMA_DIR": str(schema)}
        status, applied, _ = command("migrate", **settings)
        assert status == 0
        last = applied.splitlines()[-1].removeprefix("applied ")
        # Who looks at a new file, corrects it and looks again has not applied it.
        new = schema / "9999.new.sql"
        new.with_suffix(".rollback.sql").touch()
        for comment in ("First text.", "Second text."):
            new.write_text(f"-- depends: {last}\nCOMMENT ON SCHEMA api IS '{comment}'")
            status, out, err = command("openapi", **settings)
            assert (status, err, json.loads(out)["info"]["title"]) == (0, "", comment.strip("."))
        new.write_text(f"-- depends: {last}\nSELECT nothing")
        status, out, err = command("routes", **settings)
        assert (status, out) == (1, "")
        assert err == 'schema/9999.new.sql:2: column "nothing" does not exist\n'
        new.unlink()
        assert command("rollback", **settings) == (0, f"rolled back {last}\n", "")
