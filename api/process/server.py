"""The server: it listens, serves in this process or in several workers, and drains on a signal.

This is the only file outside of `api.http` that starts Sanic's server. Sanic's own `run` ignores
signals between listening and serving: a SIGTERM in that moment would be lost.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from socket import socket
from typing import Any

from sanic.server.loop import try_use_uvloop

from api import __version__
from api.catalog.jobs import Job
from api.catalog.served import Served
from api.config import Config
from api.database.job_runner import JobRunner
from api.http import draining, metrics_port
from api.http.app import Application, create_app
from api.http.connection_limit import fit_open_files
from api.http.log_output import parts
from api.http.metrics_slots import MetricsSlots
from api.process import control_channel, port, signals
from api.process.control_channel import Channel
from api.process.port import Port
from api.process.workers import StartError, Supervisor
from api.representations.templates import Template

logger = logging.getLogger(__name__)

Stop = Callable[[int], None]  # takes the number of the signal by which to end


@dataclass(frozen=True, slots=True)
class Sockets:
    """Where a process listens. `metrics`: None if they have no port of their own.

    Several workers have the socket of the metrics in common: each shows those of all.
    """

    api: socket
    metrics: socket | None


def serve(
    settings: Config,
    served: Served,
    migrations: Collection[str],
    on_ready: Callable[[], object] = lambda: None,
    templates: Iterable[Template] = (),
) -> None:
    """Serve at HOST and PORT, and run the jobs, until SIGINT, SIGTERM or SIGHUP.

    `migrations` are the ids that the database has to have for `/ready/`; `on_ready` is called once,
    when all workers serve; `templates` are those of the schema. Raises StartError.
    """
    for fault in served.jobs.faults:
        logger.warning("%s", fault)
    app = _application(settings, served, migrations, templates)
    jobs = served.jobs.found
    address = settings.host, settings.port
    with _refusal("PORT", address):
        listener = port.listen(address) if settings.workers == 1 else Port(address)
    metrics = None
    if settings.metrics_port:
        address = settings.host, settings.metrics_port
        with _refusal("METRICS_PORT", address):
            metrics = port.listen(address)

    def on_start() -> None:
        on_ready()
        _log_start(settings, served, migrations, listener)

    if isinstance(listener, Port):
        _serve_in_workers(app, settings, (listener, metrics), jobs, on_start)
    else:
        sockets = Sockets(listener, metrics)
        _serve_in_this_process(app, settings, sockets, jobs, lambda _stop: on_start())


@contextmanager
def _refusal(name: str, address: tuple[str, int]) -> Iterator[None]:
    """Raise StartError where an address can't be bound; `name`: of the setting with its port."""
    try:
        yield
    except OSError as error:
        message = f"Can't listen on HOST {address[0]} and {name} {address[1]}: {error.strerror}."
        raise StartError(message) from None


def _log_start(
    settings: Config, served: Served, migrations: Collection[str], listener: Port | socket
) -> None:
    """Log what serves where; for text it is a sentence, for JSON the same in members."""
    host, number, *_ = listener.getsockname()
    what: dict[str, str | int] = {
        "version": __version__,
        "migration": max(migrations, default="-"),
        "schema": served.digest,
        "workers": settings.workers,
        "connections": settings.connections,
        "streams": settings.streams,
        "address": f"http://{f'[{host}]' if ':' in host else host}:{number}",
        "metrics": settings.metrics_port or number,
    }
    told = (
        "version %(version)s serves the schema %(schema)s, last migration %(migration)s, at"
        " %(address)s: workers %(workers)d, each with connections %(connections)d and streams"
        " %(streams)d; metrics at port %(metrics)d"
    )
    logger.info(told, what, extra=parts(**what))


def _application(
    settings: Config,
    served: Served,
    migrations: Collection[str],
    templates: Iterable[Template],
) -> Application:
    """Create the application; limit its clients to the file descriptors that a process may have."""
    clients = fit_open_files(settings.clients, settings.connections + settings.streams + 2)
    if clients < settings.clients:
        logger.warning("CLIENTS is reduced to %d: this process may not open more files", clients)
    config = replace(settings, clients=clients)
    return create_app(config, served.catalogs, migrations, served.tenant, templates)


def _serve_in_workers(
    app: Application,
    settings: Config,
    shared: tuple[Port, socket | None],
    jobs: Sequence[Job],
    on_ready: Callable[[], object],
) -> None:
    """Serve in WORKERS processes, under a supervisor in this one; the first runs the jobs.

    `shared`: the port, and the socket of the metrics.
    """
    listening, metrics = shared
    slots = MetricsSlots(settings.workers)

    def work(number: int, listener: socket, channel: Channel) -> None:
        def on_serving(stop: Stop) -> None:
            app.metrics.share(slots, number)
            control_channel.report_serving(channel, stop)

        sockets = Sockets(listener, metrics)
        _serve_in_this_process(app, settings, sockets, () if number else jobs, on_serving)

    Supervisor(settings.workers, listening, work).run(on_ready)


def _serve_in_this_process(
    app: Application,
    settings: Config,
    sockets: Sockets,
    jobs: Sequence[Job],
    on_serving: Callable[[Stop], object],
) -> None:
    """Serve in this process, and run jobs, until it is stopped.

    `on_serving` gets the function that stops it.
    """
    try_use_uvloop()
    asyncio.run(_run(app, settings, sockets, jobs, on_serving))


async def _run(
    app: Application,
    settings: Config,
    sockets: Sockets,
    jobs: Sequence[Job],
    on_serving: Callable[[Stop], object],
) -> None:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(number: int) -> None:
        if not stopped.done():
            stopped.set_result(number)

    signals.on_first_signal(
        lambda number: loop.call_soon_threadsafe(stop, number), keep_ignored_sighup=True
    )
    server: Any = await app.create_server(sockets.api)
    await server.startup()
    runner = _runner(settings, jobs)
    try:
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        runner.start()
        async with metrics_port.serving(app.metrics, sockets.metrics):
            on_serving(stop)
            number = await stopped
            # A cluster sends SIGTERM, and its proxies need time to notice; a person the others.
            seconds = settings.drain if number == signal.SIGTERM else 0
            await draining.drain(server, app.draining, sockets.api, seconds)
    finally:
        await runner.close()
        await server.after_stop()


def _runner(settings: Config, jobs: Sequence[Job]) -> JobRunner:
    return JobRunner(
        settings.database_url,
        jobs,
        {"job.keep_answers": f"{settings.keep_answers} hours"},
        wait=settings.wait,
        timeout=settings.stream_timeout,
    )
