"""The private and undocumented parts of libraries that `api/` uses: each is as the code expects.

pyproject.toml bounds the versions of these libraries. To raise a bound: run this file with the new
version; where a test fails, read the library's source, change the file of `api/` that the message
names, then the test.
"""

import asyncio
import tomllib
from importlib import metadata

import asyncpg
import pytest
from packaging.requirements import Requirement

from api.config import ROOT
from api.database.connections import connect
from tests.support.databases import TestDatabase

# A library → the versions whose source was read.
BOUNDS = {"asyncpg": "<0.33,>=0.32", "databases": "<0.10,>=0.9"}
# An object, a private or undocumented name that it has, and what to do where the name is gone.
_SQLSTATE = "`sqlstate` reads it from errors: find where asyncpg keeps this field of ErrorResponse"
NAMES: list[tuple[object, str, str]] = [
    (asyncpg.PostgresError, "sqlstate", _SQLSTATE),
    (asyncpg.PostgresError, "schema_name", _SQLSTATE),
    (asyncpg.PostgresError, "table_name", _SQLSTATE),
    (asyncpg.PostgresError, "column_name", _SQLSTATE),
    (asyncpg.PostgresError, "constraint_name", _SQLSTATE),
    (
        asyncpg,
        "InternalClientError",
        "`connections` replaces a connection that raises it: find what a wrong state raises",
    ),
    (asyncpg.Connection, "_execute", "test_database makes it fail: patch what `fetchrow` calls"),
]


@pytest.mark.parametrize("library", BOUNDS)
def test_library_is_bounded_and_installed_within_its_bounds(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {one.name: one.specifier for one in map(Requirement, project["dependencies"])}
    assert str(required[library]) == BOUNDS[library]
    assert metadata.version(library) in required[library]


@pytest.mark.parametrize(
    ("owner", "name", "remedy"),
    NAMES,
    ids=[f"{getattr(o, '__name__', o)}.{n}" for o, n, _ in NAMES],
)
def test_private_name_exists(owner: object, name: str, remedy: str) -> None:
    assert hasattr(owner, name), remedy


def test_options_replace_what_databases_reads_from_the_url() -> None:
    """Else `connections.connect` must give asyncpg the URL by another way."""
    url = "postgresql://name@host:1/db?sslmode=require"
    found = connect(url)._backend._get_connection_kwargs()  # noqa: SLF001 - databases' own
    assert found["dsn"] == url
    assert {found[name] for name in ("host", "port", "user", "password", "database")} == {None}


async def test_databases_gives_one_connection_to_a_task(
    loop: asyncio.AbstractEventLoop, database: TestDatabase
) -> None:
    """Else the tasks that only open a connection, in `connections` and `streams`, can go."""

    async def connection() -> object:
        return opened.connection()

    async with connect(database.api_url, min_size=0, max_size=2) as opened:
        assert opened.connection() is opened.connection()
        assert await asyncio.create_task(connection()) is not opened.connection()


async def test_connection_given_back_to_the_pool_raises_interface_error(
    loop: asyncio.AbstractEventLoop, database: TestDatabase
) -> None:
    """Else `connections` must find out by another way that the pool has taken a connection back."""
    async with connect(database.api_url, min_size=0, max_size=1) as opened:
        async with opened.connection() as connection:
            raw = connection.raw_connection
            assert not raw.is_closed()
        for use in (raw.is_closed, raw.terminate):
            with pytest.raises(asyncpg.InterfaceError):
                use()
