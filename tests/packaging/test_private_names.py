"""The private and undocumented parts of libraries that `api/` uses: each is as the code expects.

pyproject.toml bounds the versions of these libraries. To raise a bound: run this file with the new
version; where a test fails, read the library's source, change the file of `api/` that the message
names, then the test.
"""

import asyncio
import re
import tomllib
from importlib import metadata
from typing import Any, cast

import asyncpg
import pytest
from jsonschema import FormatChecker
from packaging.requirements import Requirement
from sanic import Request
from sanic.http import Http
from sanic.http.constants import Stage
from sanic.http.http1 import HTTP_CONTINUE
from sanic.router import Router
from sanic.server import HttpProtocol
from sqlglot import exp
from sqlglot.parsers.postgres import PostgresParser

from api.catalog import expressions
from api.config import ROOT
from api.database.connections import connect
from api.document.validators import formats, validator
from tests.support.databases import TestDatabase

# A library → the versions whose source was read.
BOUNDS = {
    "asyncpg": "<0.33,>=0.32",
    "databases": "<0.10,>=0.9",
    "jsonschema": "<5,>=4.26",
    "sanic": "<26,>=25.12",
    "sqlglot": "<31,>=30.30",
}
# An object, a private or undocumented name that it has, and what to do where the name is gone.
_NODES = "catalog/expressions and catalog/checks read it: find what sqlglot parses the SQL into now"
_SQLSTATE = "`sqlstate` reads it from errors: find where asyncpg keeps this field of ErrorResponse"
_SANIC = "http/protocol uses it: read what has changed in Sanic's {}, and follow it there"
_ROUTER = "http/routes overrides it, or Sanic's `get` calls that: read Sanic's router.py again"
_EXTRA = "http/routes gives it to each route: find what Sanic asks of `route.extra` now"
EXTRA = cast("Any", Router()).add("/", ["GET"], print, name="extra").extra
_HTTP = (
    *("_receive_more", "_safe_int", "_send", "exception", "expecting_continue", "head_only"),
    *("head_response_ignored", "http1", "http1_response_chunked", "http1_response_header"),
    *("keep_alive", "protocol", "read", "recv_buffer", "request", "request_body"),
    *("request_bytes_left", "response", "response_func", "response_size", "send", "stage"),
    *("upgrade_websocket", "__aiter__"),
)
_PROTOCOL = (
    *("HTTP_CLASS", "_can_write", "_data_received", "_http", "_task", "_time", "check_timeouts"),
    *("close_if_idle", "connections", "pause_writing", "recv_buffer", "request_class"),
    *(
        "request_handler",
        "request_timeout",
        "response_timeout",
        "resume_writing",
        "state",
        "transport",
    ),
)
_REQUEST = (
    "_current",
    "_parsed_url",
    "head",
    "raw_url",
    "receive_body",
    "respond",
    "route",
    "stream",
)
NAMES: list[tuple[object, str, str]] = [
    *((Http, name, _SANIC.format("http/http1.py")) for name in _HTTP),
    *((HttpProtocol, name, _SANIC.format("server/protocols")) for name in _PROTOCOL),
    *((Request, name, _SANIC.format("request/types.py")) for name in _REQUEST),
    *((Stage, name, _SANIC.format("http/stages")) for name in ("HANDLER", "IDLE", "REQUEST")),
    (Stage, "RESPONSE", _SANIC.format("http/stages")),
    *((EXTRA, name, _EXTRA) for name in ("error_format", "ident", "ignore_body")),
    *((Router, name, _ROUTER) for name in ("finalize", "get", "resolve", "routes")),
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
    (
        asyncpg.Connection,
        "_transport",
        "held_connection writes what announces a caller to it: find how asyncpg sends a message",
    ),
    (
        asyncpg.pool.PoolConnectionProxy,
        "_con",
        "held_connection asks it for the connection itself: find where the pool keeps it",
    ),
    (
        PostgresParser,
        "FUNCTIONS",
        "catalog/expressions empties it: find where sqlglot has the synonyms of functions",
    ),
    *((exp, name, _NODES) for name in ("Anonymous", "DType", "Expr", "Mod", "RegexpLike", "Trim")),
    *((exp.Expr, name, _NODES) for name in ("find_all", "flatten", "unnest")),
    (
        FormatChecker(formats=()),
        "checkers",
        "document/fast_path calls a format's function: find where jsonschema keeps them",
    ),
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
    ids=[f"{getattr(o, '__name__', type(o).__name__)}.{n}" for o, n, _ in NAMES],
)
def test_private_name_exists(owner: object, name: str, remedy: str) -> None:
    assert hasattr(owner, name), remedy


def test_only_two_files_know_the_insides_of_sanic() -> None:
    """Else bring what it needs into http/protocol or http/routes, and let it call that."""
    insides = re.compile(
        r"sanic\.(http|server\.protocols|touchup|router)\b|sanic_routing|import HttpProtocol"
    )
    files = {
        str(path.relative_to(ROOT / "api"))
        for path in (ROOT / "api").rglob("*.py")
        if insides.search(path.read_text(encoding="utf-8"))
    }
    assert files == {"http/protocol.py", "http/routes.py"}
    assert HTTP_CONTINUE.startswith(b"HTTP/1.1 100 ")


def test_nothing_hangs_on_the_context_of_the_application_or_a_route() -> None:
    """What requests share is one typed value, `http.server_state`; a route has typed fields."""
    found = {
        f"{path.relative_to(ROOT / 'api')}: {line.strip()}"
        for path in (ROOT / "api").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bctx\b", line)
    }
    assert found == set()


def test_options_replace_what_databases_reads_from_the_url() -> None:
    """Else `connections.connect` must give asyncpg the URL by another way."""
    url = "postgresql://name@host:1/db?sslmode=require"
    found = connect(url)._backend._get_connection_kwargs()  # noqa: SLF001 - databases' own
    assert found["dsn"] == url
    assert {found[name] for name in ("host", "port", "user", "password", "database")} == {None}


async def test_databases_gives_one_connection_to_a_task(database: TestDatabase) -> None:
    """Else the tasks that only open a connection, in `connections` and `streams`, can go."""

    async def connection() -> object:
        return opened.connection()

    async with connect(database.api_url, min_size=0, max_size=2) as opened:
        assert opened.connection() is opened.connection()
        assert await asyncio.create_task(connection()) is not opened.connection()


async def test_connection_given_back_to_the_pool_raises_interface_error(
    database: TestDatabase,
) -> None:
    """Else `connections` must find out by another way that the pool has taken a connection back."""
    async with connect(database.api_url, min_size=0, max_size=1) as opened:
        async with opened.connection() as connection:
            raw = connection.raw_connection
            assert not raw.is_closed()
        for use in (raw.is_closed, raw.terminate):
            with pytest.raises(asyncpg.InterfaceError):
                use()


@pytest.mark.parametrize("function", ["length", "char_length", "btrim", "mod", "len"])
def test_sqlglot_keeps_the_name_of_a_function(function: str) -> None:
    """Else it has read the synonyms of its own FUNCTIONS: see `_Printed` in catalog/expressions."""
    node = expressions.parse(f"{function}(x, 2)")
    assert isinstance(node, exp.Anonymous)
    assert (node.this, len(node.expressions)) == (function, 2)


@pytest.mark.parametrize(
    ("expression", "node", "arguments"),
    [
        ("n >= 1", exp.GTE, {"this", "expression"}),
        ("(n % 2) = 0", exp.EQ, {"this", "expression"}),
        ("x ~ 'a'::text", exp.RegexpLike, {"this", "expression"}),
        ("x ~~ 'a'::text", exp.Like, {"this", "expression"}),
        ("x ^@ 'a'::text", exp.StartsWith, {"this", "expression"}),
        ("n IS NULL", exp.Is, {"this", "expression"}),
        ("TRIM(BOTH FROM x) = ''", exp.EQ, {"this", "expression"}),
        ("n = ANY (ARRAY[1, 2])", exp.EQ, {"this", "expression"}),
        ("n <> ALL (ARRAY[1, 2])", exp.NEQ, {"this", "expression"}),
    ],
)
def test_sqlglot_parses_what_postgres_prints(
    expression: str, node: type[exp.Expr], arguments: set[str]
) -> None:
    """Else change the table of nodes in catalog/checks, or the arguments that it asks for."""
    parsed = expressions.parse(expression)
    assert type(parsed) is node
    assert {name for name, value in parsed.args.items() if value} == arguments


def test_format_has_a_function_and_the_errors_that_it_raises() -> None:
    """Else `_format` in document/fast_path must call the format by another way."""
    function, raises = formats.checkers["date"]
    assert function("2024-03-01")
    with pytest.raises(raises):
        function("2024-02-30")


def test_error_of_jsonschema_has_the_path_that_its_keyword_gave_it() -> None:
    """Else `_required` and `_additional` in document/validators must name the field otherwise."""
    schema = {"properties": {}, "required": ["a"], "additionalProperties": False}
    errors = validator({"properties": {"outer": schema}}).iter_errors({"outer": {"b": 1}})
    assert sorted((str(e.validator), list(e.absolute_path), e.validator_value) for e in errors) == [
        ("additionalProperties", ["outer", "b"], False),
        ("required", ["outer", "a"], ["a"]),
    ]
