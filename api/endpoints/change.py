"""PATCH of one row."""

from collections.abc import Collection

from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints.row_write import RowWrite
from api.endpoints.service import Service
from api.endpoints.tagged import tagged
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request.incoming import Incoming
from api.request.media_types import body_media_type
from api.request.query_string import refuse_parameters
from api.request.repeats import REPLAYED
from api.sql import statements


class Change(RowWrite):
    """Changes the columns of one row that the body names."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Prepare to read bodies of at most BODY_LIMIT bytes."""
        super().__init__(operation, service)
        self._body = service.body

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the changed row."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        body_media_type(request.headers, (JSON,))
        tags = self._tags(request.headers)
        repeat = self._repeat(request, keys, JSON, tags)
        content = await self._body.read(request)
        refuse_parameters(request.query_string)
        text, names = self._input.body(content)
        if repeat:
            repeat.add(content)
        conditional, once = tags is not None, repeat is not None
        sql = statements.change(self.operation, names, conditional=conditional, once=once)
        row, replayed = await self._write(
            sql, request.identity, keys, tags, content=[text], fields=names, repeat=repeat
        )
        if row is None:
            raise ProblemError(sqlstate.missing(self.operation))
        answer = tagged(row.encode())
        if replayed:
            answer.headers.update(REPLAYED)
        return answer
