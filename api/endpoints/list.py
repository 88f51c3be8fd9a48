"""GET of a collection: a page as JSON, or all rows as NDJSON or CSV."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON
from api.document.parameters import DEFAULT_LIMIT
from api.endpoints import page_answers
from api.endpoints.export import Export
from api.endpoints.rendering import Forms, rendered
from api.endpoints.service import Service
from api.endpoints.tagged import conditions_of, entity_tag, not_modified
from api.identity import Identity
from api.operations.operation import Operation
from api.pages import places
from api.problem import Problem, ProblemError
from api.representations.representation import PAGE, Content
from api.request.incoming import Incoming
from api.request.query import ListQuery, Page
from api.request.query_string import next_page
from api.sql import lists, page_rows


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it is sent, and the row of which it was made."""

    row: Any
    content: bytes
    tag: str


class List(Export):
    """Reads a page of rows; simultaneous requests for pages of one shape share a statement."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the query's parameters."""
        super().__init__(operation, service)
        self._forms = Forms(operation, service.offers.get(operation, ()))
        self._offered = self._forms.offered
        self._query = ListQuery(operation, service.cursors, self._forms.formats)
        self._run = service.batches.run
        self._written: _Page | None = None

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer with a page, and with a link to the next one."""
        keys = self._input.keys(segments)
        page = self._query.page(keys, request.query_string)
        media = page.media or request.accepted(self._offered)
        form = None if media == JSON else self._forms.by_media.get(media)
        if form is PAGE:
            return await self._shown(request, keys, page)
        if media != JSON and form is None:
            await self._export(request, media, keys, page)
            return None
        conditions = conditions_of(request.headers)
        written = await self._read(request.identity, keys, page)
        last = written.row[1]
        headers, following = {"etag": written.tag}, ""
        if last is not None:
            following = self._following(request, keys, page, last)
            headers["link"] = f'<{following}>; rel="next"'
        if form:
            place = request.prefix + request.path, request.query_string
            content = Content(written.content.decode(), *place, following)
            return await rendered(self._service.rendering, form, content, conditions, headers)
        if conditions and not conditions.hold(written.tag):
            return not_modified(headers)
        return HTTPResponse(written.content, content_type=JSON, headers=headers)

    async def _read(self, identity: Identity, keys: Sequence[str], page: Page) -> _Page:
        """Read a page; where a value hinders the quick form of rows, a second time in the other."""
        forms, many = lists.statements(self.operation, page.shape)
        if page.limit > DEFAULT_LIMIT:
            many = ""  # a larger page would delay the calls that share its statement
        for form, one in forms:
            row = await self._page_row(one, many, identity, keys, page)
            if written := self._page(row, form):
                return written
            many = ""  # its rows have the first form
        raise AssertionError

    async def _page_row(
        self, one: str, many: str, identity: Identity, keys: Sequence[str], page: Page
    ) -> Any:
        """Run the statement of a page, and return its row; `many`: that of several such pages.

        Raises ProblemError.
        """
        values = [*keys, *page.values, page.limit]
        try:
            row = await self._run(one, many, values, identity)
        except PostgresError as error:
            problem = await self._problem(error, identity, keys, page=page)
            raise ProblemError(problem) from error
        if not row[2]:
            raise ProblemError(await self._no_parent(identity, keys))
        return row

    async def _shown(self, request: Incoming, keys: Sequence[str], page: Page) -> HTTPResponse:
        """Answer with a page for people: at most as many rows as by default, with labels."""
        operation, site, asked = self.operation, self._service.site, page_answers.view(request)
        if moved := page_answers.moved(request, asked):
            return moved
        references = site.subject(operation).references
        sql = page_rows.page(operation, page.shape, references)
        shown = page._replace(limit=min(page.limit, DEFAULT_LIMIT))
        rows, last = (await self._page_row(sql, "", request.identity, keys, shown))[:2]
        following = "" if last is None else self._following(request, keys, page, last)
        for reference in references if rows else ():
            request.also_read(places.items(reference.target, ""))
        content = await site.list(operation, asked, page.shape, rows, following)
        return page_answers.answer(request, site, content, following)

    def _following(self, request: Incoming, keys: Sequence[str], page: Page, last: str) -> str:
        """Return the URI reference of the next page; `last`: where this page ends."""
        after = self._service.cursors.seal(last, self._query.scope(keys, page))
        return next_page(request.prefix + request.path, request.query_string, after)

    def _page(self, row: Any, form: lists.RowForm) -> _Page | None:
        """Write the page of a row that `lists.listing` returns; once for all calls that share it.

        None where a value hinders this form of its rows. Its tag is also that of what its `Link`
        says: a page that gets a successor has another one.
        """
        if self._written is None or self._written.row is not row:
            rows, last, _, count = row[:4]
            array = form.array(rows, count, is_last=last is None) if rows else "[]"
            if array is None:
                return None
            content = array.encode()
            self._written = _Page(row, content, entity_tag(content, last or ""))
            # Calls that share a row go on in the same turn of the event loop.
            asyncio.get_running_loop().call_soon(self._forget)
        return self._written

    def _forget(self) -> None:
        self._written = None

    async def _no_parent(self, identity: Identity, keys: Sequence[str]) -> Problem:
        several = len(self.operation.parents) > 1
        found = await self._missing_parent(identity, keys) if several else None
        return found or sqlstate.missing(self.operation, len(self.operation.parents) - 1)
