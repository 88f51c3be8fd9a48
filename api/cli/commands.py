"""The commands of `superbill`: serve, run, migrate, rollback, load, openapi, routes, diff, psql."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from api.cli import comparison, dev_postgres, migrations, routes, samples, target
from api.config import Config
from api.document import example_notes, layout, openapi
from api.operations import discovery, notes
from api.process import server


def serve(settings: Config) -> None:
    """Serve the API."""
    _serve(settings, lambda: None)


def run(settings: Config) -> None:
    """Run everything for development.

    Starts the development database unless a database is given, applies the migrations, loads the
    sample codes, and serves.
    """
    print(_first_step(settings), flush=True)
    with ExitStack() as stack:
        settings = target.with_database(settings, stack)
        if settings.migration_database_url:
            migrate(settings)
            load(settings)
        url = f"http://localhost:{settings.port}"
        banner = f"API   {url}/\nDocs  {url}/docs\npsql  make psql"
        _serve(settings, lambda: print(banner, flush=True))


def migrate(settings: Config) -> None:
    """Apply the migrations that are not applied yet."""
    with ExitStack() as stack:
        for name in migrations.migrate(target.owner_url(settings, stack), settings.schema_dir):
            print(f"applied {name}")


def rollback(settings: Config) -> None:
    """Undo the last migration."""
    with ExitStack() as stack:
        for name in migrations.rollback(target.owner_url(settings, stack), settings.schema_dir):
            print(f"rolled back {name}")


def load(settings: Config) -> None:
    """Load the sample codes; rows that exist stay as they are."""
    with ExitStack() as stack:
        url = target.owner_url(settings, stack)
        for name, count in samples.load_samples(url, settings.schema_dir).items():
            print(f"loaded {count} new rows into {name}")


def print_document(settings: Config) -> None:
    """Print the OpenAPI document."""
    with ExitStack() as stack:
        catalog = target.look(settings, stack)
        server = settings.prefix or f"http://localhost:{Config().port}"  # a file has no address
        document = openapi.build(catalog, discovery.build(catalog), server)
    print(layout.text(document))


def print_routes(settings: Config, *, sql: bool = False, as_json: bool = False) -> None:
    """Print every operation, and what the schema has and the API does not serve."""
    with ExitStack() as stack:
        catalog = target.look(settings, stack)
    found = [*notes.notes(catalog), *example_notes.notes(catalog)]
    if as_json:
        print(routes.as_json(discovery.build(catalog), found))
        return
    try:
        operations = discovery.build(catalog)
        print(*routes.table(operations), "", sep="\n")
        if sql:
            print(*routes.sql(operations), sep="\n")
    finally:  # whatever fails before: they may say why
        print(*routes.text(found), sep="\n")


def psql(settings: Config) -> None:
    """Open psql on the development database, as the login LOGIN."""
    login = os.environ.get("LOGIN", "superbill_psql")
    raise SystemExit(dev_postgres.psql(settings.postgres_dir, login))


def _serve(settings: Config, on_ready: Callable[[], object]) -> None:
    required = migrations.shipped(settings.schema_dir)
    catalog = target.read_servable_catalog(settings, required)
    server.serve(settings, catalog, required, on_ready)


def _first_step(settings: Config) -> str:
    """Return a sentence: what `run` does first, and how long that takes."""
    if settings.database_url:
        return "Reading the schema of the database at DATABASE_URL."
    directory = settings.postgres_dir
    if dev_postgres.exists(directory):
        return f"Starting the development database in {directory}: a few seconds."
    return f"Creating the development database in {directory}: about 10 seconds, only this time."


# The arguments of a command, as `add_argument` of argparse takes them; its function gets them.
ARGUMENTS: dict[str, dict[str, dict[str, Any]]] = {
    "routes": {
        "--sql": {"action": "store_true", "help": "print the SQL of each operation too"},
        "--json": {
            "action": "store_true",
            "dest": "as_json",
            "help": "print operations, SQL and notes as JSON",
        },
    },
    "diff": {"document": {"nargs": "?", "type": Path, "default": comparison.COMMITTED}},
}
COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "serve": (serve, "Serve the API at HOST and PORT from DATABASE_URL."),
    "run": (
        run,
        "Start a database unless DATABASE_URL is set, migrate it, load the samples, and serve.",
    ),
    "migrate": (
        migrate,
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
    "openapi": (print_document, "Print the OpenAPI document."),
    "routes": (
        print_routes,
        "Print every operation, who may call it and its filters, and what is not served and why.",
    ),
    "diff": (
        comparison.compare,
        "Compare the API with an OpenAPI document (default: the committed one); 1 if it breaks.",
    ),
    "psql": (psql, "Open psql on the development database, as LOGIN (default: the reporter's)."),
}
