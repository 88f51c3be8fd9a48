"""What a CHECK is read as, and that JSON Schema and a real Postgres give the same verdict on the same values."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from jsonschema import Draft202012Validator
from psycopg import sql

from api.checks import Reading, read
from tests.conftest import Server

# column → its type, how the API carries it, and values to try; null is tried in each
COLUMNS: dict[str, tuple[str, str, list[Any]]] = {
    "n": ("integer", "integer", [-10, -6, -5, -1, 0, 1, 2, 4, 5, 6, 9, 10, 9998, 9999, 10000, 2147483647]),
    "s": ("smallint", "integer", [-5, -1, 0, 1, 5, 6, 10, 32767]),
    "b": ("bigint", "integer", [-2, -1, 0, 1, 2, 5000000000, 5000000001, 9223372036854775807]),
    "f": ("double precision", "number", [-1, -0.5, -0.0, 0, 1e-300, 0.1, 0.3, 0.5, 0.50000001, 1, 1.5, 2, 1e300]),
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
    "tags": ("text[]", "array", [[], ["a"], ["a", "b"], ["a", "b", "c"], list("abcd"), list("abcde")]),
    "doc": ("jsonb", "json", [{}, {"a": 1}, [], [1], "a", "", 1, 0.5, True, False]),
    "Odd Name": ("integer", "integer", [-1, 0, 1]),
    "position": ("integer", "integer", [-1, 0, 1]),
    "VALUE": ("integer", "integer", [-1, 0, 1]),
    "c": ("char(5)", "other", ["a", "ab", "ab   ", "abcde"]),
    "r": ("real", "other", [-1, 0, 0.1, 0.99999999999, 1]),
}
KINDS = {column: kind for column, (_, kind, _) in COLUMNS.items()}
# fmt: off
STRINGS = [
    "", " ", "  ", "\t", "\n", "\u00a0", "\u2003", " a", "a ", "a\n", "\na", "a\nb", "a", "b", "A", "ab", "abc",
    "xab", "a" * 4, "a" * 5, "a" * 6, "a" * 99, "a" * 100, "a" * 101, "é" * 5, "😀" * 5, "e\u0301" * 5, "aé", "É", "ß",
    "0", "5", "12345", "1234", "123456", "1234A", "A1234", "a1234", "A1234\n", "\nA1234", "٣", "١٢٣٤٥", "12345-6789",
    "a@b.c", "a@b", "@", "a.b", "a+b", "a-b", "-", "--", "]", "[", "^", "$", "a$", "$a", "\\", "a\\b", "{", "}", "|",
    "/", "%", "_", "a%", "a_b", "ab%c", "axb", "a.c", "aXc", "a\nc", "ab\\", "&", "~", "#", "'", '"', "aab", "abab",
    "ba", "open", "closed", "draft", "Open", "open ", "\u0001", "\u007f", "\u0085", "\u2028", "(", ")", "*", "?",
    "a*", "é", "\u017f",
]
# fmt: on
for column in ("x", "v"):
    COLUMNS[column][2].extend(STRINGS)

# A CHECK as somebody writes it ⇒ what is read; `…` where that is not all of it
DEFINITIONS = r"""
n BETWEEN 1 AND 9999 ⇒ {"n": {"minimum": 1, "maximum": 9999}}
n > 0 AND n < 10 AND n <= 5 AND n >= 1 ⇒ \
{"n": {"exclusiveMinimum": 0, "exclusiveMaximum": 10, "maximum": 5, "minimum": 1}}
n >= 1 AND n >= 5 AND n <= 9 AND n <= 6 ⇒ {"n": {"minimum": 5, "maximum": 6}}
0 < n AND 10 >= n AND 5 <> n ⇒ {"n": {"exclusiveMinimum": 0, "maximum": 10, "not": {"enum": [5]}}}
n > -6 ⇒ {"n": {"exclusiveMinimum": -6}}
n > 0.5 ⇒ {} …
n > 5::numeric ⇒ {"n": {"exclusiveMinimum": 5}}
n::bigint > 5 ⇒ {"n": {"exclusiveMinimum": 5}}
n::double precision > 5 ⇒ {} …
n::text = '5' ⇒ {} …
n % 5 = 0 ⇒ {"n": {"multipleOf": 5}}
mod(n, -5) = 0 ⇒ {"n": {"multipleOf": 5}}
n % 5 <> 0 ⇒ {"n": {"not": {"type": "integer", "multipleOf": 5}}}
n % 5 = 1 ⇒ {} …
n % 0 = 0 ⇒ {} …
s % 5 = 0 ⇒ {"s": {"multipleOf": 5}} …
s > 0 ⇒ {"s": {"exclusiveMinimum": 0}}
b > 5000000000 ⇒ {"b": {"exclusiveMinimum": 5000000000}}
b IN (1, -2) ⇒ {"b": {"enum": [1, -2]}}
n IN (1, 5) ⇒ {"n": {"enum": [1, 5]}}
n = 1 OR n = 5 OR n IS NULL ⇒ {"n": {"enum": [1, 5]}}
n NOT IN (1, 5) ⇒ {"n": {"not": {"enum": [1, 5]}}}
n <> 0 ⇒ {"n": {"not": {"enum": [0]}}}
n < 0 OR n > 5 ⇒ {"n": {"anyOf": [{"exclusiveMaximum": 0}, {"exclusiveMinimum": 5}]}}
NOT (n > 5) ⇒ {"n": {"not": {"type": "integer", "exclusiveMinimum": 5}}}
NOT (n IS NULL OR n > 5) ⇒ {} …
NOT (n > 5 AND s > 5) ⇒ {} …
n IS NULL OR n > 0 ⇒ {"n": {"exclusiveMinimum": 0}}
n > 0 OR n IS NULL ⇒ {"n": {"exclusiveMinimum": 0}}
n IS NULL OR s > 0 ⇒ {} …
n IS NULL OR s IS NULL OR n > 0 ⇒ {} …
n IS NULL OR (n > 0 AND s > 0) ⇒ {} …
n IS NULL OR (n > 0 AND s < n) ⇒ {"n": {"exclusiveMinimum": 0}} …
n IS NULL OR (n <> 5 AND n IS NOT NULL) ⇒ {} …
n IS NULL ⇒ {} …
n IS NULL OR s IS NULL ⇒ {} …
n IS NOT NULL ⇒ {"n": {"not": {"type": "null"}}}
n IS NOT NULL AND n <> 5 ⇒ {"n": {"allOf": [{"not": {"type": "null"}}, {"not": {"enum": [5]}}]}}
n > s ⇒ {} …
n > 0 AND n > s ⇒ {"n": {"exclusiveMinimum": 0}} …
(n > 0) IS TRUE ⇒ {} …
n IS DISTINCT FROM 5 ⇒ {} …
n = ANY ('{1,2}') ⇒ {} …
n > ANY (ARRAY[1, 2]) ⇒ {} …
n = ANY (ARRAY[1, NULL]) ⇒ {} …
n = ALL (ARRAY[1, 2]) ⇒ {} …
n <> ANY (ARRAY[1, 2]) ⇒ {} …
n IN (1, 5) AND n IN (5, 10) ⇒ {"n": {"allOf": [{"enum": [1, 5]}, {"enum": [5, 10]}]}}
n BETWEEN SYMMETRIC 9 AND 5 ⇒ {"n": {"anyOf": [{"minimum": 9, "maximum": 5}, {"minimum": 5, "maximum": 9}]}}
(n, s) > (1, 1) ⇒ {} …
num_nonnulls(n, s) = 1 ⇒ {} …
coalesce(n, 1) > 0 ⇒ {} …
CASE WHEN n > 1 THEN true ELSE false END ⇒ {} …
true ⇒ {}
false ⇒ {} …
"Odd Name" > 0 AND position >= 0 ⇒ {"Odd Name": {"exclusiveMinimum": 0}, "position": {"minimum": 0}}
"VALUE" > 0 ⇒ {"VALUE": {"exclusiveMinimum": 0}}
f > 0.5 ⇒ {"f": {"exclusiveMinimum": 0.5}}
f >= -0.5 AND f < 1.5 ⇒ {"f": {"minimum": -0.5, "exclusiveMaximum": 1.5}}
f IN (0.1, 2) ⇒ {"f": {"enum": [0.1, 2]}}
f = 'NaN' ⇒ {} …
r >= 1 ⇒ {} …
d >= 0 ⇒ {"d": {"pattern": "^[^-]|^-[0.]*$"}}
d > 0 ⇒ {"d": {"pattern": "^[^-]*[1-9]"}}
d <> 0.00 ⇒ {"d": {"pattern": "[1-9]"}}
NOT (d > 0) ⇒ {"d": {"not": {"type": "string", "pattern": "^[^-]*[1-9]"}}}
d >= 0 AND d <= 99.5 ⇒ {"d": {"pattern": "^[^-]|^-[0.]*$"}} …
d > 0::numeric(3, 1) ⇒ {"d": {"pattern": "^[^-]*[1-9]"}}
d > 1.5::numeric(3, 0) ⇒ {} …
day > '2020-01-01' ⇒ {} …
c = 'ab' ⇒ {} …
length(c) = 2 ⇒ {} …
flag ⇒ {"flag": {"enum": [true]}}
NOT flag ⇒ {"flag": {"not": {"enum": [true]}}}
flag = false ⇒ {"flag": {"enum": [false]}}
flag IS TRUE ⇒ {} …
flag IS NOT FALSE ⇒ {} …
mood <> 'sad' ⇒ {} …
mood::text = 'sad' ⇒ {"mood": {"enum": ["sad"]}}
cardinality(tags) <= 4 ⇒ {"tags": {"maxItems": 4}}
cardinality(tags) > 0 ⇒ {"tags": {"minItems": 1}}
cardinality(tags) <> 0 ⇒ {"tags": {"minItems": 1}}
array_length(tags, 1) <= 3 ⇒ {"tags": {"maxItems": 3}}
array_length(tags, 1) >= 1 ⇒ {}
array_length(tags, 1) = 1 ⇒ {"tags": {"maxItems": 1}}
array_length(tags, 1) >= 2 ⇒ {} …
array_length(tags, 1) <> 1 ⇒ {} …
NOT (array_length(tags, 1) <= 3) ⇒ {} …
array_length(tags, 2) <= 3 ⇒ {} …
array_length(tags, 1) <= 0 ⇒ {"tags": {"maxItems": 0}}
cardinality(tags) < 0 ⇒ {} …
tags <@ ARRAY['a'] ⇒ {} …
jsonb_typeof(doc) = 'object' ⇒ {"doc": {"type": "object"}}
jsonb_typeof(doc) = 'number' ⇒ {"doc": {"type": "number"}}
jsonb_typeof(doc) <> 'object' ⇒ {"doc": {"not": {"type": "object"}}}
jsonb_typeof(doc) IN ('object', 'array') ⇒ {} …
jsonb_typeof(doc) = 'null' ⇒ {} …
x <> '' ⇒ {"x": {"minLength": 1}}
v = '' ⇒ {"v": {"enum": [""]}}
btrim(x) <> '' ⇒ {"x": {"pattern": "[^ ]"}}
trim(v) <> '' ⇒ {"v": {"pattern": "[^ ]"}}
length(trim(x)) > 0 ⇒ {"x": {"pattern": "[^ ]"}}
length(btrim(x)) BETWEEN 1 AND 5 ⇒ {"x": {"pattern": "[^ ]"}} …
trim(LEADING FROM x) <> '' ⇒ {} …
trim(BOTH E' \n' FROM x) <> '' ⇒ {} …
btrim(x, ' a') <> '' ⇒ {} …
btrim(x) = 'a' ⇒ {} …
x = btrim(x) ⇒ {} …
char_length(x) <= 100 ⇒ {"x": {"maxLength": 100}}
length(v) = 5 ⇒ {"v": {"minLength": 5, "maxLength": 5}}
length(v) IN (5, 10) ⇒ {"v": {"anyOf": [{"minLength": 5, "maxLength": 5}, {"minLength": 10, "maxLength": 10}]}}
length(x) <> 5 ⇒ {"x": {"not": {"type": "string", "minLength": 5, "maxLength": 5}}}
length(x) > 4 AND length(x) < 6 ⇒ {"x": {"minLength": 5, "maxLength": 5}}
length(x) >= 0 ⇒ {}
length(x) >= 0 OR x = 'a' ⇒ {}
length(x) < 0 ⇒ {} …
length(x) <> 0 ⇒ {"x": {"minLength": 1}}
octet_length(x) <= 5 ⇒ {} …
v IN ('open', 'closed') ⇒ {"v": {"enum": ["open", "closed"]}}
x IN ('open', 'it''s', 'a\b') ⇒ {"x": {"enum": ["open", "it's", "a\\b"]}}
x NOT IN ('open', 'closed') ⇒ {"x": {"not": {"enum": ["open", "closed"]}}}
v NOT IN ('open', 'closed') ⇒ {"v": {"not": {"enum": ["open", "closed"]}}}
x = 'a' OR x = 'b' ⇒ {"x": {"enum": ["a", "b"]}}
x <> 'a' ⇒ {"x": {"not": {"enum": ["a"]}}}
x > 'a' ⇒ {} …
x = 'abc'::varchar(2) ⇒ {} …
x = 'a' || 'b' ⇒ {} …
lower(x) = x ⇒ {} …
'a' = ANY (tags) ⇒ {} …
x COLLATE "C" = 'a' ⇒ {} …
x LIKE 'ab%' ⇒ {"x": {"pattern": "^ab"}}
x LIKE '%b' ⇒ {"x": {"pattern": "b$"}}
x LIKE 'a_b' ⇒ {"x": {"pattern": "^a[\\s\\S]b$"}}
x LIKE 'a\_b' OR x LIKE '$_' ⇒ {"x": {"anyOf": [{"pattern": "^a_b$"}, {"pattern": "^\\u0024[\\s\\S]$"}]}}
x LIKE 'a.c' ⇒ {"x": {"pattern": "^a\\.c$"}}
x LIKE 'ab\' ⇒ {} …
v NOT LIKE 'a%' ⇒ {"v": {"not": {"type": "string", "pattern": "^a"}}}
x ILIKE 'a%' ⇒ {} …
x LIKE 'a|%' ESCAPE '|' ⇒ {} …
x ^@ 'a.' ⇒ {"x": {"pattern": "^a\\."}}
x SIMILAR TO 'a%' ⇒ {} …
x !~ '^a' ⇒ {"x": {"not": {"type": "string", "pattern": "^a"}}}
NOT x ~ '^a' ⇒ {"x": {"not": {"type": "string", "pattern": "^a"}}}
x ~ 'a' AND x ~ 'b' ⇒ {"x": {"allOf": [{"pattern": "a"}, {"pattern": "b"}]}}
x ~* 'a' ⇒ {} …
x ~ x ⇒ {} …
x = 'a' OR length(x) = 5 ⇒ {"x": {"anyOf": [{"enum": ["a"]}, {"minLength": 5, "maxLength": 5}]}}
x NOT IN ('', 'a') ⇒ {"x": {"not": {"enum": ["", "a"]}}}
length(x) NOT IN (0, 5) ⇒ \
{"x": {"not": {"type": "string", "anyOf": [{"maxLength": 0}, {"minLength": 5, "maxLength": 5}]}}}
x <> 'c' AND (x ~ 'a' AND x ~ 'b') ⇒ {"x": {"not": {"enum": ["c"]}, "allOf": [{"pattern": "a"}, {"pattern": "b"}]}}
x ~ 'a' AND x ~ 'b' AND x ~ 'c' ⇒ {"x": {"allOf": [{"pattern": "a"}, {"pattern": "b"}], "pattern": "c"}}
(x ~ 'a' AND x ~ 'b') OR (x <> 'a' AND x <> 'b') ⇒ {"x": {"anyOf": [{"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, \
{"allOf": [{"not": {"enum": ["a"]}}, {"not": {"enum": ["b"]}}]}]}}
n >= 5 AND n <= 1 ⇒ {"n": {"minimum": 5, "maximum": 1}}
n >= 1 AND n >= 1 ⇒ {"n": {"minimum": 1}}
"""
# fmt: off
PORTABLE = [
    "^[A-Z][0-9]{4}$", "^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$", "^(?:a|b)+$", "a{2}", "^a{2,}$", "^a{1,3}$", "a?b",
    "a|b", "", r"^[^@ ]+@[^@ ]+\.[^@ ]+$", r"^[a-z0-9._%+-]+$", r"^[-a]*$", r"^[\-\]\[\\^]+$", r"^[^^]$", r"\.",
    r"\\", r"\u0041", "[|]", r"[\u00e0-\u00ff]", r"^[\u0000-\u007f]*$", "[^\u0001-\u007f]", r"^\(?a\)?$", "^(a|)$",
    "|a", "a^b", "a$b", "(^a|b$)", "()", r"\n$", r"^\t$", "^[^\n]*$", "^a\nb$", r"[\n\t ]", "^😀{5}$", "^[😀-😂]+$",
    "é", r"\/", "(a|b|ab)(c|bcd)*$", "[&]", "[~a]",
]
# fmt: on
# fmt: off
FOREIGN = [
    r"\d", r"\w+", r"\s", r"\y", r"\m", r"\Aa", r"a\Z", r"(a)\1", "(?i)a", "***=a", "(?=a)", "(?!a)", "a*?", "a+?",
    "a{1,2}?", "[[:alpha:]]", "[[.a.]]", "[[=a=]]", "[]a]", "[[]", r"[\d]", r"[\w-]", "[&&a]", r"\@", "a{", "a}",
    "a]", r"\ud800", r"\$", "a**", "(", ")", "[b-a]", "a{2,1}", "a{256}", "^*", "(*a)", "a{,2}", "[a", "\\", "(?#a)b",
    r"\x41", "[a-c-e]", "a++", "a{1}{2}", "[$]", "[&~]",
]
# fmt: on


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


def accepts(postgres: psycopg.Connection, expression: str, column: str, values: list[Any]) -> list[bool]:
    """Return Postgres's verdicts: a CHECK passes unless it is false, or fails."""
    query = sql.SQL("SELECT ({}) IS NOT FALSE FROM jsonb_populate_record(NULL::tests.value, %s::jsonb)").format(
        sql.SQL(expression.replace("%", "%%"))
    )
    verdicts = []
    for value in values:
        try:
            row = postgres.execute(query, [json.dumps({column: value})]).fetchone()
            verdicts.append(row is not None and bool(row[0]))
        except psycopg.Error:
            verdicts.append(False)
    return verdicts


def served(keywords: Any) -> Any:
    """Return the keywords as a nullable column is served with them, and as they are compiled in Python."""
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
            nullable[keyword] = [*([value] if keyword == "type" else value), "null" if keyword == "type" else None]
    return nullable


def check_verdicts(postgres: psycopg.Connection, expression: str, reading: Reading) -> None:
    """Compare both verdicts on every value of each column that the CHECK names."""
    columns = [column for column in COLUMNS if column in expression]
    for column in columns:
        schema = served(reading.keywords.get(column, {}))
        validator = Draft202012Validator(schema)
        values = [*COLUMNS[column][2], None]
        for value, accepted in zip(values, accepts(postgres, expression, column, values), strict=True):
            said = validator.is_valid(value)
            assert said or not accepted, f"{expression}: {column} = {value!r} is refused, and Postgres accepts it"
            if reading.complete:
                assert accepted or not said, f"{expression}: {column} = {value!r} is accepted, and Postgres refuses it"


@pytest.mark.parametrize("line", DEFINITIONS.replace("\\\n", "").strip().splitlines())
def test_reads(postgres: psycopg.Connection, line: str) -> None:
    definition, expected = line.split(" ⇒ ")
    expression = printed(postgres, definition)
    reading = read(expression, KINDS)
    assert reading == Reading(json.loads(expected.removesuffix(" …")), complete=not expected.endswith("…"))
    check_verdicts(postgres, expression, reading)


@pytest.mark.parametrize("regex", PORTABLE)
def test_says_a_portable_regular_expression(postgres: psycopg.Connection, regex: str) -> None:
    expression = printed(postgres, "x ~ '" + regex.replace("'", "''") + "'")
    reading = read(expression, KINDS)
    assert reading == Reading({"x": {"pattern": regex}}, complete=True)
    check_verdicts(postgres, expression, reading)


def test_says_any_character_so_that_it_is_any(postgres: psycopg.Connection) -> None:
    expression = printed(postgres, "x ~ '^a.c$'")
    reading = read(expression, KINDS)
    assert reading == Reading({"x": {"pattern": r"^a[\s\S]c$"}}, complete=True)
    check_verdicts(postgres, expression, reading)


@pytest.mark.parametrize("regex", FOREIGN)
def test_leaves_a_foreign_regular_expression_to_postgres(regex: str) -> None:
    assert read(f"(x ~ '{regex}'::text)", KINDS) == Reading({}, complete=False)


# fmt: off
UNREADABLE = [
    "", "(", ")", "'", '"LENGTH"(x) > 1', "len(x) > 1", "public.length(x) > 1", "x OPERATOR(public.=) 'a'::text",
    "n > n", "unknown > 0", "unknown IS NOT NULL", "tests.n > 0", "n > 'a'::text", "n > NULL::integer",
    "(" * 5000 + "n > 0" + ")" * 5000, "n", "x.*", ";", "n > 'x'::integer", "length() > 1", "btrim() <> ''",
    "x = 'a'::citext", "NOT", "n IS JSON", "SELECT 1", "n = ANY (1)", "n <> ALL ()", "n <> ALL (ARRAY[])", "x ~ 1",
    "mod(n) = 0", "n % 1.5 = 0", "array_length(tags) <= 3", "n > 1.5::integer", "n = ANY ((1)::integer[])",
    "n > 'inf'::numeric", "TRIM(x, 'a') <> ''", "length(x, 1) > 1",
]
# fmt: on


@pytest.mark.parametrize("expression", UNREADABLE)
def test_never_raises(expression: str) -> None:
    assert read(expression, KINDS) == Reading({}, complete=False)


def test_reads_a_domain(postgres: psycopg.Connection) -> None:
    with postgres.transaction(force_rollback=True):
        postgres.execute("CREATE DOMAIN tests.few AS integer CONSTRAINT few CHECK (VALUE BETWEEN 0 AND 5)")
        row = postgres.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'few'"
        ).fetchone()
    assert row is not None
    assert read(row[0], {"VALUE": "integer"}) == Reading({"VALUE": {"minimum": 0, "maximum": 5}}, complete=True)
