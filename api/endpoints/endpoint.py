"""The base of all endpoints: an operation, its input, and the problems of its statements."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, cast

from asyncpg import Connection, PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.database.connections import FAILURES
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request.incoming import Incoming
from api.request.input import Input
from api.request.query import Page, rejected
from api.sql import request_faults


class Endpoint(ABC):
    """Answers the requests of one operation; compiled once for each role, at its first request.

    `answer`, read from top to bottom, shows all steps: input → statement → rows → answer.
    """

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile what does not depend on the request."""
        self.operation = operation
        self._service = service
        document = service.document.of_body(operation) if operation.kind.body else {}
        self._input = Input(operation, document)

    @abstractmethod
    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer a request; `segments` are the path's variable ones, as they were sent.

        Returns None if the answer has been sent in pieces. Raises ProblemError.
        """

    async def _row(  # noqa: PLR0913 - what the statements of endpoints have in common
        self,
        sql: str,
        values: Sequence[Any],
        identity: Identity,
        keys: Sequence[str],
        *,
        write: bool = False,
        page: Page | None = None,
        fields: Collection[str] = (),
    ) -> Any:
        """Run a statement alone and return its row, or None; `keys`: the path's.

        `page` and `fields`: as for `_problem`. Raises ProblemError.
        """
        try:
            return await self._service.connections.run(sql, values, identity, write=write)
        except PostgresError as error:
            problem = await self._problem(error, identity, keys, page=page, fields=fields)
            raise ProblemError(problem) from error

    async def _problem(
        self,
        error: Exception,
        identity: Identity,
        keys: Sequence[str],
        *,
        page: Page | None = None,
        fields: Collection[str] = (),
    ) -> Problem:
        """Return the problem of an exception that a statement raised.

        `page`: what the query string says; `fields`: those of the body. Raises ProblemError if a
        query for a malformed value fails.
        """
        operation = self.operation
        if isinstance(error, ProblemError):
            return error.problem
        if not isinstance(error, PostgresError):
            return sqlstate.UNAVAILABLE if isinstance(error, FAILURES) else sqlstate.INTERNAL_ERROR
        if sqlstate.is_about_a_value(error):
            number = await self._malformed_key(identity, keys) if operation.keys else None
            if number is not None:
                return sqlstate.missing(operation, operation.parent_of(number))
            if page and page.given:
                return await self._malformed_filter(identity, page)
        return self._plain_problem(error, page, fields)

    def _plain_problem(
        self, error: PostgresError, page: Page | None = None, fields: Collection[str] = ()
    ) -> Problem:
        from_query = bool(page and page.values)
        return sqlstate.problem(
            error,
            self.operation,
            self._service.catalog,
            has_query_values=from_query,
            fields=fields,
        )

    async def _malformed_key(self, identity: Identity, keys: Sequence[str]) -> int | None:
        """Find the first key of the path that is no value of its type; return its number."""
        operation = self.operation
        sql = request_faults.malformed_key(operation)
        try:
            values = keys[: len(operation.keys)]
            (number,) = await self._service.connections.run(sql, values, identity)
        except PostgresError as error:
            if not sqlstate.is_about_a_value(error):
                raise ProblemError(self._plain_problem(error)) from error
            made = (n for n, (_, column) in enumerate(operation.keys) if column.type.compound)
            return next(made, None)
        return cast("int | None", number)

    async def _malformed_filter(self, identity: Identity, page: Page) -> Problem:
        """Find the first filter whose value is not of its type; return its problem."""
        filters = page.shape.filters
        sql = request_faults.malformed_filter(filters)
        try:
            (number,) = await self._service.connections.run(sql, page.given, identity)
        except PostgresError as error:
            if not sqlstate.is_about_a_value(error):
                raise ProblemError(self._plain_problem(error)) from error
            made = (n for n, filter_ in enumerate(filters) if filter_.column.type.compound)
            number = next(made, None)
        return sqlstate.INVALID_QUERY if number is None else rejected(filters[number])

    async def _missing_parent(self, identity: Identity, keys: Sequence[str]) -> Problem | None:
        """Find the outermost parent in the path that does not exist; None where all exist."""
        if not self.operation.parents:
            return None
        sql = request_faults.missing_parent(self.operation)
        (position,) = await self._row(sql, keys, identity, keys)
        return None if position is None else sqlstate.missing(self.operation, position)

    async def _check_parents(self, keys: Sequence[str], connection: "Connection[Any]") -> None:
        """Check, on the connection of a stream, that the path's parents exist.

        Raises ProblemError `not-found`.
        """
        sql = request_faults.missing_parent(self.operation)
        position = await connection.fetchval(sql, *keys)
        if position is not None:
            raise ProblemError(sqlstate.missing(self.operation, position))
