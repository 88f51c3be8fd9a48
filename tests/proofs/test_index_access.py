"""Filters and orders: each offered one gives the rows that plain SQL gives; no other is served."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from urllib.parse import quote

import httpx
import pytest

from api.catalog.relations import Index, IndexColumn, Relation
from api.document import parameters
from api.operations import index_access
from api.operations.filters import EQUAL, Filter
from api.operations.index_order import Order
from tests.support.databases import TestDatabase
from tests.support.menagerie import ID
from tests.support.plain_sql import MORE, Plain, asked, condition, keys, lists, ordered, rows, walk
from tests.support.sample_relations import column, index, relation
from tests.support.serving import Serving

# What stands behind another column in every index that it is in: it needs that one too. Where no
# index goes on with the key, it needs an order.
TOGETHER = {
    ("animals.list", "enclosure_number"): {"house": "Savanna", "order": "name"},
    ("animals.list", "house"): {"enclosure_number": "1", "order": "name"},
    ("feedings.list", "animal_id"): {"order": "served_at"},
    ("feedings.list", "food"): {"order": "portions"},
    ("feedings.list", "served_at"): {"animal_id": f"{ID}001"},
    ("feedings.list", "portions"): {"food": "beef"},
    ("rations.list", "servings"): {"season": "winter"},
    ("rations.list", "season"): {"code": "R-001"},
    ("door_lists.list", "number"): {"house": "Savanna"},
    ("enclosures.list", "number"): {"house": "Savanna"},
    ("Odd-20-Things.list", "select"): {"order": "with space"},
    ("Odd-20-Things.list", "with space"): {"select": "x"},
    ("rations.list", "code"): {"order": "season"},
    ("shifts.list", "period"): {"keeper_id": "1"},
    ("finds.list", "stage"): {"expedition_id": f"{ID}e01"},
    ("stages.list", "number"): {"expedition_id": f"{ID}e01"},
    **{(f"{above}.animals.list", "id"): {"name": "Nala"} for above in ("enclosures", "door_lists")},
    **{
        (f"{above}.feedings.list", "id"): {"served_at": "2024-05-01T00:00:00.000001Z"}
        for above in (
            "animals",
            "animal_names",
            "enclosures.animals",
            "door_lists.animals",
        )
    },
}


# Of so many filters or orders, one is tried.
SAMPLED = pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])


@pytest.fixture
def plain(menagerie: TestDatabase) -> Iterator[Plain]:
    """Ask the same in SQL."""
    menagerie.execute(MORE)
    made = Plain(menagerie.sql_url)
    yield made
    made.connection.close()


@SAMPLED
async def test_each_filter_gives_the_rows_of_plain_sql(
    menagerie_service: Serving, plain: Plain, every: int
) -> None:
    """Range, list and prefix come in their column's order."""
    needed, number = set(), count()
    for operation, path, fixed in lists(menagerie_service.catalog):
        relation, everything = operation.relation, await rows(menagerie_service.client, path, {})
        for filter_ in parameters.filters(operation):
            alone = index_access.serve(relation, operation.fixed, [filter_]) is not None
            others = {} if alone else TOGETHER[operation.id, filter_.column.name]
            needed |= set() if alone else {(operation.id, filter_.column.name)}
            if next(number) % every:
                continue
            order = (
                relation.key[0] if filter_.operator in ("contains", "on") else filter_.column.name
            )
            if filter_.search:
                order = f"{filter_.search.function}({filter_.column.name})"
            for text in asked(filter_, everything):
                found = keys(
                    relation,
                    await rows(menagerie_service.client, path, {filter_.name: text, **others}),
                )
                conditions = [condition(filter_, text)]
                given = {name: value for name, value in others.items() if name != "order"}
                expected = plain.keys(relation, fixed | given, conditions, ordered(relation, order))
                if filter_.operator in EQUAL:
                    assert sorted(found) == sorted(expected), (path, filter_.name, text)
                else:
                    assert found == expected, (path, filter_.name, text)
    assert needed == set(TOGETHER)


@SAMPLED
async def test_each_order_gives_all_rows_in_pages_of_one(
    menagerie_service: Serving, plain: Plain, every: int
) -> None:
    number = count()
    for operation, path, fixed in lists(menagerie_service.catalog):
        relation = operation.relation
        for order in index_access.orders(relation, operation.fixed):
            if next(number) % every:
                continue
            expected = plain.keys(relation, fixed, [], ordered(relation, order))
            assert (
                keys(relation, await walk(menagerie_service.client, path, {"order": order}))
                == expected
            ), (
                path,
                order,
            )
            backwards = keys(
                relation, await walk(menagerie_service.client, path, {"order": f"-{order}"})
            )
            assert backwards == expected[::-1], (path, order)
        assert keys(relation, await rows(menagerie_service.client, path, {})) == plain.keys(
            relation, fixed, [], ordered(relation, relation.key[0])
        )


WALKED: list[tuple[str, dict[str, str], str]] = [
    ("species", {"common_name.prefix": "T"}, "common_name"),
    ("species", {"common_name.prefix": "T", "order": "-common_name"}, "common_name"),
    ("species", {"code.prefix": "T", "order": "-code"}, "code"),
    ("species", {"latin_name.contains": "PAN"}, "code"),
    ("species", {"status": "endangered"}, "code"),
    ("species", {"status.in": '"unknown, not assessed",vulnerable', "order": "-status"}, "status"),
    ("Odd Things", {"it's.prefix": "prefix"}, "it's"),
    ("Odd Things", {"it's.prefix": "prefix", "order": "-it's"}, "it's"),
    ("Odd Things", {"order.gte": "1", "order": "-order"}, "order"),
    ("animals", {"house": "Savanna", "enclosure_number": "1", "order": "-name"}, "name"),
    ("animals", {"house": "Savanna", "enclosure_number": "1", "name.gte": "N"}, "name"),
    (
        "animals",
        {"born_on.lt": "2020-01-05", "born_on.gte": "2016-01-01", "order": "-born_on"},
        "born_on",
    ),
    ("animals", {"mother_id": f"{ID}001"}, "id"),
    ("animals", {"mother_id.is": "null", "order": "-id"}, "id"),
    ("animals", {"mother_id.is": "notnull", "order": "-mother_id"}, "mother_id"),
    ("specimens", {"fixed.is": "notnull", "fixed.lt": "1000000"}, "fixed"),
    ("feedings", {"animal_id": f"{ID}001", "order": "-served_at"}, "served_at"),
    (
        "feedings",
        {"animal_id": f"{ID}001", "served_at.gt": "2024-05-01T00:00:00.000001Z"},
        "served_at",
    ),
    ("feedings", {"food": "hay, sweet", "order": "-portions"}, "portions"),
    ("specimens", {"duration.gte": "P0D"}, "duration"),
    ("specimens", {"sensor.gte": "0.0.0.1", "order": "-sensor"}, "sensor"),
    ("specimens", {"fixed.gte": "-1000000", "order": "-fixed"}, "fixed"),
    ("specimens", {"moment.gte": "0001-01-01T00:00:00Z", "order": "-moment"}, "moment"),
    ("loans", {"during.on": "2024-01-20", "order": "-id"}, "id"),
    ("enclosures", {"house": "Savanna", "order": "-number"}, "number"),
    ("doses", {"drug.search": "AS", "order": "-drug"}, "zoo.spelling(drug)"),
    ("doses", {"drug.search": "Ä"}, "zoo.spelling(drug)"),
]


async def test_filters_with_orders_give_the_rows_of_plain_sql(
    menagerie_service: Serving, plain: Plain
) -> None:
    for name, query, order in WALKED:
        relation = next(
            relation for relation in menagerie_service.catalog.relations if relation.name == name
        )
        known = {(f.name, f.choice): f for f in index_access.filters(relation)}
        conditions = [
            condition(known[given, text if given.endswith(".is") else None], text)
            for given, text in query.items()
            if given != "order"
        ]
        expected = plain.keys(relation, {}, conditions, ordered(relation, order))
        if query.get("order", "").startswith("-"):
            expected = expected[::-1]
        assert len(expected) > 1, query
        assert (
            keys(relation, await walk(menagerie_service.client, f"/{quote(name)}/", query))
            == expected
        ), query


REFUSED = [
    ("animals", {"enclosure_number": "1"}, "/enclosure_number"),
    ("animals", {"house": "Savanna"}, "/house"),
    ("animals", {"house": "Savanna", "enclosure_number": "1"}, "/order"),
    ("feedings", {"food": "beef"}, "/order"),
    ("animals", {"order": "mass"}, "/order"),
    ("animals", {"mother_id.is": "foo"}, "/mother_id.is"),
    ("animals", {"mother_id.is": "NULL"}, "/mother_id.is"),
    ("animals", {"mother_id.is": ""}, "/mother_id.is"),
    ("animals", {"mother_id.is": "null", "order": "mother_id"}, "/order"),
    ("animals", {"mother_id.is": "null", "mother_id": f"{ID}001"}, "/mother_id.is"),
    ("animals", {"mother_id.is": "notnull", "order": "id"}, "/order"),
    ("animals", {"name.is": "null"}, "/name.is"),
    ("animals", {"order": "species_name"}, "/order"),
    ("animals", {"order": "--id"}, "/order"),
    ("animals", {"order": ""}, "/order"),
    ("animals", {"name.gte": "N", "order": "id"}, "/order"),
    ("animals", {"name.gte": "N", "born_on.gte": "2020-01-01"}, "/born_on.gte"),
    ("animals", {"name": "Nala", "born_on": "2020-01-01"}, "/born_on"),
    ("animals", {"name": "Nala", "order": "born_on"}, "/order"),
    ("animals", {"mass": "1"}, "/mass"),
    ("animals", {"name.prefix": "N"}, "/name.prefix"),
    ("animals", {"chip.gte": "1"}, "/chip.gte"),
    ("animals", {"died_on.gte": "2020-01-01"}, "/died_on.gte"),
    ("animals", {"species_code": "LEO"}, "/species_code"),
    ("keepers", {"initials": "AA"}, "/initials"),
    ("keepers", {"name": "ada"}, "/name"),
    ("keepers", {"lower": "ada"}, "/lower"),
    ("keepers", {"name.search": "ada"}, "/name.search"),
    ("doses", {"price.search": "1"}, "/price.search"),
    ("doses", {"drug.search": ""}, "/drug.search"),
    ("doses", {"order": "drug"}, "/order"),
    ("doses", {"drug.search": "a", "order": "strength"}, "/order"),
    ("doses", {"drug.search": "a", "spare": "0.5"}, "/spare"),
    ("specimens", {"traits": "{}"}, "/traits"),
    ("specimens", {"span.on": "2024-01-01"}, "/span.on"),
    ("specimens", {"layers": "[1,2)"}, "/layers"),
    ("species", {"common_name": "Lion"}, "/common_name"),
    ("species", {"common_name.in": "Lion,Tiger"}, "/common_name.in"),
    ("species", {"order": "common_name"}, "/order"),
    ("species", {"latin_name.contains": "pan", "order": "status"}, "/order"),
    ("species", {"latin_name.contains": "pan", "status": "endangered"}, "/status"),
    ("species", {"latin_name.contains": "pa"}, "/latin_name.contains"),
    ("species", {"status": "extinct"}, "/status"),
    ("loans", {"during.on": "2024-01-20", "animal_id.gte": f"{ID}004"}, "/during.on"),
    ("shifts", {"period.on": "2024-03-01T09:30:00Z"}, "/period.on"),
    ("loans", {"during.on": "soon"}, "/during.on"),
    ("loans", {"during": "[2024-01-01,2024-02-01)"}, "/during"),
    ("tours", {"place": "1"}, "/place"),
    ("Odd Things", {"with space": "y"}, "/with space"),
    ("Odd Things", {"a/b~c": "x"}, "/a~1b~0c"),
    ("enclosures", {"number.gte": "1"}, "/number.gte"),
    ("specimens", {"status": "lost"}, "/status"),
    ("specimens", {"fixed": "1e3"}, "/fixed"),
    ("specimens", {"clock": "25:00:00"}, "/clock"),
    ("specimens", {"large.gte": "9223372036854775808"}, "/large.gte"),
    ("specimens", {"flag": "t"}, "/flag"),
]


async def test_filter_that_no_index_serves_is_refused(menagerie_client: httpx.AsyncClient) -> None:
    for name, query, pointer in REFUSED:
        answer = await menagerie_client.get(f"/{quote(name)}/", params=query)
        assert (answer.status_code, answer.json()["type"]) == (
            400,
            "urn:problem-type:invalid-query",
        ), query
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer], query
        if "order" not in query and pointer == "/order":
            assert answer.json()["errors"][0]["detail"].startswith(
                "is missing; with these filters it must be "
            )


async def test_value_that_only_postgres_refuses_is_an_invalid_query(
    menagerie_client: httpx.AsyncClient,
) -> None:
    for query in ({"duration.gte": "long"}, {"sensor": "10.0.0.256"}, {"sensor.in": "::1,::x"}):
        answer = await menagerie_client.get("/specimens/", params=query)
        assert (answer.status_code, answer.json()["type"]) == (
            400,
            "urn:problem-type:invalid-query",
        )
    # What no row can hold may be asked for.
    for query in (
        {"fixed": "1.123456"},
        {"fixed.gte": "1000000"},
        {"label": "x" * 30},
        {"sensor": "::3"},
    ):
        answer = await menagerie_client.get("/specimens/", params=query)
        assert (answer.status_code, answer.json()) == (200, [])


def box(*rest: IndexColumn, nullable: bool = False) -> Relation:
    """Make the example of api/operations/index_access.py: a key, and one more index."""
    columns = (column("id"), column("shelf"), column("weight", nullable=nullable))
    second = Index("second", "btree", False, (IndexColumn("shelf", "o"), *rest))
    return relation("boxes", *columns, table="box", indexes=(index("id", unique=True), second))


def asks(found: Relation, *filters: str, order: str | None = None) -> Order | None:
    chosen = [
        Filter(found.column(f.partition(".")[0]), f.partition(".")[2] or "eq") for f in filters
    ]
    return index_access.serve(found, (), chosen, order)


def test_example_of_the_docstring_holds() -> None:
    found = box(IndexColumn("weight", "o"), IndexColumn("id", "o"))
    by_weight = Order(("weight", "id"), equal=("shelf",))
    backwards = replace(by_weight, descending=True)
    assert asks(found, "shelf", order="weight") == by_weight
    assert asks(found, "shelf", order="-weight") == backwards
    assert (
        asks(found, "shelf", "weight.gte", "weight.lt")
        == asks(found, "shelf", "weight.in")
        == by_weight
    )
    assert asks(found, "shelf", "weight") == Order(("id",), equal=("shelf", "weight"))
    for unserved in (("weight",), ("shelf.gte",), ("shelf",)):
        assert asks(found, *unserved) is None
    assert asks(found, "shelf", order="id") is None
    nullable = box(IndexColumn("weight", "o"), IndexColumn("id", "o"), nullable=True)
    assert asks(nullable, "shelf", order="weight") == by_weight
    assert asks(nullable, "shelf", order="-weight") == backwards
    assert asks(nullable, "shelf", "weight.is=notnull") == by_weight
    assert asks(nullable, "shelf", "weight.is=null") == Order(("id",), equal=("shelf", "weight"))
    assert asks(nullable, "weight.is=null") is None


def test_index_with_nulls_at_the_other_end_serves_no_order() -> None:
    """Postgres would sort, NOT NULL or not."""
    for rest in (
        (IndexColumn("weight", "o", nulls_first=True), IndexColumn("id", "o")),
        (IndexColumn("weight", "o"), IndexColumn("id", "o", nulls_first=True)),
        (IndexColumn("weight", "o", descending=True), IndexColumn("id", "o", descending=True)),
        (IndexColumn("weight", "o", descending=True), IndexColumn("id", "o")),
    ):
        found = box(*rest)
        assert (
            asks(found, "shelf")
            is asks(found, "shelf", order="weight")
            is asks(found, "shelf", "weight.gte")
            is None
        )
    down = IndexColumn("weight", "o", descending=True, nulls_first=True)
    assert asks(box(down, replace(down, name="id")), "shelf", "weight.gte") == Order(
        ("weight", "id")
    )
    one = box(IndexColumn("weight", "o", nulls_first=True), IndexColumn("id", "o"))
    assert asks(one, "shelf", "weight") == Order(("id",)), (
        "behind an equal column it is all the same"
    )
