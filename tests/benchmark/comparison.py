"""Compare this tree with another branch or commit: `python -m tests.benchmark.comparison`.

Each of the two has its own Postgres, with its own roles, schema and statements. The measure is the
CPU time of a request, in the server and Postgres together. Both trees get the same workload at the
same time, so that other load on the machine affects both equally. Each round measures one workload
after the other; the result for a workload is the median of the rounds' ratios.
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
from tests.benchmark import dataset, systems, workloads
from tests.benchmark.http_server import HttpServer, ServerSpec, running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.results import Run

_MAX_RATIO = 1.10
_WORKLOADS = (workloads.BY_ID, workloads.PAGE, workloads.PATIENT)
Pair = tuple[Run, Run]  # of this tree, of the other tree


def main() -> int:
    """Measure and print; return 1 if a ratio is above the limit, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmark.comparison", description=__doc__
    )
    parser.add_argument(
        "--with", dest="other", default="main", help="a branch or a commit (default: main)"
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="how often each workload is measured (default: 15)"
    )
    parser.add_argument(
        "--connections", type=int, default=16, help="number of connections (default: 16)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=workloads.ALL,
        help="a workload; repeat the option for several (default: those of `make bench-check`)",
    )
    parser.add_argument(
        "--other-sql",
        default="",
        metavar="SQL",
        help="run in the other's database before it is measured: what does a part of ours cost?",
    )
    options = parser.parse_args()
    chosen = options.only or _WORKLOADS
    if wrk_is_missing():
        return 1
    with ExitStack() as stack:
        other = stack.enter_context(checked_out(options.other))
        servers = [
            served(tree, name, chosen, stack, sql)
            for tree, name, sql in (
                (ROOT, "this tree", ""),
                (other, options.other, options.other_sql),
            )
        ]
        pairs: dict[str, list[Pair]] = {workload: [] for workload in chosen}
        threads = stack.enter_context(ThreadPoolExecutor())
        for _ in range(options.rounds):
            for workload, measured in pairs.items():
                own, its = threads.map(
                    lambda server, name=workload: server.run(name, options.connections, 1),
                    servers,
                )
                measured.append((own, its))
    lines, worst = _table(pairs, options.other, options.connections)
    print("\n".join(lines))
    return int(worst > _MAX_RATIO)


@contextmanager
def checked_out(name: str) -> Iterator[Path]:
    """Check out a branch or a commit, and return its directory."""
    with tempfile.TemporaryDirectory(prefix="superbill-comparison-") as directory:
        Path(directory).chmod(0o711)  # for root, Postgres runs as another user
        tree = Path(directory) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), name)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    # the git on PATH
    subprocess.run(("git", "-C", str(ROOT), *arguments), check=True)  # noqa: S603, S607


def served(
    tree: Path, name: str, chosen: Sequence[str], stack: ExitStack, sql: str = ""
) -> HttpServer:
    """Serve a tree's schema, with the roles of that tree, after some SQL has run."""
    testbed = stack.enter_context(start_testbed())
    with psycopg.connect(testbed.server.url("postgres"), autocommit=True) as connection:
        for role in ("superbill_server", "superbill_owner"):
            connection.execute(f"ALTER ROLE {role} RESET ALL".encode())
        connection.execute((tree / "charts" / "postgres" / "files" / "roles.sql").read_bytes())
        if not (
            tree / "schema" / "0013.identity.sql"
        ).exists():  # its login needs the rights itself
            connection.execute("GRANT superbill_api TO superbill_server WITH INHERIT TRUE")
        migrations.migrate(testbed.server.owner_url, tree / "schema")
        dataset.fill(connection, dataset.Size())
        samples = dataset.samples(connection)
        connection.execute(sql.encode())
    own = systems.superbill(testbed)
    server = stack.enter_context(
        running_server(ServerSpec(name, own.command, own.dialect, own.environment, tree), testbed)
    )
    server.prepare(samples)
    for workload in chosen:
        server.run(workload, 64, 1)
    return server


def _table(pairs: dict[str, list[Pair]], other: str, connections: int) -> tuple[list[str], float]:
    """Return the lines of the table, and the worst ratio."""
    lines = [
        (
            f"CPU µs of a request, in server and Postgres, at {connections} connections; limit:"
            f" {_MAX_RATIO} times that of {other}.\n"
        ),
        f"| asked for | this tree | {other} | ratio | requests/s | {other} | |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    worst = 0.0
    for workload, measured in pairs.items():
        ratio = median(own.cpu / its.cpu for own, its in measured)
        cpu, rate = (
            [median(values) for values in zip(*both, strict=True)] for both in _figures(measured)
        )
        verdict = "met" if ratio <= _MAX_RATIO else "**missed**"
        lines.append(
            f"| {workload} | {cpu[0]:.0f} | {cpu[1]:.0f} | {ratio:.2f}"
            f" | {rate[0]:,.0f} | {rate[1]:,.0f} | {verdict} |"
        )
        worst = max(worst, ratio)
    return lines, worst


def _figures(pairs: Sequence[Pair]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    return [(own.cpu, its.cpu) for own, its in pairs], [(own.rate, its.rate) for own, its in pairs]


if __name__ == "__main__":
    try:
        status = main()
    except signals.Stopped as stopped:  # all child processes have ended
        status = 128 + stopped.args[0]
    except subprocess.CalledProcessError as error:  # git has printed the reason
        status = error.returncode
    sys.exit(status)
