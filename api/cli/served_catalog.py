"""The catalogs of the database at DATABASE_URL, one for each role, as `superbill serve` needs them.

If it can't be read or served, RefusedError says why in one sentence, and what to do.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from functools import partial
from typing import Any, TypeVar

from asyncpg import ProtocolViolationError
from databases import Database

from api.catalog import introspection, jobs, logins, sql_names, text_settings
from api.catalog.logins import Login
from api.catalog.relations import Catalog
from api.catalog.served import Served
from api.cli.refusal import RefusedError
from api.config import Config
from api.database import connections
from api.identity import DEVELOPMENT_ROLE
from api.process import database_wait

_Value = TypeVar("_Value")
_READERS = 4  # connections that read the catalogs of several roles at the same time


def read(settings: Config, required: Collection[str] = (), role: str = DEVELOPMENT_ROLE) -> Catalog:
    """Read what the database at DATABASE_URL offers to a role.

    Raises RefusedError if the database can't be reached, or lacks one of the `required` migrations:
    the catalog, which is read only once, would lack what they make.
    """
    catalog, missing = read_with_missing(settings, required, role)
    _refuse_missing(missing)
    return catalog


def read_servable(settings: Config, required: Collection[str]) -> Served:
    """Wait for the database, read what it offers to each role, and check the login.

    Raises RefusedError.
    """
    if settings.database_url:
        database_wait.wait_for_database(settings.database_url, settings.database_wait)
    served = _connected(settings, lambda url: _read_all(url, required))
    _refuse_faults([fault for catalog in served.catalogs.values() for fault in catalog.faults])
    return served


def read_with_missing(
    settings: Config, required: Collection[str], role: str
) -> tuple[Catalog, list[str]]:
    """Read a role's catalog; list those of the `required` migrations that the database lacks.

    Raises RefusedError if the database can't be reached, or the login may not act for the role.
    """
    return _connected(settings, lambda url: _read(url, required, role))


def _refuse_missing(missing: Collection[str]) -> None:
    if missing:
        message = f"The database lacks {', '.join(missing)}: run `superbill migrate` first."
        raise RefusedError(message)


def _refuse_faults(faults: Collection[str]) -> None:
    if faults:
        message = (
            f"Refusing to serve: {'; '.join(dict.fromkeys(faults))}."
            " DATABASE_URL must name a login that owns nothing, can only act for the roles of the"
            " API (GRANT … WITH INHERIT FALSE), and whose sessions write values as the document"
            " says."
        )
        raise RefusedError(message)


def _connected(settings: Config, read_from: Callable[[str], Coroutine[Any, Any, _Value]]) -> _Value:
    if not settings.database_url:
        message = (
            "DATABASE_URL is not set: set it to the URL of the API's login,"
            " or start a development database with `make run`."
        )
        raise RefusedError(message)
    found = list[_Value]()

    async def read() -> None:
        """Return nothing: `asyncio.run` makes a text of what is returned, here megabytes."""
        found.append(await read_from(settings.database_url))

    try:
        asyncio.run(read())
        return found[0]
    except connections.FAILURES as error:
        message = f"The database at DATABASE_URL can't be reached: {type(error).__name__}."
        if isinstance(error, ProtocolViolationError) and "startup parameter" in str(error):
            message = (
                "A connection pooler at DATABASE_URL refuses a setting: in PgBouncer, set "
                f"ignore_startup_parameters = {','.join(text_settings.NOT_TRACKED)}, "
                "and give the login these settings by ALTER ROLE."
            )
        raise RefusedError(message) from None


async def _read(url: str, required: Collection[str], role: str) -> tuple[Catalog, list[str]]:
    async with connections.connect(url, min_size=1, max_size=1, timeout=10) as database:
        _refuse_other(await logins.read(database.fetch_val), role)
        missing = await _unapplied(database, required)
        return await _catalog(role, database), missing


async def _read_all(url: str, required: Collection[str]) -> Served:
    async with connections.connect(url, min_size=1, max_size=_READERS, timeout=10) as database:
        login = await logins.read(database.fetch_val)
        _refuse_faults(login.faults)
        _refuse_other(login, DEVELOPMENT_ROLE)
        _refuse_missing(await _unapplied(database, required))
        uses = (role for role, uses in login.roles.items() if uses)
        roles = [*dict.fromkeys((DEVELOPMENT_ROLE, *uses))]
        # Each in a task, and so on a connection, of its own: Postgres takes longer than we do.
        reading = (asyncio.create_task(_catalog(role, database)) for role in roles)
        catalogs = dict(zip(roles, await asyncio.gather(*reading), strict=True))
        tenant = ""
        if login.has_tenants:
            tenant = await connections.fetch_as(DEVELOPMENT_ROLE, database, logins.TENANT)
        return Served(catalogs, tenant, await jobs.read(database.fetch_val))


def _refuse_other(login: Login, role: str) -> None:
    """Raise RefusedError for a login that may not act for a role."""
    if role not in login.roles:
        message = (
            f"{login.name} may not act for {role}: after `superbill migrate`, run "
            f"GRANT {sql_names.name(role)} TO {sql_names.name(login.name)} WITH INHERIT FALSE."
        )
        raise RefusedError(message)


async def _unapplied(database: Database, required: Collection[str]) -> list[str]:
    fetch = partial(connections.fetch_as, DEVELOPMENT_ROLE, database)
    return await introspection.unapplied(fetch, required)


async def _catalog(role: str, database: Database) -> Catalog:
    return await introspection.read(partial(connections.fetch_as, role, database))
