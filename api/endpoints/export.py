"""All rows of a list or of a report, in pieces as Postgres sends them: NDJSON, CSV, JSON."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from api.database.streams import StalledError
from api.document.media_types import JSON, NDJSON
from api.endpoints.endpoint import Endpoint
from api.problem import CLIENT_GONE, ProblemError
from api.request import preconditions
from api.request.incoming import Head, Incoming, Outgoing
from api.request.query import Page
from api.sql import lists

logger = logging.getLogger(__name__)


@contextmanager
def sending(answer: Outgoing, what: str) -> Iterator[None]:
    """Abort an answer whose client has gone, or does not read it in time; `what`: for the log."""
    try:
        yield
    except StalledError:
        logger.warning("%s was ended: its client did not read it in time", what)
        answer.abort(CLIENT_GONE)
    except asyncio.CancelledError:
        answer.abort(CLIENT_GONE)
        raise


class Export(Endpoint):
    """An endpoint whose rows can be exported."""

    async def _export(self, request: Incoming, media: str, keys: Sequence[str], page: Page) -> None:
        """Send all rows, in one read-only transaction; `page` has the filters and the order.

        Raises ProblemError for a failure before the first row. A later failure ends the connection
        without the last chunk.
        """
        streams = self._service.streams
        if media != JSON:
            preconditions.refuse(request.headers, preconditions.BOTH, f"an answer as {JSON}")
        keep, query, values = self._statements(request, media, keys, page)
        pace = streams.pace()
        media_parameters = "" if media in (NDJSON, JSON) else "; charset=utf-8; header=present"
        answer = request.outgoing(Head(media + media_parameters), pace)
        try:
            with sending(answer, "a stream"), request.extended(self._service.longest_stream):
                async with streams.reading(pace, request.identity) as connection:
                    if self.operation.parents:
                        await self._check_parents(keys, connection)
                    await connection.fetchrow(keep, *values)
                    await streams.copy(connection, query, media, answer.send)
                await answer.end()
        except Exception as error:
            problem = await self._problem(error, request.identity, keys, page=page)
            if not answer.has_begun:
                raise ProblemError(problem) from error
            # Without the exception's text, which may quote a row.
            logger.error("a stream was aborted: %s", type(error).__name__)  # noqa: TRY400
            answer.abort(problem.status)

    def _statements(
        self, request: Incoming, media: str, keys: Sequence[str], page: Page
    ) -> tuple[str, str, list[Any]]:
        """Return the statement that keeps the values, the query, and the values.

        For HEAD one row is enough: it shows whether the rows can be read.
        """
        given = str(page.limit) if page.limited else ""
        limit, values = "1" if request.method == "HEAD" else given, [*keys, *page.values]
        limited = bool(limit)
        keep, query = lists.export(self.operation, page.shape, media, limited=limited)
        return keep, query, [*values, limit] if limited else values
