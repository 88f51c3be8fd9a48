"""Links lead from a new row to operations on it, below it, and on the rows that it refers to."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from api.operations import kinds
from api.operations.discovery import build
from api.operations.operation import Operation
from tests.support import valid_bodies
from tests.support.documents import Made, make
from tests.support.sample_requests import CHARGED, PARTIES, PRACTICE, SEVERAL_PRACTICES
from tests.support.serving import Serve
from tests.support.visits import bill_visit, config

# What each new row of the billing schema leads to, beside itself.
LEADS = {
    "patients.create": {
        "patients.encounters.list",
        "patients.encounters.create",
        "patients.superbills.list",
        "patients.payments.list",
        "patients.payments.create",
        "patients.coverages.list",
        "patients.coverages.create",
        "patients.patient_details.list",
        "patients.patient_details.create",
    },
    "encounters.create": {
        "patients.read",
        "superbills.read",
        "encounters.line_items.list",
        "encounters.line_items.create",
        "encounters.diagnoses.list",
        "encounters.diagnoses.create",
        "encounters.claims.list",
        "encounters.claims.create",
        "encounters.claim_details.list",
        "encounters.claim_details.create",
        "places_of_service.read",
        "providers.read",
    },
    "line_items.create": {
        "encounters.read",
        "superbills.read",
        "cpt_codes.read",
        "line_items.reversals.list",
        "line_items.reversals.create",
        *(f"line_items.{name}.list" for name in ("adjustments", "allocations", "drugs")),
        *(f"line_items.{name}.create" for name in ("adjustments", "allocations", "drugs")),
    },
}


# What no body and no foreign key leads to.
# What is recorded, and codes, to which a new row refers without a foreign key to their key.
UNLINKED = {
    *("audit_events.read", "audit_reads.read"),
    *("cpt_code_versions.read", "diagnosis_code_versions.read", "modifiers.read"),
    *("modifier_versions.read", "places_of_service.read", "place_of_service_versions.read"),
    # An interchange adds them, which shows their list.
    *("submissions.read", "submissions.update"),
}


def told(made: Made, operation: Operation) -> dict[str, Any]:
    """Give the links of what an operation answers."""
    said = made.paths[operation.path][operation.method.lower()]
    found: dict[str, Any] = next(iter(said["responses"].values())).get("links", {})
    return found


def paths(made: Made, operation: Operation, row: dict[str, Any]) -> Iterator[tuple[Operation, str]]:
    """Resolve the links of a row: operation and path, except where a null is in the path."""
    by_id = {one.id: one for one in made.operations}
    for link in told(made, operation).values():
        target = by_id[link["operationId"]]
        assert list(link["parameters"]) == [name for name, _ in target.keys]
        keys = {}
        for name, expression in link["parameters"].items():
            start, _, step = expression.partition("#/")
            assert start == "$response.body"
            keys[name] = row[step.replace("~1", "/").replace("~0", "~")]
        if None not in keys.values():
            yield (
                target,
                target.path.format_map(
                    {name: quote(str(key), safe="") for name, key in keys.items()}
                ),
            )


@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_link_of_a_new_row_finds_its_target(
    serve: Serve, schema: str, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    if schema == "database":
        database.execute(CHARGED)
    followed: set[str] = set()
    service = await serve(config(database))
    bodies = (
        valid_bodies.MENAGERIE
        if schema == "menagerie"
        else valid_bodies.billing(await bill_visit(service.client))
    )
    if schema == "database":
        database.execute(SEVERAL_PRACTICES + PRACTICE + PARTIES)
    made = make(service.catalog, database.api_url)
    for operation in (
        one for one in build(service.catalog) if one.kind is kinds.CREATE and not one.parents
    ):
        new = await service.client.post(operation.path, json=bodies[operation.relation.name])
        assert new.status_code == 201, new.text
        for target, path in paths(made, operation, new.json()):
            followed.add(target.id)
            if target.method == "GET":
                answer = await service.client.get(path)
                assert answer.status_code == 200, (operation.id, target.id, path)
                if path == new.headers["location"]:
                    assert answer.json() == new.json()
    # The collections of a row have links by the shortest path, below the view that created it.
    expected = {
        one.id
        for one in made.operations
        if one.keys and len(one.parents) < 2 and one.id not in UNLINKED
        if not one.parents or one.parents[0].relation.name in bodies
    }
    assert expected <= followed


async def test_links_follow_from_keys_and_foreign_keys(
    serve: Serve, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue("database")
    service = await serve(config(database))
    made = make(service.catalog, database.api_url)
    for operation in made.operations:
        names = {link["operationId"] for link in told(made, operation).values()}
        own = {f"{operation.relation.name}.{kind}" for kind in ("read", "update", "delete")}
        if operation.id in LEADS:
            assert names - own == LEADS[operation.id]
        assert bool(names) == (operation.kind.links) or operation.id in {
            "cpt_codes.read",
            *UNLINKED,
        }
        # What a PATCH answers is described once with what a GET answers.
        assert operation.id not in names or operation.kind in (kinds.UPDATE, kinds.REPLACE)
