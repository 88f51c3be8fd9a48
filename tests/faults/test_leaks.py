"""Marked values in everything that can be refused: no error and no log quotes them."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from asyncpg import PostgresError

from api.catalog.relations import Catalog
from api.database import sqlstate
from api.document.parameters import needs_key
from api.operations import discovery, kinds
from api.operations.operation import Operation
from api.problem import Problem
from api.request.input import Input
from tests.support import samples
from tests.support.batches import Client, clients
from tests.support.databases import TestDatabase
from tests.support.leak_markers import (
    CANARY,
    WRONG,
    Out,
    Watch,
    marked_paths,
    row_path,
    rows,
    valid_body,
    watched,
)
from tests.support.menagerie import ID
from tests.support.refusals_of_files import OF_CLAIMS
from tests.support.sample_requests import INSERT_VISITS, POSTED
from tests.support.serving import Serve, Serving
from tests.support.valid_bodies import billing
from tests.support.visits import Visit, config

pytestmark = pytest.mark.unmeasured

# What takes two fields at once, or a row that is there.
ANIMAL, NOBODY = "00000000-0000-7000-8000-000000000001", "01890a5d-ac96-774b-bcce-771357713577"
LION = {"house": "Savanna", "enclosure_number": 1, "born_on": "2020-01-01", "mass": "1.00"}
PAIRS: list[tuple[str, str, Any]] = [
    ("POST", "/signs/", {"sign_number": 77, "wording": CANARY.lower(), "former_number": 77135}),
    ("PATCH", f"/animals/{ANIMAL}", {"mother_id": ANIMAL, "name": CANARY}),
    ("PATCH", f"/animals/{ANIMAL}", {"mother_id": NOBODY}),
    ("PATCH", f"/animals/{ANIMAL}", {"house": CANARY, "enclosure_number": 771, "mass": "1.00"}),
    ("POST", "/animals/", {**LION, "name": CANARY, "species_code": "QQQ"}),
    ("PATCH", "/keepers/1", {"chief_id": 77135}),
    ("PATCH", f"/animals/{ANIMAL}", {"mass": "5077.00", "house": CANARY}),
    ("POST", "/specimens/", {"id": "00000000-0000-7000-8000-000000000401", "label": CANARY}),
]
# The same of the billing schema, with what `BILLED` adds.
BILLED = f"""{INSERT_VISITS};
INSERT INTO billing.cpt_code (code, description) VALUES ('77135', 'Old');
UPDATE billing.cpt_code_version SET valid_during = '[2000-01-01,2001-01-01)' WHERE code = '77135';
INSERT INTO billing.diagnosis_code VALUES ('A77135', 'Old');
UPDATE billing.diagnosis_code_version SET valid_during = '[2000-01-01,2001-01-01)'
WHERE code = 'A77135';
INSERT INTO billing.modifier VALUES ('77', 'Old');
UPDATE billing.modifier_version SET valid_during = '[2000-01-01,2001-01-01)' WHERE code = '77';
INSERT INTO billing.place_of_service VALUES ('77', 'Old');
UPDATE billing.place_of_service_version SET valid_during = '[2000-01-01,2001-01-01)'
WHERE code = '77'"""
DRAFT, CLAIM = f"{ID}0c3", {"encounter_id": POSTED, "coverage_id": POSTED, "frequency": "1"}
DIAGNOSIS = {"encounter_id": DRAFT, "position": 7, "diagnosis_code": "I10"}
CARD = {"patient_id": POSTED, "payer_id": POSTED, "member_id": CANARY, "effective_on": "2024-01-01"}
BILLED_PAIRS: list[tuple[str, str, Any]] = [
    ("POST", "/diagnoses/", {**DIAGNOSIS, "position": 77}),
    ("POST", "/diagnoses/", {**DIAGNOSIS, "diagnosis_code": "A77135"}),
    ("POST", "/diagnoses/", {**DIAGNOSIS, "encounter_id": f"{ID}001", "position": 1}),
    ("POST", "/line_items/", {"encounter_id": DRAFT, "cpt_code": "77135"}),
    ("POST", "/line_items/", {"encounter_id": DRAFT, "cpt_code": "G0438", "modifiers": ["77"]}),
    (
        "POST",
        "/encounters/",
        {"patient_id": POSTED, "date": "2024-03-01", "place_of_service": "77"},
    ),
    (
        "POST",
        "/line_items/",
        {"encounter_id": DRAFT, "cpt_code": "G0438", "diagnosis_pointers": [7, 71, 35, 77, 13]},
    ),
    ("POST", "/practices/", {"name": CANARY, "npi": "1771351234"}),
    ("POST", "/practices/", {"name": CANARY, "time_zone": f"Europe/{CANARY}"}),
    ("POST", "/providers/", {"last_name": CANARY, "npi": "1771351234"}),
    ("POST", "/patient_details/", {"patient_id": NOBODY, "city": CANARY}),
    ("POST", "/coverages/", {**CARD, "payer_id": NOBODY, "priority": "T"}),
    ("POST", "/coverages/", {**CARD, "relationship": "18", "subscriber_last_name": CANARY}),
    ("POST", "/claim_details/", {"encounter_id": f"{ID}007", "referring_provider_id": NOBODY}),
    ("POST", "/claims/", CLAIM),
    ("POST", "/claims/", {**CLAIM, "encounter_id": NOBODY}),
    ("POST", "/claims/", {**CLAIM, "coverage_id": NOBODY}),
    ("POST", "/claims/", {**CLAIM, "coverage_id": f"{ID}001"}),
    ("POST", "/claims/", {**CLAIM, "encounter_id": DRAFT}),
    (
        "POST",
        "/allocations/",
        {"payment_id": POSTED, "line_item_id": DRAFT, "amount": "0.01"},
    ),
]
# What bodies of the billing schema refer to: a patient without details, and a draft.
VISIT = Visit(f"{ID}003", f"{ID}008", f"{ID}003")
# What no row of a client's can break: keys that Postgres makes.
OWN = {
    "keeper_pkey",
    "animal_pkey",
    "feeding_pkey",
    "ration_pkey",
    "shift_pkey",
    "loan_pkey",
    "tour_pkey",
    "sighting_pkey",
    "exhibit_pkey",
    "donation_pkey",
    "notice_pkey",
    "lodge_pkey",
    "guest_pkey",
    "expedition_pkey",
    "find_pkey",
    "Odd Child_pkey",
    "patient_pkey",
    "encounter_pkey",
    "line_item_pkey",
    "practice_pkey",
    "provider_pkey",
    "fee_pkey",
    "payer_pkey",
    "coverage_pkey",
    "claim_pkey",
    "claim_control_number_key",  # generated from the claim's own key
    "payment_pkey",
    "allocation_pkey",
    "adjustment_pkey",
    "trading_partner_pkey",
    "interchange_pkey",
    "interchange_control_number_key",  # numbered by the database, as the next rule says too
    "interchange_control_number_has_at_most_9_digits",
    "interchange_claims_are_at_most_100",  # of 101 claims each would have to be complete
}
# What no new row can break: each is made as a draft, and only a change of its status says more.
OF_STATUSES = {
    "encounter_status_is_known",
    "encounter_posted_is_complete",
    "encounter_voided_has_a_reason",
    "encounter_void_reason_is_one_line",
}


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Give the names of the constraints that Postgres refuses something by, from now on."""
    found: set[str] = set()
    decide = sqlstate.problem

    def noted(error: PostgresError, *arguments: Any, **named: Any) -> Problem:
        found.update((error.constraint_name or "").split(","))  # a trigger may name several
        return decide(error, *arguments, **named)

    monkeypatch.setattr(sqlstate, "problem", noted)
    return found


@pytest.fixture(params=["menagerie", "database"])
def either(request: pytest.FixtureRequest) -> TestDatabase:
    """Give a database of each schema, with rows in it."""
    found: TestDatabase = request.getfixturevalue(request.param)
    if request.param == "database":
        found.execute(BILLED)
    return found


async def every_field(
    client: Client, operation: Operation, row: dict[str, Any], watch: Watch
) -> None:
    """Send each wrong value in each field of a body, among others that are good."""
    path, body = row_path(operation, row), valid_body(operation, row)
    if operation.kind is kinds.CREATE:
        body = billing(VISIT).get(operation.segment, body)

    async def is_accepted(name: str, value: Any) -> bool:
        more = f"Idempotency-Key: {uuid4()}\r\n" if needs_key(operation) else ""
        if operation.kind is kinds.UPDATE:  # some updates require a precondition
            more += "If-Match: *\r\n"
        sent = {**body, name: value}
        return watch.saw(await client.ask(operation.method, path, sent, more=more))

    for column in operation.body:  # canaries wherever they are taken
        if await is_accepted(column.name, CANARY):
            body[column.name] = CANARY
    for column in operation.body:
        for value in WRONG:
            await is_accepted(column.name, value)


async def every_body(s: Serving, database: TestDatabase, watch: Watch, kind: str) -> None:
    """Do that with all operations of a kind, at once, and with what is refused for two fields."""
    found = [o for o in discovery.build(s.catalog) if o.kind.name == kind and not o.parents]
    there = [rows(database, operation) for operation in found]
    async with clients(s.port, len(found)) as made:
        each = zip(made, found, there, strict=True)
        await asyncio.gather(*(every_field(client, o, row, watch) for client, o, row in each))
        for request in PAIRS if "signs" in {o.segment for o in found} else BILLED_PAIRS:
            more = f"Idempotency-Key: {uuid4()}\r\n" if request[0] == "POST" else ""
            watch.saw(await made[0].ask(*request, more=more))


def breakable(catalog: Catalog) -> set[str]:
    """Name every constraint of the relations that can be written, but for the tenant's own."""
    written = (c for r in catalog.relations if r.allowed("insert") for c in r.constraints)
    return {c.name for c in written if c.columns} - OWN - OF_STATUSES - OF_CLAIMS


@pytest.mark.parametrize(
    "blind", [pytest.param(False, marks=pytest.mark.long), True], ids=["validated", "blind"]
)
@pytest.mark.parametrize("kind", ["create", pytest.param("update", marks=pytest.mark.long)])
@pytest.mark.costly
async def test_no_error_or_log_quotes_a_field(  # noqa: PLR0913 - fixtures
    serve: Serve,
    either: TestDatabase,
    out: Out,
    met: set[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: str,
    blind: bool,
) -> None:
    """Blind: without validators Postgres itself refuses, as with a document that is out of date."""
    if blind:
        monkeypatch.setattr(Input, "faults", lambda *_: ())
    service = await serve(config(either))
    with watched(either, out) as watch:
        await every_body(service, either, watch, kind)
    assert watch.statuses.keys() <= {200, 201, 404, 409, 422, *((500,) if blind else ())}
    assert watch.statuses[422] > 50
    if blind and kind == "create":
        assert breakable(service.catalog) - met == set()


@samples.SAMPLED
async def test_no_error_or_log_quotes_a_key_or_a_query(
    serve: Serve, either: TestDatabase, out: Out, share: float
) -> None:
    queries = (
        "after={0}",
        "order={0}",
        "limit={0}",
        "limit=77135",
        "{1}={0}",
        "{1}.in=1,%22{0}",
        "{1}.gte={0}",
    )
    service = await serve(config(either))
    async with clients(service.port, 1) as (client,):
        with watched(either, out) as watch:
            found = discovery.build(service.catalog)
            for operation in samples.sample(found, samples.kind_of_operation, share):
                body: Any = {} if operation.method in ("POST", "PATCH") else None
                for path in marked_paths(operation):
                    watch.saw(await client.ask(operation.method, path, body))
                for query in (
                    queries if operation.kind is kinds.LIST and not operation.parents else ()
                ):
                    for column in {column.name for column in operation.relation.columns}:
                        asked = query.format(CANARY, quote(column))
                        watch.saw(await client.ask("GET", f"{operation.path}?{asked}"))
            for path in (
                f"/{CANARY}",
                f"/docs/{CANARY}",
                f"/docs/../{CANARY}",
                f"/reporting/{CANARY}/",
            ):
                watch.saw(await client.ask("GET", path))
    assert watch.statuses.keys() <= {200, 400, 404, 422, 428}
