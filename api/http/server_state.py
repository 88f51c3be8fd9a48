"""What the connections and requests of one server share."""

from dataclasses import dataclass

from api.http.access_log import AccessLog
from api.http.connection_limit import ConnectionLimit
from api.http.draining import Draining
from api.request.body import BodyReader


@dataclass(frozen=True, slots=True, eq=False)
class ServerState:
    """The state that is handed to each connection. `hosts`: allowed hosts, with commas; or all."""

    hosts: str
    body: BodyReader
    limit: ConnectionLimit
    draining: Draining
    log: AccessLog
