"""Filters of lists: their types, and the rows that they keep."""

import httpx
import psycopg
import pytest

from tests.support.databases import TestDatabase
from tests.support.pages import SEED, flat, walk
from tests.support.problems import MARK, UNFIT_QUERY, assert_problem
from tests.support.serving import Serve
from tests.support.visits import UNKNOWN_ID, config

UNSERVED = "no index serves these filters and this order together"


@pytest.fixture
def seeded(database: TestDatabase) -> TestDatabase:
    """Give a database with rows for many pages."""
    database.execute(SEED)
    return database


A_DATE = "must be a date that exists, as in 2024-03-01"
REFUSED = {
    "/patients/?id=x": ("/id", "must be a UUID"),
    f"/patients/?id.in={UNKNOWN_ID},x": ("/id.in", "must be a UUID"),
    f"/patients/?id.gt=%7B{UNKNOWN_ID}%7D": ("/id.gt", "must be a UUID"),
    "/encounters/?date=2024-02-30": ("/date", A_DATE),
    "/encounters/?date.gte=today": ("/date.gte", A_DATE),
    "/encounters/?date.lt=-infinite": ("/date.lt", A_DATE),
    "/encounters/?date.in=2024-03-01,": ("/date.in", A_DATE),
    "/patients/?last_name=%00": ("/last_name", "must be a string"),
    "/patients/?last_name.in=": (
        "/last_name.in",
        "must be 1 to 100 values separated by commas, quoted as in CSV",
    ),
    "/patients/?last_name.in=%22a": (
        "/last_name.in",
        "must be 1 to 100 values separated by commas, quoted as in CSV",
    ),
    f"/patients/?last_name.in={'a,' * 100}a": (
        "/last_name.in",
        "must be 1 to 100 values separated by commas, quoted as in CSV",
    ),
    "/cpt_codes/?code.prefix=": ("/code.prefix", "must have at least 1 character"),
    "/patients/?order=first_name": ("/order", UNSERVED),
    "/patients/?order=": ("/order", UNSERVED),
    "/patients/?order=-": ("/order", UNSERVED),
    "/patients/?order=--id": ("/order", UNSERVED),
    "/patients/?last_name=a&order=last_name&limit=5": ("/order", UNSERVED),
    f"/patients/?last_name.gte=a&id.gte={UNKNOWN_ID}": ("/last_name.gte", UNSERVED),
    "/encounters/?date.gte=2024-01-01&order=id": ("/order", UNSERVED),
    "/patients/?limit=1&limit=1": ("/limit", "is given twice"),
    "/patients/?last_name=a&last_name=b": ("/last_name", "is given twice"),
    "/patients/?last_name=a&last%5Fname=b": ("/last_name", "is given twice"),
}


async def test_filters_are_typed(serve: Serve, seeded: TestDatabase) -> None:
    service = await serve(config(seeded))
    for url, error in REFUSED.items():
        assert_problem(await service.client.get(url), "invalid-query", UNFIT_QUERY, error)
    offered = (
        "id, id.gte, id.gt, id.lte, id.lt, id.in, last_name, last_name.gte, last_name.gt,"
        " last_name.lte, "
    )
    offered = (
        f"is not a parameter here; these are: {offered}last_name.lt, last_name.in,"
        " last_name.search, order, limit, after, format"
    )
    several = await service.client.get(
        f"/patients/?first_name={MARK}&limit=0&ID=1&last_name.prefix=W&id=x"
    )
    errors = [
        ("/first_name", offered),
        ("/ID", offered),
        ("/last_name.prefix", offered),
        ("/id", "must be a UUID"),
    ]
    errors.append(("/limit", "must be a whole number from 1 to 1000"))
    assert_problem(several, "invalid-query", UNFIT_QUERY, *errors)


async def test_filters_keep_the_rows_that_psql_keeps(serve: Serve, seeded: TestDatabase) -> None:
    some = seeded.execute("SELECT CAST(id AS text) FROM billing.patient ORDER BY id LIMIT 3")
    ids = [str(row[0]) for row in some]
    cases = {
        ("patients", "last_name", 'O\'Neil & Sons, "x" %'): "last_name = 'O''Neil & Sons, \"x\" %'",
        ("patients", "last_name", "wetherby"): "last_name = 'wetherby'",
        ("patients", "last_name", "Weth%"): "false",
        (
            "patients",
            "last_name.in",
            'Zoë,"O\'Neil & Sons, ""x"" %",nobody',
        ): "last_name LIKE 'O%' OR last_name LIKE 'Z%'",
        ("patients", "last_name.gte", "Wetherby"): "last_name >= 'Wetherby'",
        ("patients", "last_name.gt", "Wetherby"): "last_name > 'Wetherby'",
        ("patients", "last_name.lte", "Wetherby"): "last_name <= 'Wetherby'",
        ("patients", "last_name.lt", "Wetherby"): "last_name < 'Wetherby'",
        ("patients", "id", ids[1].upper()): f"id = '{ids[1]}'",
        ("patients", "id.in", f"{ids[2]},{ids[0]},{UNKNOWN_ID}"): f"id IN ('{ids[0]}', '{ids[2]}')",
        ("encounters", "date.gte", "2024-03-03"): "date >= '2024-03-03'",
        ("encounters", "date.in", "2024-03-03,2024-03-01"): "date IN ('2024-03-03', '2024-03-01')",
        ("encounters", "date", "1066-10-14"): "false",
        ("encounters", "patient_id", ids[0]): f"patient_id = '{ids[0]}'",
        ("line_items", "encounter_id.in", UNKNOWN_ID): "false",
        ("cpt_codes", "code.prefix", "G04"): "code LIKE 'G04%'",
        ("cpt_codes", "code.prefix", "%"): "false",
        ("cpt_codes", "code.prefix", "G04_8"): "false",
        ("cpt_codes", "code.lt", "G"): "code < 'G'",
    }
    service = await serve(config(seeded))
    for (relation, name, value), condition in cases.items():
        found = flat(await walk(service.client, f"/{relation}/", **{name: value, "limit": "3"}))
        key = next(iter(found[0])) if found else "1"
        rows = seeded.execute(f"SELECT CAST({key} AS text) FROM api.{relation} WHERE {condition}")
        assert sorted(row[key] for row in found) == sorted(str(row[0]) for row in rows), (
            name,
            value,
        )
    path = f"/patients/{ids[0]}/encounters/"
    between = await walk(
        service.client,
        path,
        **{"date.gte": "2024-03-02", "date.lt": "2024-03-04", "order": "-date"},
    )
    dates = [row["date"] for row in flat(between)]
    assert dates == ["2024-03-03"] * dates.count("2024-03-03") + ["2024-03-02"] * dates.count(
        "2024-03-02"
    )
    assert set(dates) == {"2024-03-03", "2024-03-02"}


async def test_contains_filter_is_looked_up_in_the_index(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    sentence = "must have three consecutive letters (A to Z) or digits"
    for text in ("", "ab", "---", "   ", "äöü", "a-b-c", "a b 1"):
        answer = await menagerie_client.get("/species/", params={"latin_name.contains": text})
        assert_problem(answer, "invalid-query", UNFIT_QUERY, ("/latin_name.contains", sentence))
    for text in ("ab1", "- XyZ -", "äab1ö", "%123_"):
        assert (
            await menagerie_client.get("/species/", params={"latin_name.contains": text})
        ).status_code == 200
    with psycopg.connect(menagerie.owner_url) as connection:
        connection.execute(
            "CREATE TEMP TABLE t AS SELECT md5(text(n)) AS x FROM generate_series(1, 20000) AS n"
        )
        connection.execute("CREATE INDEX ON t USING gin (x zoo.gin_trgm_ops)")
        connection.execute("ANALYZE t")
        for pattern in ("%ab1%", "%- XyZ -%", "%äab1ö%", r"%\%123\_%"):
            plan = connection.execute(
                "EXPLAIN SELECT * FROM t WHERE x ILIKE %s", [pattern]
            ).fetchall()
            assert "Bitmap Heap Scan" in str(plan), pattern
