"""Compare this tree with the branch `main`, in one interleaved run: `python -m tests.benchmark.comparison`.

Each has a Postgres of its own, with its own roles, schema and statements. The measure is CPU time a
request, of server and Postgres together; both are asked at the same time, so that what else the
machine does harms both alike, first for one thing, then for the next, round after round, and the
median is that of the rounds' ratios.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psycopg

from api.cli import migrations
from api.config import ROOT
from api.process import signals
from tests.benchmark import contestants, dataset, workloads
from tests.benchmark.http_server import Entry, HttpServer, started, wrk_is_missing
from tests.benchmark.postgres import stage
from tests.benchmark.results import Run

_MOST = 1.10
_ASKED = (workloads.BY_ID, workloads.PAGE, workloads.PATIENT)
_CONNECTIONS = 16
Pair = tuple[Run, Run]  # this tree's, and the other's


def main() -> int:
    """Measure and print; the exit status tells whether this tree costs more than it may."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmark.comparison", description=__doc__
    )
    parser.add_argument(
        "--with", dest="other", default="main", help="a branch or a commit (default: main)"
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="how often each is asked (default: 15)"
    )
    options = parser.parse_args()
    if wrk_is_missing():
        return 1
    with ExitStack() as stack:
        other = stack.enter_context(_checked_out(options.other))
        servers = [
            _server(tree, name, stack)
            for tree, name in ((ROOT, "this tree"), (other, options.other))
        ]
        pairs: dict[str, list[Pair]] = {workload: [] for workload in _ASKED}
        threads = stack.enter_context(ThreadPoolExecutor())
        for _ in range(options.rounds):
            for workload, found in pairs.items():
                own, its = threads.map(
                    lambda server, asked=workload: server.run(asked, _CONNECTIONS, 1), servers
                )
                found.append((own, its))
    lines, worst = _table(pairs, options.other)
    print("\n".join(lines))
    return int(worst > _MOST)


@contextmanager
def _checked_out(name: str) -> Iterator[Path]:
    """Give a tree of a branch or a commit."""
    with tempfile.TemporaryDirectory(prefix="superbill-comparison-") as directory:
        Path(directory).chmod(0o711)  # for root, Postgres runs as somebody else
        tree = Path(directory) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), name)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    # whichever git there is
    subprocess.run(("git", "-C", str(ROOT), *arguments), check=True)  # noqa: S603, S607


def _server(tree: Path, name: str, stack: ExitStack) -> HttpServer:
    """Serve a tree's schema, with a tree's roles."""
    place = stack.enter_context(stage())
    with psycopg.connect(place.server.url("postgres"), autocommit=True) as connection:
        for role in ("superbill_server", "superbill_owner"):
            connection.execute(f"ALTER ROLE {role} RESET ALL".encode())
        connection.execute((tree / "charts" / "postgres" / "files" / "roles.sql").read_bytes())
        migrations.migrate(place.server.owner_url, tree / "schema")
        dataset.fill(connection, dataset.Size())
        samples = dataset.samples(connection)
    own = contestants.superbill(place)
    server = stack.enter_context(
        started(Entry(name, own.command, own.dialect, own.environment, tree), place)
    )
    server.prepare(samples)
    for workload in _ASKED:
        server.run(workload, 64, 1)
    return server


def _table(pairs: dict[str, list[Pair]], other: str) -> tuple[list[str], float]:
    """Write a line for each thing that is asked for, and give the worst ratio."""
    lines = [
        f"CPU µs a request, server and Postgres, at {_CONNECTIONS} connections; wanted: {_MOST} times {other}'s.\n",
        f"| asked for | this tree | {other} | ratio | requests/s | {other} | |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    worst = 0.0
    for workload, found in pairs.items():
        ratio = median(own.cpu / its.cpu for own, its in found)
        cpu, rate = (
            [median(values) for values in zip(*both, strict=True)] for both in _figures(found)
        )
        verdict = "met" if ratio <= _MOST else "**missed**"
        lines.append(
            f"| {workload} | {cpu[0]:.0f} | {cpu[1]:.0f} | {ratio:.2f} | {rate[0]:,.0f} | {rate[1]:,.0f} | {verdict} |"
        )
        worst = max(worst, ratio)
    return lines, worst


def _figures(found: Sequence[Pair]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    return [(own.cpu, its.cpu) for own, its in found], [(own.rate, its.rate) for own, its in found]


if __name__ == "__main__":
    try:
        status = main()
    except signals.Stopped as stopped:  # everything that was started has been ended
        status = 128 + stopped.args[0]
    except subprocess.CalledProcessError as error:  # git has said why
        status = error.returncode
    sys.exit(status)
