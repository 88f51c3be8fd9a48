"""What the connections and requests of one server share."""

from dataclasses import dataclass, field

from sanic.compat import Header

from api.http import hosts
from api.http.access_log import AccessLog
from api.http.connection_limit import ConnectionLimit
from api.http.draining import Draining
from api.http.prefix import Prefix
from api.http.read_log import ReadLog
from api.http.routes import Routes
from api.http.tokens import Tokens
from api.problem import Problem
from api.request.body import BodyReader
from api.request.reading import Reading


@dataclass(frozen=True, slots=True, eq=False)
class ServerState:
    """The state that is handed to each connection. `hosts`: allowed hosts, with commas; or all."""

    hosts: str
    routes: Routes
    prefix: Prefix
    body: BodyReader
    limit: ConnectionLimit
    draining: Draining
    log: AccessLog
    reads: ReadLog | None
    tokens: Tokens
    is_restricted: bool = field(init=False)
    """Whether `refusal` refuses some well-formed heads."""

    def __post_init__(self) -> None:
        """Decide once what each request asks."""
        is_restricted = bool(self.hosts or self.prefix.is_trusted)
        object.__setattr__(self, "is_restricted", is_restricted)

    def reading(self, path: str) -> Reading | None:
        """Return how reads of a path are recorded; None where they are not, or not offered."""
        route = self.routes.at(path).get("GET")
        return route.reading if route else None

    def refusal(self, target: bytes, headers: Header) -> Problem | None:
        """Return the problem of a well-formed head, or None; `target`: the request's."""
        if self.hosts:
            absolute = b"" if target.startswith(b"/") else target
            if problem := hosts.refusal(absolute, headers.get("host"), self.hosts):
                return problem
        return self.prefix.refusal(headers) if self.prefix.is_trusted else None
