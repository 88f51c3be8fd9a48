"""Show how start and document grow with the schema: `python -m tests.benchmark.schema_growth`."""

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.cli import migrations
from api.config import ROOT
from tests.benchmark import related_tables, start
from tests.benchmark.postgres import Testbed, start_testbed

_TABLES = (10, 20, 40, 80)
# What is demanded at 40 tables and 80 foreign keys.
_AT = 40
_MOST_START, _MOST_BYTES, _MOST_PRINT = 2.0, 1_500_000, 3.0  # seconds beyond the shipped schema's


@dataclass(frozen=True, slots=True)
class Measured:
    """A schema: seconds until the server is ready and their CPU time, and of `openapi`; bytes."""

    name: str
    ready: float
    cpu: float
    printed: float
    size: int

    @property
    def row(self) -> str:
        """A line of the table."""
        return (
            f"| {self.name} | {self.ready:.2f} | {self.cpu:.2f} | {self.printed:.2f}"
            f" | {self.size / 1000:,.0f} |"
        )


def main() -> int:
    """Measure and print; return 1 if a limit is exceeded, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmark.schema_growth", description=__doc__
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each schema is measured (default: 3)"
    )
    rounds = parser.parse_args().rounds
    print("| schema | ready, s | CPU time, s | `superbill openapi`, s | document, kB |")
    print("|---|--:|--:|--:|--:|", flush=True)
    with start_testbed() as testbed, tempfile.TemporaryDirectory() as folders:
        testbed.create("shipped")
        shipped = _measured("shipped", testbed, "shipped", rounds)
        print(shipped.row, flush=True)
        for tables in _TABLES:
            folder = Path(folders) / str(tables)
            database = _migrated(testbed, tables, folder)
            name = f"{tables} tables, {2 * tables} foreign keys"
            measured = _measured(name, testbed, database, rounds, SCHEMA_DIR=str(folder))
            print(measured.row, flush=True)
            if tables == _AT:
                missed = list(_missed(measured, shipped))
    print(*missed, sep="\n", file=sys.stderr)
    return int(bool(missed))


def _missed(measured: Measured, shipped: Measured) -> Iterator[str]:
    """Name the limits that are exceeded."""
    if measured.ready - shipped.ready > _MOST_START:
        yield f"ready {measured.ready - shipped.ready:.2f} s later; limit: {_MOST_START} s"
    if measured.printed > _MOST_PRINT:
        yield f"`superbill openapi` takes {measured.printed:.2f} s; limit: {_MOST_PRINT} s"
    if measured.size > _MOST_BYTES:
        yield f"the document has {measured.size:,} bytes; limit: {_MOST_BYTES:,}"


def _migrated(testbed: Testbed, tables: int, folder: Path) -> str:
    """Make a database with a generated schema, from a migration in a folder."""
    name = f"tables_{tables}"
    with testbed.connect() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER superbill_owner".encode())
    folder.mkdir()
    (folder / "0001.things.sql").write_text(related_tables.migration(tables), encoding="utf-8")
    (folder / "0001.things.rollback.sql").write_text("SELECT 1;\n", encoding="utf-8")
    migrations.migrate(testbed.server.url("superbill_owner", name), folder)
    return name


def _measured(name: str, testbed: Testbed, database: str, rounds: int, **more: str) -> Measured:
    url = testbed.server.url("superbill_server", database)
    starts = [start.started(url, _free_port(), "/ready/", **more) for _ in range(rounds)]
    prints = [_printed(url, **more) for _ in range(rounds)]
    return Measured(
        name,
        statistics.median(ready for ready, _ in starts),
        statistics.median(cpu for _, cpu in starts),
        statistics.median(seconds for seconds, _ in prints),
        prints[0][1],
    )


def _printed(url: str, **more: str) -> tuple[float, int]:
    """Run `superbill openapi`; return its seconds, and the bytes that it prints."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "api", "openapi"]
    printed = subprocess.run(  # noqa: S603 - constants
        command, cwd=ROOT, env=start.environment(url, **more), capture_output=True, check=True
    ).stdout
    return time.monotonic() - begun, len(printed)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main())
