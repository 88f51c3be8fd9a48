"""Bodies of the menagerie that hold rows below the new one: siblings, triggers, tenants, grants."""

from typing import Any

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import UNFIT_BODY, assert_problem
from tests.support.serving import Serving

TWICE = "Another stage of the expedition has this number."
LOST = "Fool's gold is no find."
IN_STAGE = "finds.expedition_id.stage"


async def test_siblings_refer_to_each_other_and_triggers_see_the_rows_above(
    menagerie_client: httpx.AsyncClient,
) -> None:
    """The finds stand first in the body, the stages that they name first in the statement."""
    body = {
        "title": "T",
        "begun_on": "2024-06-01",
        "finds": [{"what": "x", "stage": 2}, {"what": "y"}],
        "stages": [
            {"number": 2, "place": "b", IN_STAGE: [{"what": "p"}, {"what": "q"}]},
            {"number": 1, "place": "a"},
        ],
    }
    answer = await menagerie_client.post("/expeditions/", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    finds = [*made["finds"], *made["stages"][0][IN_STAGE]]
    assert [find["what"] for find in finds] == ["x", "y", "p", "q"]
    assert [find["stage"] for find in finds] == [2, None, 2, 2]
    assert {find["found_on"] for find in finds} == {"2024-06-03"}  # after two stages
    assert [stage["number"] for stage in made["stages"]] == [2, 1]


STAGE: dict[str, Any] = {"number": 1, "place": "a"}
REFUSED: list[tuple[dict[str, Any], str, tuple[str, str]]] = [
    ({"finds": [{"what": "fool's gold"}]}, "invalid-content", ("/finds/0", LOST)),
    (
        {"stages": [{**STAGE, IN_STAGE: [{"what": "x"}, {"what": "fool's gold"}]}]},
        "invalid-content",
        (f"/stages/0/{IN_STAGE}/1", LOST),
    ),
    (  # The find's stage is refused: that is no fault of the find.
        {"finds": [{"what": "x", "stage": 3}], "stages": [STAGE, STAGE]},
        "conflict",
        ("/stages/1/number", TWICE),
    ),
    (
        {"finds": [{"what": "x", "stage": 3}, {"what": "y", "stage": 1}], "stages": [STAGE]},
        "invalid-content",
        ("/finds/0/stage", "The expedition has no such stage."),
    ),
]


@pytest.mark.parametrize(("body", "kind", "fault"), REFUSED)
async def test_rows_that_a_trigger_or_a_sibling_refuses_have_their_pointer(
    menagerie_client: httpx.AsyncClient,
    menagerie: TestDatabase,
    body: dict[str, Any],
    kind: str,
    fault: tuple[str, str],
) -> None:
    with unchanged(menagerie):
        answer = await menagerie_client.post("/expeditions/", json={"title": "T", **body})
        assert_problem(answer, kind, fault[1], fault)


async def test_rows_are_those_of_the_callers_tenant(
    menagerie_service: Serving, menagerie: TestDatabase
) -> None:
    body = {"name": "Wren", "beds": 2, "guests": [{"family": "A"}, {"family": "B"}]}
    answer = await menagerie_service.client.post("/lodges/", json=body)
    assert answer.status_code == 201, answer.text
    lodge = answer.json()["id"]
    found = f"SELECT estate, family FROM zoo.guest WHERE lodge_id = '{lodge}' ORDER BY id"
    assert menagerie.execute(found) == [("home", "A"), ("home", "B")]


async def test_rows_that_the_role_may_not_read_are_answered_without_columns(
    menagerie_client: httpx.AsyncClient,
) -> None:
    """With a composite key that the client chooses, and on two levels."""
    feeding = {"prepared_by": 1, "food": "hay", "amount": "1.00"}
    animal = {"name": "Simba", "species_code": "LEO", "born_on": "2024-01-01", "mass": "1"}
    body = {
        "house": "Nest",
        "number": 4,
        "length_m": "2",
        "width_m": "1",
        "animals": [{**animal, "feedings": [feeding]}],
        "sightings": [{"what": "A yawn."}, {"what": "A nap."}],
    }
    answer = await menagerie_client.post("/enclosures/", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == "/enclosures/Nest,4"
    assert made["sightings"] == [{}, {}]
    (found,) = made["animals"]
    assert (found["house"], found["enclosure_number"], found["species_name"]) == ("Nest", 4, "Lion")
    assert found["feedings"][0]["animal_id"] == found["id"]


async def test_rows_that_are_refused_at_commit_have_their_pointer(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    keeper = {"name": "Eli Emu", "initials": "EE", "email": "eli@zoo.example"}
    places = (7, 8, 1, 9, 7)
    tours = [{"place": place, "title": "T"} for place in places]
    sentence = "Another tour has this place in the day."
    faults = [(f"/tours.guide_id/{number}/place", sentence) for number in (2, 4)]
    with unchanged(menagerie):
        body = {**keeper, "tours.guide_id": tours}
        answer = await menagerie_client.post("/keepers/", json=body)
        assert_problem(answer, "conflict", UNFIT_BODY, *faults)
