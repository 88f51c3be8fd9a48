"""What answers each kind of operation, and what all of them share."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from asyncpg import Connection, PostgresError
from sanic import HTTPResponse, Request

from api.catalog.relations import Catalog
from api.config import Config
from api.database import sqlstate
from api.database.batching import Batches
from api.database.connections import FAILURES, Connections
from api.database.slow_clients import Pace
from api.database.streams import Outgoing, StalledError, Streams, lasting
from api.document import openapi
from api.document.media_types import JSON, SENT
from api.document.parameters import DEFAULT_LIMIT
from api.endpoints.upload import Upload
from api.operations import discovery, kinds
from api.operations.operation import Operation
from api.problem import CLIENT_GONE, Problem, ProblemError
from api.request import body, rows
from api.request.cursor import Cursors, secret_of
from api.request.input import Input
from api.request.json_text import parsed
from api.request.query import Paging, following, nothing
from api.sql import statements

logger = logging.getLogger(__name__)

NO_SEGMENTS = (
    "",
    ".",
    "..",
)  # a row with such a text for its key has no path of its own (RFC 3986, section 5.2.4)


class Service:
    """What every request shares: the catalog, what is compiled from it, and the connections."""

    def __init__(self, config: Config, catalog: Catalog) -> None:
        """Compile everything that can be compiled before the first request."""
        self.config = config
        self.catalog = catalog
        self.operations = discovery.build(catalog)
        document = openapi.build(catalog, self.operations)
        self.document = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        self.cursors = Cursors(config.cursor_secret or secret_of(config.database_url))
        self.inputs = {operation: Input(operation, document) for operation in self.operations}
        self.pagings = {o: Paging(o, self.cursors) for o in self.operations if o.kind.pages}
        self.connections = Connections(
            config.database_url, config.connections, config.wait, config.timeout
        )
        self.batches = Batches(self.connections, config.lanes, config.batch)
        self.streams = Streams(
            config.database_url, config.streams, config.wait, config.stream_timeout, config.timeout
        )

    async def open(self) -> None:
        """Open the connections."""
        await self.connections.open()
        await self.streams.open()

    async def close(self) -> None:
        """Close them."""
        await self.connections.close()
        await self.streams.close()

    async def run(
        self,
        operation: Operation,
        sql: str,
        values: list[Any],
        *,
        together: str = "",
        asked: bool = False,
    ) -> Any:
        """Run an operation's statement and give its row, or None.

        `together`: the statement for many of its calls; `asked`: a query string had values for it.
        """
        write = operation.method != "GET"
        try:
            if together:
                return await self.batches.run(sql, together, values, write=write)
            return await self.connections.run(sql, values, write=write)
        except PostgresError as error:
            keys = values[: len(operation.keys)]
            raise ProblemError(await self.refusal(error, operation, keys, asked=asked)) from error

    async def refusal(
        self, error: PostgresError, operation: Operation, keys: list[str], *, asked: bool
    ) -> Problem:
        """Say what an error of an operation's statement is to the client."""
        if operation.keys and sqlstate.is_about_a_value(error):
            number = (await self.connections.run(statements.malformed_key(operation), keys))[0]
            if number is not None:
                return sqlstate.missing(operation, operation.parent_of(number))
        return sqlstate.problem(error, operation, self.catalog, has_query_values=asked)

    async def missing_parent(self, operation: Operation, keys: list[str]) -> Problem | None:
        """Find out which of the path's parents is not there; None where all are."""
        if not operation.parents:
            return None
        row = await self.run(operation, statements.missing_parent(operation), keys)
        return None if row[0] is None else sqlstate.missing(operation, row[0])


async def export(
    service: Service, operation: Operation, request: Request, keys: list[str], media: str
) -> None:
    """Answer with all rows of a list or a report, as they come."""
    keep, query, values, asked = _exported(service, operation, request, keys, media)
    pace = service.streams.pace()
    answer = Outgoing(request, media, pace)
    status = 200
    try:
        with lasting(request, _longest(service.config)):
            async with service.streams.reading(pace) as connection:
                await _find_parents(operation, keys, connection)
                await connection.fetchrow(keep, *values)
                await service.streams.copy(connection, query, media, answer)
            await answer.end()
    except StalledError:
        logger.warning("a stream was cut off: its client did not take it in time")
        status = CLIENT_GONE
        answer.abort()
    except asyncio.CancelledError:
        status = CLIENT_GONE
        raise
    except Exception as error:
        problem = await _failure(service, operation, keys, error, asked=asked)
        if not answer.begun:
            raise ProblemError(problem) from error
        # its text quotes
        logger.error("a stream was broken off: %s", type(error).__name__)  # noqa: TRY400
        status = problem.status
        answer.abort()
    finally:
        if answer.begun:
            request.app.ctx.account(request, status)


def _longest(limits: Config) -> int:
    """Tell after how many seconds a stream has ended by itself: it waits, runs, and is wound up."""
    return limits.stream_timeout + limits.wait + 3 * limits.timeout


def _exported(
    service: Service, operation: Operation, request: Request, keys: list[str], media: str
) -> tuple[str, str, list[Any], bool]:
    """Give the statements of an export, the values of the first, and whether the query string has some of them.

    What HEAD asks for, one row tells.
    """
    limit = "1" if request.method == "HEAD" else ""
    if operation.kind is kinds.REPORT:
        nothing(request.query_string)
        shape, values, asked = None, list[Any](), False
    else:
        page = service.pagings[operation].page(keys, request.query_string)
        shape, values, asked = page.shape, [*keys, *page.values], bool(page.values)
        limit = limit or (str(page.limit) if page.limited else "")
    keep, query = statements.export(operation, shape, media, limited=bool(limit))
    return keep, query, [*values, limit] if limit else values, asked


async def _find_parents(
    operation: Operation, keys: list[str], connection: "Connection[Any]"
) -> None:
    if operation.parents:
        position = await connection.fetchval(statements.missing_parent(operation), *keys)
        if position is not None:
            raise ProblemError(sqlstate.missing(operation, position))


async def _failure(
    service: Service, operation: Operation, keys: list[str], error: Exception, *, asked: bool
) -> Problem:
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, PostgresError):
        return await service.refusal(error, operation, keys, asked=asked)
    return sqlstate.UNAVAILABLE if isinstance(error, FAILURES) else sqlstate.INTERNAL_ERROR


async def _list(
    service: Service, operation: Operation, request: Request, keys: list[str]
) -> HTTPResponse:
    paging = service.pagings[operation]
    page = paging.page(keys, request.query_string)
    sql = statements.listing(operation, page.shape)
    values = [*keys, *page.values, page.limit]
    # Larger ones would keep those waiting that share their statement.
    together = statements.listings(operation, page.shape) if page.limit <= DEFAULT_LIMIT else ""
    body, last, found = await service.run(
        operation, sql, values, together=together, asked=bool(page.values)
    )
    if not found:
        last_parent = sqlstate.missing(operation, len(operation.parents) - 1)
        several = len(operation.parents) > 1
        raise ProblemError(
            (several and await service.missing_parent(operation, keys)) or last_parent
        )
    headers = {}
    if last is not None:
        after = service.cursors.seal(last, paging.scope(keys, page))
        headers["link"] = f'<{following(request.path, request.query_string, after)}>; rel="next"'
    return HTTPResponse(body, content_type=JSON, headers=headers)


async def _read(
    service: Service, operation: Operation, request: Request, keys: list[str]
) -> HTTPResponse:
    nothing(request.query_string)
    together = statements.items(operation) if operation.kind is kinds.READ else ""
    row = await service.run(operation, statements.item(operation), keys, together=together)
    if row is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(row[0], content_type=JSON)


async def _delete(
    service: Service, operation: Operation, request: Request, keys: list[str]
) -> HTTPResponse:
    nothing(request.query_string)
    if await service.run(operation, statements.item(operation), keys) is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(status=204)


async def _content(service: Service, request: Request) -> bytes:
    found = await body.content(request, service.config.body_limit, service.config.timeout)
    nothing(request.query_string)
    return found


async def _create(
    service: Service, operation: Operation, request: Request, keys: list[str]
) -> HTTPResponse:
    sent = body.media(request, SENT)
    if sent != JSON:
        return await _upload(service, operation, request, keys, sent)
    text, value = parsed(await _content(service, request))
    if isinstance(value, list):
        del value  # many that wait for a place would have more in memory than they have sent
        with request.app.ctx.memory.holding(len(text)):
            async with _into(service, operation, keys, service.streams.pace()) as upload:
                await upload.add(rows.elements(text))
                await upload.end()
        return _created(upload)
    names = service.inputs[operation].names(value)
    sql = statements.create(operation, names)
    together = statements.creates(operation, names)
    row = await service.run(operation, sql, [*keys, text] if names else keys, together=together)
    if row is None:
        raise ProblemError(await service.missing_parent(operation, keys) or sqlstate.ROW_REJECTED)
    headers = {}
    if row[1] is not None:
        key = ",".join(quote(part, safe="") for part in json.loads(row[1]))
        if key not in NO_SEGMENTS:
            headers["location"] = f"/{quote(operation.relation.name)}/{key}"
    return HTTPResponse(row[0], status=201, content_type=JSON, headers=headers)


async def _upload(
    service: Service, operation: Operation, request: Request, keys: list[str], sent: str
) -> HTTPResponse:
    limits, pace = service.config, service.streams.pace()
    pieces = body.pieces(request, limits.upload_limit, pace)
    nothing(request.query_string)
    reader = rows.reader(sent, operation, limits.body_limit)
    with lasting(request, _longest(limits)):
        piece = await anext(pieces, None)  # who has sent next to nothing has no use for a place yet
        async with _into(service, operation, keys, pace) as upload:
            while piece is not None:
                await upload.add(reader.feed(piece))
                piece = await anext(pieces, None)
            await upload.add(reader.feed(b""))
            await upload.end()
    return _created(upload)


@asynccontextmanager
async def _into(
    service: Service, operation: Operation, keys: list[str], pace: Pace
) -> AsyncIterator[Upload]:
    """Give what takes rows, in a transaction of its own."""
    try:
        async with service.streams.writing(pace) as connection:
            await _find_parents(operation, keys, connection)
            upload = Upload(operation, service.catalog, service.inputs[operation], keys, connection)
            try:
                yield upload
            finally:
                await upload.stop()
    except (PostgresError, *FAILURES) as error:
        raise ProblemError(await _failure(service, operation, keys, error, asked=False)) from error


def _created(upload: Upload) -> HTTPResponse:
    return HTTPResponse(f'{{"created":{upload.count}}}', status=201, content_type=JSON)


async def _update(
    service: Service, operation: Operation, request: Request, keys: list[str]
) -> HTTPResponse:
    body.media(request, (JSON,))
    text, names = service.inputs[operation].body(await _content(service, request))
    row = await service.run(operation, statements.change(operation, names), [*keys, text])
    if row is None:
        raise ProblemError(sqlstate.missing(operation))
    return HTTPResponse(row[0], content_type=JSON)


BY_KIND = {
    kinds.LIST: _list,
    kinds.REPORT: _read,
    kinds.READ: _read,
    kinds.DELETE: _delete,
    kinds.CREATE: _create,
    kinds.UPDATE: _update,
}
