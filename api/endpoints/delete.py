"""DELETE of one row."""

from collections.abc import Collection

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.document.media_types import JSON
from api.endpoints.endpoint import Endpoint
from api.problem import ProblemError
from api.request.incoming import Incoming
from api.request.query_string import refuse_parameters
from api.sql import statements


class Delete(Endpoint):
    """Deletes one row by its key."""

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer without content."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        refuse_parameters(request.query_string)
        sql = statements.delete(self.operation)
        try:
            row = await self._service.connections.run(sql, keys, request.identity, write=True)
        except PostgresError as error:
            raise ProblemError(await self._problem(error, request.identity, keys)) from error
        if row is None or row[0] is None:
            await self._check_gone(request.identity, keys, row)
        return HTTPResponse(status=204)
