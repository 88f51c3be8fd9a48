"""Values that no error and no log may quote, and the places where they could appear."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from api.operations.operation import Operation
from tests.support.batches import Answer
from tests.support.databases import TestDatabase
from tests.support.processes import eventually

CANARY = "Kanarienvogel"
MARKS = (CANARY.casefold(), "77135", "1077-1", "3077-1")  # as a text, a number, and a date
# Some are wrong for every type, and for every CHECK one at least; each can be told from all else.
WRONG: Sequence[Any] = (
    CANARY,
    f" {CANARY}",
    CANARY * 10,
    CANARY.lower(),
    f"Z-rival {CANARY}",
    f"\x00{CANARY}",
    77135,
    -77135,
    7713577135771357713577135,
    77135.77135,
    "-77135.77",
    "7713577135.77135",
    "1077-12-31",
    "3077-12-31",
    "1077-13-31",
    "9077-12-31T25:00:00Z",
    "[1077-12-31,1077-12-31)",
    "[1077-12-31,1077-12-01)",
    [CANARY],
    [CANARY] * 9,
    [CANARY, None],
    [[CANARY]],
    [77135, -77135],
    [77135] * 9,
    {"name": CANARY},
    "",
    "    ",
    "\u200b",  # blank, and not at an edge
    f"{CANARY}\t{CANARY}",
    "x",
    "\\x" + "77135a" * 400,
    f"{CANARY * 30}@zoo.example",
    "QQQ",
    "01890a5d-ac96-774b-bcce-771357713577",
    [],
    None,
    True,
    0,
    "NaN",
    -1,
    2,
    7,
)
_INSTANCE = re.compile(r"urn:uuid:\S+")
_DECIMAL = ("numeric", "float4", "float8")  # texts in JSON
OURS = ("httpx", "httpcore", "hpack", "psycopg")  # the test's own tools tell what they do


@dataclass(slots=True)
class Watch:
    """What was answered, and whatever else came out meanwhile."""

    statuses: Counter[int] = field(default_factory=Counter)

    def saw(self, answer: Answer) -> bool:
        """Tell whether an answer accepts; check that a refusal quotes no marked value."""
        self.statuses[answer.status] += 1
        if answer.status >= 400:
            assert find_marks(json.dumps(answer.document) + answer.location) == [], answer
        return answer.status < 400


def find_marks(text: str) -> list[str]:
    """List the canaries in a text; the ids of requests may have any digits."""
    text = _INSTANCE.sub("", text).casefold()
    return [mark for mark in MARKS if mark in text]


Out = tuple[pytest.LogCaptureFixture, pytest.CaptureFixture[str]]


@contextmanager
def watched(database: TestDatabase, out: Out) -> Iterator[Watch]:
    """Check that no logger at DEBUG, log of Postgres, stdout or stderr has a marked value."""
    caplog, capfd = out
    for name in (
        "",
        *(name for name in logging.root.manager.loggerDict if not name.startswith(OURS)),
    ):
        caplog.set_level(logging.DEBUG, logger=name or None)
    log = database.server.postgres.socket / "log"
    before = log.stat().st_size
    watch = Watch()
    yield watch
    # A thread writes the access log.
    assert eventually(lambda: any(record.name == "api.access" for record in caplog.records))
    for record in caplog.records:
        told = f"{record.getMessage()} {record.args} {record.exc_text} {record.exc_info}"
        assert find_marks(told) == [], (record.name, told)
    assert find_marks(log.read_bytes()[before:].decode()) == []
    printed = "".join(capfd.readouterr())
    assert find_marks(printed) == []
    assert "Traceback" not in printed


def rows(database: TestDatabase, operation: Operation) -> dict[str, Any]:
    """Give a row of an operation's relation that is there, as its owner reads it."""
    view = '"' + operation.relation.name.replace('"', '""') + '"'
    ((row,),) = database.execute(
        f"SELECT to_json(r) FROM api.{view} AS r ORDER BY CAST(r AS text) LIMIT 1"
    ) or [({},)]
    assert isinstance(row, dict)
    return row


def row_path(operation: Operation, row: dict[str, Any]) -> str:
    """Give the path of a row's item, or of the collection."""
    keys = (
        ",".join(quote(str(row[name]), safe="") for name in operation.relation.key)
        if operation.parameters
        else ""
    )
    return f"/{quote(operation.segment)}/{keys}"


def valid_body(operation: Operation, row: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an existing row, without the key where the database makes one."""
    own = {name for name in operation.relation.key if operation.relation.column(name).default}
    found = {
        column: row[column.name] for column in operation.body if column.name in row.keys() - own
    }
    return {
        c.name: str(v) if c.type.base.name in _DECIMAL and v is not None else v
        for c, v in found.items()
    }


def marked_paths(operation: Operation) -> Iterator[str]:
    """Give the paths of an operation with a canary for each key, and the others those of nobody."""
    parts = operation.path.split("/")
    for position, part in enumerate(parts):
        if part.startswith("{"):
            for value in (
                CANARY,
                "77135",
                quote(f"{CANARY}/é,%", safe=""),
                f"{CANARY},77135",
                f"%00%ff{CANARY}",
            ):
                keys = {n: "1" for n, p in enumerate(parts) if p.startswith("{")} | {
                    position: value
                }
                yield "/".join(keys.get(n, p) for n, p in enumerate(parts))
