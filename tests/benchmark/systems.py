"""The systems that are measured: how each is started, one process each, and why one is left out."""

import os
import shutil
import sys
from collections.abc import Iterator

from api.config import ROOT
from tests.benchmark import installation, results, workloads
from tests.benchmark.http_server import ServerSpec
from tests.benchmark.installation import PEERS
from tests.benchmark.postgres import Testbed

POOL = 16  # database connections of each server
_UVICORN = (
    "-m",
    "uvicorn",
    "--host",
    "127.0.0.1",
    "--port",
    "{port}",
    "--no-access-log",
    "--log-level",
    "warning",
)


def superbill(
    testbed: Testbed, name: str = results.SUPERBILL, database: str = "", **settings: str
) -> ServerSpec:
    """Return Superbill as it is shipped, with these settings."""
    own = {
        "DATABASE_URL": testbed.server.url("superbill_server", database),
        "PORT": "{port}",
        "LOG_LEVEL": "WARNING",
    }
    environment = {**own, "CONNECTIONS": str(POOL), **settings}
    return ServerSpec(
        name, (sys.executable, "-m", "api", "serve"), workloads.PLAIN, environment, ROOT
    )


def specs(testbed: Testbed) -> Iterator[ServerSpec]:
    """Yield every server whose program is installed."""
    yield superbill(testbed)
    yield superbill(testbed, results.UNBATCHED, BATCH="1", LANES="1000")
    constant = (sys.executable, str(PEERS / "sanic_constant.py"), "{port}")
    yield ServerSpec(results.CONSTANT, constant, workloads.CONSTANT)
    database = {"DATABASE_URL": testbed.server.api_url, "POOL": str(POOL)}
    for name, module in (
        (results.ASYNCPG, "fastapi_asyncpg"),
        (results.SQLALCHEMY, "fastapi_sqlalchemy"),
        (results.PEEWEE, "fastapi_peewee"),
    ):
        yield ServerSpec(
            name,
            (str(installation.PYTHON), *_UVICORN, f"{module}:app"),
            workloads.PLAIN,
            database,
            PEERS,
        )
    if program := shutil.which("prestd"):
        yield ServerSpec(results.PREST, (program,), workloads.PREST, _prest(testbed))
    if program := shutil.which("postgrest"):
        headers = ("Prefer: return=representation",)
        yield ServerSpec(
            results.POSTGREST, (program,), workloads.POSTGREST, _postgrest(testbed), headers=headers
        )
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


def missing() -> Iterator[str]:
    """Yield a sentence for each server that is left out, with the reason."""
    for name, program in ((results.PREST, "prestd"), (results.POSTGREST, "postgrest")):
        if shutil.which(program) is None:
            yield f"{name} is left out: `{program}` is not on PATH."
    if installation.node() is None:
        yield f"{results.POSTGRAPHILE} is left out: npm, which installs it, is not on PATH."


def _prest(testbed: Testbed) -> dict[str, str]:
    """Configure pREST for speed: it keeps connections open and prepares statements.

    These settings follow pREST's own advice.
    """
    empty = testbed.directory / "queries"
    empty.mkdir(exist_ok=True)
    return {
        "PREST_CONF": str(PEERS / "prest.toml"),
        "PREST_HTTP_PORT": "{port}",
        "PREST_PG_HOST": str(testbed.server.socket),
        "PREST_PG_DATABASE": testbed.server.database,
        "PREST_QUERIES_LOCATION": str(empty),
        "PREST_LOG_LEVEL": "ERROR",
        "GOMAXPROCS": "1",
        "HOME": os.environ.get("HOME", str(testbed.directory)),
    }


def _postgrest(testbed: Testbed) -> dict[str, str]:
    return {
        "PGRST_DB_URI": testbed.server.api_url,
        "PGRST_DB_SCHEMAS": "api",
        "PGRST_DB_ANON_ROLE": "superbill_server",
        "PGRST_DB_POOL": str(POOL),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": "{port}",
        "PGRST_LOG_LEVEL": "crit",
        "GHCRTS": "-N1",
    }
