"""PATCH and DELETE of a collection: the rows that filters find, if they are not too many."""

from collections.abc import Collection, Sequence
from typing import Any

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints.service import Service
from api.endpoints.write import Write
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request import preconditions
from api.request.bound import BOUND, bound, exceeded
from api.request.incoming import Incoming
from api.request.media_types import body_media_type
from api.request.preferences import REPRESENTATION, applied, preferred_return
from api.request.query import Page
from api.request.repeats import REPLAYED, Repeat
from api.request.write_query import WriteQuery
from api.sql import filtered_writes


class FilteredWrite(Write):
    """The base of both."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the filters."""
        super().__init__(operation, service)
        self._query = WriteQuery(operation)

    def _checked(self, request: Incoming) -> tuple[int, str | None, Repeat | None]:
        """Check the header fields; return the most rows that may be written.

        And what the client prefers as the answer, and the request as one that may be sent again.
        Raises ProblemError.
        """
        request.accepted((JSON,))
        preconditions.refuse(request.headers, preconditions.BOTH, "one row that is there")
        most, preference = bound(request.headers), preferred_return(request.headers)
        asked = [str(most), preference or "", request.query_string]
        return most, preference, self._repeat(request, asked)

    async def _write(  # noqa: PLR0913 - the last two are PATCH's
        self,
        request: Incoming,
        sql: str,
        page: Page,
        terms: tuple[int, str | None, Repeat | None],
        *,
        content: Sequence[str] = (),
        fields: Collection[str] = (),
    ) -> HTTPResponse:
        """Run the statement; answer with the number of rows, or with the rows."""
        most, preference, repeat = terms
        values: list[Any] = [*page.given, most, *content, *(repeat.values if repeat else ())]
        headers = applied(f"{BOUND}={most}", returns=preference)
        try:
            text = await self._run(sql, values, request.identity, page, most, fields=fields)
        except ProblemError as error:
            if repeat is None:
                raise
            text = (await self._kept(repeat, request.identity, error)).body
            headers |= REPLAYED
        return HTTPResponse(text, content_type=JSON, headers=headers)

    async def _run(  # noqa: PLR0913 - the last one is PATCH's
        self,
        sql: str,
        values: Sequence[Any],
        identity: Identity,
        page: Page,
        most: int,
        *,
        fields: Collection[str],
    ) -> Any:
        """Return the body of the answer. Raises ProblemError."""
        try:
            found, text = await self._service.connections.run(sql, values, identity, write=True)
        except PostgresError as error:
            raise ProblemError(await self._refused(error, identity, page, fields)) from error
        if found > most:
            raise ProblemError(exceeded(most))
        return text

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

    def __init__(self, operation: Operation, service: Service) -> None:
        """Prepare to read bodies of at most BODY_LIMIT bytes."""
        super().__init__(operation, service)
        self._body = service.body

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the number of changed rows, or with the rows."""
        self._input.keys(segments)
        body_media_type(request.headers, (JSON,))
        terms = self._checked(request)
        content = await self._body.read(request)
        page = self._query.page(request.query_string)
        text, names = self._input.body(content)
        _, preference, repeat = terms
        if repeat:
            repeat.add(content)
        returning, once = preference == REPRESENTATION, repeat is not None
        sql = filtered_writes.change(
            self.operation, page.shape, names, returning=returning, once=once
        )
        return await self._write(request, sql, page, terms, content=[text], fields=names)


class FilteredDelete(FilteredWrite):
    """Deletes the rows that filters find."""

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the number of deleted rows, or with what they were."""
        self._input.keys(segments)
        terms = self._checked(request)
        page = self._query.page(request.query_string)
        _, preference, repeat = terms
        returning, once = preference == REPRESENTATION, repeat is not None
        sql = filtered_writes.delete(self.operation, page.shape, returning=returning, once=once)
        return await self._write(request, sql, page, terms)
