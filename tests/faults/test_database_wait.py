"""DATABASE_WAIT: commands wait for an unreachable database, not for one that refuses them."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.cli import dev_postgres, migrations
from api.config import ROOT
from api.process import database_wait
from tests.support.databases import FAST, Server, TestDatabase
from tests.support.folders import reachable_folder
from tests.support.processes import eventually, free_port, is_ready, run_program, start_program

pytestmark = pytest.mark.unmeasured

NOWHERE = "postgresql://api:secret@127.0.0.1:1/db"


@pytest.fixture(scope="module")
def late() -> Iterator[dev_postgres.Postgres]:
    """Give a migrated database that does not run yet."""
    with reachable_folder() as directory:
        with dev_postgres.postgres(directory, settings=FAST) as postgres:
            migrations.migrate(postgres.owner_url, ROOT / "schema")
        yield postgres


def waits(output: Path) -> bool:
    """Wait until the log says that the program waits."""
    return eventually(lambda: "can't be reached yet" in output.read_text())


@pytest.mark.costly
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
            assert process.wait(60) == 0
    log = output.read_text()
    assert log.count("can't be reached yet") == 1
    assert "postgresql" not in log
    assert str(late.socket) not in log


def test_migrate_waits_for_a_database_that_comes_late(
    late: dev_postgres.Postgres, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    environ = {"MIGRATION_DATABASE_URL": late.owner_url, "DATABASE_WAIT": "60"}
    with start_program(output, "migrate", **environ) as process:
        assert waits(output), output.read_text()
        with dev_postgres.postgres(late.socket, settings=FAST):
            assert process.wait(60) == 0
            assert run_program("load", **environ).returncode == 0


def test_wait_lasts_while_a_server_stops_and_starts_again(
    late: dev_postgres.Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with dev_postgres.postgres(late.socket, settings=FAST), psycopg.connect(late.owner_url) as last:
        # A smart shutdown refuses new sessions, by 57P03, until the last one has ended.
        program = late.psql.with_name("pg_ctl")
        stop = (program, "stop", "--mode=smart", "--no-wait", "--silent", "-D")
        user = (late.socket / "data").owner() if os.geteuid() == 0 else None
        subprocess.run((*stop, late.socket / "data"), user=user, check=True)  # noqa: S603 - our own
        assert eventually(lambda: refuses(late.owner_url))
        waiter = threading.Thread(target=database_wait.wait_for_database, args=(late.owner_url, 60))
        waiter.start()
        assert eventually(lambda: "yet: CannotConnectNowError" in caplog.text)
        last.close()
        assert eventually(lambda: not (late.socket / "data" / "postmaster.pid").exists())
    assert waiter.is_alive()
    with dev_postgres.postgres(late.socket, settings=FAST):
        waiter.join(60)
        assert not waiter.is_alive()
    assert caplog.text.count("yet") == 1


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


def test_wait_ends_when_a_connection_becomes_free(
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
    waiter.join(60)
    assert not waiter.is_alive()
    server.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (NOWHERE, ConnectionRefusedError),
        ("postgresql://api:secret@nowhere.invalid/db", socket.gaierror),
        ("postgresql://api:secret@%2Fnowhere/db", FileNotFoundError),
    ],
)
def test_unreachable_database_may_be_reachable_later(url: str, error: type[Exception]) -> None:
    assert isinstance(asyncio.run(database_wait.attempt(url, 60)), error)


def test_database_that_accepts_or_refuses_is_not_waited_for(database: TestDatabase) -> None:
    for url in (
        database.api_url.replace(database.name, "none"),
        database.api_url.replace("_server", "_none"),
        f"{database.api_url}&no_such_setting=1",
        "postgresql://me@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/nowhere",
        "postgresql://me@127.0.0.1:1/db?sslmode=perhaps",
        database.api_url,
    ):
        assert asyncio.run(database_wait.attempt(url, 60)) is None, url


async def test_server_without_tls_is_not_waited_for() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"N")  # as Postgres without TLS answers SSLRequest
        writer.close()

    listener = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    url = f"postgresql://me@127.0.0.1:{port}/db?sslmode=require"
    assert await database_wait.attempt(url, 60) is None
    listener.close()


def test_wait_ends_after_its_seconds_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    database_wait.wait_for_database(NOWHERE, 0.1)
    (record,) = [record for record in caplog.records if record.name == database_wait.__name__]
    assert record.getMessage().startswith("the database can't be reached yet: ")
    assert record.getMessage().endswith("Error; trying for 0.1 s")


def test_wait_of_0_seconds_makes_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    async def attempt(_url: str, _timeout: float) -> None:
        pytest.fail("it connects")

    monkeypatch.setattr(database_wait, "attempt", attempt)
    database_wait.wait_for_database(NOWHERE, 0)


def test_name_with_several_addresses_is_waited_for() -> None:
    several = OSError("Multiple exceptions: [Errno 111] …, [Errno 111] …")  # as asyncio says it
    assert database_wait.is_temporary(several, NOWHERE)
    assert not database_wait.is_temporary(PermissionError(13, "socket"), NOWHERE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_signal_ends_the_wait(tmp_path: Path, number: signal.Signals, command: str) -> None:
    output = tmp_path / "output"
    environ = {"DATABASE_URL": NOWHERE, "MIGRATION_DATABASE_URL": NOWHERE, "DATABASE_WAIT": "600"}
    with start_program(output, command, **environ) as process:
        assert waits(output)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert "Traceback" not in output.read_text()


LOADING = """
import sys
module = sys.argv.pop(1)
class Finder:
    def find_spec(self, name, *_):
        if name == module:
            print("loading", flush=True)
            sys.stdin.read()
sys.meta_path.insert(0, Finder())
from api.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["api.cli", "api.cli.serving", "sanic"])
def test_sigterm_ends_the_program_while_it_loads(module: str) -> None:
    command = (sys.executable, "-c", LOADING, module, "serve")
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"loading\n"
        process.terminate()
        # A status of its own: the signal's default action does not end process 1.
        assert process.wait(60) == 128 + signal.SIGTERM
        assert process.stderr.read() == b""


STRICT = """
import os, signal, sys
plain = signal.signal
signal.signal = lambda number, act: os._exit(9) if act == signal.SIG_IGN else plain(number, act)
from api.__main__ import main
sys.argv[1:] = ["serve"]
sys.exit(main())
"""


def test_no_signal_is_ignored_while_it_starts(database: TestDatabase) -> None:
    """A signal that came at such a moment would be lost, and the server would not end."""
    port = free_port()
    environ = os.environ | {"DATABASE_URL": database.api_url, "PORT": port}
    # our own program
    process = subprocess.Popen((sys.executable, "-c", STRICT), cwd=ROOT, env=environ)  # noqa: S603
    try:
        assert eventually(
            lambda: process.poll() is not None or is_ready(f"http://127.0.0.1:{port}")
        )
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
