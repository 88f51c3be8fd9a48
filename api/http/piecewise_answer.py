"""An answer that is sent in pieces, each at the pace of its client."""

from typing import Any, Protocol

from sanic import HTTPResponse

from api.database.slow_clients import PIECE, Pace
from api.database.streams import StalledError
from api.request.incoming import Head


class Answered(Protocol):
    """The request, as far as its answer needs it."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    async def respond(
        self, response: None = None, *, status: int, headers: dict[str, str], content_type: str
    ) -> Any:
        """Begin an answer of Sanic's."""

    def log(self, status: int) -> None:
        """Log and count the answer."""


class Ending(Protocol):
    """The part of the exchange that ends an answer."""

    def end_without_body(self) -> None:
        """End the answer to HEAD."""

    def reset(self) -> None:
        """End the connection at once."""


class PiecewiseAnswer:
    """An answer in pieces. The first piece sends the head: an earlier failure becomes a problem."""

    __slots__ = ("_exchange", "_head", "_pace", "_request", "_response")

    def __init__(self, request: Answered, exchange: Ending, head: Head, pace: Pace) -> None:
        """Prepare it; `pace` limits how long the client may take to read it."""
        self._request, self._exchange = request, exchange
        self._head, self._pace = head, pace
        self._response: HTTPResponse | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the head has been made."""
        return self._response is not None

    async def send(self, data: bytes) -> None:
        """Send some bytes.

        Raises StalledError where the client does not read them in time.
        """
        try:
            if self._response is None:
                self._response = await self._begin()
            if self._request.method != "HEAD":
                for start in range(0, len(data), PIECE):
                    piece = data[start : start + PIECE]
                    await self._pace.wait(self._response.send(piece))
                    self._pace.moved(len(piece))
        except TimeoutError:
            raise StalledError from None

    async def end(self) -> None:
        """End the complete answer."""
        await self.send(b"")
        assert self._response is not None
        if self._request.method == "HEAD":
            self._exchange.end_without_body()
        else:
            await self._response.send(b"", end_stream=True)
        self._request.log(self._head.status)

    def abort(self, status: int) -> None:
        """Abort the answer: a client sees by the missing last chunk that it is incomplete."""
        self._exchange.reset()
        if self.has_begun:
            self._request.log(status)

    async def _begin(self) -> HTTPResponse:
        response = await self._request.respond(
            status=self._head.status,
            headers=dict(self._head.headers),
            content_type=self._head.content_type,
        )
        assert isinstance(response, HTTPResponse)
        if self._request.method == "HEAD":
            await response.send(b"", end_stream=False)
        return response
