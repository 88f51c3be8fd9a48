"""The application itself: documents, unknown paths, and internal errors."""

import logging
from typing import Any, cast
from uuid import uuid4

import pytest

from api.config import Config
from api.http.app import Application, create_app
from api.http.routes import Route, Routes
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.outages import (
    JOHN,
    OUTCOME_UNKNOWN,
    UNAVAILABLE,
    VISIT,
    add_billed_visit,
    locked,
    outcome,
)
from tests.support.problems import UNFIT_QUERY, assert_problem
from tests.support.serving import Serve, serving

pytestmark = pytest.mark.unmeasured


async def test_unknown_path_method_or_parameter_is_refused(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(Config(database_url=database.api_url, connections=1))
    for path in (
        "/nothing",
        "/patients/1/2/3/4",
        "/docs/nothing.js",
        "/docs/../api/http/app.py",
        "/health/more",
    ):
        answer = await service.client.get(path)
        assert outcome(answer) == (404, "urn:problem-type:not-found", None)
        assert answer.headers["content-type"] == "application/problem+json"
    for path in ("/", "/health/", "/ready/", "/openapi.json", "/docs", "/docs/swagger-ui.css"):
        answer = await service.client.post(path, json=JOHN)
        assert outcome(answer) == (405, "urn:problem-type:method-not-allowed", None)
        assert answer.headers["allow"] == "GET, HEAD"
    for path in ("/health/?x=1", "/ready/?x=1", "/openapi.json?x=1"):
        assert outcome(await service.client.get(path)) == (
            400,
            "urn:problem-type:invalid-query",
            None,
        )


async def test_root_redirects_to_the_documentation(serve: Serve, database: TestDatabase) -> None:
    service = await serve(Config(database_url=database.api_url, connections=1))
    for method in ("GET", "HEAD"):
        answer = await service.client.request(method, "/")
        assert (answer.status_code, answer.headers["location"], answer.content) == (
            302,
            "/docs",
            b"",
        )
    page = await service.client.get("/", follow_redirects=True)
    assert page.content == (await service.client.get("/docs")).content


async def test_documents_are_served(serve: Serve, database: TestDatabase) -> None:
    kinds = {
        "/docs": "text/html; charset=utf-8",
        "/docs/start.js": "text/javascript; charset=utf-8",
    }
    kinds |= {
        "/openapi.json": "application/json",
        "/docs/swagger-ui.css": "text/css; charset=utf-8",
    }
    kinds |= {
        "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "/health/": "application/json",
    }
    service = await serve(Config(database_url=database.api_url, connections=1))
    for path, kind in kinds.items():
        answer = await service.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        head = await service.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        if "swagger" not in path:  # Sanic's own files say 0
            assert head.headers["content-length"] == str(len(answer.content))
    page = await service.client.get("/docs")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "http" not in page.text.replace("<!doctype html>", "")  # nothing from elsewhere


async def test_log_of_an_internal_error_has_its_place_only(
    database: TestDatabase,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(_: object) -> None:
        message = "the row of Kanarienvogel"
        raise ValueError(message)

    def with_broken(*arguments: Any) -> Application:
        app = create_app(*arguments)
        routes = cast("Routes", app.sanic.router)
        routes.serve(Route("/docs/broken", frozenset(["GET"]), broken, "broken", "broken"))
        return app

    monkeypatch.setattr("tests.support.compiled.create_app", with_broken)
    with caplog.at_level(logging.DEBUG):
        async with serving(Config(database_url=database.api_url, connections=1)) as server:
            answer = await server.client.get("/docs/broken")
    assert outcome(answer) == (500, "urn:problem-type:internal-error", None)
    assert "Kanarienvogel" not in answer.text + caplog.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert f"ValueError in {answer.json()['instance']}" in record.getMessage()
    assert "in broken" in record.getMessage()


async def test_unforeseen_sqlstate_is_in_the_log(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(Config(database_url=database.api_url, connections=1)) as server:
        database.execute("DROP VIEW api.superbills")
        answer = await server.client.get(f"/superbills/{uuid4()}")
    assert outcome(answer) == (500, "urn:problem-type:internal-error", None)
    assert f"SQLSTATE 42P01 in {answer.json()['instance']}" in caplog.text


async def test_access_log_has_the_operation_and_never_the_path(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    patient = add_billed_visit(database)["patient_id"]
    with caplog.at_level(logging.INFO, logger="api.access"):
        async with serving(Config(database_url=database.api_url, connections=1)) as server:
            await server.client.get(f"/patients/{patient}")
            await server.client.get("/patients/?last_name=Kanarienvogel")
            await server.client.get("/nothing/Kanarienvogel")
    lines = [record.getMessage() for record in caplog.records if record.name == "api.access"]
    assert [line.split()[:2] for line in lines] == [
        ["patients.read", "200"],
        ["patients.list", "200"],
        ["-", "404"],
    ]
    assert not any(patient in line or "Kanarienvogel" in line for line in lines)


FRAIL = """
CREATE TABLE billing.probe (address inet PRIMARY KEY, divisor int NOT NULL);
CREATE VIEW api.probes WITH (security_invoker = true) AS
    SELECT address, divisor, 1 / divisor AS share
FROM billing.probe;
CREATE VIEW reporting.probes WITH (security_invoker = true) AS
    SELECT address, 1 / divisor AS share FROM billing.probe;
GRANT SELECT, INSERT, UPDATE, DELETE ON billing.probe, api.probes TO superbill_api;
GRANT SELECT ON reporting.probes TO superbill_api;
INSERT INTO billing.probe VALUES ('10.0.0.1', 0);
"""


async def test_view_that_fails_answers_500(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute(FRAIL)
    async with serving(Config(database_url=database.api_url, connections=1)) as server:
        for path in (
            "/probes/10.0.0.1",
            "/probes/",
            "/reporting/probes/",
            "/probes/?limit=5&order=-address",
        ):
            answer = await server.client.get(path)
            assert (path, outcome(answer)) == (path, (500, "urn:problem-type:internal-error", None))
            assert f"SQLSTATE 22012 in {answer.json()['instance']}" in caplog.text
        caplog.clear()
        for query in ("address=10.0.0.999", "address.in=10.0.0.1,x", "address.gte=x"):
            answer = await server.client.get(f"/probes/?{query}")
            sentence = "must be a value of the Postgres type inet"
            fault = (f"/{query.partition('=')[0]}", sentence)
            assert_problem(answer, "invalid-query", UNFIT_QUERY, fault)
        assert (await server.client.get("/probes/?address=10.0.0.2")).json() == []
        assert (await server.client.get("/probes/10.0.0.2")).status_code == 404
        assert (await server.client.delete("/probes/10.0.0.1")).status_code == 204
    assert "SQLSTATE" not in caplog.text


async def test_trigger_that_returns_null_answers_422(serve: Serve, database: TestDatabase) -> None:
    patient = add_billed_visit(database)["patient_id"]
    database.execute(
        "CREATE FUNCTION billing.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    )
    for table in ("patient", "encounter"):
        trigger = (
            f"CREATE TRIGGER no BEFORE INSERT ON billing.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION billing.no()"
        )
        database.execute(trigger)
    service = await serve(Config(database_url=database.api_url, connections=1))
    for path, body in (
        ("/patients/", JOHN),
        (f"/patients/{patient}/encounters/", VISIT),
        ("/encounters/", {**VISIT, "patient_id": patient}),
    ):
        with unchanged(database):
            answer = await service.client.post(path, json=body)
        sentence = "A trigger left this row out, or stored it elsewhere."
        assert_problem(answer, "invalid-content", sentence)
    answer = await service.client.post(f"/patients/{uuid4()}/encounters/", json=VISIT)
    assert_problem(answer, "not-found", "patient not found")


async def test_write_whose_connection_is_lost_answers_outcome_unknown(
    serve: Serve, database: TestDatabase
) -> None:
    """By the last of the limits, of which Sanic says the same whatever was asked."""
    ids = add_billed_visit(database)
    patient, item = f"/patients/{ids['patient_id']}", f"/line_items/{ids['line_item_id']}"
    found = Config(database_url=database.api_url, connections=1)
    service = await serve(found, settings={"RESPONSE_TIMEOUT": 1})
    # A stream may take longer; what comes behind it on its connection may not.
    assert (
        await service.client.get("/patients/", headers={"accept": "text/csv"})
    ).status_code == 200
    with locked(database.owner_url, "LOCK billing.patient, billing.line_item"):
        for method, path in (("GET", patient), ("HEAD", patient)):
            answer = await service.client.request(method, path)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
        for method, path, body in (
            ("POST", "/patients/", JOHN),
            ("PATCH", patient, JOHN),
            ("DELETE", item, None),
        ):
            assert (
                outcome(await service.client.request(method, path, json=body)) == OUTCOME_UNKNOWN
            ), method
        assert outcome(await service.client.get(patient)) == UNAVAILABLE
