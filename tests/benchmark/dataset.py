"""The rows, made by SQL: the same ones every time; and samples of them for requests to ask for."""

import re
from dataclasses import dataclass

import psycopg

# Ids as uuidv7() makes them, in creation order, but reproducible.
_ID = """
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CAST(lpad(to_hex(1700000000000 + n), 12, '0')
        || '7' || substr(md5(kind || n), 1, 3) || '8' || substr(md5(kind || n), 4, 15) AS uuid)
$$"""

_CODES = """
INSERT INTO billing.cpt_code (code, description)
SELECT 'X' || lpad(CAST(n AS text), 4, '0'), 'Synthetic procedure ' || n || ', each ' || 5 * (n % 12 + 1) || ' minutes'
FROM generate_series(1, :codes) AS n"""

_PATIENTS = """
INSERT INTO billing.patient (id, first_name, last_name)
SELECT
    pg_temp.id('p', n),
    (ARRAY['Ada', 'Ben', 'Cleo', 'Dora', 'Eli', 'Fay', 'Gus', 'Hana', 'Ivo', 'June', 'Kai'])[n % 11 + 1],
    (ARRAY['Ash', 'Brad', 'Clay', 'Dun', 'El', 'Fair', 'Green', 'Hart', 'Ing', 'Kel'])[n * 7919 % :names % 10 + 1]
    || (ARRAY['bourne', 'brook', 'bury', 'by', 'combe', 'field', 'ford', 'gate', 'ham', 'hurst', 'land', 'ley', 'low',
        'man', 'mere', 'mont', 'more', 'ridge', 'shaw', 'son', 'stead', 'stone', 'ton', 'wald', 'water', 'well',
        'wick', 'wood', 'worth', 'yard'])[n * 7919 % :names / 10 + 1]
FROM generate_series(CAST(1 AS bigint), :patients) AS n"""

_ENCOUNTERS = """
INSERT INTO billing.encounter (id, patient_id, date)
SELECT pg_temp.id('e', n), pg_temp.id('p', (n - 1) % :patients + 1), date '2020-01-01' + CAST(n % 2000 AS integer)
FROM generate_series(CAST(1 AS bigint), :encounters) AS n"""

_LINE_ITEMS = """
INSERT INTO billing.line_item (id, encounter_id, cpt_code, units)
SELECT
    pg_temp.id('l', n), pg_temp.id('e', (n - 1) / 4 + 1),
    'X' || lpad(CAST(n * 7919 % :codes + 1 AS text), 4, '0'), n % 4 + 1
FROM generate_series(CAST(1 AS bigint), :line_items) AS n"""

_SAMPLES = """
SELECT
    p.id, e.id, p.first_name, p.last_name, l.id, l.cpt_code, l.units,
    overlay(CAST(p.id AS text) PLACING 'ffff' FROM 20), overlay(CAST(e.id AS text) PLACING 'ffff' FROM 20)
FROM billing.encounter AS e
JOIN billing.patient AS p ON p.id = e.patient_id
JOIN LATERAL (SELECT * FROM billing.line_item AS i WHERE i.encounter_id = e.id ORDER BY i.id LIMIT 1) AS l ON true
ORDER BY md5(CAST(e.id AS text)) LIMIT %s"""
_NAMES = (
    "patient_id",
    "encounter_id",
    "first_name",
    "last_name",
    "line_item_id",
    "cpt_code",
    "units",
    "unknown_patient_id",
    "unknown_encounter_id",
)

Sample = dict[str, str]


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows of each kind; four line items an encounter, at most 300 last names."""

    patients: int = 10_000
    encounters: int = 30_000
    line_items: int = 120_000
    codes: int = 6_000
    names: int = 300

    def __str__(self) -> str:
        """Write the numbers."""
        return (
            f"{self.patients:,} patients, {self.encounters:,} encounters, {self.line_items:,} line items, "
            f"{self.codes:,} codes"
        )


def fill(connection: psycopg.Connection[tuple[object, ...]], size: Size) -> None:
    """Make the rows, as a superuser, and leave the tables as a vacuum does."""
    connection.execute(
        "SET session_replication_role = replica"
    )  # foreign keys hold by construction
    connection.execute(_ID)
    for statement in (_CODES, _PATIENTS, _ENCOUNTERS, _LINE_ITEMS):
        connection.execute(
            re.sub(r":([a-z_]+)\b", lambda name: str(getattr(size, name[1])), statement).encode()
        )
    connection.execute("RESET session_replication_role")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def samples(connection: psycopg.Connection[tuple[object, ...]], count: int = 1000) -> list[Sample]:
    """Take rows from everywhere, with an id of each kind that is nobody's, an encounter to write to, and a limit."""
    rows = connection.execute(_SAMPLES, [2 * count]).fetchall()
    made = [dict(zip(_NAMES, map(str, row), strict=True)) for row in rows]
    return [
        {**read, "billed_encounter_id": written["encounter_id"], "limit": str(81 + 7 * number % 20)}
        for number, (read, written) in enumerate(zip(made[:count], made[count:], strict=True))
    ]
