"""GET of a report: all its rows, as JSON, NDJSON or CSV."""

from collections.abc import Collection

from sanic import HTTPResponse

from api.document.media_types import JSON
from api.endpoints import page_answers
from api.endpoints.export import Export
from api.endpoints.rendering import Forms, rendered
from api.endpoints.service import Service
from api.endpoints.tagged import conditions_of, not_modified, tagged
from api.operations.operation import Operation
from api.representations.representation import PAGE, Content
from api.request.incoming import Incoming
from api.request.query import Page, ReportQuery
from api.sql import lists, page_rows


class Report(Export):
    """Reads a whole report: in one piece where it is small, otherwise as a stream."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Compile the filters."""
        super().__init__(operation, service)
        self._forms = Forms(operation, service.offers.get(operation, ()))
        self._query = ReportQuery(operation, self._forms.formats)

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer with the report, or with the rows that the filters leave of it."""
        keys = self._input.keys(segments)  # a report has none
        page = self._query.page(request.query_string)
        media = page.media or request.accepted(self._forms.offered)
        form = self._forms.by_media.get(media)
        if form is PAGE:
            return await self._shown(request, page)
        if media != JSON and form is None:
            await self._export(request, media, keys, page)
            return None
        conditions = conditions_of(request.headers)
        sql = lists.report(self.operation, page.shape.filters)
        row = await self._row(sql, page.values, request.identity, keys, page=page)
        if form:
            path = request.prefix + request.path
            content = Content(row[0] or "", path, request.query_string)
            return await rendered(self._service.rendering, form, content, conditions)
        if row[0] is None:
            if conditions and not conditions.hold(None):
                return not_modified({})
            await self._export(request, JSON, keys, page)
            return None
        return tagged(row[0].encode(), conditions)

    async def _shown(self, request: Incoming, page: Page) -> HTTPResponse:
        """Answer with a page for people: charts, and the first rows."""
        site, asked = self._service.site, page_answers.view(request)
        if moved := page_answers.moved(request, asked):
            return moved
        sql = page_rows.report(self.operation, page.shape.filters)
        row = await self._row(sql, page.values, request.identity, (), page=page)
        content = await site.report(self.operation, asked, row[0])
        return page_answers.answer(request, site, content)
