"""Requests that are generated from the document get documented answers only."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, engine
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Err
from schemathesis.engine import events
from schemathesis.generation.hypothesis import setup
from schemathesis.specs.openapi import stateful

from api.config import Config
from api.document.media_types import JSON
from tests.support import samples
from tests.support.documents import followed, unfolded
from tests.support.serving import Serve, Serving

schemathesis.serializer("application/x-ndjson")(
    lambda _, value: str(value).encode("utf-8", "surrogatepass")
)

# Excluded, each with its reason. All else that Schemathesis knows is checked.
EXCLUDED = {
    "positive_data_acceptance": (
        "what fits the document may still break a rule that only Postgres can judge"
    ),
    "ensure_resource_availability": "that a new row can be read at once has tests of its own",
}
# What the document can't say: which codes are listed (422), which filters one index serves together
# (400), which tags a content has (304, 412), and which rows are there, to be replaced only with
# their tags (428).
ACCEPTED = ["2xx", "304", "400", "404", "409", "412", "422", "428"]
# Infinity, NaN, years BC, 24:00 and a second dimension come from psql alone: the document says what
# clients can write.
_EXAMPLES = 4  # of an operation
_FEW = 5  # scenarios of links in the gate
_ONLY_IN_PSQL = """
    DELETE FROM zoo.specimen WHERE moment = 'infinity' OR day < '0001-01-01'
        OR day IN ('infinity', '-infinity');
    UPDATE zoo.specimen SET grid = NULL
"""

# A hidden exhibit is created, and then not found: its view's WHERE says so.
_NOTHING_HIDDEN = (
    "REVOKE INSERT (hidden), UPDATE (hidden) ON zoo.exhibit, api.exhibits FROM superbill_api"
)


@samples.SAMPLED
@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_answer_is_documented(
    serve: Serve, schema: str, share: float, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    if schema == "menagerie":
        database.execute(_ONLY_IN_PSQL)
    service = await serve(Config(database_url=database.api_url, connections=4))
    if schema == "database":
        patient = (
            await service.client.post(
                "/patients/", json={"first_name": "John", "last_name": "Oberly"}
            )
        ).json()
        visit = await service.client.post(
            f"/patients/{patient['id']}/encounters/", json={"date": "2024-03-01"}
        )
        await service.client.post(
            f"/encounters/{visit.json()['id']}/line_items/", json={"cpt_code": "G0438"}
        )
    keys = await _keys(service)
    answered = await asyncio.to_thread(_attack, service.port, keys, share)
    assert answered.total() > 600 * share
    assert answered.keys() >= ({200, 201, 204, 400, 404, 422} if share == 1 else {200, 400}), (
        answered
    )


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("schema", "examples", "least"),
    [("database", 200, 6_000), ("menagerie", 50, 15_000)],
    ids=["billing", "menagerie"],
)
async def test_thousands_of_cases_find_no_fault(
    serve: Serve, schema: str, examples: int, least: int, request: pytest.FixtureRequest
) -> None:
    """All phases but one, and all checks."""
    database = request.getfixturevalue(schema)
    if schema == "menagerie":
        database.execute(_ONLY_IN_PSQL)
    service = await serve(Config(database_url=database.api_url, connections=4))
    found = await asyncio.to_thread(_run, service.port, examples)
    print(found.phases, found.checks)
    assert found.faults == {}
    assert all(found.phases[phase] for phase in ("examples", "coverage", "fuzzing")), found.phases
    assert found.phases.total() >= least, found.phases
    assert set(found.checks) == set(schemathesis.checks.CHECKS.get_all_names())


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenarios", [_FEW, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
@pytest.mark.costly
async def test_following_links_finds_no_fault(
    serve: Serve,
    schema: str,
    scenarios: int,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """The remaining phase: from what was created, on and on, with all checks."""
    # It would take a patient's last_name for a reference to something that nobody creates, and
    # begin nowhere.
    # A few scenarios would all begin where few links lead on.
    begins = schema == "database" and scenarios == _FEW and "/patients/"
    monkeypatch.setattr(
        stateful,
        "is_likely_root_transition",
        lambda operation, *_: operation.path == begins if begins else not operation.path_parameters,
    )
    database = request.getfixturevalue(schema)
    if schema == "menagerie":
        database.execute(_ONLY_IN_PSQL)
        database.execute(_NOTHING_HIDDEN)
    service = await serve(Config(database_url=database.api_url, connections=4))
    document = (await service.client.get("/openapi.json")).json()
    found = await asyncio.to_thread(_walk, service.port, _plain(document), scenarios)
    print(found.phases, found.checks, len(found.followed), found.followed)
    assert found.faults == {}
    assert found.phases["stateful"] > min(100, 6 * scenarios)  # it ends where nothing new comes
    assert len(found.followed) > 3
    if schema == "database" and scenarios > _FEW:
        assert {target for _, target in _links(document)} == {
            target for _, target in found.followed
        }


async def _keys(s: Serving) -> dict[str, Any]:
    """Give the path parameters of one row of each relation: random ones would meet 404 alone."""
    found: dict[str, Any] = {}
    document = (await s.client.get("/openapi.json")).json()
    for path, item in unfolded(document).items():
        names = [parameter["name"] for parameter in item.get("parameters", [])]
        if path.count("/") == 2 and names and "get" in item:
            rows = (await s.client.get(path.rpartition("/")[0] + "/", params={"limit": "1"})).json()
            row = rows[0] if rows else {}
            ends = {name: name.replace("-20-", " ") for name in names}
            ends = {name: end if end in row else "id" for name, end in ends.items()}
            found |= {name: row[column] for name, column in ends.items() if row}
    return found


def _some(document: Any, share: float) -> list[Any]:
    """Choose a share of the operations of each method, with and without parameters."""
    operations = []
    for result in document.get_all_operations():
        assert not isinstance(result, Err), result
        operations.append(result.ok())
    return samples.sample(
        operations, lambda one: (one.method, len(one.path_parameters.items)), share
    )


def _attack(port: int, keys: dict[str, Any], share: float) -> Counter[int]:
    """Send a few requests to a share of the operations, and count the answers by status."""
    setup()
    load_all_checks()
    excluded: list[Any] = schemathesis.checks.CHECKS.get_by_names(list(EXCLUDED))
    document: Any = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    answered: Counter[int] = Counter()
    with requests.Session() as session:
        for operation in _some(document, share):
            known = {p.name: keys[p.name] for p in operation.path_parameters if p.name in keys}
            cases = (
                [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)]
                if known
                else []
            )
            cases.append(operation.as_strategy(GenerationMode.POSITIVE))
            if operation.path_parameters or operation.query or operation.body:
                cases.append(operation.as_strategy(GenerationMode.NEGATIVE))

            def send(case: Case[Any]) -> None:
                answered[
                    case.call_and_validate(session=session, excluded_checks=excluded).status_code
                ] += 1

            bounded = settings(
                max_examples=_EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            bounded(given(case=st.one_of(cases))(send))()
    return answered


@dataclass(slots=True)
class _Found:
    """Cases by phase, checks by name, and faults by what they are, each with how to repeat it."""

    phases: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    followed: Counter[tuple[str, str]] = field(
        default_factory=Counter
    )  # of the document's links, to success


def _links(document: dict[str, Any]) -> set[tuple[str, str]]:
    """List the names of the document's links, each with the operation to which it leads."""
    operations = (
        part
        for item in unfolded(document).values()
        for part in item.values()
        if "responses" in part
    )
    answers = (answer for operation in operations for answer in operation["responses"].values())
    return {
        (name, link["operationId"])
        for answer in answers
        for name, link in answer.get("links", {}).items()
    }


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Let bodies be one JSON row whose fields have the example values of the document."""
    for body in (
        followed(document, part["requestBody"])
        for item in document["paths"].values()
        for part in item.values()
        if "requestBody" in part
    ):
        content = body["content"][JSON]
        body["content"] = {JSON: {"schema": content["schema"].get("anyOf", [content["schema"]])[0]}}
        columns = followed(document, body["content"][JSON]["schema"])["properties"]
        for name, column in columns.items():
            part = followed(document, column)
            columns[name] = part | ({"enum": part["examples"]} if "examples" in part else {})
    return document


def _run(port: int, examples: int) -> _Found:
    """Let Schemathesis do all that it can, with so many examples of each operation."""
    settings = {
        "generation": {"max-examples": examples, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
    }
    config = _config(settings)
    document: Any = schemathesis.openapi.from_url(
        f"http://127.0.0.1:{port}/openapi.json", config=config
    )
    return _executed(document)


def _walk(port: int, document: dict[str, Any], scenarios: int) -> _Found:
    """Let it follow links, in so many scenarios."""
    others = {phase: {"enabled": False} for phase in ("examples", "coverage", "fuzzing")}
    steps = {
        "max-steps": 10,
        "generation": {"max-examples": scenarios},
        "inference": {"algorithms": []},
    }
    settings = {
        "base-url": f"http://127.0.0.1:{port}",
        "generation": {"database": "none", "mode": "positive"},
        "phases": {**others, "stateful": steps},
        # What no example is for is taken, too.
        "checks": {"negative_data_rejection": {"enabled": False}},
    }
    return _executed(schemathesis.openapi.from_dict(document, config=_config(settings)))


def _config(settings: dict[str, Any]) -> SchemathesisConfig:
    checks = {
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
        **settings.pop("checks", {}),
    }
    return SchemathesisConfig.from_dict({"seed": 1, "checks": checks, **settings})


def _executed(document: Any) -> _Found:
    found = _Found()
    for event in engine.from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            found.phases[event.phase.value.lower()] += len(event.recorder.cases)
            found.followed += _followed(event.recorder)
            for check in (check for checks in event.recorder.checks.values() for check in checks):
                found.checks[check.name] += 1
                if check.failure_info:
                    told = f"{event.recorder.label}: {check.name}: {check.failure_info.failure}"
                    found.faults[told] = check.failure_info.code_sample
        elif isinstance(event, events.NonFatalError):
            found.faults[f"{event.label}: {type(event.value).__name__}"] = str(event.value)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _followed(recorder: Any) -> Counter[tuple[str, str]]:
    """Count the links that led to success."""
    found: Counter[tuple[str, str]] = Counter()
    for id_, node in recorder.cases.items():
        exchange = recorder.interactions.get(id_)
        if (
            node.transition
            and exchange
            and exchange.response
            and exchange.response.status_code < 300
        ):
            name = node.transition.id.partition("] ")[2].partition(" -> ")[0]
            found[name, node.value.operation.definition.raw["operationId"]] += 1
    return found
