"""The audit trail over HTTP: who changed what, as an auditor of the clinic reads it."""

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.visits import bill_visit

pytestmark = pytest.mark.unmeasured

OTHER = "00000000-0000-7000-8000-000000000002"


async def events(client: httpx.AsyncClient, query: str) -> list[dict[str, object]]:
    """List events."""
    response = await client.get(f"/audit_events/?{query}")
    assert response.status_code == 200, response.text
    found: list[dict[str, object]] = response.json()
    return found


async def test_changes_are_found_by_record_actor_and_time(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    visit = await bill_visit(client)
    await client.patch(f"/patients/{visit.patient}", json={"first_name": "Jack"})
    await client.delete(f"/line_items/{visit.line_item}")
    database.execute(f"UPDATE billing.patient SET first_name = 'Jim' WHERE id = '{visit.patient}'")
    found = await events(client, f"record={visit.patient}")
    assert [(e["action"], e["login"], e["relation"]) for e in found] == [
        ("insert", "superbill_server", "billing.patient"),
        ("update", "superbill_server", "billing.patient"),
        ("update", "superbill_owner", "billing.patient"),
    ]
    assert [(e["before"] or {}).get("first_name") for e in found] == [None, "John", "Jack"]  # type: ignore[attr-defined]
    (deleted,) = await events(client, f"record={visit.line_item}&order=-at&limit=1")
    assert (deleted["action"], deleted["after"], deleted["role"]) == (
        "delete",
        None,
        "superbill_api",
    )
    by_owner = await events(client, "actor=superbill_owner")
    assert found[2] in by_owner
    at = str(found[1]["at"]).replace("+", "%2B")
    assert await events(client, f"record={visit.patient}&at.gte={at}") == found[1:]
    assert found[0] in await events(client, f"at.lt={at}")
    item = await client.get(f"/audit_events/{at},{found[1]['n']}")
    assert item.json() == found[1]


async def test_another_clinics_changes_are_seen_by_nobody_else(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.execute(
        f"INSERT INTO identity.clinic (id, name) VALUES ('{OTHER}', 'Second clinic');"
        "INSERT INTO billing.patient (clinic_id, first_name, last_name)"
        f" VALUES ('{OTHER}', 'Ada', 'Ash')"
    )
    ((theirs, at, n),) = database.execute(
        f"SELECT record, at, n FROM audit.change WHERE clinic_id = '{OTHER}'"
    )
    assert await events(client, f"record={theirs}") == []
    missing = await client.get(f"/audit_events/{at},{n}".replace("+", "%2B"))
    assert missing.status_code == 404
    assert missing.json()["detail"] == "change not found"
    assert not [e for e in await events(client, "limit=1000") if e["record"] in (theirs, "")]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
async def test_trail_is_read_only(client: httpx.AsyncClient, method: str) -> None:
    (event,) = await events(client, "limit=1")
    item = f"/audit_events/{event['at']},{event['n']}".replace("+", "%2B")
    path = "/audit_events/" if method == "POST" else item
    refused = await client.request(method, path, json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
