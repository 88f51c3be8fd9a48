"""The access log: operation, status, time and request id, and no patient data."""

import logging

import pytest

from tests.support.access_log import access_log_lines, close_early
from tests.support.batches import until
from tests.support.databases import TestDatabase
from tests.support.problems import MARK
from tests.support.serving import serving
from tests.support.visits import UNKNOWN_ID, bill_visit, config


async def test_line_has_operation_status_time_and_id(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        await until(lambda: len(access_log_lines(caplog)) == 3)
        caplog.clear()
        await s.client.get("/patients/", params={"last_name": MARK})
        await s.client.head(f"/patients/{v.patient}")
        missing = await s.client.get(f"/patients/{MARK}/encounters/{v.encounter}/line_items/")
        refused = await s.client.patch(f"/patients/{v.patient}", json={MARK: MARK})
        unknown = await s.client.get(f"/{MARK}/{v.patient}")
        await s.client.put(f"/patients/{v.patient}")
        await s.client.delete(f"/line_items/{v.line_item}")
        await s.client.get("/reporting/patient_statements/")
        await s.client.get("/health/")  # as a probe does, all the time: told at DEBUG only
        await s.client.get("/health/?x=1")
    found = access_log_lines(caplog)
    assert [line[:2] for line in found] == [
        ("patients.list", "200"),
        ("patients.read", "200"),
        ("patients.encounters.line_items.list", "404"),
        ("patients.update", "422"),
        ("-", "404"),
        ("-", "405"),
        ("line_items.delete", "204"),
        ("reporting.patient_statements.report", "200"),
        ("service.health", "400"),
    ]
    told = [response.json()["instance"] for response in (missing, refused, unknown)]
    assert [found[position][2] for position in (2, 3, 4)] == told
    assert len({line[2] for line in found}) == len(found)


async def test_no_log_has_a_name_a_path_or_a_query(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        posts = {
            "/patients/": {"first_name": MARK, "last_name": MARK},
            f"/patients/{MARK}/encounters/": {"date": "2024-03-01"},
            f"/patients/{UNKNOWN_ID}/encounters/": {"date": "2024-03-01"},
            v.encounters: {"date": "1066-10-14"},
            v.line_items: {"cpt_code": MARK},
            "/line_items/": {"cpt_code": "G0438", "encounter_id": UNKNOWN_ID},
        }
        for path, body in posts.items():
            await s.client.post(path, json=body)
        await s.client.post(
            "/patients/", content=MARK, headers={"content-type": "application/json"}
        )
        for path in (
            f"/{MARK}",
            f"/patients/?last_name={MARK}",
            f"/patients/?{MARK}=1",
            f"/patients/?after={MARK}",
        ):
            await s.client.get(path)
        database.execute("ALTER VIEW api.patients RENAME TO people")
        answer = (await s.client.get(f"/patients/{v.patient}?")).json()
        await close_early(v, s.port)
        await until(lambda: len(access_log_lines(caplog)) == 18)  # a line for each request
    told = [
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if not record.name.startswith(("httpx", "httpcore", "hpack", "databases"))
    ]
    assert len(told) > 15
    for line in told:
        for secret in (
            MARK,
            v.patient,
            v.encounter,
            v.line_item,
            UNKNOWN_ID,
            "1066",
            "/patients",
            "/encounters",
        ):
            assert secret.casefold() not in line.casefold(), line
    (failed,) = (one for one in caplog.records if "SQLSTATE 42P01" in one.getMessage())
    assert failed.__dict__["fields"] == {
        "operation": "patients.read",
        "request": answer["instance"],
    }
    assert [status for _, status, _ in access_log_lines(caplog)].count("500") == 1


async def test_log_of_an_error_in_sanic_has_the_error_only(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(config(database)):
        logging.getLogger("sanic.error").error("at %s", MARK, exc_info=LookupError(MARK))
    assert "a connection failed: LookupError" in caplog.text
    assert MARK not in caplog.text
