"""What two sessions do to one bill at the same time."""

import asyncio
from dataclasses import dataclass
from typing import LiteralString

import pytest

from tests.support.billing_sql import add_line_item, add_visit, attempt, rows
from tests.support.bills import PROVIDER, prepare
from tests.support.databases import TestDatabase
from tests.support.outages import locked, wait_for_locks

pytestmark = pytest.mark.unmeasured

POST: LiteralString = "UPDATE api.encounters SET status = 'posted'"
ADD: LiteralString = (
    "INSERT INTO api.line_items (encounter_id, cpt_code) SELECT id, 'G0438' FROM api.encounters"
)
MORE: LiteralString = "UPDATE api.line_items SET units = 3"
MOVE: LiteralString = "UPDATE api.encounters SET date = '2024-03-09'"
POINT: LiteralString = "UPDATE api.line_items SET diagnosis_pointers = '{2}'"
UNDIAGNOSE: LiteralString = "DELETE FROM api.diagnoses WHERE position = 2"
REVERSE: LiteralString = (
    "INSERT INTO api.reversals (line_item_id, reason) SELECT id, 'a' FROM api.line_items"
)
END: LiteralString = (
    "UPDATE billing.cpt_code_version SET valid_during = '(,2024-03-01)' WHERE code = 'G0438'"
)
MODIFY: LiteralString = "UPDATE api.line_items SET modifiers = '{LT}'"
ADD_MODIFIED: LiteralString = (
    "INSERT INTO api.line_items (encounter_id, cpt_code, modifiers)"
    " SELECT id, 'G0438', '{LT}' FROM api.encounters"
)
END_MODIFIER: LiteralString = (
    "UPDATE billing.modifier_version SET valid_during = '(,2024-03-01)' WHERE code = 'LT'"
)
SPLIT_MODIFIER: LiteralString = (
    "WITH cut AS (UPDATE billing.modifier_version SET valid_during = '(,2024-03-01)'"
    " WHERE code = 'LT' RETURNING code)"
    " INSERT INTO billing.modifier_version (code, valid_during, description)"
    " SELECT code, '[2024-03-01,)', 'New words' FROM cut"
)
REMOVE_MODIFIER: LiteralString = "DELETE FROM billing.modifier WHERE code = 'LT'"
PLACE: LiteralString = "UPDATE api.encounters SET place_of_service = '12'"
END_PLACE: LiteralString = (
    "UPDATE billing.place_of_service_version SET valid_during = '(,2024-03-01)' WHERE code = '12'"
)
OF_THE_OWNER = (END, END_MODIFIER, SPLIT_MODIFIER, REMOVE_MODIFIER, END_PLACE)
DEARER: LiteralString = "UPDATE api.fees SET amount = 500"
CHARGES: LiteralString = "SELECT charge::text FROM api.line_items ORDER BY id"
DAYS: LiteralString = "SELECT lower(day)::text FROM billing.line_item ORDER BY id"
KEPT = "line_item_encounter_is_a_draft"


@dataclass(frozen=True, slots=True)
class Race:
    """Two statements, the second while the first is not committed; then a query, and its rows.

    `refused`: by what the second one is; empty: it is done.
    """

    first: LiteralString
    second: LiteralString
    refused: str
    query: LiteralString
    found: list[str]


RACES = {
    "the second post changes nothing": Race(POST, POST, "", CHARGES, ["200.00"]),
    "a post waits for a change of a line": Race(MORE, POST, "", CHARGES, ["300.00"]),
    "a change waits for the post and is refused": Race(POST, MORE, KEPT, CHARGES, ["200.00"]),
    "a post waits for a new line": Race(ADD, POST, "", CHARGES, ["200.00", "100.00"]),
    "a new line waits for the post and is refused": Race(POST, ADD, KEPT, CHARGES, ["200.00"]),
    "a post waits for the removal of the only line and is refused": Race(
        "DELETE FROM api.line_items", POST, "encounter_posted_has_a_line_item", CHARGES, []
    ),
    "a new line waits for a new date and has it": Race(
        MOVE, ADD, "", DAYS, ["2024-03-09", "2024-03-09"]
    ),
    "a new date waits for a new line and is its date": Race(
        ADD, MOVE, "", DAYS, ["2024-03-09", "2024-03-09"]
    ),
    "a new date waits for a line that loses its own": Race(
        "UPDATE api.line_items SET service_date = NULL", MOVE, "", DAYS, ["2024-03-09"]
    ),
    "a pointer waits for the removal of its diagnosis and is refused": Race(
        UNDIAGNOSE, POINT, "line_item_diagnosis_pointers_lead_to_diagnoses", CHARGES, ["None"]
    ),
    "the removal of a diagnosis waits for a pointer and is refused": Race(
        POINT, UNDIAGNOSE, "diagnosis_stays_while_line_items_point_at_it", CHARGES, ["None"]
    ),
    "a new line waits for the end of its code and is refused": Race(
        END, ADD, "line_item_cpt_code_day_fkey", CHARGES, []
    ),
    "the end of a code waits for a new line and is refused": Race(
        ADD, END, "line_item_cpt_code_day_fkey", CHARGES, ["None"]
    ),
    "a modifier waits for its end and is refused": Race(
        END_MODIFIER, MODIFY, "line_item_modifiers_are_valid", CHARGES, ["None"]
    ),
    "the end of a modifier waits for a line that has it and is refused": Race(
        ADD_MODIFIED,
        END_MODIFIER,
        "modifier_version_stays_while_line_items_need_it",
        CHARGES,
        ["None", "None"],
    ),
    "a modifier waits for its version to be split and has the new one": Race(
        SPLIT_MODIFIER, MODIFY, "", CHARGES, ["None"]
    ),
    "a modifier waits for its removal and is refused": Race(
        REMOVE_MODIFIER, MODIFY, "line_item_modifiers_are_listed", CHARGES, ["None"]
    ),
    "the removal of a modifier waits for a line that has it and is refused": Race(
        ADD_MODIFIED,
        REMOVE_MODIFIER,
        "modifier_stays_while_line_items_have_it",
        CHARGES,
        ["None", "None"],
    ),
    "a place waits for its end and is refused": Race(
        END_PLACE, PLACE, "encounter_place_of_service_day_fkey", CHARGES, ["None"]
    ),
    "the end of a place waits for an encounter there and is refused": Race(
        PLACE, END_PLACE, "encounter_place_of_service_day_fkey", CHARGES, ["None"]
    ),
}


def visit(database: TestDatabase, *, with_line: bool = True) -> None:
    """Enter a visit that can be posted: two units at 100.00."""
    prepare(database)
    _, encounter = add_visit(database.sql_url)
    rows(
        database.sql_url,
        "UPDATE api.encounters SET provider_id = %s, place_of_service = '11'",
        PROVIDER,
    )
    rows(
        database.sql_url,
        "INSERT INTO api.diagnoses SELECT id, 2, 'E119' FROM api.encounters",
    )
    if with_line:
        add_line_item(database.sql_url, encounter, "G0438", 2)


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
async def test_two_writes_at_once_end_as_one_after_the_other(
    database: TestDatabase, race: Race
) -> None:
    visit(database, with_line=END not in (race.first, race.second))
    if "NULL" in race.first:
        rows(database.sql_url, "UPDATE api.line_items SET service_date = '2024-03-05'")
    one, other = (
        database.owner_url if statement in OF_THE_OWNER else database.sql_url
        for statement in (race.first, race.second)
    )
    superuser = database.server.postgres.url("postgres", database.name)
    with locked(one, race.first) as connection:
        waiting = asyncio.create_task(asyncio.to_thread(attempt, other, race.second))
        await wait_for_locks(superuser)
        connection.commit()
        assert await waiting == race.refused
    assert [str(value) for (value,) in rows(database.owner_url, race.query)] == race.found


async def test_line_is_reversed_once_by_two_at_once(database: TestDatabase) -> None:
    visit(database)
    rows(database.sql_url, POST)
    superuser = database.server.postgres.url("postgres", database.name)
    with locked(database.sql_url, REVERSE) as connection:
        waiting = asyncio.create_task(asyncio.to_thread(attempt, database.sql_url, REVERSE))
        await wait_for_locks(superuser)
        connection.commit()
        assert await waiting == "reversal_pkey"


def test_fee_that_is_being_changed_is_not_waited_for(database: TestDatabase) -> None:
    visit(database)
    with locked(database.sql_url, DEARER) as connection:
        assert attempt(database.sql_url, POST) == ""
        connection.commit()
    assert rows(database.sql_url, CHARGES) == [("200.00",)]


def test_modifier_that_has_ended_since_is_no_hindrance_to_a_post(database: TestDatabase) -> None:
    """It is valid on the day of service: what ends is a later day."""
    visit(database)
    rows(database.sql_url, MODIFY)
    with locked(
        database.owner_url, END_MODIFIER.replace("(,2024-03-01)", "(,2024-03-02)")
    ) as ended:
        assert attempt(database.sql_url, POST) == ""
        ended.commit()
    assert rows(database.sql_url, CHARGES) == [("160.00",)]
