"""Values of a column's type in JSON and SQL: random ones, and those near what a CHECK names."""

import json
import re
import string
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from psycopg import sql

from api.catalog.relations import Column, Relation, Type
from api.document.validators import UNSTORABLE

VARHDRSZ = 4
_SAMPLES = {
    "interval": ["P1D", "PT1H30M", "P1Y2M", "PT0S"],
    "inet": ["192.0.2.1", "10.0.0.0/8", "::1"],
    "int4range": ["[1,10)", "empty", "(,5]"],
    "daterange": ["[2031-01-01,2031-02-01)", "empty", "[2024-01-10,2024-01-11)"],
    "numrange": ["(0.5,1.5]", "empty"],
    "tstzrange": [
        "[2031-01-01 00:00Z,2031-01-02 00:00Z)",
        "empty",
        "[2024-03-01 07:00Z,2024-03-01 08:00Z)",
    ],
}
_INTEGERS = {"int2": 15, "int4": 31, "int8": 63}
_NEGATIVE_SCALE = 0x400  # its sign in a numeric's modifier (src/backend/utils/adt/numeric.c)
NO_LABEL = "no such label"
_LONG = 1000
_TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_WORDS = st.text(string.ascii_letters + string.digits + " -_.@é", max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | _WORDS,
    lambda part: st.lists(part, max_size=2) | st.dictionaries(_WORDS, part, max_size=2),
    max_leaves=4,
)


def values(type_: Type) -> st.SearchStrategy[Any]:
    """Draw values of a type; for whole numbers and labels also invalid ones close to it."""
    base = type_.base
    if type_.is_quantity:
        return st.integers(-12, 12) | st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
    if base.kind == "a" and base.part:
        return st.lists(st.none() | values(base.part), max_size=4)
    if base.kind == "c":
        return st.fixed_dictionaries(
            {field.name: st.none() | values(field.type) for field in base.fields}
        )
    if base.kind == "e":
        return st.sampled_from([*base.labels, NO_LABEL])
    if base.modifier >= VARHDRSZ and base.name in ("varchar", "bpchar", "numeric"):
        return _modified(base)
    return st.sampled_from(_SAMPLES[base.name]) if base.name in _SAMPLES else _STRATEGIES[base.name]


def _modified(base: Type) -> st.SearchStrategy[Any]:
    length = base.modifier - VARHDRSZ
    if base.name == "numeric":
        coarse = st.integers(-1200, 1200).flatmap(
            lambda number: st.sampled_from([str(number), str(number * 100)])
        )
        return coarse if length & _NEGATIVE_SCALE else _STRATEGIES["numeric"]
    texts = st.text(_TEXT, max_size=length + 2) | st.text(
        "Xy ", min_size=length, max_size=length + 2
    )
    # Blanks at the end of char(n) are none: it is padded with them.
    return texts.map(str.rstrip) if base.name == "bpchar" else texts


def _whole(bits: int) -> st.SearchStrategy[int]:
    return (
        st.integers(-12, 12)
        | st.integers(-(2**bits), 2**bits - 1)
        | st.sampled_from([-(2**bits) - 1, 2**bits])
    )


def _fractions() -> st.SearchStrategy[str]:
    return st.decimals(-2_000_000, 2_000_000, places=2).map(lambda number: format(number, "f"))


_STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(_TEXT, max_size=8) | st.text(_TEXT, min_size=28, max_size=110) | _WORDS,
    **{name: _whole(bits) for name, bits in _INTEGERS.items()},
    "bool": st.booleans(),
    "uuid": st.uuids().map(str),
    "numeric": _fractions()
    | st.integers(-12, 12).map(str)
    | st.sampled_from(["1.001", f"{10**18}.123456789"]),
    "float4": st.floats(-2, 2, width=16).map(float),
    "float8": st.floats(-2, 2) | st.floats(allow_nan=False, allow_infinity=False),
    "date": st.dates().map(str),
    "time": st.times().map(lambda t: t.isoformat()),
    "timestamp": st.datetimes().map(lambda t: t.isoformat()),
    "timestamptz": st.datetimes().map(lambda t: f"{t.isoformat()}Z"),
    "bytea": st.binary(max_size=1100).map(lambda data: f"\\x{data.hex()}"),
    "json": _JSON,
    "jsonb": _JSON,
}


def edges(column: Column, relation: Relation, schema: dict[str, Any]) -> list[Any]:
    """Give values that stand beside what the column's CHECKs and its schema name, and null."""
    checks = [*column.type.checks, *(c for c in relation.constraints if column.source in c.columns)]
    text, base = " ".join(check.expression or "" for check in checks), column.type.base
    numbers = sorted({Decimal(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)})
    named = [*schema.get("enum", []), *schema.get("examples", [])]
    if base.name in _INTEGERS:
        limit = 2 ** _INTEGERS[base.name]
        whole = [int(number) + step for number in numbers if not number % 1 for step in (-1, 0, 1)]
        found = [-limit - 1, -limit, limit - 1, limit, *whole]
    elif column.type.is_quantity:
        found = [1.0005, 1e-9, *(int(n) if not n % 1 else float(n) for n in numbers)]
        found += [float(number) + step for number in numbers for step in (-0.125, 0.0, 0.125)]
    elif base.name in ("float4", "float8"):
        found = [float(number) + step for number in numbers for step in (-0.25, 0.0, 0.25)]
    elif base.name == "numeric":
        found = ["1.00001", "1250", "99999999", str(10**30)]
        found += [
            str(number + Decimal(step)) for number in numbers for step in ("-0.01", "0", "0.01")
        ]
    elif base.name in ("text", "varchar", "bpchar"):
        found = _beside(numbers, text)
        found = [one.rstrip() for one in found] if base.name == "bpchar" else found
    elif base.kind == "a":
        parts = [None, *(value[0] for value in schema.get("examples", []) if value)]
        found = [[], [NO_LABEL], *([value] * n for value in parts for n in (1, 3, 4, 5, 6, 8, 9))]
        found = [
            one for one in found if one != [NO_LABEL] or (base.part and base.part.base.kind == "e")
        ]
    else:
        found = _EDGES.get(base.name, [NO_LABEL] if base.kind == "e" else [])
    return [None, *found, *(value for value in named if value is not None)]


_EDGES: dict[str, list[Any]] = {
    "bytea": ["\\x" + "00" * size for size in (0, 1024, 1025)],
    "date": ["0001-01-01", "1899-12-31", "1900-01-01", "1999-12-31", "2000-01-01", "9999-12-31"],
    "json": [{}, {"a": 1}, [], [1], "x", 1, True],
    "jsonb": [{}, {"a": 1}, [], [1], "x", 1, True],
}


def _beside(numbers: list[Decimal], text: str) -> list[str]:
    """Yield texts with lengths near those in CHECKs, the texts that they quote, and odd ones."""
    lengths = {
        int(n) + step for n in numbers if 0 <= n < _LONG and not n % 1 for step in (-1, 0, 1)
    }
    quoted = [found.replace("''", "'") for found in re.findall("'((?:[^']|'')*)'", text)]
    odd = ["", " ", "\u200b", "\u00a0\t", "x\n", "X", "A b", "Z-Arrival", " " * 4, "é" * 41]
    return ["x" * length for length in sorted(lengths) if length >= 0] + quoted + odd


def patterns(schema: Any) -> Iterator[str]:
    """Give the patterns in a schema, wherever they stand, but for those that are negated."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for name, part in schema.items():
            if name not in ("not", "x-sentences"):
                yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def matching(schema: dict[str, Any]) -> list[st.SearchStrategy[Any]]:
    """Give texts that match the schema's patterns."""
    return [
        st.from_regex(re.compile(pattern), fullmatch=False).filter(
            lambda text: not UNSTORABLE.search(text)
        )
        for pattern in patterns({key: part for key, part in schema.items() if key != "items"})
    ]


def literal(value: Any, type_: Type) -> sql.Composable:
    """Write a value as in psql: a literal without a cast, so that it is assigned."""
    base = type_.base
    if value is None:
        return sql.SQL("NULL")
    if base.name in ("json", "jsonb"):
        return sql.Literal(json.dumps(value))
    return sql.Literal(_text(value, base))


def _text(value: Any, base: Type) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and base.part:
        part = base.part.base
        return (
            "{"
            + ",".join("NULL" if one is None else _within(_element(one, part)) for one in value)
            + "}"
        )
    if isinstance(value, dict):
        fields = (value[field.name] for field in base.fields)
        pairs = zip(fields, base.fields, strict=True)
        return (
            "("
            + ",".join("" if v is None else _within(_text(v, f.type.base)) for v, f in pairs)
            + ")"
        )
    return str(value)


def _element(value: Any, part: Type) -> str:
    return json.dumps(value) if part.name in ("json", "jsonb") else _text(value, part)


def _within(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
