"""Who competes: how each server is started, one process each, and which are left out here."""

import os
import shutil
import sys
from collections.abc import Iterator

from api.config import ROOT
from tests.benchmark import installation, results, workloads
from tests.benchmark.http_server import Entry
from tests.benchmark.installation import PEERS
from tests.benchmark.postgres import Stage

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
    stage: Stage, name: str = results.SUPERBILL, database: str = "", **settings: str
) -> Entry:
    """Give Superbill as it is shipped, but for the settings."""
    own = {
        "DATABASE_URL": stage.server.url("superbill_server", database),
        "PORT": "{port}",
        "LOG_LEVEL": "WARNING",
    }
    environment = {**own, "CONNECTIONS": str(POOL), **settings}
    return Entry(name, (sys.executable, "-m", "api", "serve"), workloads.PLAIN, environment, ROOT)


def entries(stage: Stage) -> Iterator[Entry]:
    """Give every server that can run here."""
    yield superbill(stage)
    yield superbill(stage, results.PLAINLY, BATCH="1", LANES="1000")
    constant = (sys.executable, str(PEERS / "sanic_constant.py"), "{port}")
    yield Entry(results.CONSTANT, constant, workloads.CONSTANT)
    database = {"DATABASE_URL": stage.server.api_url, "POOL": str(POOL)}
    for name, module in (
        (results.ASYNCPG, "fastapi_asyncpg"),
        (results.SQLALCHEMY, "fastapi_sqlalchemy"),
        (results.PEEWEE, "fastapi_peewee"),
    ):
        yield Entry(
            name,
            (str(installation.PYTHON), *_UVICORN, f"{module}:app"),
            workloads.PLAIN,
            database,
            PEERS,
        )
    if program := shutil.which("prestd"):
        yield Entry(results.PREST, (program,), workloads.PREST, _prest(stage))
    if program := shutil.which("postgrest"):
        headers = ("Prefer: return=representation",)
        yield Entry(
            results.POSTGREST, (program,), workloads.POSTGREST, _postgrest(stage), headers=headers
        )
    if command := installation.node():
        environment = {
            **database,
            "PORT": "{port}",
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
        }
        yield Entry(
            results.POSTGRAPHILE,
            command,
            workloads.POSTGRAPHILE,
            environment,
            installation.POSTGRAPHILE,
        )


def missing() -> Iterator[str]:
    """Say who is left out, and for want of what."""
    for name, program in ((results.PREST, "prestd"), (results.POSTGREST, "postgrest")):
        if shutil.which(program) is None:
            yield f"{name} is left out: there is no `{program}` on PATH."
    if installation.node() is None:
        yield f"{results.POSTGRAPHILE} is left out: npm is not here to install it."


def _prest(stage: Stage) -> dict[str, str]:
    """Configure pREST as its makers advise for speed: connections are kept, and statements prepared."""
    empty = stage.directory / "queries"
    empty.mkdir(exist_ok=True)
    return {
        "PREST_CONF": str(PEERS / "prest.toml"),
        "PREST_HTTP_PORT": "{port}",
        "PREST_PG_HOST": str(stage.server.socket),
        "PREST_PG_DATABASE": stage.server.database,
        "PREST_QUERIES_LOCATION": str(empty),
        "PREST_LOG_LEVEL": "ERROR",
        "GOMAXPROCS": "1",
        "HOME": os.environ.get("HOME", str(stage.directory)),
    }


def _postgrest(stage: Stage) -> dict[str, str]:
    return {
        "PGRST_DB_URI": stage.server.api_url,
        "PGRST_DB_SCHEMAS": "api",
        "PGRST_DB_ANON_ROLE": "superbill_server",
        "PGRST_DB_POOL": str(POOL),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": "{port}",
        "PGRST_LOG_LEVEL": "crit",
        "GHCRTS": "-N1",
    }
