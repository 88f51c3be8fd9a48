"""README.md and the guide for clients are true: their examples run and answer what they show."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from api.cli import migration_files, migrations
from api.config import ROOT, Config
from tests.support.databases import TestDatabase
from tests.support.serving import Serve, serving
from tests.support.transcripts import EXAMPLE, README, SECTIONS, VISIT, Step, compare, run


async def _run(text: str, database: TestDatabase, port: int, folder: Path = ROOT) -> list[Step]:
    psql = (str(database.server.postgres.psql), "--no-psqlrc", database.reporter_url, "--command")
    return await run(text, f"http://127.0.0.1:{port}", psql, POSTGRES_DIR=str(folder))


@pytest.mark.needs("curl")
async def test_transcripts_of_one_visit_answer_as_shown(
    database: TestDatabase, tmp_path: Path
) -> None:
    # The folder has the key of the tokens.
    config = Config(database_url=database.api_url, postgres_dir=tmp_path)
    async with serving(config, roles=["superbill_front_desk"]) as service:
        found = await _run(VISIT, database, service.port, tmp_path)
    assert len(found) > 25
    compare(VISIT, found)


@pytest.mark.needs("curl")
async def test_one_sql_file_adds_a_resource(
    serve: Serve, database: TestDatabase, tmp_path: Path
) -> None:
    text = SECTIONS[EXAMPLE]
    names = re.findall(r"`schema/(\S+\.sql)`", text)
    files = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "schema"
    shutil.copytree(ROOT / "schema", folder)
    assert f"-- depends: {migration_files.shipped(folder)[-1]}\n" in files[0]
    for name, file in zip(names, files, strict=True):
        assert not (folder / name).exists()
        (folder / name).write_text(file, encoding="utf-8")
    name = names[0].removesuffix(".sql")
    before = database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"
    )
    assert await asyncio.to_thread(migrations.migrate, database.owner_url, folder) == [name]
    service = await serve(Config(database_url=database.api_url, connections=2))
    found = await _run(text, database, service.port)
    compare(text, found)
    assert await asyncio.to_thread(migrations.rollback, database.owner_url, folder) == [name]
    assert before == database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"
    )


def test_readme_has_at_most_250_lines() -> None:
    assert README.count("\n") <= 250


def test_readme_names_every_report(database: TestDatabase) -> None:
    views = database.execute("SELECT viewname FROM pg_views WHERE schemaname = 'reporting'")
    named = set(re.findall(r"`(\w+)`", SECTIONS["Reports in psql"]))
    assert {str(name) for (name,) in views} <= named
