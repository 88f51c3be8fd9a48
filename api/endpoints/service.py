"""What the endpoints of one role share: catalog, document; and what those of all roles share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from api.catalog.relations import Catalog
from api.config import Config
from api.database.batching import Batches
from api.database.connections import Connections
from api.database.streams import Streams
from api.document import openapi
from api.document.info import info
from api.endpoints.rendering import Rendering
from api.operations import discovery
from api.operations.operation import Operation
from api.pages.markup import Markup
from api.pages.site import Site
from api.pages.turns import Turns
from api.representations import offers
from api.representations.representation import Offers
from api.representations.templates import Template
from api.request.body import BodyMemory, BodyReader
from api.request.cursor import Cursors, secret_of

_BODIES = 64  # bodies of the largest size that may be arriving at the same time


class Document:
    """The OpenAPI document of one role, made when it is asked for.

    A role that nobody has costs nothing then, and the server starts sooner.
    """

    def __init__(
        self, catalog: Catalog, operations: Sequence[Operation], offered: Offers, config: Config
    ) -> None:
        """Take what it is made of."""
        self._offered = offered
        self._catalog = catalog
        self._operations = operations
        self._config = config

    @cached_property
    def whole(self) -> dict[str, Any]:
        """The document."""
        url, needs = self._config.prefix or "/", bool(self._config.issuer)
        return openapi.build(
            self._catalog,
            self._operations,
            url,
            needs_credentials=needs,
            forms=offers.forms(self._offered),
        )

    def of_body(self, operation: Operation) -> dict[str, Any]:
        """Make the part that an operation's body needs: a write does not wait for the whole."""
        return openapi.of_body(operation, self._operations)

    @cached_property
    def text(self) -> bytes:
        """Its JSON."""
        return openapi.written(self.whole)


@dataclass(frozen=True, slots=True)
class Service:
    """The shared parts. `catalog`, `operations`, `offers`, `document` and `site` are one role's."""

    config: Config
    catalog: Catalog
    operations: tuple[Operation, ...]
    offers: Offers
    document: Document
    cursors: Cursors
    connections: Connections
    batches: Batches
    streams: Streams
    memory: BodyMemory
    rendering: Rendering
    site: Site

    @property
    def body(self) -> BodyReader:
        """Reads JSON bodies."""
        limits = self.config
        return BodyReader(limits.body_limit, limits.timeout, self.memory)

    @property
    def longest_stream(self) -> int:
        """Seconds after which every stream has ended: it waits, runs, and is cleaned up."""
        limits = self.config
        return limits.stream_timeout + limits.wait + 3 * limits.timeout

    async def open(self) -> None:
        """Open the connections."""
        await self.connections.open()
        await self.streams.open()

    async def close(self) -> None:
        """Close the connections."""
        await self.connections.close()
        await self.streams.close()
        self.rendering.close()


def build(
    config: Config, catalogs: Mapping[str, Catalog], templates: Iterable[Template] = ()
) -> dict[str, Service]:
    """Compile for each role what can be compiled before the first request.

    `catalogs`: what the schema offers to each role; `templates`: those of the schema. No connection
    is opened yet.
    """
    url = config.database_url
    connections = Connections(url, config.connections, config.wait, config.timeout)
    tells_actors = any(catalog.tells_actors for catalog in catalogs.values())
    batches = Batches(connections, config.lanes, config.batch, tells_actors=tells_actors)
    streams = Streams(url, config.streams, config.wait, config.stream_timeout, config.timeout)
    memory = BodyMemory(_BODIES * config.body_limit)
    rendering, turns = Rendering(), Turns()
    cursors = Cursors(config.cursor_secret or secret_of(url))

    markups: dict[str, Markup] = {}

    def service(catalog: Catalog) -> Service:
        operations = discovery.build(catalog)
        offered = offers.build(operations, templates)
        title = info(catalog.comments.get("api"))["title"]
        return Service(
            config=config,
            catalog=catalog,
            operations=operations,
            offers=offered,
            document=Document(catalog, operations, offered, config),
            cursors=cursors,
            connections=connections,
            batches=batches,
            streams=streams,
            memory=memory,
            rendering=rendering,
            site=Site(operations, markups.setdefault(title, Markup(title)), turns, offered),
        )

    return {role: service(catalog) for role, catalog in catalogs.items()}
