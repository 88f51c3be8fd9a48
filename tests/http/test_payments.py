"""Payments, their allocations, and adjustments: what is paid for what, and what is owed."""

import asyncio
from typing import LiteralString

import httpx
import pytest

from tests.support.billing_sql import attempt, rows
from tests.support.bills import bill, change
from tests.support.databases import TestDatabase
from tests.support.outages import locked, wait_for_locks
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.visits import add

pytestmark = pytest.mark.unmeasured

MORE = "The allocations of a payment must be no more than the payment, and not less than 0."
NOT_POSTED = (
    "An allocation must be for a posted line item of the patient whose bills the payment pays."
)
OWED: LiteralString = (
    "SELECT sum(amount)::text FROM billing.ledger_entry GROUP BY line_item_id ORDER BY line_item_id"
)
ALLOCATE: LiteralString = (
    "INSERT INTO api.allocations (payment_id, line_item_id, amount)"
    " SELECT p.id, l.id, 60 FROM api.payments AS p, api.line_items AS l ORDER BY l.id LIMIT 1"
)


async def test_ledger_adds_up_what_is_owed_for_each_line_item(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, lines = await bill(client, database)
    patient = (await client.get(encounter)).json()["patient_id"]
    first, second = (path.rpartition("/")[2] for path in lines)
    payment = await add(
        client, f"/patients/{patient}/payments/", received_on="2024-04-01", amount="150.00"
    )
    allocations = f"/payments/{payment['id']}/allocations/"
    both = ("/line_item_id", NOT_POSTED), ("/amount", MORE)
    answer = await client.post(allocations, json={"line_item_id": first, "amount": "150.01"})
    assert_problem(answer, "invalid-content", UNFIT_BODY, *both)
    await change(client, encounter, status="posted")
    answer = await client.post(allocations, json={"line_item_id": first, "amount": "150.01"})
    assert_problem(answer, "invalid-content", MORE, both[1])
    await add(client, allocations, line_item_id=first, amount="100.00")
    await add(client, allocations, line_item_id=second, amount="50.00")
    answer = await client.post(allocations, json={"line_item_id": second, "amount": "0.01"})
    assert_problem(answer, "invalid-content", MORE, both[1])
    await add(client, allocations, line_item_id=second, amount="-20.00")
    for group, amount in (("CO", "30.00"), ("PR", "40.00")):
        body = {"group_code": group, "reason_code": "45", "amount": amount}
        await add(client, f"{lines[0]}/adjustments/", adjusted_on="2024-04-01", **body)
    # 200 - 100 - 30, and 120 - 50 + 20
    assert rows(database.sql_url, OWED) == [("70.00",), ("90.00",)]
    await add(client, "/reversals/", line_item_id=second, reason="Entered twice")
    await change(client, encounter, status="voided", void_reason="Wrong patient")
    assert rows(database.sql_url, OWED) == [("-130.00",), ("-30.00",)]


async def test_payment_is_not_spent_twice_by_two_at_once(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    encounter, _ = await bill(client, database)
    await change(client, encounter, status="posted")
    patient = (await client.get(encounter)).json()["patient_id"]
    await add(client, f"/patients/{patient}/payments/", received_on="2024-04-01", amount="100.00")
    superuser = database.server.postgres.url("postgres", database.name)
    with locked(database.sql_url, ALLOCATE) as connection:
        waiting = asyncio.create_task(asyncio.to_thread(attempt, database.sql_url, ALLOCATE))
        await wait_for_locks(superuser)
        connection.commit()
        assert await waiting == "allocation_is_within_its_payment"
