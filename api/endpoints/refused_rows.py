"""Finds the rows of a body that Postgres refuses.

Postgres names the constraint that one of them violates, and not the row. So after a refusal the
rows are tried in a transaction that is never committed: those that were accepted before, with some
more, then with half of these, until each row is accepted or known to be refused.
"""

import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from asyncpg import Connection, PostgresError

from api.database import sqlstate
from api.database.connections import FAILURES
from api.database.train import LIMIT_LOCKS
from api.operations.operation import Operation
from api.problem import MOST_FAULTS
from api.sql import kept_answers, nested_creates, nested_shapes
from api.sql.statements import CHECK_CONSTRAINTS

_ABOUT_ROWS = ("conflict", "foreign-key", "invalid-content", "not-permitted")  # kinds


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a body: its place there, its fields alone, and the number of the row above it."""

    path: tuple[str | int, ...]
    operation: Operation
    fields: Mapping[str, Any]
    above: int | None


Refusals = list[tuple[Row, PostgresError]]


def is_about_rows(error: PostgresError) -> bool:
    """Return whether an error may be about one of the rows that were to be inserted."""
    is_repeated = (error.schema_name, error.table_name) == kept_answers.TABLE
    return not is_repeated and sqlstate.kind(error.sqlstate) in _ABOUT_ROWS


async def refusals(
    rows: list[Row], cause: PostgresError, keys: Sequence[str], connection: "Connection[Any]"
) -> Refusals:
    """Return the rows that are refused, as they are inserted; none where they can't be tried.

    Only the first one, if it is refused itself. `cause`: the error of all rows together; `keys`:
    those of the path; `connection` has a transaction, which stays as it is.
    """
    try:
        async with _undone(connection):
            await connection.execute(LIMIT_LOCKS)
            return await _Search(rows, keys, connection).refusals(cause)
    except (RecursionError, *FAILURES):
        return []


def rows_of(
    operation: Operation, shape: nested_shapes.Shape, value: Mapping[str, Any]
) -> Iterator[Row]:
    """Yield the rows of a body, the first one first, as the statement inserts them."""
    numbers: dict[str, list[tuple[int, tuple[str | int, ...], Mapping[str, Any]]]] = {}
    number = 0
    for item in nested_shapes.items(operation, shape):
        above = numbers[item.up.name] if item.up else []
        found = [
            (up, (*path, item.operation.segment, n), row)
            for up, path, of in above
            for n, row in enumerate(of.get(item.operation.segment, ()))
        ]
        placed = numbers[item.name] = []
        for up, path, row in found if item.up else [(None, (), value)]:
            names = {each.segment for each in item.operation.nested}
            fields = {name: field for name, field in row.items() if name not in names}
            placed.append((number, path, row))
            yield Row(path, item.operation, fields, up)
            number += 1


@asynccontextmanager
async def _undone(connection: "Connection[Any]") -> AsyncIterator[None]:
    """Undo whatever the block does on a connection."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


class _Search:
    """Finds the rows of a body that Postgres refuses."""

    def __init__(self, rows: list[Row], keys: Sequence[str], connection: "Connection[Any]") -> None:
        """Begin; `keys` are the path's, `connection` has a transaction that is not committed."""
        self._rows, self._keys, self._connection = rows, keys, connection
        self._accepted: set[int] = set()
        self._refused: dict[int, PostgresError] = {}
        self._deferred: tuple[str | None, ...] | None = None

    async def refusals(self, cause: PostgresError) -> Refusals:
        """Return the rows that are refused, as they were inserted; only the first one, if it is.

        `cause`: the error of all rows together. Where no row is refused, its constraint may be one
        that is checked at COMMIT. Raises PostgresError for an error that is not about the rows, and
        what FAILURES lists.
        """
        await self._try_all()
        if not self._refused:
            self._deferred = _constraint(cause)
            self._accepted.clear()
            await self._try_all()
        return [(self._rows[number], error) for number, error in sorted(self._refused.items())]

    async def _try_all(self) -> None:
        await self._try([0])
        waiting = [*range(1, len(self._rows))] if self._accepted else []
        while waiting:
            self._refused = {}
            await self._try(waiting)
            left = [number for number in waiting if number not in self._accepted]
            # A row may refer to one that was accepted after it.
            goes_on = self._refused and max(self._accepted) > min(self._refused)
            waiting = left if goes_on and len(left) < len(waiting) else []

    async def _try(self, numbers: list[int]) -> None:
        """Accept or refuse some rows; not those below one that is refused."""
        within = self._accepted.union(numbers)
        numbers = [
            n for n in numbers if self._rows[n].above is None or self._rows[n].above in within
        ]
        if not numbers or len(self._refused) >= MOST_FAULTS:
            return
        error = await self._refusal(self._accepted.union(numbers))
        if error is None:
            self._accepted.update(numbers)
        elif len(numbers) == 1:
            self._refused[numbers[0]] = error
        else:
            half = len(numbers) // 2
            await self._try(numbers[:half])
            await self._try(numbers[half:])

    async def _refusal(self, numbers: Collection[int]) -> PostgresError | None:
        """Insert some rows and undo that; return the error if Postgres refuses them."""
        value = _value(self._rows, numbers)
        operation = self._rows[0].operation
        sql = nested_creates.create(operation, nested_shapes.shape(operation, [value]))
        try:
            async with _undone(self._connection):
                await self._connection.fetchrow(sql, *self._keys, _json(value), 0)
                if self._deferred:
                    await self._connection.execute(CHECK_CONSTRAINTS)
        except PostgresError as error:
            if sqlstate.kind(error.sqlstate) not in _ABOUT_ROWS:
                raise
            # Some of the rows may violate another one that all of them together do not.
            return error if self._deferred in (None, _constraint(error)) else None
        return None


def _constraint(error: PostgresError) -> tuple[str | None, ...]:
    return error.schema_name, error.table_name, error.constraint_name


def _value(rows: Sequence[Row], numbers: Collection[int]) -> dict[str, Any]:
    """Make the body that holds some of its rows; those above them are among these."""
    made: dict[int, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        if number in numbers:
            made[number] = dict(row.fields)
            if row.above is not None:
                made[row.above].setdefault(row.operation.segment, []).append(made[number])
    return made[0]


def _json(value: Any) -> str:
    """Write a decoded JSON value with all digits of its numbers."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_json(of)}' for name, of in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
