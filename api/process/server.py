"""The server: it listens, serves in this process or in several workers, and drains on a signal.

This is the only file outside of `api.http` that starts Sanic's server. Sanic's own `run` ignores
signals between listening and serving: a SIGTERM in that moment would be lost.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from socket import socket
from typing import Any

from sanic.server.loop import try_use_uvloop

from api.catalog.relations import Catalog
from api.config import Config
from api.http import draining
from api.http.app import Application, create_app
from api.http.connection_limit import fit_open_files
from api.http.metrics_slots import MetricsSlots
from api.process import control_channel, port, signals
from api.process.control_channel import Channel
from api.process.port import Port
from api.process.workers import StartError, Supervisor

logger = logging.getLogger(__name__)

Stop = Callable[[int], None]  # takes the number of the signal by which to end


def serve(
    settings: Config,
    catalogs: Mapping[str, Catalog],
    migrations: Collection[str],
    tenant: str = "",
    on_ready: Callable[[], object] = lambda: None,
) -> None:
    """Serve the catalogs of the roles at HOST and PORT until SIGINT, SIGTERM or SIGHUP.

    `migrations` are the ids that the database has to have for `/ready/`; `tenant` is that of the
    development identity; `on_ready` is called once, when all workers serve. Raises StartError.
    """
    app = _application(settings, catalogs, migrations, tenant)
    address = settings.host, settings.port
    try:
        listener = port.listen(address) if settings.workers == 1 else Port(address)
    except OSError as error:
        place = f"HOST {settings.host} and PORT {settings.port}"
        message = f"Can't listen on {place}: {error.strerror}."
        raise StartError(message) from None
    if isinstance(listener, Port):
        _serve_in_workers(app, settings, listener, on_ready)
    else:
        _serve_in_this_process(app, settings, listener, lambda _stop: on_ready())


def _application(
    settings: Config, catalogs: Mapping[str, Catalog], migrations: Collection[str], tenant: str
) -> Application:
    """Create the application; limit its clients to the file descriptors that a process may have."""
    clients = fit_open_files(settings.clients, settings.connections + settings.streams + 1)
    if clients < settings.clients:
        logger.warning("CLIENTS is reduced to %d: this process may not open more files", clients)
    return create_app(replace(settings, clients=clients), catalogs, migrations, tenant)


def _serve_in_workers(
    app: Application, settings: Config, shared: Port, on_ready: Callable[[], object]
) -> None:
    """Serve in WORKERS processes, under a supervisor in this one."""
    slots = MetricsSlots(settings.workers)

    def work(number: int, listener: socket, channel: Channel) -> None:
        def on_serving(stop: Stop) -> None:
            app.metrics.share(slots, number)
            control_channel.report_serving(channel, stop)

        _serve_in_this_process(app, settings, listener, on_serving)

    Supervisor(settings.workers, shared, work).run(on_ready)


def _serve_in_this_process(
    app: Application, settings: Config, listener: socket, on_serving: Callable[[Stop], object]
) -> None:
    """Serve in this process until it is stopped; `on_serving` gets the function that stops it."""
    try_use_uvloop()
    asyncio.run(_run(app, settings, listener, on_serving))


async def _run(
    app: Application, settings: Config, listener: socket, on_serving: Callable[[Stop], object]
) -> None:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(number: int) -> None:
        if not stopped.done():
            stopped.set_result(number)

    signals.on_first_signal(
        lambda number: loop.call_soon_threadsafe(stop, number), keep_ignored_sighup=True
    )
    server: Any = await app.create_server(listener)
    await server.startup()
    try:
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        on_serving(stop)
        number = await stopped
        # A cluster sends SIGTERM, and its proxies need time to notice; a person sends the others.
        seconds = settings.drain if number == signal.SIGTERM else 0
        await draining.drain(server, app.draining, listener, seconds)
    finally:
        await server.after_stop()
