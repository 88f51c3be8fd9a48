"""A server that the benchmark starts, and measures with wrk."""

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
from urllib.parse import urljoin

import httpx

from tests.benchmark import dataset, processes, workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.postgres import Testbed
from tests.benchmark.results import Run
from tests.benchmark.workloads import Dialect

_SCRIPT = Path(__file__).with_name("requests.lua")
_START_TIMEOUT = 30  # seconds


class MeasurementError(Exception):
    """A server does not start, or gives wrong answers; the text says which."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """How a server is started, and its requests.

    `{port}` in command and environment stands for the port to listen on.
    """

    name: str
    command: Sequence[str]
    dialect: Dialect
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A running server."""

    spec: ServerSpec
    port: int
    pid: int
    testbed: Testbed

    @property
    def name(self) -> str:
        """The name of the server in the tables."""
        return self.spec.name

    def prepare(self, samples: Sequence[Sample]) -> None:
        """Write the files with the requests of all workloads."""
        samples = self.complete(samples)
        for workload in filter(self.supports, {*self.spec.dialect, workloads.MIX}):
            workloads.write(self._file(workload), self.spec.dialect, workload, samples)

    def prepare_only(self, workload: str, samples: Sequence[Sample]) -> None:
        """Write the file with the requests of one workload."""
        workloads.write(self._file(workload), self.spec.dialect, workload, samples)

    def complete(self, samples: Sequence[Sample]) -> Sequence[Sample]:
        """Add the path in `next` of the page after the key in `after`, if the requests need it."""
        if self.spec.dialect.get(workloads.CURSOR) != workloads.OWN[workloads.CURSOR]:
            return samples
        links = list(self._links())
        return [{**sample, "next": links[int(sample["page"])]} for sample in samples]

    def _links(self) -> Iterator[str]:
        """Follow the pages of 100 as a client does; yield the targets of their `Link` headers."""
        path = workloads.OWN[workloads.PAGE].path
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
            for _ in range(dataset.PAGES):
                link = client.get(path).links.get("next")
                if link is None:
                    return
                path = urljoin(path, link["url"])
                yield path

    def supports(self, workload: str) -> bool:
        """Return whether the server has requests for this workload."""
        return workloads.supports(self.spec.dialect, workload)

    def run(self, workload: str, connections: int, seconds: int) -> Run:
        """Run one workload with wrk.

        Raises MeasurementError if wrk fails or an answer has an unexpected status.
        """
        processes.settle(self.pid, self.testbed.pid)
        server, postgres = processes.cpu(self.pid), processes.cpu(self.testbed.pid)
        report = self.load(workload, connections, seconds)
        server, postgres = (
            processes.cpu(self.pid) - server,
            processes.cpu(self.testbed.pid) - postgres,
        )
        count = report["requests"]
        return Run(
            count / report["seconds"],
            report["p50"],
            report["p99"],
            server / count * 1e6,
            postgres / count * 1e6,
        )

    def load(self, workload: str, connections: int, seconds: int) -> dict[str, float]:
        """Send a workload with wrk, and return what requests.lua reports.

        Raises MeasurementError if wrk fails or an answer has an unexpected status.
        """
        os.truncate(self.log, 0)
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
        finished = subprocess.run(  # noqa: S603 - our own arguments
            [*command, *self.spec.headers], capture_output=True, text=True, check=False
        )
        if finished.returncode:
            raise MeasurementError(finished.stdout + finished.stderr)
        report: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
        count = report["requests"]
        if (
            not count
            or report["broken"]
            or report["refused"] != (count if workload in workloads.FAULTS else 0)
        ):
            raise MeasurementError(json.dumps(report))
        return report

    @property
    def log(self) -> Path:
        """The file with what the server prints; emptied before each run."""
        return self.testbed.directory / f"{self.port}.log"

    def _file(self, workload: str) -> Path:
        # A workload's name may have a slash.
        name = f"{self.port} {self.spec.name} {workload}"
        return self.testbed.directory / name.replace("/", "")


@contextmanager
def running_server(spec: ServerSpec, testbed: Testbed) -> Iterator[HttpServer]:
    """Run a server inside a `with` block.

    Raises MeasurementError if it does not start.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value.format(port=port) for name, value in spec.environment.items()}
    log = testbed.directory / f"{port}.log"
    # All logs go to a file: a log to nowhere would cost less than it does where it is used.
    with log.open("a") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [word.format(port=port) for word in spec.command],
            cwd=spec.directory or testbed.directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C ends the benchmark, which then ends its servers
        )
    try:
        _wait(process, port, log)
        yield HttpServer(spec, port, process.pid, testbed)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wrk_is_missing() -> bool:
    """Return whether wrk is not installed; if so, print how to install it."""
    missing = shutil.which("wrk") is None
    if missing:
        print(
            "The benchmark needs wrk, which sends the requests"
            " (on Debian and Ubuntu: apt-get install wrk)."
        )
    return missing


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"it does not start: {log.read_text()[-500:]}"
    raise MeasurementError(message)
