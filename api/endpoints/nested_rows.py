"""The rows that a create's body holds below the row itself: their statement, and their faults."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from asyncpg import Connection, PostgresError

from api.catalog.relations import Catalog
from api.database import error_source, kept_rows, sqlstate
from api.endpoints.refused_rows import Refusals, Row, is_about_rows, refusals, rows_of
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import INVALID_BODY, MOST_FAULTS, Fault, Problem, ProblemError, pointer
from api.sql import nested_creates, nested_shapes


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
    def _rows(self) -> list[Row]:
        return list(rows_of(self._operation, self._shape, self._value))

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
        if not is_about_rows(error):
            return error
        found: Refusals = []
        with suppress(ProblemError):
            async with service.streams.writing(service.streams.pace(), identity) as connection:
                found = await refusals(self._rows, error, keys, connection)
        return self._judged(error, found, service.catalog)

    async def judged_within(
        self,
        error: PostgresError,
        keys: Sequence[str],
        connection: "Connection[Any]",
        catalog: Catalog,
    ) -> Problem | PostgresError:
        """Return the same in a transaction that goes on."""
        if not is_about_rows(error):
            return error
        return self._judged(error, await refusals(self._rows, error, keys, connection), catalog)

    def _judged(
        self, error: PostgresError, found: Refusals, catalog: Catalog
    ) -> Problem | PostgresError:
        if found and not found[0][0].path:
            return found[0][1]
        if found:
            return _problem(found, catalog)
        return _unplaced(error, self._rows, catalog)


def located(text: str | None) -> tuple[str, str]:
    """Return the key of the row above, a JSON array of texts, and the row's entity tag."""
    *key, digits = json.loads(text or "")
    return json.dumps(key), f'"{digits}"'


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
    row: Row, error: PostgresError, tables: Collection[tuple[str, str] | None], catalog: Catalog
) -> bool:
    """Return whether a row is refused because one that it refers to is."""
    violated = error_source.constraint(error, row.operation, catalog)
    others = {*tables} - {row.operation.relation.table}
    return bool(violated and violated.kind == "f" and violated.references in others)


def _of_row(row: Row, error: PostgresError, catalog: Catalog) -> Problem:
    if error.sqlstate == nested_creates.LEFT_OUT:
        return kept_rows.left_out(row.operation)
    return sqlstate.problem(error, row.operation, catalog, fields=row.fields)


def _unplaced(
    error: PostgresError, rows: Iterable[Row], catalog: Catalog
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
