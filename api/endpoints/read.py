"""GET of one row."""

import json
from collections.abc import Collection, Sequence

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.endpoints import page_answers
from api.endpoints.endpoint import Endpoint
from api.endpoints.rendering import Forms, rendered
from api.endpoints.service import Service
from api.endpoints.tagged import conditions_of, tagged
from api.operations.operation import Operation
from api.pages import tables
from api.pages.subjects import MOST_ROWS
from api.problem import ProblemError
from api.representations.representation import PAGE, Content
from api.request import as_of
from api.request.incoming import Incoming
from api.request.item_query import NOTHING, ItemQuery
from api.sql import history, page_rows, statements

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
        self._forms = Forms(operation, service.offers.get(operation, ()))
        self._offered = self._forms.offered
        self._query = ItemQuery(operation, self._forms.formats)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse:
        """Answer with the row, or that the client has it already."""
        keys = self._input.keys(segments)
        asked = self._query.read(request.query_string) if request.query_string else NOTHING
        media = asked.media or request.accepted(self._offered)
        form = None if media == JSON else self._forms.by_media[media]
        if form is PAGE:
            return await self._shown(request, keys, asked.time)
        conditions = conditions_of(request.headers)
        if asked.time:
            text = await self._former(request, keys, asked.time)
        else:
            try:
                row = await self._run(self._one, self._many, keys, request.identity)
            except PostgresError as error:
                raise ProblemError(await self._problem(error, request.identity, keys)) from error
            if row is None:
                raise ProblemError(self._missing)
            text = row[0]
        if form:
            content = Content(text, request.prefix + request.path, request.query_string)
            return await rendered(self._service.rendering, form, content, conditions)
        return tagged(text.encode(), conditions)

    async def _shown(self, request: Incoming, keys: Sequence[str], time: str) -> HTTPResponse:
        """Answer with a page for people: the row, and the first rows of its collections."""
        operation, site, asked = self.operation, self._service.site, page_answers.view(request)
        if moved := page_answers.moved(request, asked):
            return moved
        subject = site.subject(operation)
        parts: Sequence[str | None] = ()
        if time:
            row: tables.Row = [json.loads(await self._former(request, keys, time))]
        else:
            sql = page_rows.item(operation, subject.references, subject.parts, MOST_ROWS)
            found = await self._row(sql, keys, request.identity, keys)
            if found is None:
                raise ProblemError(self._missing)
            row, parts = tables.read(found[0]), found[1:]
        for path in subject.also_read(row, parts, request.path):
            request.also_read(path)
        return page_answers.answer(request, site, await site.item(operation, asked, row, parts))

    async def _former(self, request: Incoming, keys: Sequence[str], time: str) -> str:
        """Return the row as it was at a time.

        Raises ProblemError.
        """
        values, sql = [*keys, time], history.item_at(self.operation)
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
        text: str = row[0]
        return text
