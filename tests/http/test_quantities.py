"""Quantities: JSON numbers that keep every digit, in bodies, answers, paths, filters and CSV."""

import csv
import io
import json

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.documents import schemas_of
from tests.support.fingerprints import unchanged
from tests.support.problems import assert_problem
from tests.support.rejections import JSON, post
from tests.support.visits import bill_visit

pytestmark = pytest.mark.unmeasured

CSV, NDJSON = "text/csv", "application/x-ndjson"
TOO_FINE = "A line item's units must have at most three digits after the point."


SHOWN = (
    ("1", "1"),
    ("1.0", "1"),
    ("1e0", "1"),
    ("2.50", "2.5"),
    ("0.001", "0.001"),
    ("9.9E-1", "0.99"),
    ("1.5000000000000000", "1.5"),
    ("9998.999", "9998.999"),
    ("9999", "9999"),
)


async def test_units_with_decimals_are_kept_and_printed_without_zeros(
    client: httpx.AsyncClient,
) -> None:
    v = await bill_visit(client)
    for sent, shown in SHOWN:
        made = await post(client, v.line_items, f'{{"cpt_code":"G0438","units":{sent}}}')
        assert made.status_code == 201, made.text
        assert f'"units":{shown},"service_date":null,' in made.text
        path = f"/line_items/{made.json()['id']}"
        assert (await client.get(path)).text == made.text
        changed = await client.patch(
            path, content=f'{{"units":{sent}}}', headers={"content-type": JSON}
        )
        assert changed.text == made.text
        bill = await client.get(f"/superbills/{v.encounter}")
        assert f'"units":{shown},' in bill.text.partition('"line_items":')[2]
        assert (await client.delete(path)).status_code == 204


async def test_units_with_more_decimals_than_a_claim_has_are_refused(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    with unchanged(database):
        for units in ("0.0001", "2.5555", "1.00000000000000000001", "9998.9999999999999999999"):
            body = f'{{"cpt_code":"G0438","units":{units}}}'
            answer = await post(client, v.line_items, body)
            assert_problem(answer, "invalid-content", TOO_FINE, ("/units", TOO_FINE))
            answer = await post(client, v.line_items, f"[{body}]")
            assert [(f["pointer"], f["detail"]) for f in answer.json()["errors"]] == [
                ("/0/units", TOO_FINE)
            ]


async def test_units_are_added_up_in_reports_with_their_decimals(
    client: httpx.AsyncClient,
) -> None:
    v = await bill_visit(client)  # with 2 units of G0438
    content = "cpt_code,units\nG0438,0.90\nA0425,2.5\nA0425,12.125\n"
    assert (await post(client, v.line_items, content, CSV)).status_code == 201
    months = (await client.get("/reporting/monthly_activity/")).text
    assert months.endswith('"unit_count":17.525}]')
    codes = (await client.get("/reporting/code_utilisation/")).text
    assert '"unit_count":14.625,' in codes
    assert '"unit_count":2.9,' in codes
    for path in (v.line_items, "/reporting/patient_statements/"):
        text = (await client.get(path, headers={"accept": CSV})).text
        cells = list(csv.DictReader(io.StringIO(text)))
        assert [line["units"] for line in cells] == ["2", "0.9", "2.5", "12.125"]


async def test_quantity_is_exact_in_paths_filters_and_pages(
    menagerie_client: httpx.AsyncClient,
) -> None:
    client = menagerie_client
    ketamine = (await client.get("/doses/2.5")).text
    assert ketamine.startswith('{"strength":2.5,"drug":"Ketamin","spare":0.5,"lost":0.25,')
    assert (await client.get("/doses/2.500")).text == (await client.get("/doses/25e-1")).text
    assert (await client.get("/doses/25e-1")).text == ketamine
    for wrong in ("2,5", "NaN", "infinity", "x", "2.5.1", " 2.5"):
        assert (await client.get(f"/doses/{wrong}")).status_code == 404, wrong
    body = {"strength": 0.1 + 0.2 - 0.0, "drug": "x"}
    assert (await client.post("/doses/", json=body)).status_code == 422
    made = await client.post("/doses/", json={"strength": 0.3, "drug": "x"})
    assert made.headers["location"] == "/doses/0.3"
    walked = []
    link = "/doses/?spare.gte=0.4999999999999999999&order=-spare&limit=1"
    while link:
        page = await client.get(link)
        walked += [row["strength"] for row in page.json()]
        link = page.links.get("next", {}).get("url", "")
    assert walked == [100, 2.5, 0.3]
    asked = [(await client.get(f"/doses/?spare={spare}")).json() for spare in ("2.50", "2.6")]
    assert [len(rows) for rows in asked] == [1, 0]
    assert (await client.get("/doses/?spare=two")).json()["errors"] == [
        {"pointer": "/spare", "detail": "must be a number"}
    ]


async def test_quantity_is_compared_with_all_of_its_digits(
    menagerie_client: httpx.AsyncClient,
) -> None:
    client = menagerie_client
    cases = {
        '"spare":0.1': 201,
        '"spare":0.10000000000000000001': 422,
        '"lost":0.999999999999999': 201,
        '"lost":1.0': 422,
        '"lost":-1e-500': 201,
        '"weight":0.1': 201,
        '"weight":0.099999999999999999999': 201,  # as a double it is 0.1
        '"weight":0.09': 422,
        '"weight":1e400': 422,
        '"steps":[1.50,2]': 201,
    }
    for number, (member, status) in enumerate(cases.items()):
        body = f'{{"strength":{500 + number}.5,"drug":"x",{member}}}'
        answer = await post(client, "/doses/", body)
        assert answer.status_code == status, (member, answer.text)
        many = await post(client, "/doses/", body.replace(".5,", ".25,", 1), NDJSON)
        assert many.status_code == status, (member, many.text)


async def test_exported_quantities_can_be_imported(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    for media in (CSV, NDJSON):
        rows = (
            await menagerie_client.get("/doses/?order=strength", headers={"accept": media})
        ).text
        menagerie.execute("DELETE FROM zoo.dose")
        assert (await post(menagerie_client, "/doses/", rows, media)).status_code == 201
        again = await menagerie_client.get("/doses/?order=strength", headers={"accept": media})
        assert again.text == rows


async def test_document_has_a_number_with_its_limits(client: httpx.AsyncClient) -> None:
    schemas = schemas_of((await client.get("/openapi.json")).json())
    units = schemas["line_items.create"]["properties"]["units"]
    assert (units["type"], units["exclusiveMinimum"], units["maximum"]) == ("number", 0, 9999)
    assert (units["default"], units["examples"]) == (1, [1])
    assert units["x-database-checked"] == [TOO_FINE]
    assert "multipleOf" not in json.dumps(units)
    total = schemas["reporting.monthly_activity"]["properties"]["unit_count"]
    assert total["type"] == ["number", "null"]
