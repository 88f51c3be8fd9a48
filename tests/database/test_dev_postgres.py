"""The development Postgres: it stops however its user ends, and finds its data again.

Processes that end by a signal are real ones, in sessions of their own: a small script uses the
server and waits.
"""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg
import pytest

from api.catalog.text_settings import TEXT_SETTINGS
from api.cli.dev_postgres import postgres, psql
from api.config import ROOT
from api.process.signals import SIGNALS, Stopped
from tests.support.folders import reachable_folder
from tests.support.processes import (
    environment_without_coverage,
    eventually,
    is_stopped,
    processes_using,
    programs_using,
)

pytestmark = pytest.mark.unmeasured

SCRIPT = """
import os, signal, sys
from pathlib import Path
from api.cli.dev_postgres import postgres
from api.process.signals import Stopped
if account := sys.argv[2:]:  # after the imports: Python may be closed to other users
    os.setgroups([])
    os.setgid(int(account[1]))
    os.setuid(int(account[0]))
try:
    with postgres(Path(sys.argv[1])):
        print(os.getpid(), flush=True)
        while True:
            signal.pause()
except Stopped as stopped:
    sys.exit(128 + stopped.args[0])
"""


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Give a directory that was used once, so that no test waits for initdb."""
    with reachable_folder() as folder:
        with postgres(folder / "used"):
            pass
        yield folder / "used"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder of the test's own."""
    with reachable_folder() as folder:
        yield folder


@contextmanager
def user(
    directory: Path, *, job: str = '"$@"', account: tuple[int, int] | None = None
) -> Iterator[psutil.Process]:
    """Start the script by this shell command; give its process once it uses the server."""
    script = [sys.executable, "-W", "error", "-c", SCRIPT, str(directory)]
    with subprocess.Popen(  # noqa: S603 - our own script
        ["sh", "-c", job, "sh", *script, *map(str, account or ())],  # noqa: S607
        cwd=ROOT,
        env=environment_without_coverage(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield psutil.Process(int(process.stdout.readline()))
        finally:
            left = processes_using(directory)
            for one in left:
                with suppress(psutil.NoSuchProcess):  # it is ending by itself
                    one.kill()
            process.kill()
            psutil.wait_procs(left, 60)  # the next server must not find one that is ending


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_signal_ends_the_process_and_its_server(directory: Path, number: signal.Signals) -> None:
    with user(directory) as process:
        assert "postgres" in programs_using(directory)
        process.send_signal(number)
        assert is_stopped(directory)


def test_after_sigkill_the_next_user_takes_over_and_stops_the_server(directory: Path) -> None:
    with user(directory) as process:
        process.kill()
        process.wait()
        assert processes_using(directory)
        with user(directory) as successor:
            successor.send_signal(signal.SIGINT)
            assert is_stopped(directory)


def test_background_job_that_inherits_sigint_ignored_ends_by_it(directory: Path) -> None:
    with user(directory, job='"$@" & wait') as process:
        process.send_signal(signal.SIGINT)
        assert is_stopped(directory)


def test_signals_while_it_stops_are_ignored(directory: Path) -> None:
    with user(directory) as process:
        process.send_signal(signal.SIGTERM)
        with suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_ZOMBIE:  # all the time, until it has ended
                for number in SIGNALS:
                    process.send_signal(number)
        assert is_stopped(directory)


def test_signal_while_it_starts_stops_the_server(folder: Path) -> None:
    class Signalling(Mapping[str, str]):
        """Settings that send a signal when they are read: before the server is started."""

        def __iter__(self) -> Iterator[str]:
            signal.raise_signal(signal.SIGTERM)
            return iter(())

        def __len__(self) -> int:
            return 0

        def __getitem__(self, name: str) -> str:
            raise KeyError(name)

    with pytest.raises(Stopped) as stopped, postgres(folder / "new", settings=Signalling()):
        pytest.fail("the signal is forgotten")
    assert stopped.value.args == (signal.SIGTERM,)
    assert is_stopped(folder / "new")


def test_earlier_signal_handlers_are_restored(directory: Path) -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(Stopped), postgres(directory):
        signal.raise_signal(signal.SIGHUP)  # Python runs the handler before this returns
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_two_users_share_a_server_and_the_last_one_stops_it(directory: Path) -> None:
    with user(directory) as first:
        server = int((directory / "data" / "postmaster.pid").read_text().split()[0])
        with postgres(directory) as shared:
            first.send_signal(signal.SIGINT)
            assert eventually(lambda: first not in processes_using(directory))
            with psycopg.connect(shared.api_url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert server in {user.pid for user in processes_using(directory)}
        assert is_stopped(directory)


def test_the_data_is_found_again(directory: Path) -> None:
    with postgres(directory) as server, psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE SCHEMA kept")
    with postgres(directory) as server, psycopg.connect(server.owner_url) as connection:
        assert connection.execute("DROP SCHEMA kept").statusmessage == "DROP SCHEMA"


def test_process_id_that_belongs_to_another_process_now_is_not_believed(directory: Path) -> None:
    stale = directory / "data" / "postmaster.pid"
    with postgres(directory):
        lines = stale.read_text().splitlines(keepends=True)
    stale.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    with postgres(directory):
        assert stale.read_text().splitlines()[0] != str(os.getpid())
    assert is_stopped(directory)


def test_after_a_killed_initdb_the_data_is_made_anew(folder: Path) -> None:
    (folder / "half" / "data.new" / "base").mkdir(parents=True)
    with postgres(folder / "half"):
        assert not (folder / "half" / "data.new").exists()


def test_only_its_system_user_can_reach_the_server(directory: Path) -> None:
    directory.chmod(0o755)
    with postgres(directory) as server, psycopg.connect(server.url("postgres")) as connection:
        assert directory.stat().st_mode & 0o777 == 0o700
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    if os.geteuid() == 0:
        assert directory.owner() == "embedded_postgres"
        assert processes_using(directory) == []


def test_settings_apply_from_the_first_start(directory: Path) -> None:
    expected = {
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "shared_preload_libraries": "pg_stat_statements",
        "TimeZone": "UTC",
        "work_mem": "5MB",
    }
    with (
        postgres(directory, settings={"work_mem": "5MB"}) as server,
        psycopg.connect(server.url("postgres")) as connection,
    ):
        for name, value in expected.items():
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
        statements = connection.execute("SELECT count(*) FROM pg_stat_statements").fetchone()
    assert statements is not None
    assert statements[0] > 0


def test_log_quotes_no_row(directory: Path) -> None:
    with (
        postgres(directory) as server,
        psycopg.connect(server.owner_url, autocommit=True) as connection,
    ):
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT %s::uuid, 'Wuxtry'", ["Quibbler"])
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(
                "CREATE TEMP TABLE t (n text CHECK (n = '')); INSERT INTO t VALUES ('Zyzzyva')",
                prepare=False,
            )
    assert "Wuxtry" not in (directory / "log").read_text()
    assert "Zyzzyva" not in (directory / "log").read_text()


def test_only_the_owner_s_login_owns_the_database(directory: Path) -> None:
    query = """
        SELECT r.rolname, r.rolsuper, r.rolcreaterole, r.rolbypassrls, count(d.objid)
        FROM pg_roles AS r LEFT JOIN pg_shdepend AS d ON d.refobjid = r.oid AND d.deptype = 'o'
        WHERE r.rolname ~ '^superbill_' GROUP BY r.oid, 1, 2, 3, 4 ORDER BY 1
    """
    with postgres(directory) as server, psycopg.connect(server.url("postgres")) as connection:
        assert [row[:4] for row in connection.execute(query)] == [
            ("superbill_api", False, False, False),
            ("superbill_gate", False, False, False),
            ("superbill_owner", False, True, False),
            ("superbill_psql", False, False, False),
            ("superbill_reporter", False, False, False),
            ("superbill_server", False, False, False),
            ("superbill_server_2", False, False, False),
        ]
        owners = [row[0] for row in connection.execute(query) if row[4]]
        assert owners == ["superbill_owner"]
        members = (
            "SELECT roleid::regrole::text, member::regrole::text"
            " FROM pg_auth_members WHERE roleid >= 16384"
        )
        assert sorted(connection.execute(members)) == [
            ("superbill_api", "superbill_owner"),  # which passes them on, and has nothing by that
            ("superbill_api", "superbill_server"),
            ("superbill_api", "superbill_server_2"),
            ("superbill_gate", "superbill_owner"),
            ("superbill_gate", "superbill_server"),
            ("superbill_gate", "superbill_server_2"),
            ("superbill_reporter", "superbill_owner"),
            ("superbill_reporter", "superbill_psql"),
        ]


async def test_limits_of_the_api_s_login_apply_through_asyncpg(directory: Path) -> None:
    with postgres(directory) as server:
        connection = await asyncpg.connect(server.api_url)
        try:
            limits = {
                "statement_timeout": "10s",
                "idle_in_transaction_session_timeout": "10s",
                "lock_timeout": "5s",
            }
            plans = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
            wanted = {**limits, **plans, **TEXT_SETTINGS}  # a pooler may ignore what is asked for
            assert {
                n: await connection.fetchval("SELECT current_setting($1)", n) for n in wanted
            } == wanted
        finally:
            await connection.close()


@pytest.mark.parametrize("name", ['50% off, à la carte + $HOME \'n "more" %2F', "long" * 40])
def test_any_path_can_be_used(folder: Path, name: str) -> None:
    with postgres(folder / name, database="per cent % / é") as server:
        for url in (server.owner_url, server.api_url, server.reporter_url):
            with psycopg.connect(url) as connection:
                assert connection.info.dbname == "per cent % / é"
    assert is_stopped(folder / name)
    assert server.socket.is_dir() is (server.socket == folder / name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_data_of_an_ordinary_user_stays_that_user_s_when_root_runs_the_server(
    folder: Path,
) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    directory = folder / "postgres"
    with user(directory, account=(nobody.pw_uid, nobody.pw_gid)) as process:
        process.send_signal(signal.SIGINT)
        assert is_stopped(directory)
    with postgres(directory) as server, psycopg.connect(server.owner_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert directory.owner() == "nobody"
    assert {path.owner() for path in (directory / "data").rglob("*")} == {"nobody"}


def test_error_of_a_server_that_does_not_start_has_the_end_of_its_log(directory: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="invalid value for parameter"),
        postgres(directory, settings={"work_mem": "plenty"}),
    ):
        pytest.fail("it can't start")
    assert is_stopped(directory)


def test_missing_package_is_named_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(FileNotFoundError, match="DATABASE_URL"), postgres(folder / "new"):
        pytest.fail("it can't start")


def test_psql_connects_as_the_reporter_by_default(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert psql(directory, "superbill_psql", "-XAtc", "SELECT current_user") == 0
    assert psql(directory, "superbill_owner", "-XAtc", "SELECT current_user") == 0
    assert capfd.readouterr().out.split() == ["superbill_psql", "superbill_owner"]
    assert is_stopped(directory)
