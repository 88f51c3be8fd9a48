"""The effect of large requests on others: `python -m tests.benchmark.neighbours`, 3 minutes.

Each round measures 16 connections alone, beside one client that repeats a large request, and
beside four browsers that read pages without a pause.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median

from tests.benchmark import dataset, options, processes, systems, workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.http_server import running_server, wrk_is_missing
from tests.benchmark.postgres import start_testbed
from tests.benchmark.streams import send

_ALONE = "alone"
_WORKLOADS = (workloads.MIX, workloads.BY_ID)
_ROWS = b"first_name,last_name\n" + b"".join(b"First %d,Last %d\n" % (n, n) for n in range(20_000))
_MAX_RATIO = 3
_BROWSERS = "four browsers"
_OF_PEOPLE = (workloads.BY_ID, _BROWSERS)
_MAX_RATIOS = {_OF_PEOPLE: 2}  # where it is another one
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
        neighbours = _neighbours(server.port, samples)
        figures: Figures = {(w, name): [] for w in _WORKLOADS for name in (_ALONE, *neighbours)}
        for _ in range(given.rounds):
            for (workload, name), reports in figures.items():
                processes.settle(server.pid, testbed.pid)
                with _repeated(neighbours.get(name, ())):
                    reports.append(server.load(workload, systems.POOL, given.seconds))
    lines, missed = _table(figures)
    print("\n".join(lines))
    return int(missed)


def _neighbours(
    port: int, samples: Sequence[Sample]
) -> Mapping[str, Sequence[Callable[[], object]]]:
    """Return the requests of each client: of API users who export, upload, page and report.

    And of people, who read pages: lists, items and a report.
    """
    get = partial(send, port, "GET")
    html = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    encounter = f"/encounters/{samples[0]['encounter_id']}"
    patient = f"/patients/{samples[0]['patient_id']}"
    rows = ("/patients/", "/encounters/", patient, encounter)
    report = (*rows, "/reporting/monthly_activity/")  # which Postgres adds up, for any format
    browsers, reporting = (
        [partial(_all, [partial(get, path, html) for path in paths]) for _ in range(4)]
        for paths in (rows, report)
    )
    for path in report:
        get(path, html)  # the first page of each kind compiles its template
    csv = {"content-type": "text/csv"}
    return {
        "one CSV export": [partial(get, "/line_items/", {"accept": "text/csv"})],
        "one upload of 20,000 rows": [partial(send, port, "POST", "/patients/", csv, _ROWS)],
        "one client of pages of 1,000": [partial(get, "/line_items/?limit=1000")],
        "one JSON report": [partial(get, "/reporting/patient_statements/")],
        _BROWSERS: browsers,
        f"{_BROWSERS} that read a report too": reporting,
        "four programs that read the same": [partial(_all, [partial(get, path) for path in rows])]
        * 4,
    }


def _all(requests: Sequence[Callable[[], object]]) -> None:
    for request in requests:
        request()


@contextmanager
def _repeated(requests: Sequence[Callable[[], object]]) -> Iterator[None]:
    """Repeat each request in a thread of its own inside a `with` block; raise what one raises."""
    ended, errors = threading.Event(), []

    def repeat(request: Callable[[], object]) -> None:
        try:
            while not ended.is_set():
                request()
        except (OSError, AssertionError) as error:
            errors.append(error)

    threads = [threading.Thread(target=repeat, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]


def _table(figures: Figures) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether a limit was missed."""
    lines = [
        f"Medians at {systems.POOL} connections. Limit of P99: {_MAX_RATIO} times that alone.",
        f"For an {workloads.BY_ID} beside {_BROWSERS} it is {_MAX_RATIOS[_OF_PEOPLE]} times.\n",
        "| asked for | beside | n | requests/s | P99 ms | lowest to highest | of alone | |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    missed = False
    for (workload, name), reports in figures.items():
        alone = median(report["p99"] for report in figures[workload, _ALONE])
        slow = sorted(report["p99"] for report in reports)
        rate = median(report["requests"] / report["seconds"] for report in reports)
        ratio = median(slow) / alone
        met = ratio <= _MAX_RATIOS.get((workload, name), _MAX_RATIO)
        missed = missed or not met
        verdict = "met" if met else "**missed**"
        lines.append(
            f"| {workload} | {name} | {len(slow)} | {rate:,.0f} | {median(slow):.1f}"
            f" | {slow[0]:.1f} to {slow[-1]:.1f} | {ratio:.1f} | {verdict} |"
        )
    return lines, missed


if __name__ == "__main__":
    raise SystemExit(main())
