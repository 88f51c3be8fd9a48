"""README.md is true: its examples run and answer what it shows, and its tables list what there is."""

import asyncio
import os
import re
import shutil
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from api import migrate
from api.__main__ import COMMANDS
from api.config import ROOT, Config
from api.problem import KINDS
from tests.conftest import TestDatabase
from tests.serving import serving

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", README, re.MULTILINE))
EXAMPLE = "How a migration becomes an endpoint"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PROMPT = "superbill=> "


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a transcript, and the output that the page shows."""

    command: str
    output: str


def steps(text: str) -> Iterator[Step]:
    """Read the transcripts in a text."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(rf"^(?=\$ |{PROMPT})", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command.removeprefix("$ "), output)


def masked(text: str) -> str:
    """Put … for what differs each time, ids and cursors, and leave out the spaces with which psql ends a line."""
    return re.sub("[ \\r]+$", "", re.sub(f"{UUID}|(?<=after=)[^>]+", "…", text), flags=re.MULTILINE).rstrip("\n")


async def run(text: str, database: TestDatabase, port: int) -> list[Step]:
    """Run the transcripts of a text, and give them as they come out."""
    found: list[Step] = []
    names = {**os.environ}
    last = ""
    for step in steps(text):
        output, command = "", step.command
        if command.startswith(PROMPT):
            psql = database.server.postgres.psql
            query = command.removeprefix(PROMPT)
            output = await _output(str(psql), "--no-psqlrc", "--command", query, database.reporter_url)
        elif re.match(r"\w+=", command):
            names[command.partition("=")[0]] = last
        elif command.startswith("curl"):
            command = command.replace("http://localhost:8080", f"http://127.0.0.1:{port}").replace("…", last)
            output = await _output("sh", "-c", command, environ=names)
            last = next(iter(re.findall(f'"id":"({UUID})"', output)), last)
        else:
            assert command == "make psql", command
        found.append(Step(step.command, output))
    return found


async def _output(*command: str, environ: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environ
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, command
    return output.decode()


def compare(text: str, found: list[Step]) -> None:
    """Compare the transcripts of a text with what came out."""
    assert [Step(one.command, masked(one.output)) for one in found] == [
        Step(one.command, masked(one.output)) for one in steps(text)
    ]


def first_cells(section: str, header: str) -> list[list[str]]:
    """Give a table's rows: the cells of each, without the ticks."""
    _, _, table = SECTIONS[section].partition(header)
    rows = table.lstrip("|-\n ").partition("\n\n")[0].splitlines()
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows if "---" not in row]


@pytest.mark.needs("curl")
async def test_the_transcripts_are_true(loop: AbstractEventLoop, database: TestDatabase) -> None:
    text = "".join(section for name, section in SECTIONS.items() if name != EXAMPLE)
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        found = await run(text, database, s.port)
    assert len(found) > 20
    compare(text, found)


@pytest.mark.needs("curl")
async def test_one_sql_file_adds_a_resource(loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path) -> None:
    text = SECTIONS[EXAMPLE]
    names = re.findall(r"`schema/(\S+\.sql)`", text)
    files = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "schema"
    shutil.copytree(ROOT / "schema", folder)
    assert f"-- depends: {migrate.shipped(folder)[-1]}\n" in files[0]
    for name, file in zip(names, files, strict=True):
        assert not (folder / name).exists()
        (folder / name).write_text(file, encoding="utf-8")
    name = names[0].removesuffix(".sql")
    before = database.execute("SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2")
    assert await asyncio.to_thread(migrate.migrate, database.owner_url, folder) == [name]
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        found = await run(text, database, s.port)
    compare(text, found)
    assert await asyncio.to_thread(migrate.rollback, database.owner_url, folder) == [name]
    assert before == database.execute("SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2")


def test_the_configuration_is_all_there() -> None:
    rows = [row[:2] for row in first_cells("Configuration", "| variable | default | what it is |")]
    defaults = {
        field.name.upper(): str(getattr(Config(), field.name)).removeprefix(f"{ROOT}/") for field in fields(Config)
    }
    assert rows == [list(row) for row in defaults.items()]


def test_the_commands_are_all_there() -> None:
    rows = first_cells("Commands", "| command | what it does |")
    assert [row[0] for row in rows] == [f"superbill {name}" for name in COMMANDS]


def test_the_problems_are_all_there() -> None:
    rows = first_cells("Bill a visit", "| `type`, after `urn:problem-type:` | status | when |")
    assert [row[:2] for row in rows] == [[kind, str(status)] for kind, (status, _) in KINDS.items()]


def test_the_reports_are_all_there(database: TestDatabase) -> None:
    rows = first_cells("Reports in psql", "| report | what it tells |")
    views = database.execute("SELECT 'reporting.' || viewname FROM pg_views WHERE schemaname = 'reporting'")
    assert sorted(row[0] for row in rows) == sorted(str(name) for (name,) in views)


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ |^)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_every_file_that_is_named_exists() -> None:
    assert [name for name in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / name).exists()] == []
    places = first_cells("How it is built", "| place | what is there |")
    assert [row[0] for row in places if not (ROOT / row[0]).exists()] == []
