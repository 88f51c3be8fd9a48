"""The application on a real socket, in the event loop of the test.

pytest-sanic's own client does not work with this version of Sanic.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx
from sanic import Sanic
from sanic.server import AsyncioServer

from api.catalog.relations import Catalog
from api.config import Config
from api.identity import DEVELOPMENT_ROLE
from tests.support import compiled, schema_templates
from tests.support.catalogs import read_catalog, tenant_of
from tests.support.conformance import Client, document_of
from tests.support.plain_http import PlainTransport
from tests.support.response_headers import assert_closed, assert_guarded

LONG = 100  # seconds that no test reaches


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: its catalog, and a client that fails on undocumented answers."""

    catalog: Catalog
    client: httpx.AsyncClient
    port: int


class Serve(Protocol):
    """A function that starts a server, which ends with the test."""

    async def __call__(
        self,
        config: Config,
        migrations: Collection[str] = (),
        found: Catalog | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Serving:
        """Serve a database on a free port; `settings` are Sanic's own."""


def _with_long_limits(config: Config) -> Config:
    default = Config()
    wait = LONG if config.wait == default.wait else config.wait
    timeout = LONG if config.timeout == default.timeout else config.timeout
    keep_alive = LONG if config.keep_alive == default.keep_alive else config.keep_alive
    return replace(config, wait=wait, timeout=timeout, keep_alive=keep_alive)


@asynccontextmanager
async def serving(
    config: Config,
    migrations: Collection[str] = (),
    found: Catalog | None = None,
    settings: Mapping[str, Any] | None = None,
    roles: Collection[str] = (),
) -> AsyncIterator[Serving]:
    """Serve a database on a free port; `settings` are Sanic's own; `roles`: more than the usual.

    Time limits that a test leaves at their defaults are out of the reach of a busy machine.
    """
    config = _with_long_limits(config)
    found = found or await read_catalog(config.database_url)
    tenant = await tenant_of(found, config.database_url)
    others = {role: await read_catalog(config.database_url, role) for role in roles}
    templates = schema_templates.of(found, config.schema_dir)
    catalogs = {DEVELOPMENT_ROLE: found, **others}
    app = compiled.application(config, catalogs, migrations, tenant, templates)
    app.sanic.config.update({"TOUCHUP": False, **(settings or {})})
    # Sanic takes port 0 for its default port.
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    started = await app.create_server(sock)
    await started.startup()
    await started.before_start()
    await started.start_serving()
    await started.after_start()
    try:
        document, hooks = (
            document_of(found, templates),
            {"response": [_judged if config.origins else _judged_as_closed]},
        )
        url = f"http://127.0.0.1:{port}"
        async with Client(
            document, base_url=url, timeout=LONG, event_hooks=hooks, transport=PlainTransport()
        ) as client:
            yield Serving(found, client, port)
    finally:
        await started.before_stop()
        await started.close()
        await _close_connections(started)
        await started.after_stop()
        _forget(app.sanic)


def _forget(app: Sanic[Any, Any]) -> None:
    """Let the memory of an application be freed: Sanic keeps it in a registry and in a cache."""
    Sanic.unregister_app(app)
    type(app.router).get.cache_clear()


async def _judged(response: httpx.Response) -> None:
    assert_guarded(response)


async def _judged_as_closed(response: httpx.Response) -> None:
    assert_guarded(response)
    assert_closed(response)


async def _close_connections(started: AsyncioServer) -> None:
    for connection in started.connections:
        connection.close_if_idle()
    for _ in range(100):  # those that a test has left open are closed with the loop
        if not started.connections:
            break
        await asyncio.sleep(0.01)
