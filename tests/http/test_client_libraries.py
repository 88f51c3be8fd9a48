"""HTTPie, requests, fetch and a generated client send the five methods and read the same answers.

curl is tested by packaging/test_readme.py, which runs the transcript.
"""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from api.config import ROOT
from api.document import openapi
from api.operations import discovery, nested_bodies
from api.problem import MEDIA_TYPE
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.serving import serving
from tests.support.transcripts import UUID
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

CLIENTS = ROOT / "tests" / "clients"
VISIT = (
    "Annual wellness visit; includes a personalized prevention plan of service (PPS), initial visit"
)
USED = "/(patients|encounters|line_items|superbills)/.*"
INJECTION = "Injection, ketorolac tromethamine, per 15 mg"

Told = dict[str, Any]  # what a client was told: status, media type and content
Ask = Callable[..., Told]


async def _told(
    database: TestDatabase, client: Callable[[str], dict[str, Told]]
) -> dict[str, Told]:
    async with serving(config(database)) as s:
        return await asyncio.to_thread(client, f"http://127.0.0.1:{s.port}")


def _run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _five(ask: Ask) -> dict[str, Told]:
    """Do what tests/clients/fetch.mjs does."""
    patient = ask("/patients/", first_name="John", last_name="Oberly")
    encounters = f"/patients/{patient['content']['id']}/encounters/"
    encounter = ask(encounters, date="2024-03-01")
    items = f"/encounters/{encounter['content']['id']}/line_items/"
    return {
        "patient": patient,
        "encounter": encounter,
        "visit": ask(items, cpt_code="G0438", units=1),
        "injection": ask(items, cpt_code="J1885", units=4),
        "encounters": ask(encounters),
        "items": ask(items),
        "bill": ask(f"/superbills/{encounter['content']['id']}"),
        "refused": ask(items, cpt_code="G0438", units=0),
        "missing": ask(f"/patients/{encounter['content']['id']}"),
    }


DRAFT: dict[str, Any] = {
    **dict.fromkeys(("provider_id", "place_of_service", "void_reason", "posted_at", "voided_at")),
    "status": "draft",
}
DETAILS: dict[str, Any] = {
    **dict.fromkeys(("service_date", "unit_charge", "charge")),
    "unit_type": "UN",
    "modifiers": [],
    "diagnosis_pointers": [],
    "is_reversed": False,
}

BILL: dict[str, Any] = {
    **dict.fromkeys(("void_reason", "place_of_service", "place_of_service_name")),
    **dict.fromkeys(("practice", "provider", "patient_details")),
    "status": "draft",
    "coverages": [],
    "diagnoses": [],
    "totals": dict.fromkeys(
        ("charges", "patient_payments", "payer_payments", "adjustments", "balance"), "0.00"
    ),
}


def _check(told: dict[str, Told]) -> None:
    """Check every answer, whole but for the ids, which have to be each other's."""
    patient, encounter, visit, injection = (
        told[name]["content"]["id"] for name in ("patient", "encounter", "visit", "injection")
    )
    assert len({patient, encounter, visit, injection}) == 4
    assert all(re.fullmatch(UUID, id_) for id_ in (patient, encounter, visit, injection))
    name = {"first_name": "John", "last_name": "Oberly"}
    day = {"id": encounter, "patient_id": patient, "date": "2024-03-01", **DRAFT}
    items = [
        {"id": visit, "cpt_code": "G0438", "cpt_code_description": VISIT, "units": 1},
        {"id": injection, "cpt_code": "J1885", "cpt_code_description": INJECTION, "units": 4},
    ]
    own = [{**item, "encounter_id": encounter, **DETAILS} for item in items]
    day_of = {name: value for name, value in DETAILS.items() if name != "service_date"}
    bill = {
        "encounter_id": encounter,
        "date": "2024-03-01",
        "patient_id": patient,
        **name,
        "line_items": [{**item, **day_of, "date": "2024-03-01"} for item in items],
        **BILL,
    }
    refused, missing = (told[name]["content"].pop("instance") for name in ("refused", "missing"))
    assert refused != missing
    assert told == {
        "patient": _json(201, {"id": patient, **name}),
        "encounter": _json(201, day),
        "visit": _json(201, own[0]),
        "injection": _json(201, own[1]),
        "encounters": _json(200, [day]),
        "items": _json(200, own),
        "bill": _json(200, bill),
        "refused": _problem(
            "invalid-content",
            {
                "title": "The content is invalid",
                "status": 422,
                "detail": "The body does not fit; `errors` says where and why.",
                "errors": [
                    {"pointer": "/units", "detail": "A line item must have at least 1 unit."}
                ],
            },
        ),
        "missing": _problem(
            "not-found", {"title": "Not found", "status": 404, "detail": "patient not found"}
        ),
    }


def _json(status: int, content: Any) -> Told:
    return {"status": status, "type": "application/json", "content": content}


def _problem(kind: str, members: dict[str, Any]) -> Told:
    content = {"type": f"urn:problem-type:{kind}", **members}
    return {"status": members["status"], "type": MEDIA_TYPE, "content": content}


async def test_requests_bills_a_visit(database: TestDatabase) -> None:
    def five(address: str) -> dict[str, Told]:
        with requests.Session() as session:

            def ask(path: str, **body: str | int) -> Told:
                answer = (
                    session.post(address + path, json=body) if body else session.get(address + path)
                )
                return {
                    "status": answer.status_code,
                    "type": answer.headers["Content-Type"],
                    "content": answer.json(),
                }

            return _five(ask)

    _check(await _told(database, five))


async def test_httpie_bills_a_visit(database: TestDatabase, tmp_path: Path) -> None:
    # It would ask the network whether there is a newer one of it.
    (tmp_path / "config.json").write_text('{"disable_update_warnings": true}')
    # It is called here: a process for each request takes 0.3 s.
    httpie, context = map(importlib.import_module, ("httpie.core", "httpie.context"))

    def five(address: str) -> dict[str, Told]:
        def ask(path: str, **body: str | int) -> Told:
            fields = [
                f"{name}{'=' if isinstance(value, str) else ':='}{value}"
                for name, value in body.items()
            ]
            options = ("--ignore-stdin", "--pretty=none", "--print=hb", address + path)
            with (tmp_path / "out").open("w+", newline="") as out:
                made = context.Environment(config_dir=tmp_path, stdout=out, stdout_isatty=False)
                assert httpie.main(["http", *options, *fields], made) == 0
                out.seek(0)
                head, _, content = out.read().replace("\r\n", "\n").partition("\n\n")
            status, _, headers = head.partition("\n")
            types = dict(line.split(": ", 1) for line in headers.lower().splitlines())
            return {
                "status": int(status.split()[1]),
                "type": types["content-type"],
                "content": json.loads(content),
            }

        return _five(ask)

    _check(await _told(database, five))


@pytest.mark.needs("node")
async def test_fetch_bills_a_visit(database: TestDatabase) -> None:
    _check(
        await _told(
            database,
            lambda address: json.loads(_run("node", CLIENTS / "fetch.mjs", address).stdout),
        )
    )


@pytest.mark.parametrize(
    "used", [pytest.param(USED, id="used"), pytest.param("/.*", id="all", marks=pytest.mark.long)]
)
@pytest.mark.costly
async def test_generated_client_bills_a_visit(
    database: TestDatabase, tmp_path: Path, used: str
) -> None:
    """One that is generated of the operations that it uses, or of all."""
    catalog = await read_catalog(database.api_url)
    every = discovery.build(catalog)
    chosen = [operation for operation in every if re.fullmatch(used, operation.path)]
    made = openapi.build(catalog, nested_bodies.with_nested(chosen, every))
    document = tmp_path / "openapi.json"
    document.write_bytes(openapi.written(made))
    settings = tmp_path / "settings.json"
    settings.write_text('{"post_hooks": []}')  # which only make it prettier
    generator = (
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--meta",
        "none",
        "--config",
        settings,
    )
    said = _run(
        *generator, "--path", document, "--output-path", tmp_path / "superbill_client"
    ).stderr
    # Of a body's formats it knows JSON, and says so at each operation that takes others.
    bodies = made["paths"].values()
    assert len(re.findall("^WARNING", said, re.MULTILINE)) == 2 * sum("post" in b for b in bodies)
    assert set(re.findall(r"^WARNING.*\n\n(.*)$", said, re.MULTILINE)) == {
        "Unsupported content type application/x-ndjson",
        "Unsupported content type text/csv",
    }

    def five(address: str) -> Any:
        return json.loads(
            _run(sys.executable, CLIENTS / "generated.py", address, PYTHONPATH=str(tmp_path)).stdout
        )

    _check(await _told(database, five))
