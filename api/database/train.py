"""The train: for whom a statement acts goes to Postgres in the same round trip, before it.

One prepared statement, ANNOUNCE, sets role, tenant and actor until the end of the transaction. Its
Bind and Execute messages are written before those of the statement itself, and one Sync follows
them all: one implicit transaction (PostgreSQL, section "Pipelining"). Several callers of the same
statement form a train of cars, each announced before its own call:

    [announce A][statement with A's values][announce B][statement with B's values] Sync

asyncpg sends the last statement and the Sync, and returns the rows of all cars in one list. So a
statement for many calls takes as its last value how many calls are in the cars before its own.

The settings are never part of the statement itself: Postgres does not promise to evaluate them
before it reads rows, and a privilege is checked before any expression is evaluated.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from api.identity import Identity

# Returns no row, so that nothing of it is among the rows of the statement that follows.
ANNOUNCE = (
    "SELECT WHERE num_nonnulls(set_config('request.tenant', $1, true),"
    " set_config('request.actor', $2, true), set_config('role', $3, true)) < 0"
)
_EXECUTE = b"E" + struct.pack("!i", 9) + b"\0" + struct.pack("!i", 0)  # all rows
_AS_TEXT, _IN_BINARY = struct.pack("!h", 0), struct.pack("!hh", 1, 1)


@dataclass(frozen=True, slots=True)
class Car:
    """Calls for one caller: the values of a statement, and for whom it acts."""

    identity: Identity
    values: Sequence[Any]


def settings(identity: Identity) -> tuple[str, str, str]:
    """Return the values of ANNOUNCE."""
    return identity.tenant, identity.actor, identity.role


def announcement(statement: str, identity: Identity) -> bytes:
    """Write the messages that run ANNOUNCE; `statement`: the name under which it is prepared."""
    return _bind(statement, _announced(identity), b"\0\0") + _EXECUTE


def call(statement: str, values: Sequence[Any]) -> bytes:
    """Write the messages that run a prepared statement. asyncpg reads its rows: in binary."""
    return _bind(statement, _parameters(values), _IN_BINARY) + _EXECUTE


@lru_cache(4096)
def _announced(identity: Identity) -> bytes:
    return _parameters(settings(identity))


def _bind(statement: str, parameters: bytes, results: bytes) -> bytes:
    body = b"\0" + statement.encode() + b"\0" + _AS_TEXT + parameters + results
    return b"B" + struct.pack("!i", len(body) + 4) + body


def _parameters(values: Sequence[Any]) -> bytes:
    written = (_parameter(_text(value)) for value in values)
    return struct.pack("!h", len(values)) + b"".join(written)


def _parameter(text: str | None) -> bytes:
    if text is None:
        return struct.pack("!i", -1)
    content = text.encode()
    return struct.pack("!i", len(content)) + content


def _text(value: object) -> str | None:
    """Write a value as Postgres reads it; an array's elements are texts, integers or null."""
    if isinstance(value, list | tuple):
        return f"{{{','.join(map(_element, value))}}}"
    return None if value is None else str(value)


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
