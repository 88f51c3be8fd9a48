"""README.md is true: its examples run and answer what it shows, and its tables list what there is."""

import asyncio
import re
import shutil
from asyncio import AbstractEventLoop
from pathlib import Path

import pytest

from api.cli import migrations
from api.cli.commands import COMMANDS
from api.config import ROOT, Config
from api.http import headers
from api.problem import KINDS
from tests.support.databases import TestDatabase
from tests.support.serving import serving
from tests.support.transcripts import EXAMPLE, README, SECTIONS, Step, compare, run


async def _run(text: str, database: TestDatabase, port: int) -> list[Step]:
    psql = (str(database.server.postgres.psql), "--no-psqlrc", database.reporter_url, "--command")
    return await run(text, f"http://127.0.0.1:{port}", psql)


def first_cells(section: str, header: str) -> list[list[str]]:
    """Give a table's rows: the cells of each, without the ticks."""
    _, _, table = SECTIONS[section].partition(header)
    rows = table.lstrip("|-\n ").partition("\n\n")[0].splitlines()
    return [
        [cell.strip().replace("`", "") for cell in row.strip("|").split("|")]
        for row in rows
        if "---" not in row
    ]


@pytest.mark.needs("curl")
async def test_the_transcripts_are_true(loop: AbstractEventLoop, database: TestDatabase) -> None:
    text = "".join(section for name, section in SECTIONS.items() if name != EXAMPLE)
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        found = await _run(text, database, s.port)
    assert len(found) > 20
    compare(text, found)


@pytest.mark.needs("curl")
async def test_one_sql_file_adds_a_resource(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    text = SECTIONS[EXAMPLE]
    names = re.findall(r"`schema/(\S+\.sql)`", text)
    files = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "schema"
    shutil.copytree(ROOT / "schema", folder)
    assert f"-- depends: {migrations.shipped(folder)[-1]}\n" in files[0]
    for name, file in zip(names, files, strict=True):
        assert not (folder / name).exists()
        (folder / name).write_text(file, encoding="utf-8")
    name = names[0].removesuffix(".sql")
    before = database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"
    )
    assert await asyncio.to_thread(migrations.migrate, database.owner_url, folder) == [name]
    async with serving(Config(database_url=database.api_url, connections=2)) as s:
        found = await _run(text, database, s.port)
    compare(text, found)
    assert await asyncio.to_thread(migrations.rollback, database.owner_url, folder) == [name]
    assert before == database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"
    )


def test_the_commands_are_all_there() -> None:
    rows = first_cells("Commands", "| command | what it does |")
    assert [row[0] for row in rows] == [f"superbill {name}" for name in COMMANDS]


def test_the_problems_are_all_there() -> None:
    rows = first_cells("Bill a visit", "| `type`, after `urn:problem-type:` | status | when |")
    assert [row[:2] for row in rows] == [[kind, str(status)] for kind, (status, _) in KINDS.items()]


def test_the_reports_are_all_there(database: TestDatabase) -> None:
    rows = first_cells("Reports in psql", "| report | what it tells |")
    views = database.execute(
        "SELECT 'reporting.' || viewname FROM pg_views WHERE schemaname = 'reporting'"
    )
    assert sorted(row[0] for row in rows) == sorted(str(name) for (name,) in views)


def test_the_headers_are_all_there() -> None:
    rows = first_cells("Configuration", "| header | value | what it is for |")
    assert {name: value for name, value, _ in rows} == headers.SAID


def test_every_make_target_exists() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(re.findall(r"(?:`|\$ |^)make ([a-z-]+)", README, re.MULTILINE)) <= targets


def test_every_file_that_is_named_exists() -> None:
    assert [
        name for name in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / name).exists()
    ] == []
    places = first_cells("How it is built", "| place | what is there |")
    assert [row[0] for row in places if not (ROOT / row[0]).exists()] == []
