"""The train: a statement's role, tenant and actor go to Postgres in the same round trip, before it.

One prepared statement, ANNOUNCE, sets role, tenant and actor until the end of the transaction. Its
Bind and Execute messages are written before those of the statement itself, and one Sync follows
them all: one implicit transaction (PostgreSQL, section "Pipelining"). Calls of several callers form
a train of cars, each announced before its own statement:

    [limit locks][announce A][statement with A's values][announce B][statement with B's values] Sync

asyncpg sends the last statement and the Sync, and returns the rows of all cars in one list. So the
rows of all statements have the same types, and end with the number of their call; the last value of
each is how many calls are in the cars before its own. LIMIT_LOCKS stands before writes only.

The settings are never part of the statement itself: Postgres does not promise to evaluate them
before it reads rows, and a privilege is checked before any expression is evaluated.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from api.identity import Identity
from api.sql.limits import LOCK_TIMEOUT

# Returns no row, so that nothing of it is among the rows of the statement that follows.
ANNOUNCE = (
    "SELECT WHERE num_nonnulls(set_config('request.tenant', $1, true),"
    " set_config('request.actor', $2, true), set_config('role', $3, true)) < 0"
)
# One call that waits for a lock delays the others of its train.
LIMIT_LOCKS = (
    f"SELECT WHERE set_config('lock_timeout', '{round(LOCK_TIMEOUT * 1000)}ms', true) IS NULL"
)
_EXECUTE = b"E" + struct.pack("!i", 9) + b"\0" + struct.pack("!i", 0)  # all rows
_NOTHING, _IN_BINARY = struct.pack("!h", 0), struct.pack("!hh", 1, 1)
_NULL = struct.pack("!i", -1)
_length, _count = struct.Struct("!i").pack, struct.Struct("!h").pack


@dataclass(frozen=True, slots=True)
class Car:
    """Calls for one caller: a statement, its values, and the identity that it acts for."""

    identity: Identity
    sql: str
    values: Sequence[Any]


def settings(identity: Identity) -> tuple[str, str, str]:
    """Return the values of ANNOUNCE."""
    return identity.tenant, identity.actor, identity.role


def limit(statement: str) -> bytes:
    """Write the messages that run LIMIT_LOCKS; `statement`: the name under which it is prepared."""
    return _bind(statement, _NOTHING, _NOTHING)


@lru_cache(4096)
def announcement(statement: str, identity: Identity) -> bytes:
    """Write the messages that run ANNOUNCE; `statement`: the name under which it is prepared."""
    return _bind(statement, _parameters(settings(identity)), _NOTHING)


def call(statement: str, values: Sequence[Any]) -> bytes:
    """Write the messages that run a prepared statement. asyncpg reads its rows: in binary."""
    return _bind(statement, _parameters(values), _IN_BINARY)


def _bind(statement: str, parameters: bytes, results: bytes) -> bytes:
    """Write Bind and Execute; `results`: the formats of the columns."""
    name = statement.encode()
    size = 8 + len(name) + len(parameters) + len(results)
    return b"".join(
        (b"B", _length(size), b"\0", name, b"\0", _NOTHING, parameters, results, _EXECUTE)
    )


def _parameters(values: Sequence[Any]) -> bytes:
    parts = [_count(len(values))]
    for value in values:
        if value is None:
            parts.append(_NULL)
            continue
        # An array's elements are texts, integers or null.
        is_array = isinstance(value, list | tuple)
        text = f"{{{','.join(map(_element, value))}}}" if is_array else str(value)
        content = text.encode()
        parts += (_length(len(content)), content)
    return b"".join(parts)


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
