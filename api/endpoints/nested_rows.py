"""The rows that a create's body holds below the row itself: their statement, and their faults.

Postgres names the constraint that one of them violates, and not the row. So after a refusal the
rows are tried in a transaction that is never committed: those that were accepted before, with some
more, then with half of these, until each row is accepted or known to be refused.
"""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from asyncpg import Connection, PostgresError

from api.catalog.relations import Catalog
from api.database import error_source, kept_rows, sqlstate
from api.database.connections import FAILURES
from api.database.train import LIMIT_LOCKS
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import INVALID_BODY, MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.sql import kept_answers, nested_creates, nested_shapes

_ABOUT_ROWS = ("conflict", "foreign-key", "invalid-content", "not-permitted")  # kinds


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a body: its place there, its fields alone, and the number of the row above it."""

    path: tuple[str | int, ...]
    operation: Operation
    fields: Mapping[str, Any]
    above: int | None


Refusals = list[tuple[_Row, PostgresError]]


@asynccontextmanager
async def _undone(connection: "Connection[Any]") -> AsyncIterator[None]:
    """Undo whatever the block does on a connection."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


class NestedRows:
    """The rows of a valid body, and the row above them, which an operation creates."""

    def __init__(self, operation: Operation, value: Mapping[str, Any]) -> None:
        """Find the shape of the body, on which the statement depends."""
        self._operation, self._value = operation, value
        self._shape = nested_shapes.shape(operation, [value])

    def statements(self, *, once: bool) -> tuple[str, str]:
        """Return the statement that creates the rows, and the one for many such bodies."""
        parts = self._operation, self._shape
        return nested_creates.create(*parts, once=once), nested_creates.creates(*parts, once=once)

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields of the row above them."""
        (names,) = self._shape.variants
        return frozenset(names)

    async def judged(
        self, error: PostgresError, identity: Identity, keys: Sequence[str], service: Service
    ) -> Problem | PostgresError:
        """Return the problem of all rows that Postgres refuses, after it has refused some.

        It is an error that is about the row above them, or about none.
        """
        if not _is_about_rows(error):
            return error
        found: Refusals = []
        with suppress(ProblemError):
            async with service.streams.writing(service.streams.pace(), identity) as connection:
                found = await self._refusals(keys, connection)
        return self._judged(error, found, service.catalog)

    async def judged_within(
        self,
        error: PostgresError,
        keys: Sequence[str],
        connection: "Connection[Any]",
        catalog: Catalog,
    ) -> Problem | PostgresError:
        """Return the same in a transaction that goes on."""
        if not _is_about_rows(error):
            return error
        return self._judged(error, await self._refusals(keys, connection), catalog)

    async def _refusals(self, keys: Sequence[str], connection: "Connection[Any]") -> Refusals:
        """Return the rows that are refused; none where they can't be tried."""
        rows = list(_rows(self._operation, self._shape, self._value))
        try:
            async with _undone(connection):
                await connection.execute(LIMIT_LOCKS)
                return await _Search(rows, keys, connection).refusals()
        except (RecursionError, *FAILURES):
            return []

    def _judged(
        self, error: PostgresError, found: Refusals, catalog: Catalog
    ) -> Problem | PostgresError:
        if found and not found[0][0].path:
            return found[0][1]
        if found:
            return _problem(found, catalog)
        return _unplaced(error, _rows(self._operation, self._shape, self._value), catalog)


def _is_about_rows(error: PostgresError) -> bool:
    is_repeated = (error.schema_name, error.table_name) == kept_answers.TABLE
    return not is_repeated and sqlstate.kind(error.sqlstate) in _ABOUT_ROWS


def located(text: str | None) -> tuple[str, str]:
    """Return the key of the row above, a JSON array of texts, and the row's entity tag."""
    *key, digits = json.loads(text or "")
    return json.dumps(key), f'"{digits}"'


class _Search:
    """Finds the rows of a body that Postgres refuses."""

    def __init__(
        self, rows: list[_Row], keys: Sequence[str], connection: "Connection[Any]"
    ) -> None:
        """Begin; `keys` are the path's, `connection` has a transaction that is not committed."""
        self._rows, self._keys, self._connection = rows, keys, connection
        self._accepted: set[int] = set()
        self._refused: dict[int, PostgresError] = {}

    async def refusals(self) -> Refusals:
        """Return the rows that are refused, in the body's order; only the first one, if it is.

        Raises PostgresError for an error that is not about the rows, and what FAILURES lists.
        """
        waiting = [*range(len(self._rows))]
        await self._try(waiting[:1])
        while self._accepted and waiting:
            self._refused = {}
            await self._try([number for number in waiting if number not in self._accepted])
            # A row may refer to one that was tried after it.
            if len(self._refused) == len(waiting):
                break
            waiting = [*self._refused]
        return [(self._rows[number], error) for number, error in sorted(self._refused.items())]

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
        except PostgresError as error:
            if sqlstate.kind(error.sqlstate) not in _ABOUT_ROWS:
                raise
            return error
        return None


def _rows(
    operation: Operation, shape: nested_shapes.Shape, value: Mapping[str, Any]
) -> Iterator[_Row]:
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
            yield _Row(path, item.operation, fields, up)
            number += 1


def _value(rows: Sequence[_Row], numbers: Collection[int]) -> dict[str, Any]:
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


def _problem(refusals: Refusals, catalog: Catalog) -> Problem:
    """Return one problem of all refused rows, of the first one's kind."""
    tables = {row.operation.relation.table for row, _ in refusals}
    causes = [(row, error) for row, error in refusals if not _follows(row, error, tables, catalog)]
    found = [(row, _of_row(row, error, catalog)) for row, error in causes or refusals]
    errors = tuple(
        Fault(pointer(*row.path) + fault.pointer, fault.detail)
        for row, problem in found
        for fault in problem.errors or (Fault("", problem.detail),)
    )
    first = found[0][1]
    detail = first.detail if len(found) == 1 else INVALID_BODY
    return replace(first, detail=detail, errors=errors[:MOST_FAULTS])


def _follows(
    row: _Row, error: PostgresError, tables: Collection[tuple[str, str] | None], catalog: Catalog
) -> bool:
    """Return whether a row is refused because one that it refers to is."""
    violated = error_source.constraint(error, row.operation, catalog)
    others = {*tables} - {row.operation.relation.table}
    return bool(violated and violated.kind == "f" and violated.references in others)


def _of_row(row: _Row, error: PostgresError, catalog: Catalog) -> Problem:
    if error.sqlstate == nested_creates.LEFT_OUT:
        return kept_rows.left_out(row.operation)
    return sqlstate.problem(error, row.operation, catalog, fields=row.fields)


def _unplaced(
    error: PostgresError, rows: Iterable[_Row], catalog: Catalog
) -> Problem | PostgresError:
    """Return the problem of a refusal by the table that the error names; it names no row."""
    table = (error.schema_name or "", error.table_name or "")
    for row in rows:
        left_out = error.sqlstate == nested_creates.LEFT_OUT
        watched = "insert" in row.operation.relation.row_triggers
        if row.path and (table in row.operation.relation.tables or (left_out and watched)):
            problem = _of_row(row, error, catalog)
            steps = [step for step in row.path if isinstance(step, str)]
            return replace(problem, errors=(Fault(pointer(*steps), problem.detail),))
    return error
