"""Answers in other forms than JSON: made of the JSON of a statement's rows, whole, and tagged."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sanic import HTTPResponse

from api.database import sqlstate
from api.document.media_types import JSON, ROWS
from api.endpoints.tagged import Conditions, tagged_form
from api.operations.operation import Operation
from api.problem import ProblemError
from api.representations import offers
from api.representations.representation import Content, RenderError, Representation

_THREADS = 2
_SHORT = 2**14  # characters of JSON; of more, a representation takes longer than a request may


class Rendering:
    """Makes representations: of little JSON at once, of much in a thread, few at a time.

    Those that find no thread wait; what waits for a client that has gone is not begun.
    """

    def __init__(self) -> None:
        """Prepare the threads; none is started before it is needed, and so none before a fork."""
        self._threads = ThreadPoolExecutor(_THREADS, "rendering")

    async def render(self, representation: Representation, content: Content) -> bytes:
        """Make a representation.

        Raises ProblemError `internal-error`, whose note says where the template failed.
        """
        try:
            if len(content.text) <= _SHORT:
                return representation.render(content)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, representation.render, content)
        except RenderError as error:
            raise ProblemError(replace(sqlstate.INTERNAL_ERROR, note=str(error))) from None

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Forms:
    """The forms of one operation's answer."""

    def __init__(self, operation: Operation, representations: Sequence[Representation]) -> None:
        """Compile them.

        `offered`: all media types, in the order in which equal wishes are met; `formats`: those
        with a name, by it; `by_media`: the representations.
        """
        usual = ROWS if operation.kind.many_rows else (JSON,)
        self.by_media = {each.form.media_type: each for each in representations}
        self.offered = tuple(dict.fromkeys((*usual, *self.by_media)))
        self.formats = offers.formats(operation, representations)


async def rendered(
    rendering: Rendering,
    representation: Representation,
    content: Content,
    conditions: Conditions | None,
    headers: Mapping[str, str] | None = None,
) -> HTTPResponse:
    """Answer with a representation and its tag, or with 304 where the client has it.

    `headers`: those of the answer, and of 304. Raises ProblemError.
    """
    made = await rendering.render(representation, content)
    type_, policy = representation.content_type, representation.headers
    return tagged_form(made, type_, conditions, headers or {}, policy)
