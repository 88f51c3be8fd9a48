"""`make run`: it serves, leaves no process behind however it is ended, and keeps the data.

Each run is a real process in a session of its own, on a port and a data directory that the
environment names.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg
import pytest

from api.cli import dev_postgres
from api.config import ROOT
from tests.support.databases import ONE_ROLE
from tests.support.folders import reachable_folder
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.processes import (
    environment_without_coverage,
    eventually,
    is_ready,
    is_stopped,
    processes_using,
)

pytestmark = pytest.mark.unmeasured

COMMAND = (sys.executable, "-m", "api", "run")
MAKE = ("make", "--assume-old=.venv/installed", "run")  # this test installs nothing
PATIENT = {"first_name": "John", "last_name": "Oberly"}


@dataclass(frozen=True, slots=True)
class Run:
    """A server that answers: the started process, its base URL, and the file of its output."""

    process: subprocess.Popen[bytes]
    url: str
    output: Path

    def patients(self) -> list[object]:
        """Give the names of all patients."""
        rows = httpx.get(f"{self.url}/patients/", verify=NO_CERTIFICATES).raise_for_status().json()
        return [{name: row[name] for name in PATIENT} for row in rows]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal the whole session, as a terminal does; return the exit status."""
        os.killpg(self.process.pid, number)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Give a data directory that the first run has made, and in which it has left a patient.

    Then there is one role to serve, so that the other runs start in less CPU time.
    """
    with reachable_folder() as folder:
        directory = folder / "data"
        with running(directory) as run:
            assert run.patients() == []
            answer = httpx.post(f"{run.url}/patients/", json=PATIENT, verify=NO_CERTIFICATES)
            assert answer.status_code == 201
            superuser = dev_postgres.Postgres(directory, "superbill", directory).url("postgres")
            with psycopg.connect(superuser) as connection:
                connection.execute(ONE_ROLE)
            assert run.end() == 0
        yield directory


@contextmanager
def running(
    directory: Path, command: Sequence[str] = COMMAND, environ: Mapping[str, str] = os.environ
) -> Iterator[Run]:
    """Start a server on a free port and give it once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url, output = f"http://127.0.0.1:{port}", directory.parent / f"{port}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env=environment(environ, directory, port),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        assert eventually(lambda: process.poll() is not None or is_ready(url)), output.read_text()
        assert process.poll() is None, output.read_text()
        yield Run(process, url, output)
    finally:
        for left in (*session(process.pid), *processes_using(directory)):
            with suppress(psutil.NoSuchProcess):
                left.kill()
        process.wait()


def environment(environ: Mapping[str, str], directory: Path, port: int) -> Mapping[str, str]:
    """Set port and directory; leave out what this test's own `make` or database would pass on."""
    foreign = ("MAKE", "MFLAGS", "DATABASE_URL", "MIGRATION_DATABASE_URL", "HOST", "PG")
    kept = {name: value for name, value in environ.items() if not name.startswith(foreign)}
    return {**kept, "PORT": str(port), "POSTGRES_DIR": str(directory)}


def session(leader: int) -> list[psutil.Process]:
    """List the processes of a session that have not ended."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return members


def all_gone(run: Run, directory: Path) -> bool:
    return eventually(lambda: not session(run.process.pid)) and is_stopped(directory)


def test_run_prints_its_addresses_and_ends_by_ctrl_c_without_a_traceback(directory: Path) -> None:
    with running(directory) as run:
        assert run.patients() == [PATIENT]
        port = run.url.rpartition(":")[2]
        assert eventually(lambda: "psql" in run.output.read_text())
        output = run.output.read_text()
        assert output.startswith(f"Starting the development database in {directory}: ")
        assert f"API   http://localhost:{port}/\nDocs  http://localhost:{port}/docs\n" in output
        assert run.end() == 0
        assert all_gone(run, directory)
        assert "Traceback" not in run.output.read_text()


@pytest.mark.costly
def test_after_sigkill_the_next_run_finds_the_data_and_ends_the_postgres(directory: Path) -> None:
    with running(directory, environ=environment_without_coverage()) as killed:
        killed.end(signal.SIGKILL)
        assert processes_using(directory), "Postgres is in another session"
        with running(directory) as run:
            assert run.patients() == [PATIENT]
            assert run.end() == 0
            assert all_gone(run, directory)


def test_background_job_ends_by_sigint(directory: Path) -> None:
    with running(directory, ("sh", "-c", '"$@" & wait', "sh", *COMMAND)) as run:
        assert run.patients() == [PATIENT]
        run.end()
        assert all_gone(run, directory)
        assert "Traceback" not in run.output.read_text()


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="SIGINT"),
        pytest.param(signal.SIGTERM, id="SIGTERM", marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, id="SIGHUP", marks=pytest.mark.long),
    ],
)
def test_many_signals_leave_no_process_behind(directory: Path, number: signal.Signals) -> None:
    with running(directory) as run, httpx.Client(verify=NO_CERTIFICATES) as client:
        client.get(f"{run.url}/health/")  # a connection that is kept open makes the server wait
        for _ in range(40):
            with suppress(ProcessLookupError):  # all have ended
                os.killpg(run.process.pid, number)
        assert all_gone(run, directory)
        assert "Traceback" not in run.output.read_text()


@pytest.mark.costly
def test_second_run_shares_the_database_and_outlives_the_first(directory: Path) -> None:
    with running(directory) as first, running(directory) as second:
        assert first.end() == 0
        assert second.patients() == [PATIENT]
        assert second.end() == 0
        assert all_gone(second, directory)


def test_ctrl_c_ends_several_workers(directory: Path) -> None:
    with running(directory, environ={**os.environ, "WORKERS": "2"}) as run:
        assert run.patients() == [PATIENT]
        assert run.end() == 0
        assert all_gone(run, directory)
        assert run.output.read_text().count("/docs") == 1
        assert "Traceback" not in run.output.read_text()


@pytest.mark.skipif(
    not shutil.which("make") or not (ROOT / ".venv/bin/python").exists(),
    reason="there is no make, or no .venv",
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.costly
def test_make_run_ends_with_its_server(directory: Path, number: signal.Signals) -> None:
    with running(directory, MAKE) as run:
        assert run.patients() == [PATIENT]
        if number == signal.SIGTERM:
            run.process.terminate()  # make alone, as a script does; it passes this on
            run.process.wait(60)
        else:
            run.end()
        assert all_gone(run, directory)
        assert "Traceback" not in run.output.read_text()
