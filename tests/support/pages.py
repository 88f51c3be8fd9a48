"""Rows for lists of many pages, and a walk through the pages."""

import re
from typing import Any
from urllib.parse import urlencode

import httpx

# Few names and dates for many rows, so that pages end between equals; the first patient has most
# encounters.
SEED = """
INSERT INTO billing.patient (first_name, last_name)
SELECT 'N' || n, (ARRAY['Wetherby', 'O''Neil & Sons, "x" %', 'Zoë', 'wetherby', '日本'])[n % 5 + 1]
FROM generate_series(1, 23) AS n;
INSERT INTO billing.encounter (patient_id, date)
SELECT p.id, CAST('2024-03-01' AS date) + n % 4
FROM (SELECT id, row_number() OVER (ORDER BY id) AS i
    FROM billing.patient) AS p, generate_series(1, 13) AS n
WHERE p.i = 1 OR n <= 2;
INSERT INTO billing.line_item (encounter_id, cpt_code, units)
SELECT e.id, 'G0438', n
FROM (SELECT id, row_number() OVER (ORDER BY patient_id, id) AS i FROM billing.encounter) AS e,
    generate_series(1, 9) AS n
WHERE e.i = 1 OR n <= 1;
"""


def next_page(response: httpx.Response) -> str | None:
    """Read the `Link` to the next page."""
    if "link" not in response.headers:
        return None
    found = re.fullmatch(r'<(/[^<>"\s]*)>; rel="next"', response.headers["link"])
    assert found, response.headers["link"]
    return found[1]


async def walk(client: httpx.AsyncClient, path: str, **query: str) -> list[list[Any]]:
    """Give the pages of a list, by following its links."""
    pages = []
    url: str | None = f"{path}?{urlencode(query)}"
    while url is not None:
        response = await client.get(url)
        assert response.status_code == 200, response.text
        pages.append(response.json())
        url = next_page(response)
    return pages


def flat(pages: list[list[Any]]) -> list[Any]:
    return [row for page in pages for row in page]
