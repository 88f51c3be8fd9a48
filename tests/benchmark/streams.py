r"""The speed and memory of exports and imports: `python -m tests.benchmark.streams`, a minute.

100,000 rows are exported and imported, and compared with psql, which runs `COPY … TO STDOUT` and
`\copy … FROM` on the same rows with the API's login: the medians of three interleaved rounds. Then
a million rows are exported once, for the time and the growth of memory.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from api.cli import dev_postgres, migrations
from api.config import ROOT

ROUNDS = 3
PATIENTS = """
    INSERT INTO billing.patient (first_name, last_name)
    SELECT 'First ' || n, 'Last ' || n FROM generate_series(1, {}) AS n
"""


MEDIA = {
    "CSV": "text/csv",
    "formulas=escaped": "text/csv; formulas=escaped",
    "NDJSON": "application/x-ndjson",
}


@contextmanager
def served(url: str) -> Iterator[tuple[int, int]]:
    """Serve a database in another process; yield its port and process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    names = {**os.environ, "DATABASE_URL": url, "PORT": str(port), "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([sys.executable, "-m", "api", "serve"], cwd=ROOT, env=names)
    try:
        for _ in range(200):
            try:
                send(port, "GET", "/health/")
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def send(
    port: int,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> int:
    """Send a request, and return the size of the answer in bytes.

    Raises AssertionError if the status is neither 200 nor 201.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request(method, path, body, headers or {})
    response, size = connection.getresponse(), 0
    while piece := response.read(2**18):
        size += len(piece)
    if response.status not in (200, 201):
        raise AssertionError(response.status)
    return size


def get(port: int, media: str) -> None:
    """Export patients."""
    send(port, "GET", "/patients/", {"accept": media})


def post(port: int, media: str, path: Path) -> None:
    """Import patients."""
    send(port, "POST", "/patients/", {"content-type": media}, path.read_bytes())


def resident(process: int) -> int:
    """Return the resident memory of a process in bytes."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(name: str, ours: dict[str, Callable[[], object]], psql: Callable[[], object]) -> None:
    """Print the medians of interleaved rounds, and their speeds relative to psql's."""
    durations: dict[str, list[float]] = {key: [] for key in ("psql", *ours)}
    for _ in range(ROUNDS):
        for key, work in {"psql": psql, **ours}.items():
            durations[key].append(timed(work))
    reference = statistics.median(durations["psql"])
    for key, seconds in durations.items():
        median = statistics.median(seconds)
        print(f"{name:12} {key:24} {median:7.2f} s  {reference / median:5.2f} of psql's speed")


def main() -> None:
    """Measure a new database, and print the figures."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with dev_postgres.postgres(directory) as postgres:
            owner, login = (
                postgres.url(name, "superbill") for name in ("superbill_owner", "superbill_server")
            )
            migrations.migrate(owner, ROOT / "schema")
            with served(login) as (port, server):
                measure(postgres, owner, login, port, server)
    finally:
        shutil.rmtree(directory)


def reset(owner: str, rows: int) -> None:
    """Replace all patients with `rows` new ones."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("TRUNCATE billing.patient CASCADE")
        connection.execute(PATIENTS.format(rows).encode())
        connection.execute("VACUUM ANALYZE billing.patient")


def run(*command: str) -> None:
    """Run a command; its output is read and discarded."""
    subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own commands


def measure(
    postgres: dev_postgres.Postgres, owner: str, login: str, port: int, server: int
) -> None:
    """Measure a running server, and print the figures."""
    psql = (str(postgres.psql), "--no-psqlrc", "--quiet", login, "--command")
    reset(owner, 100_000)
    copy = "COPY (SELECT {} FROM api.patients AS p ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)"
    ours: dict[str, Callable[[], object]] = {
        name: partial(get, port, kind) for name, kind in MEDIA.items()
    }
    ours["psql, rows as JSON"] = partial(run, *psql, copy.format("row_to_json(p)"))
    compare("out 100,000", ours, partial(run, *psql, copy.format("*")))
    folder = Path(postgres.socket)
    files = {"CSV": folder / "rows.csv", "NDJSON": folder / "rows.ndjson"}
    with files["CSV"].open("w", encoding="utf-8") as file:
        file.write("first_name,last_name\n")
        file.writelines(f"First {n},Last {n}\n" for n in range(100_000))
    with files["NDJSON"].open("w", encoding="utf-8") as file:
        file.writelines(
            f'{{"first_name":"First {n}","last_name":"Last {n}"}}\n' for n in range(100_000)
        )
    ours = {name: partial(post, port, MEDIA[name], path) for name, path in files.items()}
    copy = (
        f"\\copy billing.patient (first_name, last_name) FROM '{files['CSV']}'"
        " WITH (FORMAT csv, HEADER)"
    )
    compare("in 100,000", ours, partial(run, *psql, copy))
    reset(owner, 1_000_000)
    before = resident(server)
    for name, kind in MEDIA.items():
        seconds = timed(partial(get, port, kind))
        grown = (resident(server) - before) / 2**20
        print(f"out 1,000,000 {name:24} {seconds:6.2f} s, resident memory grown by {grown:.1f} MB")


if __name__ == "__main__":
    main()
