"""The metrics: counts and durations by operation and status, without any value of a client."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api import __version__
from api.http.counts import BUCKETS
from tests.support.access_log import close_early
from tests.support.databases import TestDatabase
from tests.support.metrics import read_metrics
from tests.support.outages import JOHN, Wire, locked, superuser_url, wait_for_locks
from tests.support.problems import MARK
from tests.support.raw_http import exchange, get_bytes
from tests.support.serving import Serving, serving
from tests.support.visits import UNKNOWN_ID, bill_visit, config

pytestmark = pytest.mark.unmeasured


async def test_requests_are_counted_by_operation_and_status(service: Serving) -> None:
    v = await bill_visit(service.client)
    for _ in range(3):
        await service.client.get("/patients/")
    await service.client.head(f"/patients/{v.patient}")
    await service.client.get(f"/patients/{UNKNOWN_ID}")
    await service.client.patch(f"/patients/{v.patient}", json={MARK: MARK})
    await service.client.get(f"/{MARK}/{v.patient}")
    await service.client.put(f"/patients/{v.patient}")
    await exchange(service, get_bytes(b"/health/", b"no colon"))
    found = await read_metrics(service.client)
    again = await read_metrics(service.client)
    assert found.requests() == {
        ("patients.create", "201"): 1,
        ("patients.encounters.create", "201"): 1,
        ("encounters.line_items.create", "201"): 1,
        ("patients.list", "200"): 3,
        ("patients.read", "200"): 1,
        ("patients.read", "404"): 1,
        ("patients.update", "422"): 1,
        ("-", "404"): 1,
        ("-", "405"): 1,
        ("-", "400"): 1,
    }
    assert again.requests() == {**found.requests(), ("service.metrics", "200"): 1}


async def test_duration_of_requests_is_counted_by_operation(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    path = f"/patients/{v.patient}"
    before = await read_metrics(client)
    with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
        slow = asyncio.create_task(client.patch(path, json={"first_name": "Jane"}))
        await wait_for_locks(superuser_url(database))
        with locked(database.owner_url, "SELECT pg_sleep(0.12)"):
            pass
    assert (await slow).status_code == 200
    found = await read_metrics(client)
    name = "superbill_request_duration_seconds"
    assert before.values(f"{name}_count", operation="patients.update") == []
    assert found.values(f"{name}_count", operation="patients.update") == [1]
    assert found.values(f"{name}_sum", operation="patients.update")[0] > 0.12
    for bound in BUCKETS[:3]:
        assert found.values(f"{name}_bucket", operation="patients.update", le=str(bound)) == [0]
    assert found.values(f"{name}_bucket", operation="patients.update", le="+Inf") == [1]
    assert found.families[name].type == "histogram"


async def test_request_is_counted_in_each_bucket_above_its_duration(
    client: httpx.AsyncClient,
) -> None:
    await client.get("/health/")
    found = await read_metrics(client)
    buckets = found.values("superbill_request_duration_seconds_bucket", operation="service.health")
    assert buckets == sorted(buckets)
    assert (len(buckets), buckets[-1]) == (len(BUCKETS) + 1, 1)


async def test_metrics_have_connections_version_and_process(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    quiet = await read_metrics(client)
    with locked(database.owner_url, "SELECT FROM billing.patient FOR UPDATE"):
        slow = asyncio.create_task(client.patch(f"/patients/{v.patient}", json=JOHN))
        await wait_for_locks(superuser_url(database))
        busy = await read_metrics(client)
    await slow
    for found, used in ((quiet, 0), (busy, 1)):
        assert found.values("superbill_connections_held") == [3]
        assert found.values("superbill_connections_in_use") == [used]
    assert quiet.values("superbill_build_info", version=__version__) == [1]
    if sys.platform == "linux":
        assert quiet.values("process_resident_memory_bytes")[0] > 1e6


async def test_metrics_need_no_database(database: TestDatabase, tmp_path: Path) -> None:
    async with Wire(database, tmp_path) as wire:
        pass
    async with serving(config(database)) as s:
        found = s.catalog
    async with serving(replace(config(database), database_url=wire.url, wait=1), found=found) as s:
        assert (await s.client.get("/patients/")).status_code == 503
        answer = await read_metrics(s.client)
    assert answer.values("superbill_connections_held") == [0]
    assert answer.requests() == {("patients.list", "503"): 1}


async def test_metrics_are_not_in_the_document(service: Serving, database: TestDatabase) -> None:
    head = await service.client.head("/metrics/")
    assert (head.status_code, head.content) == (200, b"")
    assert (await service.client.get(f"/metrics?{MARK}=1")).status_code == 400
    refused = await service.client.post("/metrics")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    document = (await service.client.get("/openapi.json")).json()
    assert not [path for path in document["paths"] if "metrics" in path]
    async with serving(config(database), found=service.catalog) as other:
        assert (await read_metrics(other.client)).requests() == {}


async def test_no_metric_has_values_that_a_client_sent(service: Serving) -> None:
    v = await bill_visit(service.client)
    for path in (
        f"/{MARK}",
        f"/patients/{MARK}",
        f"/patients/?last_name={MARK}",
        f"/metrics?{MARK}={MARK}",
    ):
        await service.client.get(path, headers={MARK: MARK})
    await service.client.request(MARK, "/patients/")
    await service.client.post(
        "/patients/", json={"first_name": MARK, "last_name": MARK, MARK: MARK}
    )
    await service.client.post(
        "/patients/", content=MARK, headers={"content-type": f"application/{MARK}"}
    )
    await exchange(service, f"{MARK} /{MARK} HTTP/1.1\r\n{MARK}\r\n\r\n".encode())
    await close_early(v, service.port)
    text = (await read_metrics(service.client)).text
    for secret in (MARK, v.patient, v.encounter, v.line_item, UNKNOWN_ID):
        assert secret.casefold() not in text.casefold()
