"""GET of a collection: a page as JSON, or all rows as NDJSON or CSV."""

from collections.abc import Collection, Sequence

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON, ROWS
from api.document.parameters import DEFAULT_LIMIT
from api.endpoints.export import Export
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request.incoming import Incoming
from api.request.query import ListQuery
from api.request.query_string import next_page
from api.sql import lists


class List(Export):
    """Reads a page of rows; simultaneous requests for pages of one shape share a statement."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the query's parameters."""
        super().__init__(operation, service)
        self._query = ListQuery(operation, service.cursors)
        self._run = service.batches.run

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer with a page, and with a link to the next one."""
        keys = self._input.keys(segments)
        media = request.accepted(ROWS)
        page = self._query.page(keys, request.query_string)
        if media != JSON:
            await self._export(request, media, keys, page)
            return None
        one = lists.listing(self.operation, page.shape)
        # A larger page would delay the calls that share its statement.
        is_small = page.limit <= DEFAULT_LIMIT
        many = lists.listings(self.operation, page.shape) if is_small else ""
        values = [*keys, *page.values, page.limit]
        identity = request.identity
        try:
            row = await self._run(one, many, values, identity)
        except PostgresError as error:
            problem = await self._problem(error, identity, keys, page=page)
            raise ProblemError(problem) from error
        rows, last, parents_exist = row[:3]
        if not parents_exist:
            raise ProblemError(await self._no_parent(identity, keys))
        text = lists.page(rows, is_last=last is None)
        if last is None:
            return HTTPResponse(text, content_type=JSON)
        after = self._service.cursors.seal(last, self._query.scope(keys, page))
        link = next_page(request.prefix + request.path, request.query_string, after)
        return HTTPResponse(text, content_type=JSON, headers={"link": f'<{link}>; rel="next"'})

    async def _no_parent(self, identity: Identity, keys: Sequence[str]) -> Problem:
        several = len(self.operation.parents) > 1
        found = await self._missing_parent(identity, keys) if several else None
        return found or sqlstate.missing(self.operation, len(self.operation.parents) - 1)
