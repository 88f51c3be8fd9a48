"""The train: a statement's role, tenant and actor go to Postgres in the same round trip, before it.

One prepared statement, ANNOUNCE, sets role, tenant and actor until the end of the transaction. Its
Bind and Execute messages are written before those of the statement itself, and one Sync follows
them all: one implicit transaction (PostgreSQL, section "Pipelining"). Calls of several callers form
a train of cars, each announced before its own statement:

    [limit locks][announce A][statement with A's values][announce B][statement with B's values] Sync

asyncpg sends the last statement and the Sync, and returns the rows of all cars in one list. So the
rows of all statements have the same types, and end with the number of their call; the last value of
each is how many calls are in the cars before its own. LIMIT_LOCKS stands before writes only.

A car may hold calls of several callers of one tenant and role, where the schema can tell them apart
(`batching`). Then all cars of its train are announced by ANNOUNCE_SEVERAL, which sets one value
more: the actors of a shared car. No actor is set for it.

The settings are never part of the statement itself: Postgres does not promise to evaluate them
before it reads rows, and a privilege is checked before any expression is evaluated. Only what runs
after a statement is done may read what it sets (`sql.writers`).
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from api.identity import Identity
from api.sql.limits import LOCK_TIMEOUT

_SETTINGS = (
    "set_config('request.tenant', $1, true), set_config('request.actor', $2, true),"
    " set_config('role', $3, true)"
)
# Returns no row, so that nothing of it is among the rows of the statement that follows.
ANNOUNCE = f"SELECT WHERE num_nonnulls({_SETTINGS}) < 0"
# The last value: the actors of a shared car, a JSON array; empty for any other. Without the
# function, which is never called, nobody would refuse to say who acts, and the statement fails.
ANNOUNCE_SEVERAL = (
    f"SELECT WHERE CASE WHEN num_nonnulls({_SETTINGS}, set_config('request.actors', $4, true)) < 0"
    " THEN identity.acts_for_several() END"
)
UNNAMED = "[]"  # the actors of a shared car that reads
# One call that waits for a lock delays the others of its train.
LIMIT_LOCKS = (
    f"SELECT WHERE set_config('lock_timeout', '{round(LOCK_TIMEOUT * 1000)}ms', true) IS NULL"
)
_EXECUTE = b"E" + struct.pack("!i", 9) + b"\0" + struct.pack("!i", 0)  # all rows
_NOTHING, _IN_BINARY = struct.pack("!h", 0), struct.pack("!hh", 1, 1)
_NULL = struct.pack("!i", -1)
_length, _count = struct.Struct("!i").pack, struct.Struct("!h").pack


class Car(NamedTuple):
    """Calls for one caller: a statement, its values, and the identity that it acts for.

    For several callers: an identity without an actor, and `actors`, a JSON array of their actors.
    """

    identity: Identity
    sql: str
    values: Sequence[Any]
    actors: str = ""


def settings(identity: Identity) -> tuple[str, str, str]:
    """Return the values of ANNOUNCE."""
    return identity.tenant, identity.actor, identity.role


def limit(statement: str) -> bytes:
    """Write the messages that run LIMIT_LOCKS; `statement`: the name under which it is prepared."""
    return _bind(statement, _NOTHING, _NOTHING)


@lru_cache(4096)
def announcement(statement: str, identity: Identity, *actors: str) -> bytes:
    """Write the messages that run ANNOUNCE, or with `actors` ANNOUNCE_SEVERAL.

    `statement`: the name under which it is prepared.
    """
    return _bind(statement, _parameters((*settings(identity), *actors)), _NOTHING)


def announced(statement: str, car: Car) -> bytes:
    """Write the messages that run ANNOUNCE_SEVERAL for a car of a train with shared ones."""
    if car.actors in ("", UNNAMED):
        return announcement(statement, car.identity, car.actors)
    # Kept for no later train: the same callers hardly come together again.
    return _bind(statement, _parameters((*settings(car.identity), car.actors)), _NOTHING)


def call(statement: str, values: Sequence[Any]) -> bytes:
    """Write the messages that run a prepared statement. asyncpg reads its rows: in binary."""
    return _bind(statement, _parameters(values), _IN_BINARY)


def _bind(statement: str, parameters: bytes, results: bytes) -> bytes:
    """Write Bind and Execute; `results`: the formats of the columns."""
    name = statement.encode()
    size = 8 + len(name) + len(parameters) + len(results)
    return b"B%b\0%b\0\0\0%b%b%b" % (_length(size), name, parameters, results, _EXECUTE)


def _parameters(values: Sequence[Any]) -> bytes:
    parts = [_count(len(values))]
    for value in values:
        if value is None:
            parts.append(_NULL)
            continue
        # An array's elements are texts, integers or null.
        if isinstance(value, str):
            content = value.encode()
        elif isinstance(value, int):
            content = b"%d" % value
        else:
            content = f"{{{','.join(map(_element, value))}}}".encode()
        parts.append(_length(len(content)))
        parts.append(content)
    return b"".join(parts)


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
