"""What each command does: `superbill serve | run | migrate | rollback | load | openapi | routes | psql`."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from socket import socket
from typing import Any

from sanic import Sanic
from sanic.server.loop import try_use_uvloop

from api import config
from api.catalog import introspection
from api.catalog.relations import Catalog
from api.cli import dev_postgres, migrations
from api.config import Config, ConfigError
from api.database import connections
from api.document import openapi
from api.http import draining, protocol
from api.http.app import create_app
from api.http.connection_limit import room
from api.http.metrics import Board
from api.operations import discovery, index_access, kinds, notes
from api.operations.operation import Operation
from api.process import database_wait, signals, workers
from api.process.workers import Line, Port, StartError, Supervisor
from api.sql import statements
from api.sql.clauses import Shape

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """The command can't be done; the text says why, and what to do."""


def main() -> int:
    """Run a command; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="superbill", description="A billing API that is nothing but its Postgres schema."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (command, text) in COMMANDS.items():
        commands.add_parser(name, help=text, description=text).set_defaults(command=command)
    try:
        settings = config.read(os.environ)
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        for chatty in (
            "databases",
            "yoyo",
        ):  # they tell every step, and statements with their values
            logging.getLogger(chatty).setLevel(logging.WARNING)
        parser.parse_args().command(settings)
    except (RefusedError, ConfigError, migrations.MigrationError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def serve(settings: Config) -> None:
    """Serve the API."""
    _listen(_app(settings), settings)


def run(settings: Config) -> None:
    """Do all that a developer needs: a database unless one is given, migrations, sample codes, and the server."""
    with ExitStack() as stack:
        settings = _with_database(settings, stack)
        if settings.migration_database_url:
            migrate_(settings)
            load(settings)
        where = f"http://localhost:{settings.port}"
        banner = f"API   {where}/\nDocs  {where}/docs\npsql  make psql"
        _listen(_app(settings), settings, lambda: print(banner, flush=True))


def migrate_(settings: Config) -> None:
    """Apply the migrations that are not applied yet."""
    with ExitStack() as stack:
        for name in migrations.migrate(_owner(settings, stack), settings.schema_dir):
            print(f"applied {name}")


def rollback(settings: Config) -> None:
    """Undo the last migration."""
    with ExitStack() as stack:
        for name in migrations.rollback(_owner(settings, stack), settings.schema_dir):
            print(f"rolled back {name}")


def load(settings: Config) -> None:
    """Load the sample codes; rows that are there stay as they are."""
    with ExitStack() as stack:
        for name, count in migrations.load_samples(
            _owner(settings, stack), settings.schema_dir
        ).items():
            print(f"loaded {count} new rows into {name}")


def document(settings: Config) -> None:
    """Print the OpenAPI document."""
    with ExitStack() as stack:
        settings = _migrated(settings, stack)
        found = _catalog(settings)
        made = openapi.build(found, discovery.build(found))
    print(json.dumps(made, indent=2, ensure_ascii=False))


def routes(settings: Config) -> None:
    """Print every operation with the SQL that it runs, and what the schema has and the API does not serve."""
    with ExitStack() as stack:
        settings = _migrated(settings, stack)
        found = _catalog(settings)
    for operation in discovery.build(found):
        print(f"{operation.method} {operation.path}  {operation.id}\n    {_sql(operation)}\n")
    for note in notes.notes(found):
        print(f"note: {note}")


def psql(settings: Config) -> None:
    """Open psql on the development database, as the login LOGIN."""
    raise SystemExit(
        dev_postgres.psql(settings.postgres_dir, os.environ.get("LOGIN", "superbill_psql"))
    )


def _app(settings: Config) -> Sanic[Any, Any]:
    shipped = migrations.shipped(settings.schema_dir)
    database_wait.for_database(
        settings.database_url, settings.database_wait if settings.database_url else 0
    )
    found = _catalog(settings, shipped)
    if found.faults:
        message = f"Refusing to serve: {'; '.join(found.faults)}. DATABASE_URL has to be a login that owns nothing."
        raise RefusedError(message)
    clients = room(settings.clients, settings.connections + settings.streams + 1)
    if clients < settings.clients:
        logger.warning("CLIENTS is %d, as this process may have no more files open", clients)
    return create_app(replace(settings, clients=clients), found, shipped)


def _sql(operation: Operation) -> str:
    names = frozenset(column.name for column in operation.body)
    match operation.kind:
        case kinds.CREATE:
            return statements.create(operation, names)
        case kinds.UPDATE:
            return statements.change(operation, names)
        case kinds.LIST:
            order = index_access.serve(operation.relation, operation.fixed, ())
            assert order is not None
            return statements.listing(operation, Shape((), order))
        case _:
            return statements.item(operation)


def _listen(
    app: Sanic[Any, Any], settings: Config, serving: Callable[[], object] = lambda: None
) -> None:
    """Serve until a signal comes, with one process or several; `serving` is called when all of it serves."""
    address = settings.host, settings.port
    try:
        place = workers.listen(address) if settings.workers == 1 else Port(address)
    except OSError as error:
        message = (
            f"HOST {settings.host} and PORT {settings.port} can't be listened on: {error.strerror}."
        )
        raise RefusedError(message) from None
    if isinstance(place, socket):
        _serve(app, settings, place, lambda _end: serving())
        return
    board = Board(settings.workers)

    def work(number: int, listening: socket, line: Line) -> None:
        def ready(end: Callable[[int], None]) -> None:
            app.ctx.metrics.share(board, number)
            workers.attend(line, end)

        _serve(app, settings, listening, ready)

    try:
        Supervisor(settings.workers, place, work).run(serving)
    except StartError as error:
        raise RefusedError(error) from None


def _serve(
    app: Sanic[Any, Any],
    settings: Config,
    listening: socket,
    serving: Callable[[Callable[[int], None]], object],
) -> None:
    """Serve in this process until a signal comes; a terminal's ends it without the grace of a cluster's SIGTERM.

    `serving` is called once it serves, with what ends it by a signal's number. Sanic's own `run`
    ignores signals from when it listens until it has started, and what comes in between would be
    lost.
    """

    async def run() -> None:
        loop = asyncio.get_running_loop()
        ending: asyncio.Future[int] = loop.create_future()

        def end(number: int) -> None:
            if not ending.done():
                ending.set_result(number)

        signals.serving(lambda number: loop.call_soon_threadsafe(end, number))
        later = {"start_serving": False}
        server: Any = await app.create_server(
            sock=listening, protocol=protocol.Connection, asyncio_server_kwargs=later
        )
        await server.startup()
        try:
            await server.before_start()
            await server.start_serving()
            await server.after_start()
            serving(end)
            number = await ending
            await draining.drain(server, settings.drain if number == signal.SIGTERM else 0)
        finally:
            await server.after_stop()

    try_use_uvloop()
    asyncio.run(run())


def _catalog(settings: Config, migrations: Collection[str] = ()) -> Catalog:
    """Read the catalog; what these migrations have not made yet would be missing from it for good."""
    if not settings.database_url:
        message = "DATABASE_URL is not set: the URL of the API's login. `make run` brings a database of its own."
        raise RefusedError(message)

    async def read() -> Catalog:
        async with connections.connect(
            settings.database_url, min_size=1, max_size=1, timeout=10
        ) as connection:
            if lacks := await introspection.unapplied(connection.fetch_val, migrations):
                message = f"The database lacks {', '.join(lacks)}: `superbill migrate` comes first."
                raise RefusedError(message)
            return await introspection.read(connection.fetch_val)

    try:
        return asyncio.run(read())
    except connections.FAILURES as error:
        message = f"The database at DATABASE_URL can't be reached: {type(error).__name__}."
        raise RefusedError(message) from None


def _owner(settings: Config, stack: ExitStack) -> str:
    """Give the owner's URL: the one that is given, or where none is at all, the development database's."""
    if settings.database_url and not settings.migration_database_url:
        message = "MIGRATION_DATABASE_URL is not set: the URL of the login that owns the tables."
        raise RefusedError(message)
    if not settings.migration_database_url:
        return _with_database(settings, stack).migration_database_url
    database_wait.for_database(settings.migration_database_url, settings.database_wait)
    return settings.migration_database_url


def _with_database(settings: Config, stack: ExitStack) -> Config:
    if settings.database_url:
        return settings
    try:
        postgres = stack.enter_context(dev_postgres.postgres(settings.postgres_dir))
    except (FileNotFoundError, RuntimeError) as error:
        raise RefusedError(error) from None
    return replace(
        settings, database_url=postgres.api_url, migration_database_url=postgres.owner_url
    )


def _migrated(settings: Config, stack: ExitStack) -> Config:
    """Give a database with the schema: the one that is given as it is, or the development one, migrated."""
    if settings.database_url:
        return settings
    settings = _with_database(settings, stack)
    migrations.migrate(settings.migration_database_url, settings.schema_dir)
    return settings


COMMANDS: dict[str, tuple[Callable[[Config], None], str]] = {
    "serve": (serve, "Serve the API at HOST and PORT from DATABASE_URL."),
    "run": (
        run,
        "Start a development database unless DATABASE_URL is set, migrate it, load the samples, and serve.",
    ),
    "migrate": (
        migrate_,
        "Apply the migrations as MIGRATION_DATABASE_URL, or to the development database.",
    ),
    "rollback": (
        rollback,
        "Undo the last migration as MIGRATION_DATABASE_URL, or on the development database.",
    ),
    "load": (
        load,
        "Load the sample codes as MIGRATION_DATABASE_URL, or into the development database.",
    ),
    "openapi": (document, "Print the OpenAPI document."),
    "routes": (
        routes,
        "Print every operation with the SQL that it runs, and what is not served and why.",
    ),
    "psql": (psql, "Open psql on the development database, as LOGIN (default: the reporter's)."),
}
