"""The rows of a list over HTTP, and the same query in plain SQL."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import psycopg

from api.catalog.relations import Catalog, Relation
from api.operations import discovery, kinds
from api.operations.filters import Filter
from api.operations.operation import Operation
from api.sql.binding import quoted
from tests.support.menagerie import ID

# More rows, with ties and NULLs, so that pages have something to get wrong.
MORE = """
INSERT INTO zoo.animal (name, species_code, house, enclosure_number, mother_id, born_on, mass)
SELECT (ARRAY['Nala', 'nala', 'Ñala', 'Zoë', 'A b', ''' OR 1=1'])[1 + n % 6],
    'LEO', 'Savanna', 1 + n % 2,
    CASE WHEN n % 3 = 0 THEN CAST('00000000-0000-7000-8000-000000000001' AS uuid) END,
    date '2020-01-01' + n / 4, 1
FROM generate_series(0, 19) AS n;
INSERT INTO zoo.feeding (animal_id, prepared_by, served_by, served_at, food, amount, portions)
SELECT '00000000-0000-7000-8000-000000000001', 1 + n % 2, nullif(n % 3, 0),
    timestamptz '2024-05-01 00:00:00.000001Z' + n / 3 * interval '1 us',
    (ARRAY['beef', 'hay, sweet'])[1 + n % 2],
    1, 1 + n % 3
FROM generate_series(0, 11) AS n;
INSERT INTO zoo.species (code, common_name, latin_name)
SELECT code, name, name
FROM (VALUES ('TIGA', 'tiger'), ('TIH', 'Tige'), ('TZZZZ', 'Tigërs'), ('AAA', '100%'))
    AS v (code, name);
INSERT INTO zoo.specimen (label, fixed, flag, clock, moment, duration, sensor,
    status, large, origin)
SELECT (ARRAY['x', 'X', 'é', ''])[1 + n % 4], n / 2, n % 2 = 0,
    time '10:00' + n / 2 * interval '1 us',
    '2024-01-01 00:00Z', (ARRAY['1 month', '30 days', '-1 day', '1 year'])[1 + n % 4]::interval,
    (ARRAY['10.0.0.1', '10.0.0.0/8', '::2'])[1 + n % 3]::inet,
    (ARRAY['vulnerable', 'endangered'])[1 + n % 2]::zoo.conservation_status, -n / 2,
    'bbbbbbbb-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
FROM generate_series(0, 7) AS n;
INSERT INTO api."Odd Things" ("Key Part", "order", "it's")
SELECT 'k' || n, n % 2, 'prefix' || n FROM generate_series(0, 5) AS n;
"""
BY_PATTERN = {"common_name", "it's"}  # their indexes sort as the C collation does
KEYS = {
    "keeper_id": "1",
    "house": "Savanna",
    "number": "1",
    "animal_id": f"{ID}001",
    "animal": f"{ID}001",
    "sign_number": "1",
    "strength": "4",
    "lodge_id": f"{ID}a01",
    "guest_id": f"{ID}b01",
    "expedition_id": f"{ID}e01",
    "stage_expedition_id": f"{ID}e01",
    "find_id": f"{ID}f01",
    "Key-20-Part": 'a/b, "c" ü?&=#%25',
}
# By the type of a range's bounds.
INSIDE = {
    "date": ["2024-01-15", "2024-03-01", "1999-12-31"],
    "int4": ["1", "5", "10"],
    "timestamptz": ["2024-03-01T09:30:00Z", "1999-12-31T00:00:00Z"],
}
COMPARED = {"eq": "=", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
UNASKABLE = ("NaN", "infinity", " BC", "24:00:00")  # what no parameter's schema allows


def lists(catalog: Catalog) -> Iterator[tuple[Operation, str, dict[str, str]]]:
    """Give each list with a path to it and the columns that the path fixes."""
    for operation in discovery.build(catalog):
        if operation.kind is kinds.LIST:
            keys = [KEYS[name] for parent in operation.parents for name in parent.parameters]
            path = operation.path
            for (name, _), key in zip(operation.keys, keys, strict=True):
                path = path.replace(f"{{{name}}}", quote(key, safe=""))
            fixed = keys[-len(operation.fixed) :] if operation.fixed else []
            yield operation, path, dict(zip(operation.fixed, fixed, strict=True))


async def rows(client: httpx.AsyncClient, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Get a whole list, its numbers as they are written."""
    answer = await client.get(f"{path}?{urlencode({'limit': 1000, **query})}")
    assert answer.status_code == 200, (path, query, answer.text)
    found: list[dict[str, Any]] = json.loads(answer.text, parse_float=str, parse_int=str)
    return found


def keys(relation: Relation, found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Give the rows' keys as texts."""
    return [tuple(row[name] for name in relation.key) for row in found]


def asked(filter_: Filter, found: list[dict[str, Any]]) -> list[str]:
    """Choose what to ask a filter for: what is there, parts of it, and what is not."""
    column = filter_.column
    if filter_.choice:
        return [filter_.choice]
    if filter_.operator == "on":
        part = column.type.base.part
        return INSIDE[part.name if part else ""]
    seen = {row[column.name] for row in found} - {None}
    texts = sorted(json.dumps(one) if isinstance(one, bool) else one for one in seen)
    texts = [text for text in texts if not any(part in text for part in UNASKABLE)]
    texts = texts[:: 1 + len(texts) // 5]
    match filter_.operator:
        case "in":
            return (
                [",".join('"' + text.replace('"', '""') + '"' for text in texts[::2])]
                if texts
                else []
            )
        case "prefix" | "search":
            return sorted({text[:length] for text in texts if text for length in (1, 3, 99)})
        case "contains":
            parts = {text[start : start + 4].upper() for text in texts for start in (0, 1)}
            return sorted(part for part in parts if re.search("[0-9A-Z]{3}", part))
    return texts


def literal(text: str) -> str:
    """Write a text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def condition(filter_: Filter, text: str) -> str:
    """Say in SQL what a filter says."""
    name, base = quoted(filter_.column.name), filter_.column.type.base
    match filter_.operator:
        case "is=null" | "is=notnull":
            return f"{name} IS {'NOT ' if text == 'notnull' else ''}NULL"
        case "in":
            return f"{name} IN ({', '.join(map(literal, next(csv.reader([text]))))})"
        case "prefix" | "search":
            made = f"{filter_.search.function}({{}})" if filter_.search else "{}"
            return f"starts_with({made.format(name)}, {made.format(literal(text))})"
        case "contains":
            return f"position(lower({literal(text)}) IN lower({name})) > 0"
        case "on":
            assert base.part
            return f"{name} @> CAST({literal(text)} AS {base.part.sql})"
        case operator:
            return f"{name} {COMPARED[operator]} CAST({literal(text)} AS {base.sql})"


def ordered(relation: Relation, column: str) -> str:
    """Say in SQL what an order by a column, or by a function of one, says."""
    if "(" in column and column.endswith(")"):
        return ", ".join([f'{column} COLLATE "C"', *map(quoted, relation.key)])
    collation = ' COLLATE "C"' if column in BY_PATTERN else ""
    return ", ".join([quoted(column) + collation, *(quoted(name) for name in relation.key)])


class Plain:
    """The same questions, asked of the database in plain SQL by the API's login."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self.connection = psycopg.connect(url, autocommit=True)

    def keys(
        self, relation: Relation, fixed: dict[str, str], conditions: list[str], order: str
    ) -> list[tuple[str, ...]]:
        """Give the keys of the rows, as texts."""
        trims = {True: "trim_scale({})", False: "{}"}
        shown = ", ".join(
            f"CAST({trims[relation.column(name).type.is_quantity].format(quoted(name))} AS text)"
            for name in relation.key
        )
        where = " AND ".join(
            [
                "true",
                *(f"{quoted(name)} = {literal(text)}" for name, text in fixed.items()),
                *conditions,
            ]
        )
        query = f"SELECT {shown} FROM api.{quoted(relation.name)} WHERE {where} ORDER BY {order}"
        return list(self.connection.execute(query.encode()))


async def walk(client: httpx.AsyncClient, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Follow `Link` from one page of one row to the next."""
    found: list[dict[str, Any]] = []
    url = f"{path}?{urlencode({'limit': 1, **query})}"
    while url:
        answer = await client.get(url)
        assert answer.status_code == 200, (url, answer.text)
        page = json.loads(answer.text, parse_float=str, parse_int=str)
        assert len(page) == 1 or not found
        found += page
        url = answer.links.get("next", {}).get("url", "")
    return found
