"""The systems that are measured: how each is started, one process each, and why one is left out."""

import os
import shutil
import sys
from collections.abc import Iterator

from api.config import ROOT
from tests.benchmark import installation, results, workloads
from tests.benchmark.http_server import ServerSpec
from tests.benchmark.installation import PEERS
from tests.benchmark.postgres import PEER, Testbed

POOL = 16  # database connections of each server
_UVICORN = ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}")
_UVICORN_WITHOUT_LOG = ("--no-access-log", "--log-level", "warning")


def superbill(
    testbed: Testbed, name: str = results.SUPERBILL, database: str = "", **settings: str
) -> ServerSpec:
    """Return Superbill as it is shipped, with these settings."""
    own = {"DATABASE_URL": testbed.server.url("superbill_server", database), "PORT": "{port}"}
    environment = {**own, "CONNECTIONS": str(POOL), **settings}
    return ServerSpec(
        name, (sys.executable, "-m", "api", "serve"), workloads.OWN, environment, ROOT
    )


def specs(testbed: Testbed) -> Iterator[ServerSpec]:
    """Yield every server whose program is installed, with its access log.

    PostGraphile has none. pREST's cannot be switched off; the others also come without.
    """
    yield superbill(testbed)
    yield superbill(testbed, results.UNBATCHED, BATCH="1", LANES="1000")
    database = {"DATABASE_URL": testbed.peer_url, "POOL": str(POOL)}
    yield _sanic(results.CONSTANT, "log")
    for name, module in (
        (results.ASYNCPG, "fastapi_asyncpg"),
        (results.SQLALCHEMY, "fastapi_sqlalchemy"),
        (results.PEEWEE, "fastapi_peewee"),
    ):
        yield _fastapi(name, module, database)
    if program := shutil.which("prestd"):
        yield prest(testbed, program)
    if program := shutil.which("postgrest"):
        yield _postgrest(testbed, results.POSTGREST, program, "info")
    if command := installation.node():
        environment = {
            **database,
            "PORT": "{port}",
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
        }
        yield ServerSpec(
            results.POSTGRAPHILE,
            command,
            workloads.POSTGRAPHILE,
            environment,
            installation.POSTGRAPHILE,
        )
    yield superbill(testbed, results.SUPERBILL + results.WITHOUT_LOG, LOG_LEVEL="WARNING")
    yield _sanic(results.CONSTANT + results.WITHOUT_LOG, "")
    name = results.ASYNCPG + results.WITHOUT_LOG
    yield _fastapi(name, "fastapi_asyncpg", database, *_UVICORN_WITHOUT_LOG)
    if program:
        yield _postgrest(testbed, results.POSTGREST + results.WITHOUT_LOG, program, "crit")


def _sanic(name: str, log: str) -> ServerSpec:
    command = (sys.executable, str(PEERS / "sanic_constant.py"), "{port}", log)
    return ServerSpec(name, command, workloads.CONSTANT)


def _fastapi(name: str, module: str, database: dict[str, str], *options: str) -> ServerSpec:
    command = (str(installation.PYTHON), *_UVICORN, *options, f"{module}:app")
    return ServerSpec(name, command, workloads.FASTAPI, database, PEERS)


def missing() -> Iterator[str]:
    """Yield a sentence for each server that is left out, with the reason."""
    for name, program in ((results.PREST, "prestd"), (results.POSTGREST, "postgrest")):
        if shutil.which(program) is None:
            yield f"{name} is left out: `{program}` is not on PATH."
    if installation.node() is None:
        yield f"{results.POSTGRAPHILE} is left out: npm, which installs it, is not on PATH."


def prest(testbed: Testbed, program: str) -> ServerSpec:
    """Return pREST, configured for speed: it keeps connections open and prepares statements.

    These settings follow pREST's own advice.
    """
    empty = testbed.directory / "queries"
    empty.mkdir(exist_ok=True)
    environment = {
        "PREST_CONF": str(PEERS / "prest.toml"),
        "PREST_HTTP_PORT": "{port}",
        "PREST_PG_HOST": str(testbed.server.socket),
        "PREST_PG_DATABASE": testbed.server.database,
        "PREST_QUERIES_LOCATION": str(empty),
        "PREST_LOG_LEVEL": "ERROR",
        "GOMAXPROCS": "1",
        "HOME": os.environ.get("HOME", str(testbed.directory)),
    }
    return ServerSpec(results.PREST, (program,), workloads.PREST, environment)


def _postgrest(testbed: Testbed, name: str, program: str, log_level: str) -> ServerSpec:
    environment = {
        "PGRST_DB_URI": testbed.peer_url,
        "PGRST_DB_SCHEMAS": "api",
        "PGRST_DB_ANON_ROLE": PEER,
        "PGRST_DB_POOL": str(POOL),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": "{port}",
        "PGRST_LOG_LEVEL": log_level,
        "GHCRTS": "-N1",
    }
    headers = ("Prefer: return=representation",)
    return ServerSpec(name, (program,), workloads.POSTGREST, environment, headers=headers)
