"""The API behind PgBouncer in transaction mode: a client's next call runs on another connection."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.support import menagerie as menagerie_requests
from tests.support.csv_text import CSV, NDJSON, export, send
from tests.support.databases import TestDatabase
from tests.support.pgbouncer import CONNECTIONS, PgBouncer, pgbouncer
from tests.support.serving import Serve, serving
from tests.support.visits import add, bill_visit, config

pytestmark = [pytest.mark.needs("pgbouncer"), pytest.mark.unmeasured]


@pytest.fixture
def pooler(database: TestDatabase) -> Iterator[PgBouncer]:
    """Run a pooler before a database of the billing schema."""
    with pgbouncer(database) as pooler:
        yield pooler


async def test_requests_are_answered_through_a_pooler(pooler: PgBouncer, serve: Serve) -> None:
    settings = replace(config(pooler.database), database_url=pooler.api_url)
    client = (await serve(settings)).client
    visit = await bill_visit(client)
    assert (await client.get(f"/patients/{visit.patient}")).json()["id"] == visit.patient
    assert len((await client.get(visit.line_items)).json()) == 1
    await client.patch(f"/patients/{visit.patient}", json={"first_name": "Jane"})
    (listed,) = (await client.get("/patients/")).json()
    assert listed["first_name"] == "Jane"
    assert (await client.get(f"/superbills/{visit.encounter}")).status_code == 200
    assert (await client.get("/reporting/monthly_activity/")).status_code == 200
    assert (await client.delete(f"/line_items/{visit.line_item}")).status_code == 204
    refused = await client.post("/patients/", json={"first_name": " ", "last_name": "Roe"})
    assert refused.status_code == 422


async def test_rows_pass_through_a_pooler_in_both_directions(
    pooler: PgBouncer, serve: Serve
) -> None:
    settings = replace(config(pooler.database), database_url=pooler.api_url)
    client = (await serve(settings)).client
    rows = [{"first_name": "John", "last_name": f"Oberly {n}"} for n in range(2500)]
    text = "\n".join(json.dumps(row) for row in rows)
    created = await send(client, "/patients/", NDJSON, text)
    assert created.json() == {"created": len(rows)}
    exported = (await export(client, "/patients/", NDJSON)).text.splitlines()
    assert [json.loads(row)["last_name"] for row in exported] == [row["last_name"] for row in rows]
    sheet = (await export(client, "/patients/?limit=5", CSV)).text
    assert len(sheet.splitlines()) == 6


async def test_calls_share_the_pooler_s_connections(pooler: PgBouncer, serve: Serve) -> None:
    """Each statement is prepared on each connection of the pooler, whichever client asks for it."""
    settings = replace(config(pooler.database), database_url=pooler.api_url, lanes=8, batch=1)
    clients = [
        (await serve(replace(settings, connections=CONNECTIONS * 4))).client for _ in range(2)
    ]

    async def bill(number: int) -> None:
        client, name = clients[number % 2], f"Oberly {number}"
        patient = await add(client, "/patients/", first_name="John", last_name=name)
        assert (await client.get(f"/patients/{patient['id']}")).json() == patient
        path = f"/patients/{patient['id']}/encounters/"
        encounter = await add(client, path, date="2024-03-01")
        assert (await client.get(path)).json() == [encounter]

    await asyncio.gather(*(bill(number) for number in range(100)))
    assert backends(pooler.database) <= CONNECTIONS


def backends(database: TestDatabase) -> int:
    """Count the connections that the API's login has to the database."""
    superuser = database.server.postgres.url("postgres", database.name)
    with psycopg.connect(superuser) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
        ((count,),) = connection.execute(query, [database.name, "superbill_server"])
        return int(count)


async def test_every_type_passes_through_a_pooler(serve: Serve, menagerie: TestDatabase) -> None:
    """What a connection asks for when it opens and the pooler ignores, the login's role has."""
    settings = menagerie_requests.config(menagerie)
    direct = (await serve(settings)).client
    with pgbouncer(menagerie) as pooler:
        async with serving(replace(settings, database_url=pooler.api_url)) as pooled:
            for media in (NDJSON, CSV):
                texts = [
                    await export(each, "/specimens/", media) for each in (direct, pooled.client)
                ]
                assert texts[0].text == texts[1].text
