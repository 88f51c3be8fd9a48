"""Every example of the document is true: the server accepts bodies, and gives such answers."""

import csv
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.document.media_types import CSV, JSON, NDJSON
from api.operations import kinds
from api.operations.operation import Operation
from api.problem import MEDIA_TYPE
from tests.support import samples
from tests.support.documents import Made, make, unfolded
from tests.support.plain_sql import KEYS
from tests.support.sample_requests import OF_POSTED, key_query
from tests.support.serving import Serve
from tests.support.visits import bill_visit, config

pytestmark = pytest.mark.unmeasured

# An example names rows that need not exist, and is the same row each time: the server has read the
# keys when they are dropped. A primary key stays where a view needs it.
_DROP_KEYS = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint
        WHERE contype IN ('f', 'p', 'u', 'x') AND conparentid = 0
        ORDER BY contype
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of, one.name);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END
$$
"""


# The rows that triggers look for, by the id that examples have; first a draft, then posted.
_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_DRAFT = f"""
INSERT INTO billing.patient (id, first_name, last_name) VALUES ('{_ID}', 'Ann', 'Example');
INSERT INTO billing.provider (id, npi, last_name) VALUES ('{_ID}', '1245319599', 'Example');
INSERT INTO billing.encounter (id, patient_id, date, provider_id, place_of_service)
    VALUES ('{_ID}', '{_ID}', '2024-03-01', '{_ID}', '11');
INSERT INTO billing.line_item (id, encounter_id, cpt_code) VALUES ('{_ID}', '{_ID}', 'G0438');
INSERT INTO billing.fee (cpt_code, effective_on, amount) VALUES ('G0438', '2020-01-01', 100);
INSERT INTO billing.payer (id, name) VALUES ('{_ID}', 'Example');
INSERT INTO billing.coverage (id, patient_id, payer_id, member_id, effective_on)
    VALUES ('{_ID}', '{_ID}', '{_ID}', 'M1', '2020-01-01');
INSERT INTO billing.payment (id, patient_id, received_on, amount)
    VALUES ('{_ID}', '{_ID}', '2024-04-01', 10000)
"""
# They copy claims that are complete: tests/http/test_claim_files.py.
SENT = ("interchanges", "submissions")
NEEDED = ("diagnoses",)  # that line items point to
_POST = f"UPDATE billing.encounter SET status = 'posted' WHERE id = '{_ID}'"


def bodies(made: Made) -> Iterator[tuple[Operation, str, Any]]:
    """Give each example of a body: its operation, its media type, and the example."""
    for operation, said, _ in made.described():
        if operation.relation.name in SENT:
            continue
        for media, content in said.get("requestBody", {}).get("content", {}).items():
            if "example" in content:
                yield operation, media, content["example"]


async def path_of(client: httpx.AsyncClient, operation: Operation, keys: dict[str, str]) -> str:
    """Fill a path with the keys of rows that exist."""
    path = operation.path
    if operation.kind in (kinds.UPDATE, kinds.REPLACE):
        rows = (await client.get(path.rpartition("/")[0] + "/", params={"limit": "1"})).json()
        keys = {
            name: str(rows[0][column])
            for name, column in zip(operation.parameters, operation.relation.key, strict=True)
        }
    if operation.kind.by_filters:
        (row,) = (await client.get(path, params={"limit": "1"})).json()
        path += key_query(operation.relation, [str(row[name]) for name in operation.relation.key])
    for name, _ in operation.keys:
        path = path.replace(f"{{{name}}}", quote(keys[name], safe=""))
    return path


def _twins_removed(operation: Operation) -> str:
    """Give the statement that leaves one row of each key, which an example may be in twice."""
    of = ".".join(operation.relation.table or ())
    same = " AND ".join(f"a.{name} = b.{name}" for name in operation.relation.key)
    return f"DELETE FROM {of} AS a USING {of} AS b WHERE a.ctid > b.ctid AND {same}"


def _place(operation: Operation) -> tuple[bool, bool]:
    """Sort operations: what only a posted encounter may have comes last, and then by filters."""
    return operation.relation.name in OF_POSTED, operation.kind.by_filters


@samples.SAMPLED
@pytest.mark.parametrize("schema", ["database", "menagerie"])
async def test_each_example_of_a_body_is_accepted(
    serve: Serve, schema: str, request: pytest.FixtureRequest, share: float
) -> None:
    database = request.getfixturevalue(schema)
    service = await serve(config(database))
    keys = dict(KEYS)
    if schema == "database":
        database.execute(_DRAFT)
        visit = await bill_visit(service.client)
        database.execute(
            f"UPDATE billing.encounter SET provider_id = '{_ID}', place_of_service = '11'"
        )
        keys = {"patient_id": visit.patient, "encounter_id": visit.encounter}
        keys |= {"line_item_id": visit.line_item, "payment_id": _ID, "provider_id": _ID}
    database.execute(_DROP_KEYS)
    sent, is_posted = 0, False
    # Those by filters come last, because they may change a key that a path has.
    # What is changed is what was created, so all examples of a relation are tried, or none.
    offered = [*bodies(make(service.catalog, database.api_url))]
    names = dict.fromkeys(operation.relation.name for operation, _, _ in offered)
    chosen = samples.sample(names, lambda name: name in OF_POSTED, share, least=4)
    offered = [each for each in offered if each[0].relation.name in (*chosen, *NEEDED)]
    for operation, media, example in sorted(offered, key=lambda each: _place(each[0])):
        last = operation.relation.name in OF_POSTED
        if last and not is_posted:
            database.execute(_POST)
            is_posted = True
        answer = await service.client.request(
            operation.method,
            await path_of(service.client, operation, dict.fromkeys(keys, _ID) if last else keys),
            content=example if isinstance(example, str) else json.dumps(example),
            headers={"content-type": media},
        )
        assert answer.status_code == operation.kind.status, (operation.id, media, answer.text)
        if schema == "database" and operation.kind is kinds.CREATE and not is_posted:
            database.execute(_twins_removed(operation))
        sent += 1
    assert sent > 25 or share < 1


@pytest.mark.parametrize("schema", ["database", "menagerie"])
async def test_each_example_of_many_rows_is_of_the_rows_schema(
    serve: Serve, schema: str, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    made = make((await serve(config(database))).catalog, database.api_url)
    for operation, said, _ in made.described():
        if not operation.kind.many_rows:
            continue
        content = said["responses"]["200"]["content"]
        row = made.found(content[JSON]["schema"]["items"])
        if "example" in content[JSON]:
            assert [json.loads(content[NDJSON]["example"])] == content[JSON]["example"]
            header, *rows = csv.reader(content[CSV]["example"].splitlines())
            assert (header, len(rows)) == (list(row["properties"]), 1), operation.id


@samples.SAMPLED
async def test_each_example_of_a_fault_is_what_the_server_finds(
    client: httpx.AsyncClient, menagerie_client: httpx.AsyncClient, share: float
) -> None:
    same = ("type", "title", "status", "detail")
    for server in (client, menagerie_client):
        document = (await server.get("/openapi.json")).json()
        seen = 0
        found_in = samples.sample(faults(document), lambda f: (f[1], f[2]["type"]), share, least=4)
        for path, method, example in found_in:
            (fault,) = example["errors"]
            field = fault["pointer"].removeprefix("/")
            answer = await server.request(
                method,
                path,
                params={field: "0"} if example["status"] == 400 else {},
                json={field: 0} if method == "post" else None,
            )
            found = answer.json()
            assert fault in found["errors"], (method, path)
            assert [found[word] for word in same] == [example[word] for word in same]
            seen += 1
        assert seen > (15 if share == 1 else 3)


def faults(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Give path, method and example of each problem with a fault, where the path has no key.

    Not of a write by filters: it has no fault in its body until it has a filter.
    """
    for path, item in unfolded(document).items():
        read_or_create = {name: item[name] for name in ("get", "post") if name in item}
        for method, said in read_or_create.items() if "{" not in path else ():
            for response in said["responses"].values():
                content = response.get("content", {}).get(MEDIA_TYPE, {})
                one = [content["example"]] if "example" in content else []
                several = (named["value"] for named in content.get("examples", {}).values())
                for example in (*one, *several):
                    if "errors" in example:
                        yield path, method, example
