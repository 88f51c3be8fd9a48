"""The catalog of the database at DATABASE_URL, as `superbill serve` needs it.

If it can't be read or served, RefusedError says why in one sentence, and what to do.
"""

import asyncio
from collections.abc import Collection

from asyncpg import ProtocolViolationError

from api.catalog import introspection, text_settings
from api.catalog.relations import Catalog
from api.cli.refusal import RefusedError
from api.config import Config
from api.database import connections
from api.process import database_wait


def read(settings: Config, required: Collection[str] = ()) -> Catalog:
    """Read the catalog of the database at DATABASE_URL.

    Raises RefusedError if the database can't be reached, or lacks one of the `required` migrations:
    the catalog, which is read only once, would lack what they make.
    """
    catalog, missing = read_with_missing(settings, required)
    if missing:
        message = f"The database lacks {', '.join(missing)}: run `superbill migrate` first."
        raise RefusedError(message)
    return catalog


def read_servable(settings: Config, required: Collection[str]) -> Catalog:
    """Wait for the database, read its catalog, and check that the login has no more than grants.

    Raises RefusedError.
    """
    if settings.database_url:
        database_wait.wait_for_database(settings.database_url, settings.database_wait)
    catalog = read(settings, required)
    if catalog.faults:
        message = (
            f"Refusing to serve: {'; '.join(catalog.faults)}."
            " DATABASE_URL must name a login that owns nothing, and whose sessions write values as"
            " the document says."
        )
        raise RefusedError(message)
    return catalog


def read_with_missing(settings: Config, required: Collection[str]) -> tuple[Catalog, list[str]]:
    """Read the catalog, and list those of the `required` migrations that the database lacks."""
    if not settings.database_url:
        message = (
            "DATABASE_URL is not set: set it to the URL of the API's login,"
            " or start a development database with `make run`."
        )
        raise RefusedError(message)
    try:
        return asyncio.run(_read(settings.database_url, required))
    except connections.FAILURES as error:
        message = f"The database at DATABASE_URL can't be reached: {type(error).__name__}."
        if isinstance(error, ProtocolViolationError) and "startup parameter" in str(error):
            message = (
                "A connection pooler at DATABASE_URL refuses a setting: in PgBouncer, set "
                f"ignore_startup_parameters = {','.join(text_settings.NOT_TRACKED)}, "
                "and give the login these settings by ALTER ROLE."
            )
        raise RefusedError(message) from None


async def _read(url: str, required: Collection[str]) -> tuple[Catalog, list[str]]:
    async with connections.connect(url, min_size=1, max_size=1, timeout=10) as connection:
        missing = await introspection.unapplied(connection.fetch_val, required)
        return await introspection.read(connection.fetch_val), missing
