"""A server that is started, asked over HTTP, and measured with wrk."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmark import processes, workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.postgres import Stage
from tests.benchmark.results import Run
from tests.benchmark.workloads import Dialect

_SCRIPT = Path(__file__).with_name("requests.lua")
_PATIENCE = 30  # seconds to start in


class UnfitError(Exception):
    """A server does not do what it should; the text says what."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a server is started and asked. `{port}` in command and environment is the port to listen on."""

    name: str
    command: Sequence[str]
    dialect: Dialect
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A running server."""

    entry: Entry
    port: int
    pid: int
    stage: Stage

    @property
    def name(self) -> str:
        """Give the name of the server."""
        return self.entry.name

    def prepare(self, samples: Sequence[Sample]) -> None:
        """Write the requests of all workloads."""
        for workload in filter(self.offers, {*self.entry.dialect, workloads.MIX}):
            workloads.write(self._file(workload), self.entry.dialect, workload, samples)

    def offers(self, workload: str) -> bool:
        """Say whether it can be asked for this."""
        return workloads.offers(self.entry.dialect, workload)

    def run(self, workload: str, connections: int, seconds: int) -> Run:
        """Ask for one workload.

        Raises UnfitError where answers are not what they should be.
        """
        script = (
            "--script",
            str(_SCRIPT),
            f"http://127.0.0.1:{self.port}",
            "--",
            str(self._file(workload)),
        )
        command = (
            "wrk",
            "--threads=1",
            f"--connections={connections}",
            f"--duration={seconds}s",
            *script,
        )
        processes.settle(self.pid, self.stage.pid)
        server, postgres = processes.cpu(self.pid), processes.cpu(self.stage.pid)
        done = subprocess.run(  # noqa: S603
            [*command, *self.entry.headers], capture_output=True, text=True, check=False
        )
        server, postgres = (
            processes.cpu(self.pid) - server,
            processes.cpu(self.stage.pid) - postgres,
        )
        if done.returncode:
            raise UnfitError(done.stdout + done.stderr)
        made = json.loads(done.stdout.splitlines()[-1])
        count = made["requests"]
        if (
            not count
            or made["broken"]
            or made["refused"] != (count if workload in workloads.FAULTS else 0)
        ):
            raise UnfitError(json.dumps(made))
        return Run(
            count / made["seconds"],
            made["p50"],
            made["p99"],
            server / count * 1e6,
            postgres / count * 1e6,
        )

    def _file(self, workload: str) -> Path:
        return self.stage.directory / f"{self.port} {workload}"


@contextmanager
def started(entry: Entry, stage: Stage) -> Iterator[HttpServer]:
    """Run a server while it is needed.

    Raises UnfitError if it does not start.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value.format(port=port) for name, value in entry.environment.items()}
    log = stage.directory / f"{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [word.format(port=port) for word in entry.command],
            cwd=entry.directory or stage.directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the benchmark, which ends them in turn
        )
    try:
        _wait(process, port, log)
        yield HttpServer(entry, port, process.pid, stage)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wrk_is_missing() -> bool:
    """Tell whether there is no wrk, and say so."""
    missing = shutil.which("wrk") is None
    if missing:
        print(
            "The benchmark needs wrk, which drives the servers (on Debian and Ubuntu: apt-get install wrk)."
        )
    return missing


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"it does not start: {log.read_text()[-500:]}"
    raise UnfitError(message)
