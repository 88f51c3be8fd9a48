"""Folders for a Postgres of a test's own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """Give a temporary folder that every system user can pass through.

    For root, Postgres runs as another user, and pytest closes its own folders to others.
    """
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
