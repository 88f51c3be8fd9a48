"""Folders for a Postgres of a test's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - only its place: each folder in it has a name of its own
_ROOM = 4 * 2**30  # bytes, of which a session uses 0.2 GB


def data_folder() -> Path:
    """Make a folder for the data of a Postgres: in memory where there is room, else on disk.

    To copy a database is to write 300 files: on a disk up to 0.3 s of CPU time, in memory 0.02.
    """
    in_memory = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return Path(tempfile.mkdtemp(prefix="pg-", dir=_MEMORY if in_memory else None))


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """Give a temporary folder that every system user can pass through.

    For root, Postgres runs as another user, and pytest closes its own folders to others.
    """
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
