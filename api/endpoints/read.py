"""GET of one row."""

from collections.abc import Collection

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints.endpoint import Endpoint
from api.endpoints.service import Service
from api.endpoints.tagged import tagged
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request import preconditions
from api.request.incoming import Incoming
from api.request.query_string import refuse_parameters
from api.sql import statements


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
            refuse_parameters(request.query_string)
        try:
            row = await self._run(self._one, self._many, keys, request.identity)
        except PostgresError as error:
            raise ProblemError(await self._problem(error, request.identity, keys)) from error
        if row is None:
            raise ProblemError(self._missing)
        return tagged(row[0].encode(), conditions)
