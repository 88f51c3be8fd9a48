"""Each order that the document offers is served, alone or with the filters that it needs."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any
from urllib.parse import quote

from api.document import openapi
from api.operations import discovery, index_access, kinds
from api.operations.filters import RANGES, Filter
from api.operations.operation import Operation
from tests.support.databases import TestDatabase
from tests.support.documents import unfolded
from tests.support.plain_sql import MORE, rows
from tests.support.sample_requests import INSERT_VISITS, fill_path, known
from tests.support.serving import Serving


async def test_each_order_of_the_billing_schema_is_served(
    service: Serving, database: TestDatabase
) -> None:
    database.execute(INSERT_VISITS)
    assert await _serve_each_order(service) > 20


async def test_each_order_of_the_menagerie_is_served(
    menagerie_service: Serving, menagerie: TestDatabase
) -> None:
    menagerie.execute(MORE)
    assert await _serve_each_order(menagerie_service) > 150


async def _serve_each_order(service: Serving) -> int:
    operations = discovery.build(service.catalog)
    paths = unfolded(openapi.build(service.catalog, operations))
    sent = 0
    for operation in operations:
        if operation.kind is not kinds.LIST:
            continue
        path = fill_path(operation, [known(operation)[name] for name, _ in operation.keys])
        found = await rows(service.client, f"/{quote(operation.relation.name)}/", {})
        for order in _offered(paths[operation.path]["get"]):
            query = {**_needed(operation, order, found), "order": order}
            answer = await service.client.get(path, params=query)
            assert answer.status_code == 200, (path, query, answer.text)
            sent += 1
    return sent


def _offered(listed: dict[str, Any]) -> list[str]:
    (order,) = (p for p in listed["parameters"] if (p["in"], p["name"]) == ("query", "order"))
    names: list[str] = order["schema"]["enum"]
    return names


def _needed(operation: Operation, order: str, found: list[dict[str, Any]]) -> dict[str, str]:
    """Give the fewest filters with which an order is served, with the values of a row."""
    for filters in _combinations(operation, order.removeprefix("-")):
        if index_access.serve(operation.relation, operation.fixed, filters, order) is not None:
            row = next(r for r in found if None not in (r[f.column.name] for f in filters))
            return {f.name: _text(row[f.column.name]) for f in filters}
    raise AssertionError((operation.id, order))


def _combinations(operation: Operation, name: str) -> Iterator[tuple[Filter, ...]]:
    offered = index_access.filters(operation.relation, operation.fixed)
    equal = [f for f in offered if f.operator == "eq"]
    ranges = [f for f in offered if f.operator in (*RANGES, "prefix") and f.column.name == name]
    for number in range(4):
        for chosen in combinations(equal, number):
            yield from ((*chosen, *one) for one in ((), *((f,) for f in ranges)))


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
