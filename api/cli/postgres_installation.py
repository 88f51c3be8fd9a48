"""Where the development Postgres lives, and the system user that runs it.

Postgres refuses to run as root. If root starts it, it runs as the owner of the data directory; if
that is root too, the owner becomes the system user `embedded_postgres`, which is added if it is
missing. This user must be able to enter every folder above the data directory and above the
programs. If it cannot, for example below /root, no folder's mode is changed: new data is created
below /var/lib/superbill, with a link to it in the directory's place, and the programs are copied to
/var/lib/superbill.
"""

import fcntl
import importlib.util
import logging
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

logger = logging.getLogger(__name__)

Account = tuple[int, int]  # user id and group id

_PACKAGE = "embedded-postgres"
_PROGRAMS = Path("embedded_postgres", "pginstall", "bin")  # below site-packages
_SYSTEM_USER = "embedded_postgres"
SHARED_FOLDER = Path("/var/lib/superbill")  # belongs to root; other users may pass through it


@dataclass(frozen=True, slots=True)
class Installation:
    """The directory, the programs, and the user that runs them (None: that of this process)."""

    directory: Path
    programs: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The data directory of Postgres (PGDATA)."""
        return self.directory / "data"


def prepare(directory: Path) -> Installation:
    """Create the directory if it is missing, close it to other users, and find the programs.

    Raises FileNotFoundError without the package, and RuntimeError if the user that has to run
    Postgres can't reach an existing directory.
    """
    packaged = packaged_programs()
    directory = directory.expanduser().resolve()
    if os.geteuid() != 0:
        _make_private(directory)
        return Installation(directory, packaged, None)
    if not directory.exists():
        directory = _new_directory(directory)
    owner = directory.stat()
    account = (owner.st_uid, owner.st_gid) if owner.st_uid != 0 else _system_account()
    if not _can_enter(account, directory.parent):
        raise RuntimeError(_unreachable(directory, account))
    _make_private(directory)
    os.chown(directory, *account)
    return Installation(directory, _reachable_programs(packaged, account), account)


def packaged_programs() -> Path:
    """Find the folder of the package's programs.

    Raises FileNotFoundError. The package is not imported: it would look for a runtime directory,
    and warn.
    """
    package = importlib.util.find_spec(_PACKAGE.replace("-", "_"))
    if package is None or package.origin is None:
        message = (
            f"{_PACKAGE} is not installed: run `make install`, or set DATABASE_URL to a database"
        )
        raise FileNotFoundError(message)
    return Path(package.origin).parent.parent / _PROGRAMS


def _make_private(directory: Path) -> None:
    directory.mkdir(0o700, exist_ok=True)
    directory.chmod(0o700)


def _system_account() -> Account:
    """Return the system user that runs Postgres for root; add it if it is missing."""
    with Path("/etc/passwd").open() as lock:  # two processes may start at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _SYSTEM_USER not in {user.pw_name for user in pwd.getpwall()}:
            logger.warning("Postgres does not run as root: adding the system user %s", _SYSTEM_USER)
            command = ("useradd", "--system", "--user-group", _SYSTEM_USER)
            try:
                subprocess.run(command, check=True)  # noqa: S603 - all of it is constant
            except (OSError, subprocess.CalledProcessError):
                message = f"The system user {_SYSTEM_USER} can't be added: `{shlex.join(command)}`."
                raise RuntimeError(message) from None
    user = pwd.getpwnam(_SYSTEM_USER)
    return user.pw_uid, user.pw_gid


def _new_directory(directory: Path) -> Path:
    """Create a directory, or, if the system user can't reach it, another and a link to that."""
    if directory.parent == SHARED_FOLDER:  # a link leads here, and its target is gone
        _shared_folder()
    if _can_enter(_system_account(), directory.parent):
        _make_private(directory)
        return directory
    made = Path(tempfile.mkdtemp(prefix="postgres-", dir=_shared_folder()))
    try:
        directory.symlink_to(made)
    except FileExistsError:  # another process was faster
        made.rmdir()
        return directory.resolve()
    logger.warning(
        "Postgres runs as %s, which can't pass through the folders above %s: the data is in %s",
        _SYSTEM_USER,
        directory,
        made,
    )
    return made


def _shared_folder() -> Path:
    """Create the folder for what the system user has to reach."""
    try:
        SHARED_FOLDER.mkdir(exist_ok=True)
        SHARED_FOLDER.chmod(0o755)
    except OSError as error:
        message = (
            f"{SHARED_FOLDER} can't be made: {error.strerror}; set POSTGRES_DIR or DATABASE_URL."
        )
        raise RuntimeError(message) from None
    return SHARED_FOLDER


def _reachable_programs(packaged: Path, account: Account) -> Path:
    """Return the programs, or a copy of them where this user can't run them."""
    if _can_run(account, str(packaged / "initdb"), "--version"):
        return packaged
    copy = _shared_folder() / f"programs-{metadata.version(_PACKAGE)}"
    if not copy.exists():
        logger.warning("copying Postgres's programs to %s: its user can't reach %s", copy, packaged)
        with tempfile.TemporaryDirectory(dir=SHARED_FOLDER) as temporary:
            unfinished = Path(temporary) / copy.name
            _copy_package(unfinished)
            with suppress(OSError):  # another process was faster
                unfinished.rename(copy)
    return copy / _PROGRAMS


def _copy_package(target: Path) -> None:
    """Copy the package's files, readable for every user.

    Their places relative to each other stay: the programs find their libraries by those.
    """
    package = metadata.distribution(_PACKAGE)
    for file in package.files or ():
        source, place = Path(str(package.locate_file(file))), target / file
        if ".." not in file.parts:  # a script in the environment's `bin`
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
            place.chmod(0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def _can_enter(account: Account, folder: Path) -> bool:
    return _can_run(account, "sh", "-c", 'cd "$1"', "sh", str(folder))


def _can_run(account: Account, *command: str) -> bool:
    """Run the command to see: access control lists and groups count, too."""
    user, group = account
    try:
        done = subprocess.run(  # noqa: S603 - constants, and paths of our own
            command, user=user, group=group, extra_groups=[], cwd="/", capture_output=True,
            check=False,
        )  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0


def _unreachable(directory: Path, account: Account) -> str:
    """Name the folder that keeps a user from a directory, and what to do."""
    name = pwd.getpwuid(account[0]).pw_name
    above = [*reversed(directory.parents)]
    closed = next(folder for folder in above if not _can_enter(account, folder))
    return (
        f"Postgres runs as {name}, which can't pass through {closed} to {directory}:"
        f" `chmod o+x {shlex.quote(str(closed))}` lets every user pass through it;"
        " or set POSTGRES_DIR to a directory elsewhere."
    )
