"""The effect of large requests on others: `python -m tests.benchmark.neighbours`, 3 minutes.

Each round measures 16 connections alone, and beside one client that repeats a large request.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median

from tests.benchmark import dataset, options, processes, systems, workloads
from tests.benchmark.http_server import running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.streams import send

_ALONE = "alone"
_WORKLOADS = (workloads.MIX, workloads.BY_ID)
_ROWS = b"first_name,last_name\n" + b"".join(b"First %d,Last %d\n" % (n, n) for n in range(20_000))
_MAX_RATIO = 3
Figures = dict[tuple[str, str], list[dict[str, float]]]


def main() -> int:
    """Measure and print; return 1 if a P99 is above the limit, else 0."""
    given = options.parser("neighbours", __doc__).parse_args()
    if wrk_is_missing():
        return 1
    with start_testbed() as testbed, ExitStack() as stack:
        samples = testbed.filled(dataset.Size())
        server = stack.enter_context(running_server(systems.superbill(testbed), testbed))
        server.prepare(samples)
        server.load(workloads.MIX, 64, 1)
        neighbours = _neighbours(server.port)
        figures: Figures = {(w, name): [] for w in _WORKLOADS for name in (_ALONE, *neighbours)}
        for _ in range(given.rounds):
            for (workload, name), reports in figures.items():
                processes.settle(server.pid, testbed.pid)
                with _repeated(neighbours.get(name)):
                    reports.append(server.load(workload, systems.POOL, given.seconds))
    lines, worst = _table(figures)
    print("\n".join(lines))
    return int(worst > _MAX_RATIO)


def _neighbours(port: int) -> Mapping[str, Callable[[], object]]:
    """Return the large requests: those of API users who export, upload, page and report."""
    get = partial(send, port, "GET")
    csv = {"content-type": "text/csv"}
    return {
        "one CSV export": partial(get, "/line_items/", {"accept": "text/csv"}),
        "one upload of 20,000 rows": partial(send, port, "POST", "/patients/", csv, _ROWS),
        "one client of pages of 1,000": partial(get, "/line_items/?limit=1000"),
        "one JSON report": partial(get, "/reporting/patient_statements/"),
    }


@contextmanager
def _repeated(request: Callable[[], object] | None) -> Iterator[None]:
    """Repeat a request in a thread inside a `with` block; raise what it raises."""
    ended, errors = threading.Event(), []

    def repeat() -> None:
        try:
            while request and not ended.is_set():
                request()
        except (OSError, AssertionError) as error:
            errors.append(error)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if errors:
        raise errors[0]


def _table(figures: Figures) -> tuple[list[str], float]:
    """Return the lines of the table, and the worst ratio of a P99 to that alone."""
    lines = [
        f"Medians at {systems.POOL} connections; limit of P99: {_MAX_RATIO} times that alone.\n",
        "| asked for | beside | n | requests/s | P99 ms | lowest to highest | of alone | |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    worst = 0.0
    for (workload, name), reports in figures.items():
        alone = median(report["p99"] for report in figures[workload, _ALONE])
        slow = sorted(report["p99"] for report in reports)
        rate = median(report["requests"] / report["seconds"] for report in reports)
        ratio = median(slow) / alone
        worst = max(worst, ratio)
        verdict = "met" if ratio <= _MAX_RATIO else "**missed**"
        lines.append(
            f"| {workload} | {name} | {len(slow)} | {rate:,.0f} | {median(slow):.1f}"
            f" | {slow[0]:.1f} to {slow[-1]:.1f} | {ratio:.1f} | {verdict} |"
        )
    return lines, worst


if __name__ == "__main__":
    raise SystemExit(main())
