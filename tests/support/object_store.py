"""An object store of a test's own: rclone serves a folder by the protocol of S3."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY, SECRET = "key-of-the-test", "secret-of-the-test"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A running store: where it answers, and the folder that has its buckets."""

    endpoint: str
    folder: Path

    def names(self, path: str) -> list[str]:
        """List the objects in a bucket's folder."""
        return sorted(found.name for found in (self.folder / path).iterdir())


@contextmanager
def object_store(folder: Path, bucket: str) -> Iterator[ObjectStore]:
    """Serve a folder with one bucket. The program, `rclone`, must be on PATH and at least 1.65."""
    (folder / bucket).mkdir()
    program = shutil.which("rclone")
    assert program is not None
    options = ("--addr=127.0.0.1:0", f"--auth-key={KEY},{SECRET}", "--config=/dev/null")
    process = subprocess.Popen(  # noqa: S603 - a program on PATH
        [program, "serve", "s3", *options, "--vfs-cache-mode=off", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = ""
        while (found := re.search(r"http://127[.]0[.]0[.]1:\d+", said)) is None:
            said += (line := process.stderr.readline())
            assert line, said
        yield ObjectStore(found[0], folder)
    finally:
        process.terminate()
        process.communicate()
