"""POST to a collection: one row, or many."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from asyncpg import PostgresError
from sanic import HTTPResponse

from api.database import kept_rows
from api.database.connections import FAILURES
from api.database.slow_clients import Pace
from api.document.media_types import JSON, SENT
from api.endpoints.export import sending
from api.endpoints.insertion import Insertion
from api.endpoints.location import Location
from api.endpoints.nested_rows import NestedRows, located
from api.endpoints.service import Service
from api.endpoints.spool import Spool
from api.endpoints.tagged import entity_tag
from api.endpoints.upsertion import Upsertion
from api.endpoints.write import Write
from api.identity import Identity
from api.operations.operation import Operation
from api.problem import Problem, ProblemError
from api.request import preconditions, repeats
from api.request.body import pieces
from api.request.incoming import Head, Incoming
from api.request.json_text import parse
from api.request.media_types import body_media_type
from api.request.preferences import REPRESENTATION, applied, preferred_return
from api.request.repeats import REPLAYED, Repeat
from api.request.resolution import Resolution, Resolutions
from api.request.rows import array_rows, cell_type, grouped, row_reader
from api.sql import statements


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a request with many rows asks for: how they are answered, what of those that are there.

    And whether it is one that may be sent again. `headers`: the field of the answer that says which
    preferences it follows.
    """

    returns: str | None
    resolution: Resolution | None
    repeat: Repeat | None
    headers: Mapping[str, str]

    def spool(self) -> AbstractContextManager[Spool | None]:
        """Return where new rows are kept if the client prefers them as the answer."""
        return Spool() if self.returns == REPRESENTATION else nullcontext()


def _terms(request: Incoming, resolution: Resolution | None, repeat: Repeat | None) -> _Terms:
    """Return what a request with many rows asks for.

    Raises ProblemError `invalid-header`: many rows are not kept for requests that are repeated.
    """
    returns = preferred_return(request.headers)
    if repeat and returns == REPRESENTATION:
        raise ProblemError(repeats.MANY_ROWS)
    stated = (resolution.preference,) if resolution else ()
    return _Terms(returns, resolution, repeat, applied(*stated, returns=returns))


class Create(Write):
    """Creates one row of a JSON object, or many of an array, NDJSON or CSV: all of them or none."""

    def __init__(self, operation: Operation, service: Service) -> None:
        """Prepare to read JSON bodies of at most BODY_LIMIT bytes."""
        super().__init__(operation, service)
        self._body = service.body
        self._run = service.batches.run
        self._fields = {column.name: cell_type(column.type) for column in operation.body}
        self._fixed = operation.fixed
        self._nested = frozenset(each.segment for each in operation.nested)
        self._location = Location(operation).header
        self._resolutions = Resolutions(operation)
        self._longest = service.longest_stream

    async def answer(self, request: Incoming, segments: Collection[str]) -> HTTPResponse | None:
        """Answer with the new row and its path; for many rows, with their number or all of them."""
        keys = self._input.keys(segments)
        request.accepted((JSON,))
        media = body_media_type(request.headers, SENT)
        preconditions.refuse_for_create(request.headers)
        repeat = self._repeat(request, keys, media)
        if media != JSON:
            return await self._upload(request, keys, media, repeat)
        content = await self._body.read(request)
        resolution = self._resolution(request)
        text, value = parse(content)
        if repeat:
            repeat.add(_asked(resolution) + content)
        if resolution or isinstance(value, list):
            text = text if isinstance(value, list) else f"[{text}]"
            del content, value  # keep only the text while the rows wait for a connection
            return await self._insert_array(
                request, text, keys, _terms(request, resolution, repeat)
            )
        names = self._input.names(value)
        values = [*keys, text] if names else keys
        nested = None if self._nested.isdisjoint(names) else NestedRows(self.operation, value)
        sent = nested or names
        if repeat:
            body, key, more = await self._create_once(sent, values, request.identity, keys, repeat)
        else:
            body, key, *_ = await self._create(sent, values, request.identity, keys)
            more = {}
        content = body.encode()
        key, tag = located(key) if nested else (key, entity_tag(content))
        headers = self._location(request.prefix, key) | {"etag": tag} | more
        return HTTPResponse(content, status=201, content_type=JSON, headers=headers)

    def _resolution(self, request: Incoming) -> Resolution | None:
        """Return what becomes of rows that are there; raises what `Resolutions.of` does."""
        if not request.query_string and "prefer" not in request.headers:
            return None
        return self._resolutions.of(request.headers, request.query_string)

    async def _create(
        self,
        sent: frozenset[str] | NestedRows,
        values: Sequence[str],
        identity: Identity,
        keys: Sequence[str],
        *,
        once: bool = False,
    ) -> Any:
        """Return the row of the statement. Raises ProblemError.

        `sent`: the names of the body's fields, or what it holds below them.
        """
        if isinstance(sent, NestedRows):
            one, many = sent.statements(once=once)
        else:
            one = statements.create(self.operation, sent, once=once)
            many = statements.creates(self.operation, sent, once=once)
        try:
            row = await self._run(one, many, values, identity, write=True)
        except PostgresError as error:
            raise ProblemError(await self._refusal(error, identity, keys, sent)) from error
        if row is None:
            missing = await self._missing_parent(identity, keys)
            raise ProblemError(missing or kept_rows.left_out(self.operation))
        return row

    async def _refusal(
        self,
        error: PostgresError,
        identity: Identity,
        keys: Sequence[str],
        sent: frozenset[str] | NestedRows,
    ) -> Problem:
        if isinstance(sent, NestedRows):
            found = await sent.judged(error, identity, keys, self._service)
            if isinstance(found, Problem):
                return found
            error, sent = found, sent.fields
        return await self._problem(error, identity, keys, fields=sent)

    async def _create_once(
        self,
        sent: frozenset[str] | NestedRows,
        values: Sequence[str],
        identity: Identity,
        keys: Sequence[str],
        repeat: Repeat,
    ) -> tuple[str, str | None, dict[str, str]]:
        """Return the new row, its key, and the headers of an answer that was kept before.

        Raises ProblemError.
        """
        try:
            made = await self._create(sent, [*values, *repeat.values], identity, keys, once=True)
        except ProblemError as error:
            kept = await self._kept(repeat, identity, error)
            return str(kept.body), kept.location, REPLAYED
        return made[0], made[1], {}

    async def _insert_array(
        self, request: Incoming, text: str, keys: Sequence[str], terms: _Terms
    ) -> HTTPResponse | None:
        pace = self._service.streams.pace()
        with terms.spool() as spool:
            with self._service.memory.holding(len(text)):
                async with self._insertion(request, keys, pace, spool, terms) as insertion:
                    if not insertion.is_done:
                        for rows in grouped(array_rows(text)):
                            await insertion.add(rows)
                    await insertion.end()
            return await self._created(request, terms, insertion, spool)

    async def _upload(
        self, request: Incoming, keys: Sequence[str], media: str, repeat: Repeat | None
    ) -> HTTPResponse | None:
        """Insert the rows of a body while it arrives."""
        resolution = self._resolution(request)
        terms = _terms(request, resolution, repeat)
        limits, pace = self._service.config, self._service.streams.pace()
        body = pieces(request, limits.upload_limit, pace)
        reader = row_reader(media, self._fields, self._fixed, limits.body_limit)
        if repeat:
            repeat.add(_asked(resolution))
        with request.extended(self._longest), terms.spool() as spool:
            piece = await anext(body, None)  # take no connection before rows have arrived
            async with self._insertion(request, keys, pace, spool, terms) as insertion:
                while piece is not None:
                    if repeat:
                        repeat.add(piece)
                    if not insertion.is_done:
                        for rows in grouped(reader.feed(piece)):
                            await insertion.add(rows)
                    piece = await anext(body, None)
                if not insertion.is_done:
                    for rows in grouped(reader.feed(b"")):
                        await insertion.add(rows)
                await insertion.end()
            return await self._created(request, terms, insertion, spool)

    async def _created(
        self,
        request: Incoming,
        terms: _Terms,
        insertion: Insertion,
        spool: Spool | None,
    ) -> HTTPResponse | None:
        """Answer, after COMMIT, with the number of new rows, or with all rows in pieces."""
        headers, status = {**terms.headers}, insertion.status
        if spool is None:
            headers |= REPLAYED if insertion.is_done else {}
            return HTTPResponse(insertion.summary, status, headers, content_type=JSON)
        answer = request.outgoing(Head(JSON, status, headers), self._service.streams.pace())
        with sending(answer, "an answer"), request.extended(self._longest):
            for piece in spool.pieces():
                await answer.send(piece)
            await answer.end()
        return None

    @asynccontextmanager
    async def _insertion(
        self,
        request: Incoming,
        keys: Sequence[str],
        pace: Pace,
        spool: Spool | None,
        terms: _Terms,
    ) -> AsyncIterator[Insertion]:
        """Yield an insertion in a transaction of its own; the end of the block commits it."""
        try:
            async with self._service.streams.writing(pace, request.identity) as connection:
                parts = (self.operation, self._service.catalog, self._input, keys, connection)
                wanted = terms.resolution
                insertion = Upsertion(wanted, *parts) if wanted else Insertion(*parts)
                if terms.repeat:
                    await insertion.do_once(terms.repeat, request.identity)
                if self.operation.parents and not insertion.is_done:
                    await self._check_parents(keys, connection)
                if spool:
                    insertion.keep(spool)
                try:
                    yield insertion
                finally:
                    await insertion.stop()
        except (PostgresError, *FAILURES) as error:
            raise ProblemError(await self._problem(error, request.identity, keys)) from error


def _asked(resolution: Resolution | None) -> bytes:
    """Write what a request asks for of rows that are there, for its fingerprint."""
    return f"{resolution.preference} {resolution.target} ".encode() if resolution else b""
