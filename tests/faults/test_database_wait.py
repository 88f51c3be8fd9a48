"""DATABASE_WAIT: a database that comes late is waited for, one that refuses is not, and SIGTERM ends it always."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from api.cli import dev_postgres, migrations
from api.config import ROOT
from api.process import database_wait
from tests.support.databases import FAST, Server, TestDatabase
from tests.support.processes import eventually, free_port, is_ready, run_program, start_program

NOWHERE = "postgresql://api:secret@127.0.0.1:1/db"
STATUS = Path("/proc/self/status")


@pytest.fixture(scope="module")
def late() -> Iterator[dev_postgres.Postgres]:
    """Give a database that was used once and does not run."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with dev_postgres.postgres(directory, settings=FAST) as postgres:
            migrations.migrate(postgres.owner_url, ROOT / "schema")
        yield postgres
    finally:
        shutil.rmtree(directory)


def waits(output: Path) -> bool:
    """Tell whether it says that it waits."""
    return eventually(lambda: "can't be reached yet" in output.read_text())


def test_serve_waits_for_a_database_that_comes_late(
    late: dev_postgres.Postgres, tmp_path: Path
) -> None:
    port, output = free_port(), tmp_path / "output"
    with start_program(
        output, "serve", DATABASE_URL=late.api_url, DATABASE_WAIT="60", PORT=port
    ) as process:
        assert waits(output), output.read_text()
        with dev_postgres.postgres(late.socket, settings=FAST):
            assert eventually(lambda: is_ready(f"http://127.0.0.1:{port}")), output.read_text()
            process.terminate()
            assert process.wait(20) == 0
    told = output.read_text()
    assert told.count("can't be reached yet") == 1
    assert "postgresql" not in told
    assert str(late.socket) not in told


def test_migrate_waits_for_a_database_that_comes_late(
    late: dev_postgres.Postgres, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    environ = {"MIGRATION_DATABASE_URL": late.owner_url, "DATABASE_WAIT": "60"}
    with start_program(output, "migrate", **environ) as process:
        assert waits(output), output.read_text()
        with dev_postgres.postgres(late.socket, settings=FAST):
            assert process.wait(20) == 0
            for command in ("rollback", "migrate", "load"):
                assert run_program(command, **environ).returncode == 0


def test_it_waits_while_a_server_ends_and_starts_again(
    late: dev_postgres.Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with dev_postgres.postgres(late.socket, settings=FAST), psycopg.connect(late.owner_url) as last:
        # Smart: it refuses new sessions, by 57P03, until the last one has ended.
        stop = (
            late.psql.with_name("pg_ctl"),
            "stop",
            "--mode=smart",
            "--no-wait",
            "--silent",
            "-D",
        )
        user = (late.socket / "data").owner() if os.geteuid() == 0 else None
        # the package's program
        subprocess.run((*stop, late.socket / "data"), user=user, check=True)  # noqa: S603
        assert eventually(lambda: refuses(late.owner_url))
        waiter = threading.Thread(target=database_wait.wait_for_database, args=(late.owner_url, 60))
        waiter.start()
        assert eventually(lambda: "yet: CannotConnectNowError" in caplog.text)
        last.close()
        assert eventually(lambda: not (late.socket / "data" / "postmaster.pid").exists())
    assert waiter.is_alive()
    with dev_postgres.postgres(late.socket, settings=FAST):
        waiter.join(20)
        assert not waiter.is_alive()
    assert caplog.text.count("yet") == 1


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


def test_it_waits_for_a_free_connection(
    server: Server, database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"login_{database.name}"
    server.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 0")
    waiter = threading.Thread(
        target=database_wait.wait_for_database, args=(server.postgres.url(name, database.name), 60)
    )
    waiter.start()
    assert eventually(lambda: "yet: TooManyConnectionsError" in caplog.text)
    server.execute(f"ALTER ROLE {name} CONNECTION LIMIT -1")
    waiter.join(20)
    assert not waiter.is_alive()
    server.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (NOWHERE, "ConnectionRefusedError"),
        ("postgresql://api:secret@nowhere.invalid/db", "gaierror"),
        ("postgresql://api:secret@%2Fnowhere/db", "FileNotFoundError"),
    ],
)
def test_it_waits_no_longer_than_it_may(
    url: str, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()
    database_wait.wait_for_database(url, 1.5)
    assert 1.5 <= time.monotonic() - began < 10
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == "api.process.database_wait"
    ] == [f"the database can't be reached yet: {error}; trying for 1.5 s"]
    began = time.monotonic()
    database_wait.wait_for_database(url, 0)
    assert time.monotonic() - began < 0.1


def test_who_is_refused_does_not_wait(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    for url in (
        database.api_url.replace(database.name, "none"),
        database.api_url.replace("_server", "_none"),
        f"{database.api_url}&no_such_setting=1",
        "postgresql://me@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/nowhere",
        "postgresql://me@127.0.0.1:1/db?sslmode=perhaps",
        database.api_url,
    ):
        began = time.monotonic()
        database_wait.wait_for_database(url, 60)
        assert time.monotonic() - began < 10
    assert caplog.text == ""


async def test_who_is_refused_tls_does_not_wait(loop: asyncio.AbstractEventLoop) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"N")  # Postgres without TLS
        writer.close()

    listener = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    url = f"postgresql://me@127.0.0.1:{port}/db?sslmode=require"
    await asyncio.wait_for(asyncio.to_thread(database_wait.wait_for_database, url, 60), 10)
    listener.close()


def test_a_name_with_several_addresses_is_waited_for() -> None:
    several = OSError("Multiple exceptions: [Errno 111] …, [Errno 111] …")  # as asyncio says it
    # which names have several, a test can't choose
    assert database_wait.is_temporary(several, NOWHERE)
    assert not database_wait.is_temporary(PermissionError(13, "socket"), NOWHERE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_signal_ends_the_wait(tmp_path: Path, number: signal.Signals, command: str) -> None:
    output = tmp_path / "output"
    environ = {"DATABASE_URL": NOWHERE, "MIGRATION_DATABASE_URL": NOWHERE, "DATABASE_WAIT": "600"}
    with start_program(output, command, **environ) as process:
        assert waits(output)
        process.send_signal(number)
        assert process.wait(5) == 128 + number
    assert "Traceback" not in output.read_text()


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells what a process catches")
def test_sigterm_ends_it_while_it_loads(tmp_path: Path) -> None:
    with start_program(tmp_path / "output", "--help") as process:
        status = Path(f"/proc/{process.pid}/status")
        while (
            not int(status.read_text().partition("SigCgt:")[2].split()[0], 16)
            & 1 << signal.SIGTERM - 1
        ):
            assert process.poll() is None
        process.terminate()
        # A status of its own: the signal has not killed it, which it can't do to process 1.
        assert process.wait(5) == 128 + signal.SIGTERM
    assert (tmp_path / "output").read_text() == ""


def test_without_a_wait_it_is_over_at_once() -> None:
    began = time.monotonic()
    ended = run_program(
        "serve", DATABASE_URL=f"postgresql://me:secret@/db?host={quote('/nowhere')}"
    )
    assert time.monotonic() - began < 10
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)


STRICT = """
import os, signal, sys
plain = signal.signal
signal.signal = lambda number, act: os._exit(9) if act == signal.SIG_IGN else plain(number, act)
from api.__main__ import main
sys.argv[1:] = ["serve"]
sys.exit(main())
"""


def test_no_signal_is_ignored_while_it_starts(database: TestDatabase) -> None:
    """Who ended a server as soon as it answered would wait for ever, where it is deaf for a moment."""
    port = free_port()
    environ = os.environ | {"DATABASE_URL": database.api_url, "PORT": port}
    # our own program
    process = subprocess.Popen((sys.executable, "-c", STRICT), cwd=ROOT, env=environ)  # noqa: S603
    try:
        assert eventually(
            lambda: process.poll() is not None or is_ready(f"http://127.0.0.1:{port}")
        )
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
