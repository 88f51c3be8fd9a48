"""The database that a command uses (the one at a URL, or the development database), its catalog.

If neither can be used, RefusedError says why in one sentence, and what to do.
"""

import asyncio
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from asyncpg import ProtocolViolationError

from api.catalog import introspection, text_settings
from api.catalog.relations import Catalog
from api.cli import dev_postgres, migrations
from api.cli.scratch_database import scratch_database
from api.config import Config
from api.database import connections
from api.process import database_wait


class RefusedError(Exception):
    """The command can't be done; the text says why, and what to do."""


def read_catalog(settings: Config, required: Collection[str] = ()) -> Catalog:
    """Read the catalog of the database at DATABASE_URL.

    Raises RefusedError if the database can't be reached, or lacks one of the `required` migrations:
    the catalog, which is read only once, would lack what they make.
    """
    catalog, missing = _read(settings, required)
    if missing:
        message = f"The database lacks {', '.join(missing)}: run `superbill migrate` first."
        raise RefusedError(message)
    return catalog


def look(settings: Config, stack: ExitStack) -> Catalog:
    """Read the catalog that the migrations make, and change no database.

    With DATABASE_URL it is that database's, as it is; standard error gets the names of what is not
    applied there. Otherwise the migrations make a scratch database, which is dropped when `stack`
    is closed. Raises RefusedError.
    """
    if settings.database_url:
        catalog, missing = _read(settings, migrations.shipped(settings.schema_dir))
        if missing:
            message = f"The database lacks {', '.join(missing)}: `superbill migrate` was not run."
            print(message, file=sys.stderr)
        return catalog
    if not dev_postgres.exists(settings.postgres_dir):
        message = f"Creating a Postgres in {settings.postgres_dir}: about 10 seconds, only once."
        print(message, file=sys.stderr, flush=True)
    with _refused():
        scratch = stack.enter_context(scratch_database(settings.postgres_dir, settings.schema_dir))
    return read_catalog(replace(settings, database_url=scratch.api_url))


def _read(settings: Config, required: Collection[str]) -> tuple[Catalog, list[str]]:
    """Read the catalog, and list those of the `required` migrations that the database lacks."""
    if not settings.database_url:
        message = (
            "DATABASE_URL is not set: set it to the URL of the API's login,"
            " or start a development database with `make run`."
        )
        raise RefusedError(message)
    try:
        return asyncio.run(_read_catalog(settings.database_url, required))
    except connections.FAILURES as error:
        message = f"The database at DATABASE_URL can't be reached: {type(error).__name__}."
        if isinstance(error, ProtocolViolationError) and "startup parameter" in str(error):
            message = (
                "A connection pooler at DATABASE_URL refuses a setting: in PgBouncer, set "
                f"ignore_startup_parameters = {','.join(text_settings.NOT_TRACKED)}, "
                "and give the login these settings by ALTER ROLE."
            )
        raise RefusedError(message) from None


async def _read_catalog(url: str, required: Collection[str]) -> tuple[Catalog, list[str]]:
    async with connections.connect(url, min_size=1, max_size=1, timeout=10) as connection:
        missing = await introspection.unapplied(connection.fetch_val, required)
        return await introspection.read(connection.fetch_val), missing


def read_servable_catalog(settings: Config, required: Collection[str]) -> Catalog:
    """Wait for the database, read its catalog, and check that the login has no more than grants.

    Raises RefusedError.
    """
    if settings.database_url:
        database_wait.wait_for_database(settings.database_url, settings.database_wait)
    catalog = read_catalog(settings, required)
    if catalog.faults:
        message = (
            f"Refusing to serve: {'; '.join(catalog.faults)}."
            " DATABASE_URL must name a login that owns nothing, and whose sessions write values as"
            " the document says."
        )
        raise RefusedError(message)
    return catalog


def owner_url(settings: Config, stack: ExitStack) -> str:
    """Wait for the database at MIGRATION_DATABASE_URL, and return this URL of the tables' owner.

    If neither URL is set, returns that of the development database, which runs until `stack` is
    closed. Raises RefusedError.
    """
    if settings.database_url and not settings.migration_database_url:
        message = (
            "MIGRATION_DATABASE_URL is not set: set it to the URL of the login that owns the"
            " tables."
        )
        raise RefusedError(message)
    if not settings.migration_database_url:
        return with_database(settings, stack).migration_database_url
    database_wait.wait_for_database(settings.migration_database_url, settings.database_wait)
    return settings.migration_database_url


def with_database(settings: Config, stack: ExitStack) -> Config:
    """Return settings with database URLs: unchanged, or those of the development database.

    The development database runs until `stack` is closed. Raises RefusedError.
    """
    if settings.database_url:
        return settings
    with _refused():
        postgres = stack.enter_context(dev_postgres.postgres(settings.postgres_dir))
    return replace(
        settings, database_url=postgres.api_url, migration_database_url=postgres.owner_url
    )


@contextmanager
def _refused() -> Iterator[None]:
    """Convert what `dev_postgres.postgres` raises into a RefusedError."""
    try:
        yield
    except (FileNotFoundError, RuntimeError) as error:
        raise RefusedError(error) from None
