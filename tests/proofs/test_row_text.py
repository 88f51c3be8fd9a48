"""Rows are written byte for byte as Postgres's own function writes them."""

import psycopg

from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.row_texts import unlike

# Types that need no escape, beside one that does, below names that do; NULL in each.
NAMES = """
CREATE TYPE zoo."date" AS ENUM ('a"\\b');
CREATE TABLE zoo.label (
    id int PRIMARY KEY, "a\\b""c'd\n\x01\x7fé$1 :x %s" uuid, "|| '' ||" date, day zoo."date",
    price numeric(9, 2), at time, yes boolean, big bigint, small smallint, text text
);
INSERT INTO zoo.label (id) VALUES (1);
INSERT INTO zoo.label SELECT 2, uuidv7(), '0044-03-15 BC', 'a"\\b', 1.50, '24:00', true,
    -9223372036854775808, 7, 'a"\\b/\n\x01\x7fé';
CREATE VIEW api.labels WITH (security_invoker = true) AS TABLE zoo.label;
GRANT SELECT ON zoo.label, api.labels TO superbill_api;
"""


async def test_each_row_is_written_as_row_to_json_writes_it(menagerie: TestDatabase) -> None:
    menagerie.execute(NAMES)
    catalog = await read_catalog(menagerie.api_url)
    with psycopg.connect(menagerie.sql_url) as connection:
        assert not [fault for r in catalog.relations for fault in unlike(connection, r)]
