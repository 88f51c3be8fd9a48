"""How CHECKs are read, and that JSON Schema and Postgres agree on the same values."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jsonschema import Draft202012Validator
from psycopg import sql

from api.catalog.checks import read
from api.catalog.keywords import Reading
from api.catalog.quantities import Carrier
from tests.support.check_expressions import DEFINITIONS, FOREIGN, PORTABLE
from tests.support.databases import Server

# column → its type, how the API carries it, and values to try; null is tried in each
COLUMNS: dict[str, tuple[str, str, list[Any]]] = {
    "n": (
        "integer",
        "integer",
        [-10, -6, -5, -1, 0, 1, 2, 4, 5, 6, 9, 10, 9998, 9999, 10000, 2147483647],
    ),
    "s": ("smallint", "integer", [-5, -1, 0, 1, 5, 6, 10, 32767]),
    "b": ("bigint", "integer", [-2, -1, 0, 1, 2, 5000000000, 5000000001, 9223372036854775807]),
    "f": (
        "double precision",
        "number",
        [-1, -0.5, -0.0, 0, 1e-300, 0.1, 0.3, 0.5, 0.50000001, 1, 1.5, 2, 1e300],
    ),
    "d": (
        "numeric(8, 2)",
        "decimal",
        ["-1", "-0.01", "-0", "-0.00", "0", "0.00", "0.01", "0.5", "1", "10.00", "99999.99"],
    ),
    "x": ("text", "string", []),
    "v": ("varchar(300)", "string", []),
    "flag": ("boolean", "boolean", [True, False]),
    "mood": ("tests.mood", "string", ["sad", "glad"]),
    "day": ("date", "date", ["2019-12-31", "2020-01-01"]),
    "tags": (
        "text[]",
        "array",
        [[], ["a"], ["a", "b"], ["a", "b", "c"], list("abcd"), list("abcde")],
    ),
    "doc": ("jsonb", "json", [{}, {"a": 1}, [], [1], "a", "", 1, 0.5, True, False]),
    "Odd Name": ("integer", "integer", [-1, 0, 1]),
    "position": ("integer", "integer", [-1, 0, 1]),
    "VALUE": ("integer", "integer", [-1, 0, 1]),
    "c": ("char(5)", "other", ["a", "ab", "ab   ", "abcde"]),
    "r": ("real", "other", [-1, 0, 0.1, 0.99999999999, 1]),
}
CARRIERS = {column: Carrier(kind) for column, (_, kind, _) in COLUMNS.items()}
# fmt: off
STRINGS = [
    "", " ", "  ", "\t", "\n", "\u00a0", "\u2003", " a", "a ", "a\n", "\na", "a\nb", "a", "b", "A",
    "ab", "abc", "xab", "a" * 4, "a" * 5, "a" * 6, "a" * 99, "a" * 100, "a" * 101, "é" * 5,
    "😀" * 5,
    "e\u0301" * 5, "aé", "É", "ß", "0", "5", "12345", "1234", "123456", "1234A", "A1234", "a1234",
    "A1234\n", "\nA1234", "٣", "١٢٣٤٥", "12345-6789", "a@b.c", "a@b", "@", "a.b", "a+b", "a-b", "-",
    "--", "]", "[", "^", "$", "a$", "$a", "\\", "a\\b", "{", "}", "|", "/", "%", "_", "a%", "a_b",
    "ab%c", "axb", "a.c", "aXc", "a\nc", "ab\\", "&", "~", "#", "'", '"', "aab", "abab", "ba",
    "open", "closed", "draft", "Open", "open ", "\u0001", "\u007f", "\u0085", "\u2028", "(", ")",
    "*", "?", "a*", "é", "\u017f",
]
# fmt: on
for column in ("x", "v"):
    COLUMNS[column][2].extend(STRINGS)


@pytest.fixture(scope="module")
def postgres(server: Server) -> Iterator[psycopg.Connection]:
    made = server.create("checks")
    with psycopg.connect(made.owner_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA tests")
        connection.execute("CREATE TYPE tests.mood AS ENUM ('sad', 'glad')")
        columns = ", ".join(f'"{column}" {kind}' for column, (kind, _, _) in COLUMNS.items())
        connection.execute(sql.SQL(f"CREATE TABLE tests.value ({columns})"))
        yield connection
    server.drop(made.name)


def printed(postgres: psycopg.Connection, definition: str) -> str:
    """Return the CHECK as Postgres prints it."""
    with postgres.transaction(force_rollback=True):
        query = "ALTER TABLE tests.value ADD CONSTRAINT checked CHECK ({})"
        postgres.execute(sql.SQL(query).format(sql.SQL(definition)))
        row = postgres.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'checked'"
        ).fetchone()
    assert row is not None
    return str(row[0])


def accepts(
    postgres: psycopg.Connection, expression: str, column: str, values: list[Any]
) -> list[bool]:
    """Return Postgres's verdicts: a CHECK passes unless it is false, or fails."""
    query = sql.SQL(
        "SELECT ({}) IS NOT FALSE FROM jsonb_populate_record(NULL::tests.value, %s::jsonb)"
    ).format(sql.SQL(expression.replace("%", "%%")))
    verdicts = []
    for value in values:
        try:
            row = postgres.execute(query, [json.dumps({column: value})]).fetchone()
            verdicts.append(row is not None and bool(row[0]))
        except psycopg.Error:
            verdicts.append(False)
    return verdicts


def served(keywords: Any) -> Any:
    """Return the keywords as the schema of a nullable column has them, compiled for Python."""
    if isinstance(keywords, list):
        return [served(item) for item in keywords]
    if not isinstance(keywords, dict):
        return keywords
    nullable: dict[str, Any] = {}
    for keyword, value in keywords.items():
        if keyword == "not":
            nullable["not"] = json.loads(json.dumps(value).replace("$", r"\\Z"))
        elif keyword == "pattern":
            nullable["pattern"] = value.replace("$", r"\Z")
        else:
            nullable[keyword] = served(value)
        if keyword in {"enum", "type"}:
            nullable[keyword] = [
                *([value] if keyword == "type" else value),
                "null" if keyword == "type" else None,
            ]
    return nullable


def check_verdicts(postgres: psycopg.Connection, expression: str, reading: Reading) -> None:
    """Compare both verdicts on every value of each column that the CHECK names."""
    columns = [column for column in COLUMNS if column in expression]
    for column in columns:
        schema = served(reading.keywords.get(column, {}))
        validator = Draft202012Validator(schema)
        values = [*COLUMNS[column][2], None]
        for value, accepted in zip(
            values, accepts(postgres, expression, column, values), strict=True
        ):
            said = validator.is_valid(value)
            assert said or not accepted, (
                f"{expression}: {column} = {value!r} is refused, and Postgres accepts it"
            )
            if reading.complete:
                assert accepted or not said, (
                    f"{expression}: {column} = {value!r} is accepted, and Postgres refuses it"
                )


@pytest.mark.parametrize("line", DEFINITIONS.replace("\\\n", "").strip().splitlines())
def test_check_is_read_as_expected_and_agrees_with_postgres(
    postgres: psycopg.Connection, line: str
) -> None:
    definition, expected = line.split(" ⇒ ")
    expression = printed(postgres, definition)
    reading = read(expression, CARRIERS)
    assert reading == Reading(
        json.loads(expected.removesuffix(" …")), complete=not expected.endswith("…")
    )
    check_verdicts(postgres, expression, reading)


@pytest.mark.parametrize("regex", PORTABLE)
def test_portable_regular_expression_becomes_a_pattern(
    postgres: psycopg.Connection, regex: str
) -> None:
    expression = printed(postgres, "x ~ '" + regex.replace("'", "''") + "'")
    reading = read(expression, CARRIERS)
    assert reading == Reading({"x": {"pattern": regex}}, complete=True)
    check_verdicts(postgres, expression, reading)


def test_dot_matches_line_breaks_as_in_postgres(postgres: psycopg.Connection) -> None:
    expression = printed(postgres, "x ~ '^a.c$'")
    reading = read(expression, CARRIERS)
    assert reading == Reading({"x": {"pattern": r"^a[\s\S]c$"}}, complete=True)
    check_verdicts(postgres, expression, reading)


@pytest.mark.parametrize("regex", FOREIGN)
def test_regular_expression_that_is_not_portable_is_left_to_postgres(regex: str) -> None:
    assert read(f"(x ~ '{regex}'::text)", CARRIERS) == Reading({}, complete=False)


# fmt: off
UNREADABLE = [
    "", "(", ")", "'", '"LENGTH"(x) > 1', "len(x) > 1", "public.length(x) > 1",
    "x OPERATOR(public.=) 'a'::text", "n > n", "unknown > 0", "unknown IS NOT NULL", "tests.n > 0",
    "n > 'a'::text", "n > NULL::integer", "(" * 5000 + "n > 0" + ")" * 5000, "n", "x.*", ";",
    "n > 'x'::integer", "length() > 1", "btrim() <> ''", "x = 'a'::citext", "NOT", "n IS JSON",
    "SELECT 1", "n = ANY (1)", "n <> ALL ()", "n <> ALL (ARRAY[])", "x ~ 1", "mod(n) = 0",
    "n % 1.5 = 0", "array_length(tags) <= 3", "n > 1.5::integer", "n = ANY ((1)::integer[])",
    "n > 'inf'::numeric", "TRIM(x, 'a') <> ''", "length(x, 1) > 1",
]
# fmt: on


@pytest.mark.parametrize("expression", UNREADABLE)
def test_unreadable_check_gives_an_empty_reading(expression: str) -> None:
    assert read(expression, CARRIERS) == Reading({}, complete=False)


def test_check_of_a_domain_is_read(postgres: psycopg.Connection) -> None:
    with postgres.transaction(force_rollback=True):
        postgres.execute(
            "CREATE DOMAIN tests.few AS integer CONSTRAINT few CHECK (VALUE BETWEEN 0 AND 5)"
        )
        row = postgres.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'few'"
        ).fetchone()
    assert row is not None
    assert read(row[0], {"VALUE": Carrier.INTEGER}) == Reading(
        {"VALUE": {"minimum": 0, "maximum": 5}}, complete=True
    )
