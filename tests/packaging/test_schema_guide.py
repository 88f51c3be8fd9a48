"""schema/README.md is true: its migrations apply one after another, and answer what it shows."""

import asyncio
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from api.cli import migration_files, migrations
from api.cli.commands import COMMANDS
from api.cli.migration_files import MigrationError
from api.config import ROOT, Config
from api.document import type_schemas
from api.operations.service_paths import RESERVED
from tests.support.databases import TestDatabase
from tests.support.serving import Serve
from tests.support.transcripts import Shell, Step, compare, steps

GUIDE = (ROOT / "schema" / "README.md").read_text(encoding="utf-8")
# A file with its text, or a transcript.
BLOCKS = re.compile(
    r"`(schema/\S+)`[^`]*?\n\n```(?:sql|csv|toml|html)\n(.*?)^```|^```console\n(?:.*?)^```",
    re.MULTILINE | re.DOTALL,
)
FILES = {found[1]: found[2] for found in BLOCKS.finditer(GUIDE) if found[1]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a copy of the migrations in `schema/`."""
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    assert not path.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class Reader:
    """Runs the commands of the guide; a new server starts after each migration."""

    shell: Shell
    config: Config
    serve: Serve

    async def run(self, command: str) -> Step:
        """Run a command of the guide."""
        name, *arguments = command.removeprefix("superbill ").split()
        if command.startswith("superbill"):
            self.shell.address = ""
        if name in ("migrate", "rollback", "load"):
            # Not in a process of its own: that would take twice as long.
            paths = [self.shell.folder / value for value in arguments[1:]]
            output = await asyncio.to_thread(superbill, name, self.config, *arguments[:1], *paths)
            return Step(command, output)
        if command.startswith("curl") and not self.shell.address:
            service = await self.serve(self.config)
            self.shell.address = f"http://127.0.0.1:{service.port}"
        return await self.shell.run(command)


def superbill(name: str, config: Config, *arguments: str | Path) -> str:
    """Run a command of the program, and give what it prints."""
    command = COMMANDS[name].load()
    output = StringIO()
    with redirect_stdout(output):
        try:
            command(config, *arguments)
        except MigrationError as error:
            print(error)
    return output.getvalue()


@pytest.mark.needs("curl")
async def test_each_migration_of_the_guide_answers_as_shown(
    serve: Serve, database: TestDatabase, folder: Path
) -> None:
    config = Config(
        database_url=database.api_url,
        migration_database_url=database.owner_url,
        schema_dir=folder / "schema",
        connections=1,
    )
    psql = (str(database.server.postgres.psql), "--no-psqlrc", database.reporter_url, "--command")
    shell = Shell("", psql, folder)
    shell.names["DATABASE_URL"] = database.api_url
    reader, found = Reader(shell, config, serve), list[Step]()
    for block in BLOCKS.finditer(GUIDE):
        if block[1]:
            write(folder, block[1], block[2])
            shell.address = ""  # the next server has it
        else:
            found += [await reader.run(step.command) for step in steps(block[0])]
    compare(GUIDE, found)


def test_each_migration_of_the_guide_has_a_rollback_that_undoes_it(
    database: TestDatabase, folder: Path
) -> None:
    query = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace::regnamespace::text"
    query += " IN ('api', 'billing', 'reporting') ORDER BY 1"
    shipped, before = migration_files.shipped(folder / "schema"), [database.execute(query)]
    for name, text in FILES.items():
        write(folder, name, text)
    added = migration_files.shipped(folder / "schema")[len(shipped) :]
    assert len(added) > 5
    for name in added:
        assert f"-- depends: {shipped[-1]}\n" in FILES[f"schema/{name}.sql"]
        shipped.append(name)
    assert migrations.migrate(database.owner_url, folder / "schema") == added
    migrations.rollback(database.owner_url, folder / "schema", count=len(added))
    assert [database.execute(query)] == before


@pytest.mark.parametrize(
    "program", [["sqlfluff", "lint"], ["squawk"]], ids=lambda program: program[0]
)
def test_the_sql_of_the_guide_passes_the_linters(program: list[str], tmp_path: Path) -> None:
    for name in (".sqlfluff", ".squawk.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name, text in FILES.items():
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    files = sorted(path.name for path in tmp_path.glob("*.sql"))
    command = [str(Path(sys.executable).parent / program[0]), *program[1:], *files]
    # our own files
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_of_the_guide_are_all_that_have_a_schema(database: TestDatabase) -> None:
    _, _, rest = GUIDE.partition("| Postgres | JSON |\n|---|---|\n")
    rows = [row.split(" | ")[0] for row in rest.partition("\n\n")[0].splitlines()]
    names = re.findall(r"`(\w[\w ]*)`", " ".join(rows[:-1]))
    query = "SELECT typname FROM pg_type WHERE oid = ANY (CAST('{{{}}}' AS regtype[]))"
    found = {str(name) for (name,) in database.execute(query.format(",".join(names)))}
    assert found == type_schemas.TYPES.keys() - {"citext"}  # of an extension


def test_the_reserved_names_of_the_guide_are_the_service_s_own() -> None:
    found = re.search(r"The names (.+?) are the service's own", GUIDE, re.DOTALL)
    assert found
    assert set(re.findall(r"`(.+?)`", found[1])) == RESERVED
