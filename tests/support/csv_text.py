"""CSV as Postgres reads it: an empty cell is NULL, an empty quoted cell is an empty text."""

import csv
import json
from typing import Any

import httpx
import psycopg

from tests.support.databases import TestDatabase

CSV, NDJSON, ESCAPED = "text/csv", "application/x-ndjson", "text/csv; formulas=escaped"
Cells = list[dict[str, str | None]]


def cells(database: TestDatabase, text: str) -> Cells:
    """Read a sheet: its rows by column, None where a cell is empty."""
    header = next(csv.reader([text.partition("\n")[0]]))
    columns = ", ".join(f'c{number} text COLLATE "C"' for number in range(len(header)))
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE sheet (n serial, {columns})".encode())
        names = ", ".join(f"c{number}" for number in range(len(header)))
        with connection.cursor().copy(
            f"COPY sheet ({names}) FROM STDIN WITH (FORMAT csv, HEADER)".encode()
        ) as copy:
            copy.write(text)
        rows = connection.execute(f"SELECT {names} FROM sheet ORDER BY n".encode()).fetchall()
    return [dict(zip(header, row, strict=True)) for row in rows]


def is_cell(cell: str | None, value: Any) -> bool:
    """Tell whether a cell is this value, whose numbers are texts."""
    if cell is None or value is None:
        return cell in (None, "null") and value is None  # JSON's null is as good as SQL's
    if isinstance(value, bool):
        return cell == ("true" if value else "false")
    if isinstance(value, str):
        return cell == value
    return bool(json.loads(cell, parse_float=str, parse_int=str) == value)


def same(value: Any) -> Any:
    """Read JSON, with its numbers as texts."""
    return json.loads(value, parse_float=str, parse_int=str)


async def export(client: httpx.AsyncClient, path: str, media: str) -> httpx.Response:
    """Ask for rows."""
    answer = await client.get(path, headers={"accept": media})
    assert answer.status_code == 200, answer.text
    return answer


async def send(
    client: httpx.AsyncClient, path: str, media: str, content: str | bytes
) -> httpx.Response:
    """Send rows."""
    return await client.post(path, content=content, headers={"content-type": media})
