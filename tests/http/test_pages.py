"""Pages and orders of lists: each row once, in order, forwards and backwards."""

from collections.abc import Set as AbstractSet

import pytest

from api.operations import discovery, index_access, kinds
from tests.support.databases import TestDatabase
from tests.support.pages import SEED, flat, next_page, walk
from tests.support.problems import UNFIT_QUERY, assert_problem
from tests.support.serving import Serve
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured


@pytest.fixture
def seeded(database: TestDatabase) -> TestDatabase:
    """Give a database with rows for many pages."""
    database.execute(SEED)
    return database


# What the lists of a visit have in the gate: each kind of order, below nothing and below a parent.
USUAL = {
    ("patients.list", "last_name"),
    ("patients.encounters.list", "date"),
    ("encounters.line_items.list", "id"),
    ("cpt_codes.list", "code"),
}


@pytest.mark.parametrize(
    "usual",
    [pytest.param(USUAL, id="sample"), pytest.param(frozenset(), id="all", marks=pytest.mark.long)],
)
async def test_each_list_in_each_order_has_each_row_once(
    serve: Serve, seeded: TestDatabase, usual: AbstractSet[tuple[str, str]]
) -> None:
    (ids,) = seeded.execute(
        "SELECT CAST(p.id AS text), CAST(e.id AS text) FROM billing.patient AS p "
        "INNER JOIN billing.encounter AS e ON e.patient_id = p.id ORDER BY p.id, e.id LIMIT 1"
    )
    keys = dict(zip(("patient_id", "encounter_id"), ids, strict=True))
    seen = set()
    service = await serve(config(seeded))
    for operation in discovery.build(service.catalog):
        # Those of reads grow while they are read.
        if operation.kind is not kinds.LIST or operation.relation.name == "audit_reads":
            continue
        if not {name for name, _ in operation.keys} <= keys.keys():
            continue
        orders = index_access.orders(operation.relation, operation.fixed)
        if usual and not {(operation.id, order) for order in orders} & usual:
            continue
        path = operation.path.format(**keys)
        everything = (await service.client.get(path, params={"limit": 1000})).json()
        if not everything:  # tests/proofs/test_page_reads.py has rows of each
            continue
        assert len(everything) > 8, operation.id
        key = operation.relation.key[0]
        for order in orders:
            if usual and (operation.id, order) not in usual:
                continue
            forwards = (
                await service.client.get(path, params={"limit": 1000, "order": order})
            ).json()
            assert sorted(forwards, key=lambda row: row[key]) == sorted(
                everything, key=lambda row: row[key]
            )
            for limit in (
                (1, 4) if len(everything) < 30 else (7, len(everything) - 1, len(everything))
            ):
                pages = await walk(service.client, path, order=order, limit=str(limit))
                assert flat(pages) == forwards, (path, order, limit)
                assert {len(page) for page in pages[:-1]} <= {limit}
                assert 1 <= len(pages[-1]) <= limit
            backwards = flat(await walk(service.client, path, order=f"-{order}", limit="5"))
            assert backwards == forwards[::-1], (path, order)
            seen.add((operation.id, order))
    assert (
        seen == usual
        if usual
        else seen
        >= {
            ("patients.list", "id"),
            ("patients.list", "last_name"),
            ("patients.encounters.list", "date"),
            ("encounters.list", "date"),
            ("encounters.line_items.list", "id"),
            ("patients.encounters.line_items.list", "id"),
            ("cpt_codes.list", "code"),
        }
    )


async def test_list_without_an_order_is_in_key_order(serve: Serve, seeded: TestDatabase) -> None:
    service = await serve(config(seeded))
    for path in ("/patients/", "/encounters/", "/line_items/"):
        found = [row["id"] for row in (await service.client.get(path)).json()]
        assert found == sorted(found)


async def test_page_has_100_rows_by_default_and_at_most_1000(
    serve: Serve, database: TestDatabase
) -> None:
    one = (
        "INSERT INTO billing.patient (first_name, last_name) SELECT 'A', 'B'"
        " FROM generate_series(1, {})"
    )
    database.execute(one.format(100))
    service = await serve(config(database))
    whole = await service.client.get("/patients/")
    assert (len(whole.json()), next_page(whole)) == (100, None)
    database.execute(one.format(1))
    first = await service.client.get("/patients/")
    assert first.content == whole.content
    assert len((await service.client.get(str(next_page(first)))).json()) == 1
    database.execute(one.format(900))
    most = await service.client.get("/patients/?limit=1000")
    assert len(most.json()) == 1000
    assert len((await service.client.get(str(next_page(most)))).json()) == 1
    for limit in ("0", "-1", "1001", "1.0", "1e2", "+1", "01", " 1", "", "x", "१", "9" * 5000):
        refused = await service.client.get("/patients/", params={"limit": limit})
        assert_problem(
            refused,
            "invalid-query",
            UNFIT_QUERY,
            ("/limit", "must be a whole number from 1 to 1000"),
        )


async def test_rows_inserted_or_deleted_meanwhile_disturb_no_paging(
    serve: Serve, seeded: TestDatabase
) -> None:
    service = await serve(config(seeded))
    first = await service.client.get("/encounters/?order=date&limit=20")
    rest = flat(await walk(service.client, "/encounters/", order="date", limit="1000"))[20:]
    last = first.json()[-1]["id"]
    seeded.execute(
        f"DELETE FROM billing.line_item WHERE encounter_id = '{last}'; "
        f"DELETE FROM billing.encounter WHERE id = '{last}'; "
        "INSERT INTO billing.encounter (patient_id, date) SELECT id, '1999-01-01'"
        " FROM billing.patient"
    )
    found = []
    url = next_page(first)
    while url:
        response = await service.client.get(url)
        found += response.json()
        url = next_page(response)
    assert found == rest
