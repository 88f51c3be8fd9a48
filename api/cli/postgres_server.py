"""Creates the data of the development Postgres; starts and stops its server.

The settings are options of the command, not a file, so that they also apply to existing data.
"""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from api.cli.postgres_installation import Installation

SETTINGS = {
    "port": "5432",  # part of the socket's name, which PGPORT would change
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    # Postgres quotes rows in DETAIL, in statements and in parameters; none belongs in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_SOCKET = ".s.PGSQL.5432"
# Bytes: sun_path has 108 on Linux and 104 elsewhere, one of them the final zero (unix(7)).
_LONGEST_SOCKET_PATH = 103


def initialise(installation: Installation) -> None:
    """Create the data unless it exists, under a temporary name until it is complete."""
    if installation.data.exists():
        return
    unfinished = installation.data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    # Text has the same order on every machine, whichever locales that has.
    locale = (
        "--encoding=UTF8",
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    access = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")
    _run(installation, "initdb", "--pgdata", unfinished.name, *locale, *access)
    unfinished.rename(installation.data)


def socket_directory(installation: Installation) -> Path | None:
    """Find the directory of the socket on which the server answers; None if no server runs."""
    pid_file = installation.data / "postmaster.pid"
    try:
        directory = Path(pid_file.read_text().splitlines()[4])
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(directory / _SOCKET))
    except (FileNotFoundError, ConnectionRefusedError, IndexError):
        # Its process id may belong to another process now, which Postgres would take for itself.
        pid_file.unlink(missing_ok=True)
        return None
    return directory


def start(installation: Installation, settings: Mapping[str, str]) -> Path:
    """Start the server; return its socket's directory.

    It is the installation's directory, or a temporary one where that path is too long or has a
    comma, at which libpq splits hosts. Raises RuntimeError with the end of the log.
    """
    directory, log = installation.directory, installation.directory / "log"
    too_long = len(os.fsencode(directory / _SOCKET)) > _LONGEST_SOCKET_PATH
    if too_long or "," in str(directory):
        directory = Path(tempfile.mkdtemp(prefix="superbill-"))
        if installation.account:
            os.chown(directory, *installation.account)
    options = ["-k", str(directory), *(f"--{name}={value}" for name, value in settings.items())]
    arguments = ("start", "--wait", "--silent", "--pgdata", installation.data.name)
    try:
        _run(
            installation, "pg_ctl", *arguments, "--log", log.name, "--options", shlex.join(options)
        )
    except subprocess.CalledProcessError as error:
        end = "\n".join(log.read_text().splitlines()[-10:])
        message = f"Postgres does not start; the end of {log}:\n{end}"
        raise RuntimeError(message) from error
    return directory


def stop(installation: Installation) -> None:
    """Stop the server, if it runs."""
    if directory := socket_directory(installation):
        arguments = ("stop", "--wait", "--silent", "--pgdata", installation.data.name, "--mode")
        try:
            _run(installation, "pg_ctl", *arguments, "fast")
        except subprocess.CalledProcessError:
            # A minute has passed. The next start recovers what `immediate` leaves unfinished.
            _run(installation, "pg_ctl", *arguments, "immediate")
        if directory != installation.directory:
            directory.rmdir()


def _run(installation: Installation, program: str, *arguments: str) -> None:
    """Run a program in the installation's directory and in a session of its own.

    A terminal's Ctrl-C reaches only the terminal's session.
    """
    user, group = installation.account or (None, None)
    run = partial(subprocess.run, user=user, group=group, extra_groups=installation.account and [])
    run(
        [str(installation.programs / program), *arguments],
        check=True,
        cwd=installation.directory,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
