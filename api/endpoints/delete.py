"""DELETE of one row."""

from collections.abc import Collection

from sanic import HTTPResponse

from api.document.media_types import JSON
from api.endpoints.row_write import RowWrite
from api.request.incoming import Incoming
from api.request.query_string import refuse_parameters
from api.request.repeats import REPLAYED
from api.sql import statements


class Delete(RowWrite):
    """Deletes one row by its key."""

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer without content."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        tags = self._tags(request.headers)
        refuse_parameters(request.query_string)
        repeat = self._repeat(request, keys, tags=tags)
        conditional, once = tags is not None, repeat is not None
        sql = statements.delete(self.operation, conditional=conditional, once=once)
        _, replayed = await self._write(sql, request.identity, keys, tags, repeat=repeat)
        return HTTPResponse(status=204, headers=REPLAYED if replayed else None)
