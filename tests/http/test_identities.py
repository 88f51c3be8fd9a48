"""A server with an issuer: who may do what, and what is told to whom."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.databases import Server, TestDatabase
from tests.support.issuers import Issuer, bearer, issuer
from tests.support.serving import Serving, serving

CLERK = "test_clerk"  # reads patients, and adds them
CLERK_GRANTS = f"""
    GRANT USAGE ON SCHEMA api, billing, identity TO {CLERK};
    GRANT EXECUTE ON FUNCTION identity.own_clinic() TO {CLERK};
    GRANT SELECT (id, first_name, last_name, last_name_search) ON billing.patient TO {CLERK};
    GRANT INSERT (first_name, last_name) ON billing.patient TO {CLERK};
    GRANT SELECT ON api.patients TO {CLERK};
    GRANT INSERT (first_name, last_name) ON api.patients TO {CLERK};
    GRANT SELECT (key, fingerprint, body, location), INSERT (key, fingerprint, body, location)
    ON identity.answer TO {CLERK};
"""
ALL = "superbill_api"
JOHN = {"first_name": "John", "last_name": "Oberly"}


@dataclass(frozen=True, slots=True)
class Office:
    """A server with an issuer, and tokens of its roles."""

    serving: Serving
    issuer: Issuer
    database: TestDatabase

    async def ask(
        self, method: str, path: str, role: str | None = ALL, **options: Any
    ) -> httpx.Response:
        """Send a request with a token of a role, or without a token."""
        headers = bearer(self.issuer.token(role=role)) if role else {}
        return await self.serving.client.request(method, path, headers=headers, **options)


@pytest.fixture(scope="module")
def clerk(server: Server, templates: dict[str, str]) -> Iterator[TestDatabase]:
    """Give a database with a role that may do little; tests only add to it."""
    database = server.create("test_identities", templates["billing"])
    server.execute(
        f"CREATE ROLE {CLERK} NOLOGIN; GRANT {CLERK} TO superbill_server WITH INHERIT FALSE"
    )
    try:
        database.execute(CLERK_GRANTS)
        yield database
    finally:
        server.drop(database.name)
        server.execute(f"DROP ROLE {CLERK}")


@pytest.fixture
async def office(clerk: TestDatabase) -> AsyncIterator[Office]:
    """Serve that database to both roles."""
    async with _office(clerk) as made:
        yield made


@asynccontextmanager
async def _office(database: TestDatabase, **settings: Any) -> AsyncIterator[Office]:
    async with issuer() as found:
        config = found.config(database_url=database.api_url, connections=2, **settings)
        async with serving(config, roles=[CLERK]) as server:
            yield Office(server, found, database)


def outcome(answer: httpx.Response) -> tuple[int, str]:
    """Give the status of a problem and the end of its type."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


PATHS = (
    ("GET", "/patients/"),
    ("POST", "/patients/"),
    ("GET", "/patients/nonsense"),
    ("DELETE", "/patients/"),
    ("GET", "/nothing/here"),
    ("OPTIONS", "/patients/"),
    ("GET", "/reporting/code_utilisation/"),
)


async def test_nothing_of_a_path_is_told_without_a_token(office: Office) -> None:
    for method, path in PATHS:
        answer = await office.ask(method, path, None, content=b"{")
        assert outcome(answer) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "allow" not in answer.headers
        wrong = await office.serving.client.request(method, path, headers=bearer("a.b.c"))
        assert outcome(wrong) == (401, "unauthenticated")
        assert wrong.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_service_paths_answer_without_a_token(office: Office) -> None:
    for path in ("/health/", "/ready/", "/docs", "/docs/start.js", "/metrics"):
        assert (await office.ask("GET", path, None)).status_code == 200, path


async def test_role_has_its_own_operations(office: Office) -> None:
    made = await office.ask("POST", "/patients/", CLERK, json=JOHN)
    assert made.status_code == 201
    patient = made.json()["id"]
    assert (await office.ask("GET", f"/patients/{patient}", CLERK)).json() == made.json()
    for method, path in (
        ("PATCH", f"/patients/{patient}"),
        ("GET", f"/patients/{patient}/encounters/"),
        ("GET", "/reporting/code_utilisation/"),
        ("GET", "/encounters/nonsense"),
    ):
        answer = await office.ask(method, path, CLERK, json={"last_name": "Owl"})
        assert outcome(answer) == (403, "not-permitted"), (method, path)
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert outcome(await office.ask("GET", "/nothing/", CLERK)) == (404, "not-found")
    assert (await office.ask("PATCH", f"/patients/{patient}", json=JOHN)).status_code == 200


async def test_allow_lists_the_methods_of_the_role(office: Office) -> None:
    patient = "/patients/00000000-0000-7000-8000-000000000000"
    for role, allowed in ((CLERK, "GET, HEAD"), (ALL, "GET, HEAD, PATCH")):
        answer = await office.ask("DELETE", patient, role)
        assert outcome(answer) == (405, "method-not-allowed")
        assert answer.headers["allow"] == allowed
    answer = await office.ask("DELETE", "/encounters/", CLERK)
    assert outcome(answer) == (403, "not-permitted")


async def test_document_is_that_of_the_role(office: Office) -> None:
    documents = {
        role: (await office.ask("GET", "/openapi.json", role)).json() for role in (None, CLERK, ALL)
    }
    paths = {role: document["paths"].keys() for role, document in documents.items()}
    assert paths[None] == {"/health/", "/ready/", "/openapi.json"}
    assert paths[CLERK] - paths[None] == {"/patients/", "/patients/{patient_id}"}
    assert paths[ALL] > paths[CLERK]
    assert documents[CLERK]["paths"]["/patients/{patient_id}"].keys() == {"parameters", "get"}
    for document in documents.values():
        assert document["security"] == [{"bearer": []}]
        assert "Development" not in json.dumps(document)
    refused = await office.serving.client.get("/openapi.json", headers=bearer("x"))
    assert outcome(refused) == (401, "unauthenticated")


async def test_token_for_no_served_role_is_not_permitted(office: Office) -> None:
    for role in ("superbill_owner", "postgres", "", ["superbill_api", CLERK]):
        headers = bearer(office.issuer.token(role=role))
        answer = await office.serving.client.get("/patients/", headers=headers)
        assert outcome(answer) == (403, "not-permitted"), role


async def test_preflight_tells_nothing_of_a_path(clerk: TestDatabase) -> None:
    origin = "https://app.example"
    asked = {"origin": origin, "access-control-request-method": "PATCH"}
    async with _office(clerk, origins=origin) as office:
        answers = [
            await office.serving.client.options(path, headers=asked)
            for path in ("/patients/", "/nothing/")
        ]
        page = await office.serving.client.get(
            "/patients/", headers={"origin": origin, **bearer(office.issuer.token(role=CLERK))}
        )
    said = [dict(answer.headers) for answer in answers]
    assert said[0] == said[1]
    assert answers[0].status_code == 204
    assert "authorization" in answers[0].headers["access-control-allow-headers"]
    assert page.status_code == 200
    assert "www-authenticate" in page.headers["access-control-expose-headers"]


async def test_log_has_no_token(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    tokens = [office.issuer.token(role=CLERK), office.issuer.token(role="nobody"), "a.b.c"]
    for token in tokens:
        for path in ("/patients/", "/nothing/", "/openapi.json"):
            await office.serving.client.get(path, headers=bearer(token))
    text = caplog.text
    for token in tokens[:2]:
        assert all(part not in text for part in token.split("."))
    assert "nurse-7" not in text


async def test_key_of_a_repeated_request_is_the_callers_own(office: Office) -> None:
    """Another actor, role or clinic may use the same key, and is answered nothing of the first."""
    client, token = office.serving.client, office.issuer.token
    (other,) = office.database.execute(
        "INSERT INTO identity.clinic (name) VALUES ('Other') RETURNING id"
    )[0]
    first = {"role": ALL, "sub": "a"}
    made = []
    for caller in (first, {**first, "sub": "b"}, {**first, "tenant": str(other)}):
        for replayed in (False, True):
            headers = {**bearer(token(**caller)), "idempotency-key": "k"}
            answer = await client.post("/patients/", json=JOHN, headers=headers)
            assert answer.status_code == 201
            assert ("idempotency-replayed" in answer.headers) == replayed
        made.append(answer.json()["id"])
    assert len(set(made)) == 3
    # The same actor in another role: what was answered is not for this one.
    headers = {**bearer(token(role=CLERK, sub="a")), "idempotency-key": "k"}
    refused = await client.post("/patients/", json=JOHN, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":key-reused")
    assert made[0] not in refused.text
