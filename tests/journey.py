"""The functions of `api` that one request enters: `python -m tests.journey GET /patients/{id}`.

The request is repeated before it is recorded, so that what is made once is there. The functions are
printed in order, by file. The last line counts functions, files, and changes of file between one
function and the next. `--send` and `--accept` name the media types of the body and of the answer;
the path may have a query string.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from types import FrameType
from unittest.mock import patch

import httpx

from api.cli import dev_postgres, migrations, samples
from api.config import ROOT, Config
from api.http import read_log
from tests.support.serving import serving
from tests.support.visits import bill_visit

_API = f"{ROOT / 'api'}/"
_AT_INTERVALS = ("ReadLog._run",)  # what runs beside requests
_WARM_UP = 3  # requests before the recorded one
BODIES: dict[str, dict[str, object]] = {
    "/patients/": {"first_name": "Joan", "last_name": "Doe"},
    "/encounters/": {"date": "2024-03-01"},
    "/line_items/": {"cpt_code": "G0438", "units": 1},
}


@dataclass(slots=True)
class Journey:
    """The functions that one request enters: each has a file, relative to `api`, and a name.

    `entered` has each call once; `resumed` also has coroutines and generators again each time that
    they resume.
    """

    entered: list[tuple[str, str]] = field(default_factory=list)
    resumed: list[tuple[str, str]] = field(default_factory=list)
    _frames: dict[int, FrameType] = field(default_factory=dict)  # kept, so that ids are not reused

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Record an event of `sys.setprofile`."""
        code = frame.f_code
        # Comprehensions, generator expressions and lambdas are parts of their functions.
        if event != "call" or not code.co_filename.startswith(_API) or code.co_name[0] == "<":
            return
        task = asyncio.current_task()
        if task and getattr(task.get_coro(), "__qualname__", "") in _AT_INTERVALS:
            return
        step = (code.co_filename.removeprefix(_API), code.co_qualname.replace(".<locals>", ""))
        self.resumed.append(step)
        if id(frame) not in self._frames:
            self._frames[id(frame)] = frame
            self.entered.append(step)

    @property
    def files(self) -> int:
        """The number of files."""
        return len({file for file, _ in self.entered})

    @property
    def changes(self) -> int:
        """How often the next function is in another file."""
        return _changes(self.entered)

    def lines(self) -> Iterator[str]:
        """Yield a line for each change of file, then the counts."""
        for file, steps in groupby(self.entered, key=lambda step: step[0]):
            yield f"{file:28} {' → '.join(name for _, name in steps)}"
        yield (
            f"{len(self.entered)} functions, {self.files} files, {self.changes} changes of file;"
            f" with resumptions {len(self.resumed)} and {_changes(self.resumed)}"
        )


def _changes(steps: list[tuple[str, str]]) -> int:
    return sum(one != other for (one, _), (other, _) in pairwise(steps))


@contextmanager
def _database() -> Iterator[str]:
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with dev_postgres.postgres(directory) as server:
            migrations.migrate(server.owner_url, ROOT / "schema")
            samples.load_samples(server.owner_url, ROOT / "schema")
            yield server.api_url
    finally:
        shutil.rmtree(directory)


def _content(path: str, media: str) -> bytes:
    """Return an example body for a collection: one row in JSON, two rows in CSV."""
    row = next(body for suffix, body in BODIES.items() if path.endswith(suffix))
    if media == "text/csv":
        line = ",".join(map(str, row.values()))
        return f"{','.join(row)}\n{line}\n{line}\n".encode()
    return json.dumps(row).encode()


async def record(url: str, method: str, path: str, send: str, accept: str) -> Journey:
    """Serve a migrated database, and record one request.

    Raises httpx.HTTPStatusError if the request fails.
    """
    with patch.object(read_log, "_INTERVAL", 3600):  # what it writes is of no request
        return await _record(url, method, path, send, accept)


async def _record(url: str, method: str, path: str, send: str, accept: str) -> Journey:
    async with serving(Config(database_url=url, connections=3)) as s:
        found = await bill_visit(s.client)
        target = path.replace("{id}", found.patient).replace("{patient_id}", found.patient)
        target = target.replace("{encounter_id}", found.encounter)
        target = target.replace("{line_item_id}", found.line_item)
        headers, content = {"accept": accept}, None
        if method in ("POST", "PATCH"):
            headers["content-type"] = send
            content = _content(path, send)
        journey = Journey()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.port}") as client:
            for number in range(_WARM_UP + 1):
                sys.setprofile(journey.note if number == _WARM_UP else None)
                response = await client.request(method, target, headers=headers, content=content)
                response.raise_for_status()
                await asyncio.sleep(0)
                sys.setprofile(None)
        return journey


def main(arguments: Sequence[str] | None = None) -> None:
    """Record the request that the arguments describe, and print its journey."""
    parser = argparse.ArgumentParser(prog="python -m tests.journey", description=__doc__)
    parser.add_argument("method")
    parser.add_argument("path")
    parser.add_argument("--send", default="application/json")
    parser.add_argument("--accept", default="application/json")
    options = parser.parse_args(arguments)
    with _database() as url:
        journey = asyncio.run(
            record(url, options.method, options.path, options.send, options.accept)
        )
    print("\n".join(journey.lines()))


if __name__ == "__main__":
    main()
