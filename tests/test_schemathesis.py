"""Requests made from the document, good and bad, against a running server: no answer that the document doesn't have."""

import asyncio
from asyncio import AbstractEventLoop
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Err
from schemathesis.generation.hypothesis import setup

from api.config import Config
from tests.serving import Serving, serving

# Excluded, each with its reason. All else that Schemathesis knows is checked.
EXCLUDED = {
    "positive_data_acceptance": "what fits the document may still break a rule that only Postgres can judge",
    "ensure_resource_availability": "that a new row can be read at once has tests of its own",
}
# Infinity, NaN, years BC, 24:00 and a second dimension come from psql alone: the document says what clients can write.
_ONLY_IN_PSQL = """
    DELETE FROM zoo.specimen WHERE moment = 'infinity' OR day < '0001-01-01' OR day IN ('infinity', '-infinity');
    UPDATE zoo.specimen SET grid = NULL
"""


@pytest.mark.parametrize(("schema", "examples"), [("database", 16), ("menagerie", 4)], ids=["billing", "menagerie"])
async def test_nothing_is_answered_that_the_document_does_not_have(
    loop: AbstractEventLoop, schema: str, examples: int, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    if schema == "menagerie":
        database.execute(_ONLY_IN_PSQL)
    async with serving(Config(database_url=database.api_url, connections=4)) as s:
        if schema == "database":
            patient = (await s.client.post("/patients/", json={"first_name": "John", "last_name": "Oberly"})).json()
            visit = await s.client.post(f"/patients/{patient['id']}/encounters/", json={"date": "2024-03-01"})
            await s.client.post(f"/encounters/{visit.json()['id']}/line_items/", json={"cpt_code": "G0438"})
        keys = await _keys(s)
        answered = await asyncio.to_thread(_attack, s.port, keys, examples)
        assert answered.total() > 300
        assert answered.keys() >= {200, 201, 204, 400, 404, 422}, answered


async def _keys(s: Serving) -> dict[str, Any]:
    """Give the path parameters of one row of each relation: random ones would meet 404 alone."""
    found: dict[str, Any] = {}
    document = (await s.client.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        names = [parameter["name"] for parameter in item.get("parameters", [])]
        if path.count("/") == 2 and names and "get" in item:
            rows = (await s.client.get(path.rpartition("/")[0] + "/", params={"limit": "1"})).json()
            ends = {name: name if name in rows[0] else "id" for name in names} if rows else {}
            found |= {name: rows[0][column] for name, column in ends.items()}
    return found


def _attack(port: int, keys: dict[str, Any], examples: int) -> Counter[int]:
    """Send this many requests to each operation, and count what they were answered with, by status."""
    setup()
    load_all_checks()
    excluded: list[Any] = schemathesis.checks.CHECKS.get_by_names(list(EXCLUDED))
    document: Any = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    answered: Counter[int] = Counter()
    with requests.Session() as session:
        for result in document.get_all_operations():
            assert not isinstance(result, Err), result
            operation = result.ok()
            known = {p.name: keys[p.name] for p in operation.path_parameters if p.name in keys}
            cases = [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)] if known else []
            cases.append(operation.as_strategy(GenerationMode.POSITIVE))
            if operation.path_parameters or operation.query or operation.body:
                cases.append(operation.as_strategy(GenerationMode.NEGATIVE))

            def send(case: Case[Any]) -> None:
                answered[case.call_and_validate(session=session, excluded_checks=excluded).status_code] += 1

            bounded = settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            bounded(given(case=st.one_of(cases))(send))()
    return answered
