"""GET of one row."""

from collections.abc import Collection, Sequence

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints.endpoint import Endpoint
from api.endpoints.service import Service
from api.endpoints.tagged import tagged
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request import as_of, preconditions
from api.request.incoming import Incoming
from api.request.query_string import refuse_parameters
from api.sql import history, statements

# SQLSTATE: a text that is no time, one out of range, and one that `audit.row_at` refuses.
_NO_TIME = ("22007", "22008", "22023")


class Read(Endpoint):
    """Reads one row by its key; simultaneous requests share a statement."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compose the statements, for one row and for several."""
        super().__init__(operation, service)
        self._one, self._many = statements.item(operation), statements.items(operation)
        self._run = service.batches.run
        self._missing = sqlstate.missing(operation)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the row, or that the client has it already."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        conditions = preconditions.of_read(request.headers)
        if request.query_string:
            return tagged(await self._former(request, keys), conditions)
        try:
            row = await self._run(self._one, self._many, keys, request.identity)
        except PostgresError as error:
            raise ProblemError(await self._problem(error, request.identity, keys)) from error
        if row is None:
            raise ProblemError(self._missing)
        return tagged(row[0].encode(), conditions)

    async def _former(self, request: Incoming, keys: Sequence[str]) -> bytes:
        """Return the row as it was at the time that the query string names.

        Raises ProblemError.
        """
        if not self.operation.relation.has_history:
            refuse_parameters(request.query_string)
        values, sql = [*keys, as_of.read(request.query_string)], history.item_at(self.operation)
        identity = request.identity
        try:
            row = await self._service.connections.run(sql, values, identity)
        except PostgresError as error:
            if error.sqlstate in _NO_TIME:
                raise ProblemError(as_of.refused()) from None
            raise ProblemError(await self._problem(error, identity, keys)) from error
        if row is None:
            raise ProblemError(self._missing)
        if row[0] is None:
            raise ProblemError(as_of.TOO_EARLY)
        content: str = row[0]
        return content.encode()
