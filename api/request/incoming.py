"""What endpoints need of a request and of an answer in pieces; `http.protocol` implements it."""

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sanic.compat import Header

from api.database.slow_clients import Pace
from api.identity import Identity


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer in pieces."""

    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class BodyStream(Protocol):
    """The body of a request as it arrives."""

    def read(self) -> Coroutine[Any, Any, bytes | None]:
        """Read some bytes; None at the end."""

    @property
    def is_buffered(self) -> bool:
        """Whether all of it is in memory, so that reading does not wait."""

    @property
    def is_at_end(self) -> bool:
        """Whether nothing of it is left to be read."""


class Outgoing(Protocol):
    """An answer that is sent in pieces. Its head goes out with the first piece."""

    @property
    def has_begun(self) -> bool:
        """Whether its head has been sent."""

    async def send(self, data: bytes) -> None:
        """Send some bytes; COPY calls this with what it reads.

        Raises StalledError where the client does not read them in time.
        """

    async def end(self) -> None:
        """End the answer: it is complete."""

    def abort(self, status: int) -> None:
        """End the connection without the last chunk; `status` is for the access log."""


class Incoming(Protocol):
    """A request."""

    @property
    def identity(self) -> Identity:
        """For whom it acts."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The target's path, as it was sent: not decoded, and without the prefix."""

    @property
    def prefix(self) -> str:
        """What stands before the paths of the answer: a path without a slash at its end."""

    @property
    def query_string(self) -> str:
        """The target's query, as it was sent, without the question mark."""

    @property
    def headers(self) -> Header:
        """The header fields; names in any case."""

    @property
    def body_stream(self) -> BodyStream:
        """The body."""

    def accepted(self, offered: Sequence[str]) -> str:
        """Return the media type that `Accept` prefers of those that are offered.

        Raises ProblemError `not-acceptable`.
        """

    def also_read(self, path: str) -> None:
        """Note that the answer shows rows of another path, which has no prefix."""

    def extended(self, seconds: float) -> AbstractContextManager[None]:
        """Let the answer take so many seconds, instead of the server's RESPONSE_TIMEOUT."""

    def outgoing(self, head: Head, pace: Pace) -> Outgoing:
        """Answer in pieces; `pace` limits how long the client may take."""
