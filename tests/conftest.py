"""What every test stands on: a real Postgres for the session, and a migrated copy of a schema for each test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sanic import Sanic

from api.cli import dev_postgres, migrations, samples
from tests.support import checklist
from tests.support.databases import FAST, SCHEMAS, Server, TestDatabase
from tests.support.skips import MISSING, UNREACHABLE

_numbers = itertools.count(1)

Sanic.test_mode = True


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is not here; where CI has to have installed it, fail."""
    for marker in item.iter_markers("needs"):
        if shutil.which(marker.args[0]) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(marker.args[0] + MISSING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name that for want of which tests were skipped, and what was ticked off, where nobody overlooks it."""
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(reason for reason in reasons if reason.endswith((MISSING, UNREACHABLE))):
        terminalreporter.write_line(
            f"{reason.removeprefix('Skipped: ')}: its tests were skipped", yellow=True
        )
    ended = [
        test for outcome in ("passed", "failed") for test in terminalreporter.stats.get(outcome, [])
    ]
    for line in checklist.write_report(ended):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run a Postgres for the session."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with dev_postgres.postgres(directory, settings=FAST) as postgres:
            yield Server(postgres)
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def templates(server: Server) -> dict[str, str]:
    """Give a migrated database of each schema, to copy."""
    names = {}
    for schema, folder in SCHEMAS.items():
        name = f"template_{schema}"
        made = server.create(name)
        migrations.migrate(made.owner_url, folder)
        samples.load_samples(made.owner_url, folder)
        if schema == "menagerie":
            made.execute((folder / "seed" / "seed.sql").read_text(encoding="utf-8"))
        names[schema] = name
    return names


@pytest.fixture
def empty_database(server: Server) -> Iterator[str]:
    """Give the owner's URL of a fresh, empty database."""
    made = server.create(f"empty_{next(_numbers)}")
    yield made.owner_url
    server.drop(made.name)


@pytest.fixture
def database(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a migrated copy of the billing schema."""
    made = server.create(f"test_{next(_numbers)}", templates["billing"])
    yield made
    server.drop(made.name)


@pytest.fixture
def menagerie(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a migrated copy of the menagerie schema, with its seed."""
    made = server.create(f"test_{next(_numbers)}", templates["menagerie"])
    yield made
    server.drop(made.name)


@pytest.fixture
def out(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> tuple[pytest.LogCaptureFixture, pytest.CaptureFixture[str]]:
    """Give where things come out: what is logged, and what is printed."""
    return caplog, capfd
