"""PATCH and DELETE of a collection: the rows that filters find, if they are not too many."""

from collections.abc import Collection, Sequence
from typing import Any

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.catalog.view_lines import KEY
from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints.endpoint import Endpoint
from api.endpoints.service import Service
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request import preconditions, repeats
from api.request.body import BodyReader
from api.request.bound import BOUND, bound, exceeded
from api.request.incoming import Incoming
from api.request.media_types import body_media_type
from api.request.preferences import REPRESENTATION, RETURN, applied, preferred_return
from api.request.query import Page, WriteQuery
from api.sql import filtered_writes


class FilteredWrite(Endpoint):
    """The base of both."""

    done = ""  # what the answer calls the number of rows

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the filters."""
        super().__init__(operation, service)
        self._query = WriteQuery(operation)

    def _checked(self, request: Incoming) -> int:
        """Check the header fields; return the most rows that may be written.

        Raises ProblemError.
        """
        request.accepted((JSON,))
        preconditions.refuse(request.headers, preconditions.BOTH, "one row that is there")
        if KEY in request.headers:
            repeats.key(request.headers, kept=False)
        return bound(request.headers)

    async def _write(  # noqa: PLR0913 - the last two are PATCH's
        self,
        request: Incoming,
        sql: str,
        page: Page,
        most: int,
        *,
        content: Sequence[str] = (),
        fields: Collection[str] = (),
    ) -> HTTPResponse:
        """Run the statement; answer with the number of rows, or with the rows."""
        values: list[Any] = [*page.given, most, *content]
        identity = request.identity
        try:
            row = await self._service.connections.run(sql, values, identity, write=True)
        except PostgresError as error:
            raise ProblemError(await self._refused(error, identity, page, fields)) from error
        found, written, rows = row
        if found > most:
            raise ProblemError(exceeded(most))
        preference = preferred_return(request.headers)
        stated = [f"{RETURN}={preference}"] if preference else []
        text = f"[{rows or ''}]" if preference == REPRESENTATION else f'{{"{self.done}":{written}}}'
        headers = applied(f"{BOUND}={most}", *stated)
        return HTTPResponse(text, content_type=JSON, headers=headers)

    async def _refused(
        self, error: PostgresError, identity: Identity, page: Page, fields: Collection[str]
    ) -> Problem:
        """Return the problem of an error: that of a filter's value, else what the rows break."""
        if page.given and sqlstate.is_about_a_value(error):
            problem = await self._malformed_filter(identity, page)
            if problem is not sqlstate.INVALID_QUERY:
                return problem
        return self._plain_problem(error, fields=fields)


class FilteredChange(FilteredWrite):
    """Changes the columns that the body names in the rows that filters find."""

    done = "changed"

    def __init__(self, operation: Operation, service: Service) -> None:
        """Prepare to read bodies of at most BODY_LIMIT bytes."""
        super().__init__(operation, service)
        limits = service.config
        self._body = BodyReader(limits.body_limit, limits.timeout, service.memory)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the number of changed rows, or with the rows."""
        self._input.keys(segments)
        body_media_type(request.headers, (JSON,))
        most = self._checked(request)
        content = await self._body.read(request)
        page = self._query.page(request.query_string)
        text, names = self._input.body(content)
        returning = preferred_return(request.headers) == REPRESENTATION
        sql = filtered_writes.change(self.operation, page.shape, names, returning=returning)
        return await self._write(request, sql, page, most, content=[text], fields=names)


class FilteredDelete(FilteredWrite):
    """Deletes the rows that filters find."""

    done = "deleted"

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the number of deleted rows, or with what they were."""
        self._input.keys(segments)
        most = self._checked(request)
        page = self._query.page(request.query_string)
        returning = preferred_return(request.headers) == REPRESENTATION
        sql = filtered_writes.delete(self.operation, page.shape, returning=returning)
        return await self._write(request, sql, page, most)
