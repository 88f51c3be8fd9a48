"""The metrics on a port of their own: a second server, which no proxy in front of the API shows.

It answers `/metrics` for any host, to whoever can connect to the port.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from sanic import HTTPResponse, Request, Sanic

from api.http.metrics import MEDIA_TYPE, Metrics
from api.operations import service_paths


@asynccontextmanager
async def serving(metrics: Metrics, listening: socket.socket | None) -> AsyncIterator[None]:
    """Serve the metrics on this socket, if there is one, until the block ends."""
    if not listening:
        yield
        return
    app = _app(metrics)
    server: Any = await app.create_server(
        sock=listening, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    try:
        yield
    finally:
        server.close()
        for connection in (*server.connections,):
            connection.abort()
        Sanic.unregister_app(app)


def _app(metrics: Metrics) -> Sanic:  # type: ignore[type-arg]
    app = Sanic(f"metrics-{uuid4().hex}", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.TOUCHUP = False  # it has rewritten the same classes for the API already

    async def answer(_: Request) -> HTTPResponse:
        return HTTPResponse(metrics.text(), content_type=MEDIA_TYPE)

    app.add_route(answer, service_paths.METRICS.path, ["GET", "HEAD"], name="metrics")
    return app
