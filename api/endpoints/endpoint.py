"""The base of all endpoints: an operation, its input, and the problems of its statements."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any

from asyncpg import Connection, PostgresError
from sanic import HTTPResponse

from api.database import kept_rows, sqlstate
from api.database.connections import FAILURES
from api.endpoints.service import Service
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request.incoming import Incoming
from api.request.input import Input
from api.sql import path_faults


class Endpoint(ABC):
    """Answers the requests of one operation; compiled once, at start.

    `answer`, read from top to bottom, shows all steps: input → statement → rows → answer.
    """

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile what does not depend on the request."""
        self.operation = operation
        self._service = service
        self._input = Input(operation, service.document)

    @abstractmethod
    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer a request; `segments` are the path's variable ones, as they were sent.

        Returns None if the answer has been sent in pieces. Raises ProblemError.
        """

    async def _problem(
        self,
        error: Exception,
        keys: Sequence[str],
        *,
        from_query: bool = False,
        fields: Collection[str] = (),
    ) -> Problem:
        """Return the problem of an exception that a statement raised.

        `from_query`: the statement has values of the query string; `fields`: those of the body.
        Raises ProblemError if the query for a malformed key of the path fails.
        """
        operation = self.operation
        if isinstance(error, ProblemError):
            return error.problem
        if not isinstance(error, PostgresError):
            return sqlstate.UNAVAILABLE if isinstance(error, FAILURES) else sqlstate.INTERNAL_ERROR
        if operation.keys and sqlstate.is_about_a_value(error):
            sql = path_faults.malformed_key(operation)
            (number,) = await self._service.connections.run(sql, keys[: len(operation.keys)])
            if number is not None:
                return sqlstate.missing(operation, operation.parent_of(number))
        return sqlstate.problem(
            error,
            operation,
            self._service.catalog,
            has_query_values=from_query,
            fields=fields,
        )

    async def _kept(self, keys: Sequence[str], *, was_there: bool) -> Problem | None:
        """Say why a row was not changed or deleted; None if it has gone all the same.

        `was_there`: whether the row was there before the statement. Raises ProblemError.
        """
        if was_there:
            sql = path_faults.row_exists(self.operation)
            try:
                (is_there,) = await self._service.connections.run(sql, keys)
            except PostgresError as error:
                raise ProblemError(await self._problem(error, keys)) from error
            if is_there:
                return kept_rows.kept(self.operation)
            if self.operation.kind is kinds.DELETE:
                return None
        return sqlstate.missing(self.operation)

    async def _missing_parent(self, keys: Sequence[str]) -> Problem | None:
        """Find the outermost parent in the path that does not exist; None where all exist."""
        if not self.operation.parents:
            return None
        sql = path_faults.missing_parent(self.operation)
        try:
            (position,) = await self._service.connections.run(sql, keys)
        except PostgresError as error:
            raise ProblemError(await self._problem(error, keys)) from error
        return None if position is None else sqlstate.missing(self.operation, position)

    async def _check_parents(self, keys: Sequence[str], connection: "Connection[Any]") -> None:
        """Check, on the connection of a stream, that the path's parents exist.

        Raises ProblemError `not-found`.
        """
        sql = path_faults.missing_parent(self.operation)
        position = await connection.fetchval(sql, *keys)
        if position is not None:
            raise ProblemError(sqlstate.missing(self.operation, position))
