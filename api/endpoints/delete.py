"""DELETE of one row."""

from collections.abc import Collection

from sanic import HTTPResponse

from api.document.media_types import JSON
from api.endpoints.row_write import RowWrite
from api.request.incoming import Incoming
from api.request.query_string import refuse_parameters
from api.sql import statements


class Delete(RowWrite):
    """Deletes one row by its key."""

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer without content."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        tags = self._tags(request.headers)
        refuse_parameters(request.query_string)
        sql = statements.delete(self.operation, conditional=tags is not None)
        await self._write(sql, request.identity, keys, tags)
        return HTTPResponse(status=204)
