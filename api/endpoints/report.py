"""GET of a report: all its rows, as JSON, NDJSON or CSV."""

from collections.abc import Collection

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.document.media_types import JSON, ROWS
from api.endpoints.export import Export
from api.endpoints.service import Service
from api.endpoints.tagged import not_modified, tagged
from api.operations.operation import Operation
from api.problem import ProblemError
from api.request import preconditions
from api.request.incoming import Incoming
from api.request.query import ReportQuery
from api.sql import lists


class Report(Export):
    """Reads a whole report: in one piece where it is small, otherwise as a stream."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the filters."""
        super().__init__(operation, service)
        self._query = ReportQuery(operation)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer with the report, or with the rows that the filters leave of it."""
        keys = self._input.keys(segments)  # a report has none
        media = request.accepted(ROWS)
        page = self._query.page(request.query_string)
        if media != JSON:
            await self._export(request, media, keys, page)
            return None
        conditions = preconditions.of_read(request.headers)
        sql = lists.report(self.operation, page.shape.filters)
        try:
            row = await self._service.connections.run(sql, page.values, request.identity)
        except PostgresError as error:
            problem = await self._problem(error, request.identity, keys, page=page)
            raise ProblemError(problem) from error
        if row[0] is None:
            if conditions and not conditions.hold(None):
                return not_modified({})
            await self._export(request, JSON, keys, page)
            return None
        return tagged(row[0].encode(), conditions)
