"""Fixtures of all tests: a Postgres for the session, a database and a server for each test."""

import ctypes
import gc
import importlib
import itertools
import os
import pkgutil
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import pytest
from sanic import Sanic

import api
from api.catalog.relations import Catalog
from api.cli import dev_postgres, migrations, samples
from api.config import Config
from tests.support import checklist, measurement, visits
from tests.support import menagerie as menagerie_requests
from tests.support.databases import FAST, ONE_ROLE, SCHEMAS, Server, TestDatabase
from tests.support.folders import data_folder
from tests.support.samples import commit, leave_out_costly
from tests.support.serving import Serve, Serving, serving
from tests.support.skips import MISSING, UNREACHABLE

_numbers = itertools.count(1)
_MUCH = 128 * 2**20  # bytes

ONLY_PATIENTS = """
    DO $$ DECLARE hidden regclass; BEGIN
        FOR hidden IN SELECT oid FROM pg_class WHERE relkind = 'v' AND relname <> 'patients'
            AND relnamespace IN ('api'::regnamespace, 'reporting'::regnamespace)
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM superbill_api', hidden);
        END LOOP;
    END $$
"""

Sanic.test_mode = True

# httpcore tries to import it several times for each request, which takes a tenth of the CPU time of
# all tests. With this entry the import fails at once.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # what import accepts


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is not here; where CI has to have installed it, fail."""
    for marker in item.iter_markers("needs"):
        if shutil.which(marker.args[0]) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(marker.args[0] + MISSING)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test` run a share of the costly tests; otherwise all that are asked for run."""
    parser.addoption("--costly", type=float, default=1, metavar="SHARE")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Measure no coverage while files are collected, which doubles the CPU time of that.

    What a module of the program runs when it is loaded is measured before.
    """
    gc.disable()  # what is loaded stays
    for module in pkgutil.walk_packages(api.__path__, "api."):
        importlib.import_module(module.name)
    try:
        with measurement.unmeasured():
            return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the files and folders that take longest first, so that all workers end together."""
    left_out = leave_out_costly(items, config.getoption("costly"))
    config.hook.pytest_deselected(items=left_out)
    files = ("test_lint.py", "test_one_rule.py", "test_grants_and_indexes.py")
    order = ("proofs", "faults", "packaging", "http", "database")

    def place(item: pytest.Item) -> int:
        if item.path.name in files:
            return -1
        folder = item.path.parent.name
        return order.index(folder) if folder in order else len(order)

    items.sort(key=place)
    for item in items:
        if item.path.parent.name in ("proofs", "packaging", "charts"):
            item.add_marker("unmeasured")


def pytest_collection_finish() -> None:
    """Exclude what is loaded from collections of garbage, as the program does at its start.

    They come more seldom, too: they took a fifth of the CPU time of all tests. All generations are
    collected after a file that has added much memory (`_memory`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Collect garbage once: pytest then does it five times, for faults that nobody has seen.

    What this leaves, it need not look at: it took 2 s of CPU time in each worker.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no coverage in the folders above, and in the files with the marker `unmeasured`."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    with measurement.unmeasured():
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name in the last lines what was skipped or left out, and the result of checklists."""
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(reason for reason in reasons if reason.endswith((MISSING, UNREACHABLE))):
        terminalreporter.write_line(
            f"{reason.removeprefix('Skipped: ')}: its tests were skipped", yellow=True
        )
    if (share := terminalreporter.config.getoption("costly")) < 1:
        terminalreporter.write_line(f"costly tests: {share:.0%} of them (sample {commit()})")
    ended = [
        test for outcome in ("passed", "failed") for test in terminalreporter.stats.get(outcome, [])
    ]
    for line in checklist.write_report(ended):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def resident() -> Callable[[], int]:
    """Give the function that measures the memory of this process, in bytes."""
    process = psutil.Process()
    return lambda: int(process.memory_info().rss)


@pytest.fixture(scope="session")
def memory_left(resident: Callable[[], int]) -> list[int]:
    """Give the memory after the last collection."""
    return [resident()]


@pytest.fixture(scope="module", autouse=True)
def _memory(resident: Callable[[], int], memory_left: list[int]) -> Iterator[None]:
    """Return memory to the system after a file if much was added: glibc keeps up to half of it."""
    yield
    if resident() < memory_left[0] + _MUCH:
        return
    gc.collect()
    with suppress(AttributeError):  # other C libraries lack it
        ctypes.CDLL(None).malloc_trim(0)
    memory_left[0] = resident()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run a Postgres for the session."""
    directory = data_folder()
    try:
        with dev_postgres.postgres(directory, settings=FAST) as postgres:
            made = Server(postgres)
            yield made
            made.close()
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def templates(server: Server) -> dict[str, str]:
    """Give a migrated database of each schema, to copy."""
    names = {}
    for schema, folder in SCHEMAS.items():
        name = f"template_{schema}"
        made = server.create(name)
        migrations.migrate(made.owner_url, folder)
        samples.load_samples(made.owner_url, folder)
        if schema == "menagerie":
            made.execute((folder / "seed" / "seed.sql").read_text(encoding="utf-8"))
        names[schema] = name
    return names


@pytest.fixture(scope="session")
def one_role_template(server: Server, templates: dict[str, str]) -> str:
    """Give a migrated billing database of which one role may use something, to copy."""
    made = server.create("template_one_role", templates["billing"])
    made.execute(ONE_ROLE)
    return made.name


@pytest.fixture
def databases(server: Server) -> Iterator[Callable[[str], TestDatabase]]:
    """Give the function that copies a database; copies are released after every server's end."""
    made: list[TestDatabase] = []

    def copy(template: str) -> TestDatabase:
        made.append(server.copy(f"test_{next(_numbers)}", template))
        return made[-1]

    yield copy
    for database in made:
        server.release(database)


@pytest.fixture
def empty_database(databases: Callable[[str], TestDatabase]) -> str:
    """Give the owner's URL of a fresh, empty database."""
    return databases("template1").owner_url


@pytest.fixture
def database(databases: Callable[[str], TestDatabase], templates: dict[str, str]) -> TestDatabase:
    """Give a migrated copy of the billing schema."""
    return databases(templates["billing"])


@pytest.fixture
def one_role(databases: Callable[[str], TestDatabase], one_role_template: str) -> TestDatabase:
    """Give such a copy: a server starts on it in two thirds of the CPU time."""
    return databases(one_role_template)


@pytest.fixture
def only_patients(one_role: TestDatabase) -> TestDatabase:
    """Give such a copy that offers nothing but patients: its document is small."""
    one_role.execute(ONLY_PATIENTS)
    return one_role


@pytest.fixture
def menagerie(databases: Callable[[str], TestDatabase], templates: dict[str, str]) -> TestDatabase:
    """Give a migrated copy of the menagerie schema, with its seed."""
    return databases(templates["menagerie"])


@pytest.fixture
async def serve(databases: Callable[[str], TestDatabase]) -> AsyncIterator[Serve]:
    """Give the function that starts a server; each ends with the test, before its database."""
    async with AsyncExitStack() as servers:

        async def start(
            config: Config,
            migrations: Collection[str] = (),
            found: Catalog | None = None,
            settings: Mapping[str, Any] | None = None,
        ) -> Serving:
            return await servers.enter_async_context(serving(config, migrations, found, settings))

        yield start


@pytest.fixture
async def service(serve: Serve, database: TestDatabase) -> Serving:
    """Serve the billing schema."""
    return await serve(visits.config(database))


@pytest.fixture
def client(service: Serving) -> httpx.AsyncClient:
    """Give a client of a server of the billing schema."""
    return service.client


@pytest.fixture
async def menagerie_service(serve: Serve, menagerie: TestDatabase) -> Serving:
    """Serve the menagerie schema."""
    return await serve(menagerie_requests.config(menagerie))


@pytest.fixture
def menagerie_client(menagerie_service: Serving) -> httpx.AsyncClient:
    """Give a client of a server of the menagerie schema."""
    return menagerie_service.client


@pytest.fixture
def out(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> tuple[pytest.LogCaptureFixture, pytest.CaptureFixture[str]]:
    """Give where things come out: what is logged, and what is printed."""
    return caplog, capfd
