"""Bodies of the document: examples are accepted, required is required, defaults are true."""

import json
from typing import Any

import httpx
import pytest

from api.operations import kinds
from api.operations.operation import Operation
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.documents import Made, make
from tests.support.sample_requests import OF_POSTED
from tests.support.serving import Serving

pytestmark = pytest.mark.unmeasured

JSON = "application/json"


async def test_example_bodies_are_accepted(service: Serving, database: TestDatabase) -> None:
    billing = make(service.catalog, database.api_url)
    keys = await _keys(service.client)
    tried = 0
    for operation, said, _ in billing.described():
        if not operation.kind.body or operation.kind.by_filters or _is_later(operation):
            continue
        await _take_another(service.client, operation, keys)
        body = _example(billing, operation, said, keys)
        answer = await service.client.request(
            operation.method, operation.path.format(**keys), json=body
        )
        assert answer.status_code == (201 if operation.kind is kinds.CREATE else 200), (
            operation.id,
            answer.text,
        )
        row = answer.json()
        assert row.items() >= body.items()
        if operation.parents or "id" not in row:
            await _delete(service.client, answer)
        else:
            keys.setdefault(f"{operation.relation.name.removesuffix('s')}_id", row["id"])
        schema = said["responses"][str(answer.status_code)]["content"][JSON]["schema"]
        assert billing.faults(row, schema) == [], operation.id
        tried += 1
    assert tried == 49


def _example(
    billing: Made, operation: Operation, said: dict[str, Any], keys: dict[str, str]
) -> dict[str, Any]:
    """Give the example of a body: the document's, or what its fields have as examples."""
    parts = billing.body(operation)["properties"]
    needed = billing.body(operation).get("required", list(parts)[:1])
    made = {name: billing.found(parts[name])["examples"][0] for name in needed}
    example = said["requestBody"]["content"][JSON].get("example", made)
    if operation.parents:
        example.pop("external_id", None)  # which the row that is created by itself has
    return {name: keys.get(name, value) for name, value in example.items()}


def _is_later(operation: Operation) -> bool:
    """Tell whether an operation needs another row than those that there are.

    A reversal needs a posted line item, an interchange a whole claim, and a change a row whose key
    is not an id. A change of all fields of an encounter at once would void a draft, and a line
    item's example has a diagnosis.
    """
    name, creates = operation.relation.name, operation.kind is kinds.CREATE
    of_others = ("diagnoses", "drugs", "encounters", "line_items", "providers")
    return name in (*OF_POSTED, "interchanges") or (name in of_others and not creates)


async def _take_another(
    client: httpx.AsyncClient, operation: Operation, keys: dict[str, str]
) -> None:
    """Go on with other rows where the one that is there has its one row of a relation already."""
    if operation.kind is kinds.CREATE and keys.keys() >= {*operation.relation.key}:
        kept = {name: keys[name] for name in ("provider_id", "payer_id")}
        keys |= await _keys(client, **kept)


async def _delete(client: httpx.AsyncClient, made: httpx.Response) -> None:
    """Delete a new row, if any may be deleted: others of it might be one too many."""
    path = made.headers.get("location", made.request.url.path)
    if "DELETE" in (await client.options(path)).headers["allow"]:
        await client.delete(path)


async def _keys(client: httpx.AsyncClient, **kept: str) -> dict[str, str]:
    """Add one of each thing, and give the keys by the names that they have in paths and bodies."""
    keys = {"code": "G0438", **kept}
    bodies = {
        "patient": ("/patients/", {"first_name": "John", "last_name": "Oberly"}),
        "provider": ("/providers/", {"npi": "1245319599", "last_name": "Kim"}),
        "encounter": (
            "/patients/{patient_id}/encounters/",
            {"date": "2024-03-01", "provider_id": "{provider_id}"},
        ),
        "payer": ("/payers/", {"name": "Medicare"}),
        "line_item": ("/encounters/{encounter_id}/line_items/", {"cpt_code": "G0438"}),
    }
    for noun, (path, body) in bodies.items():
        if f"{noun}_id" in kept:
            continue
        sent = {name: value.format(**keys) for name, value in body.items()}
        answer = await client.post(path.format(**keys), json=sent)
        assert answer.status_code == 201, answer.text
        keys[f"{noun}_id"] = answer.json()["id"]
    return keys


async def test_required_read_only_and_default_are_true(
    service: Serving, database: TestDatabase
) -> None:
    billing = make(service.catalog, database.api_url)
    keys = await _keys(service.client)
    for operation, said, _ in billing.described():
        if operation.kind is not kinds.CREATE or _is_later(operation):
            continue
        await _take_another(service.client, operation, keys)
        path, schema = operation.path.format(**keys), billing.body(operation)
        body = _example(billing, operation, said, keys)
        for name in schema["required"]:
            fault = {"pointer": f"/{name}", "detail": "is missing"}
            await _refused(
                service.client, path, {k: v for k, v in body.items() if k != name}, fault
            )
        row = billing.found(said["responses"]["201"]["content"][JSON]["schema"]["anyOf"][0])
        for name in (name for name, part in row["properties"].items() if "readOnly" in part):
            fault = {"pointer": f"/{name}", "detail": "is not a field of this body"}
            await _refused(
                service.client, path, {**body, name: row["properties"][name]["examples"][0]}, fault
            )
        defaults = {
            name: part["default"]
            for name, part in schema["properties"].items()
            if "default" in part
        }
        made = await service.client.post(
            path, json={name: value for name, value in body.items() if name not in defaults}
        )
        assert made.json().items() >= defaults.items(), operation.id
        await _delete(service.client, made)


async def _refused(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], fault: dict[str, str]
) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == 422, (path, body)
    assert answer.json()["errors"] == [fault]


async def test_each_default_is_the_one_that_postgres_uses(menagerie: TestDatabase) -> None:
    made = make(await read_catalog(menagerie.api_url), menagerie.api_url)
    seen = 0
    for operation in made.operations:
        properties = made.body(operation)["properties"] if operation.kind is kinds.CREATE else {}
        for name, default in (
            (name, part["default"]) for name, part in properties.items() if "default" in part
        ):
            expression = operation.relation.column(name).default
            text = default if isinstance(default, str) else json.dumps(default)
            assert menagerie.execute(f"SELECT CAST({expression} AS text)") == [(text,)], (
                operation.id,
                name,
            )
            seen += 1
    assert seen > 5
