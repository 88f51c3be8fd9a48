"""The year of a practice, billed through the API: rows in bulk, each step of a bill by itself."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from tests.support import practice_year
from tests.support.csv_text import NDJSON
from tests.support.practice_year import FEES, Visit, Year

AT_ONCE = 16  # requests
OFFICE = "11"
PAYERS = (
    {"name": "Medicare", "payer_number": "00882", "claim_filing": "MB", "filing_days": 365},
    {"name": "Acme Health", "payer_number": "ACME1", "filing_days": 90},
    {"name": "Zeta Mutual", "payer_number": "ZETA1", "filing_days": 180},
)
_PROVIDERS = (
    ("Grace", "Kim", "197251013"),
    ("Ann", "Lee", "123456789"),
    ("Bo", "Ray", "167957672"),
)


@dataclass(slots=True)
class Ids:
    """The ids that the API gave, in the order of the plan."""

    providers: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    coverages: dict[int, str] = field(default_factory=dict)
    payers: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)


async def bill(client: httpx.AsyncClient, year: Year) -> Ids:
    """Bill the year: set up the practice, add its patients and visits, and follow each bill."""
    ids = Ids()
    await _set_up(client, year, ids)
    await _add_people(client, year, ids)
    await _add_visits(client, year, ids)
    await _at_once(_bills(client, year, ids))
    await _add_payments(client, year, ids)
    return ids


async def add_many(
    client: httpx.AsyncClient, path: str, rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add rows in one request and give them as they are now, in the same order."""
    body = "".join(f"{json.dumps(row)}\n" for row in rows)
    if not body:
        return []
    headers = {"content-type": NDJSON, "prefer": "return=representation"}
    answer = await client.post(path, content=body.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    added: list[dict[str, Any]] = answer.json()
    return added


async def _set_up(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    await add_many(client, "/practices/", [practice_year.practice()])
    providers = [
        {
            "npi": practice_year.npi(digits),
            "first_name": first,
            "last_name": last,
            "credentials": "MD",
            "license_number": f"MD{digits}",
            "license_state": "WA",
        }
        for first, last, digits in _PROVIDERS
    ]
    ids.providers = [row["id"] for row in await add_many(client, "/providers/", providers)]
    ids.payers = [row["id"] for row in await add_many(client, "/payers/", PAYERS)]
    await add_many(client, "/fees/", _fees(year))


def _fees(year: Year) -> Iterable[dict[str, Any]]:
    for code, (before, since) in FEES.items():
        eve = str(year.half - timedelta(days=1))
        first = {"cpt_code": code, "effective_on": str(year.first), "ends_on": eve}
        yield first | {"amount": before}
        yield {"cpt_code": code, "effective_on": str(year.half), "amount": since}


async def _add_people(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    names = [{"first_name": p.first_name, "last_name": p.last_name} for p in year.people]
    ids.people = [row["id"] for row in await add_many(client, "/patients/", names)]
    details = (
        {
            "patient_id": ids.people[person.number],
            "birth_date": str(person.birth_date),
            "sex": "FMU"[person.number % 3],
            "address_line_1": f"{person.number + 1} Elm St",
            "city": "Seattle",
            "state": "WA",
            "postal_code": "98101",
            "external_id": person.external_id,
        }
        for person in year.people
    )
    await add_many(client, "/patient_details/", details)
    insured = [(person, person.payer) for person in year.people if person.payer is not None]
    rows = (
        {
            "patient_id": ids.people[person.number],
            "payer_id": ids.payers[payer],
            "member_id": f"M{person.number:06}",
            "effective_on": str(year.first - timedelta(days=365)),
        }
        for person, payer in insured
    )
    added = await add_many(client, "/coverages/", rows)
    ids.coverages = {
        person.number: row["id"] for (person, _), row in zip(insured, added, strict=True)
    }


async def _add_visits(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    encounters = (
        {
            "patient_id": ids.people[visit.person],
            "date": str(visit.day),
            "provider_id": ids.providers[visit.provider],
            "place_of_service": OFFICE,
        }
        for visit in year.visits
    )
    ids.visits = [row["id"] for row in await add_many(client, "/encounters/", encounters)]
    both = list(zip(ids.visits, year.visits, strict=True))
    diagnoses = (
        {"encounter_id": key, "position": number, "diagnosis_code": code}
        for key, visit in both
        for number, code in enumerate(visit.diagnoses, 1)
    )
    await add_many(client, "/diagnoses/", diagnoses)
    lines = (
        {
            "encounter_id": key,
            "cpt_code": line.cpt_code,
            "units": float(line.units),
            "diagnosis_pointers": line.pointers,
        }
        for key, visit in both
        for line in visit.lines
    )
    added = iter([row["id"] for row in await add_many(client, "/line_items/", lines)])
    ids.lines = [[next(added) for _ in visit.lines] for visit in year.visits]


async def _at_once(steps: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Run the steps, so many at once as a practice's people and programs may."""
    waiting = iter(steps)

    async def work() -> None:
        for step in waiting:
            await step()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())


def _bills(
    client: httpx.AsyncClient, year: Year, ids: Ids
) -> Iterable[Callable[[], Awaitable[None]]]:
    for number, visit in enumerate(year.visits):
        if visit.status != "draft":

            async def step(number: int = number, visit: Visit = visit) -> None:
                await _follow(client, ids, number, visit)

            yield step


async def _follow(client: httpx.AsyncClient, ids: Ids, number: int, visit: Visit) -> None:
    """Post a visit, and reverse, claim or void it; each second void is of a draft."""
    path = f"/encounters/{ids.visits[number]}"
    if visit.status != "voided" or number % 2:
        await _change(client, path, {"status": "posted"})
    for line, key in zip(visit.lines, ids.lines[number], strict=True):
        if line.is_reversed:
            body = {"line_item_id": key, "reason": "Entered by mistake"}
            assert (await client.post("/reversals/", json=body)).status_code == 201
    if visit.status == "billed":
        body = {"coverage_id": ids.coverages[visit.person]}
        answer = await client.post(f"{path}/claims/", json=body)
        assert answer.status_code == 201, answer.text
    if visit.status == "voided":
        await _change(client, path, {"status": "voided", "void_reason": "Wrong patient"})


async def _change(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await client.patch(path, json=body)
    assert answer.status_code == 200, answer.text


async def _add_payments(client: httpx.AsyncClient, year: Year, ids: Ids) -> None:
    payments, parts, adjustments = [], [], []
    for visit, lines in zip(year.visits, ids.lines, strict=True):
        for kind in ("patient_paid", "payer_paid"):
            paid = [
                (key, getattr(line, kind)) for key, line in zip(lines, visit.lines, strict=True)
            ]
            paid = [(key, amount) for key, amount in paid if amount]
            if paid:
                payments.append(_payment(year, ids, visit, kind, sum(a for _, a in paid)))
                parts.append(paid)
        adjustments += [
            {
                "line_item_id": key,
                "group_code": "CO",
                "reason_code": "45",
                "amount": str(line.adjusted),
                "adjusted_on": _paid_on(year, visit),
            }
            for key, line in zip(lines, visit.lines, strict=True)
            if line.adjusted
        ]
    added = await add_many(client, "/payments/", payments)
    allocations = (
        {"payment_id": row["id"], "line_item_id": key, "amount": str(amount)}
        for row, paid in zip(added, parts, strict=True)
        for key, amount in paid
    )
    await add_many(client, "/allocations/", allocations)
    await add_many(client, "/adjustments/", adjustments)


def _payment(year: Year, ids: Ids, visit: Visit, kind: str, amount: Any) -> dict[str, Any]:
    payer = year.people[visit.person].payer if kind == "payer_paid" else None
    return {
        "patient_id": ids.people[visit.person],
        "payer_id": None if payer is None else ids.payers[payer],
        "received_on": _paid_on(year, visit),
        "method": "card" if payer is None else "eft",
        "amount": str(amount),
    }


def _paid_on(year: Year, visit: Visit) -> str:
    last: date = year.first + timedelta(days=practice_year.DAYS - 1)
    return str(min(visit.day + timedelta(days=21), last))
