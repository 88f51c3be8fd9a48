"""Linters find no fault in the OpenAPI document, and clients made of it compile strictly.

The programs are npm packages, pinned in .ci/tools; .ci/run installs them. What takes long reads the
document of the first migrations, a ninth of it, and in `make test-long` the whole one.
"""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.cli import migrations
from api.config import ROOT
from api.document import layout
from tests.support.catalogs import read_catalog
from tests.support.databases import Server
from tests.support.documents import make

CLIENTS = ROOT / "tests" / "clients"
BILLING = ROOT / "openapi" / "openapi.json"
UNTIL = "0025"  # the migrations before it make patients, encounters, line items and codes
# What TypeScript checks beyond types, with `strict`.
STRICT = (
    "--strict",
    "--noUnusedLocals",
    "--noUnusedParameters",
    "--noImplicitReturns",
    "--noFallthroughCasesInSwitch",
)
OPTIONS = (
    *("--noEmit", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler"),
    *("--target", "es2022", "--lib", "es2022,dom,dom.iterable"),
)


@pytest.fixture(scope="module")
def menagerie(
    server: Server, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the document of the second schema."""
    url = server.postgres.url("superbill_server", templates["menagerie"])
    written = tmp_path_factory.mktemp("documents") / "menagerie.json"
    written.write_text(layout.text(make(asyncio.run(read_catalog(url)), url).document))
    return written


@pytest.fixture(params=["first", pytest.param("whole", marks=pytest.mark.long)])
def billing(
    request: pytest.FixtureRequest, server: Server, empty_database: str, tmp_path: Path
) -> Path:
    """Write the document of the first schema's first migrations, or give the shipped one."""
    if request.param == "whole":
        return BILLING
    first = tmp_path / "schema"
    first.mkdir()
    for file in (ROOT / "schema").glob("*.sql"):
        if file.name < UNTIL:
            shutil.copy(file, first)
    migrations.migrate(empty_database, first)
    url = empty_database.replace("superbill_owner", "superbill_server")
    written = tmp_path / "billing.json"
    written.write_text(layout.text(make(asyncio.run(read_catalog(url)), url).document))
    return written


def run(*command: str | Path) -> str:
    """Run a program; what it said if it succeeded, or the failure of the test."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def spectral(document: Path) -> list[dict[str, Any]]:
    """Return what Spectral finds."""
    found: list[dict[str, Any]]
    found, _ = json.JSONDecoder().raw_decode(run("spectral", "lint", "-f", "json", document))
    return found


@pytest.mark.needs("redocly")
@pytest.mark.costly
def test_redocly_finds_nothing(menagerie: Path) -> None:
    for document in (BILLING, menagerie):
        options = ("--config", ".redocly.yaml", "--format", "json")
        found = json.loads(run("redocly", "lint", *options, document))
        assert found["problems"] == []


@pytest.mark.needs("spectral")
@pytest.mark.costly
def test_spectral_finds_nothing_in_the_document(billing: Path) -> None:
    assert spectral(billing) == []


@pytest.mark.long
@pytest.mark.needs("spectral")
def test_spectral_finds_no_error_in_the_document_of_the_second_schema(menagerie: Path) -> None:
    spectral(menagerie)


@pytest.mark.needs("openapi-typescript")
@pytest.mark.needs("orval")
@pytest.mark.needs("tsc")
@pytest.mark.costly
def test_generated_typescript_compiles_strictly(billing: Path, tmp_path: Path) -> None:
    types, client = tmp_path / "types.ts", tmp_path / "client.ts"
    run("openapi-typescript", billing, "--output", types)
    run("orval", "--input", billing, "--output", client, "--client", "fetch", "--mode", "single")
    use = Path(shutil.copy(CLIENTS / "use.ts", tmp_path))
    run("tsc", *STRICT, *OPTIONS, types, client, use)
