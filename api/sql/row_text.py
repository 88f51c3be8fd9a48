"""Rows as text: JSON, lines of NDJSON, cells of CSV.

`r` is the row of the operation's relation. Columns that the role may not read are left out.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from api.catalog.relations import Column, Relation, Type
from api.sql.binding import quoted
from api.sql.typed_values import is_made_of_json

# Types whose JSON is their text, and those whose JSON is their text in quotes: no character of it
# needs an escape. By `Type.sql`, which no type of another schema has.
BARE = frozenset(["bigint", "boolean", "integer", "smallint"])
QUOTED = frozenset(["date", "numeric", "time without time zone", "uuid"])
# Control characters, which JSON text never has.
_CODES = "\x1d\x1e"
_DECODING = bytes.maketrans(b"\n" + _CODES.encode(), b",\r\n")


def row(relation: Relation) -> str:
    """Write the row `r` as JSON text, byte for byte as `row_to_json` writes it."""
    columns = relation.allowed("select")
    unescaped = sum(c.type.base.sql in BARE | QUOTED for c in columns)
    # Concatenation takes a quarter less time than row_to_json if no column needs escapes, and
    # a sixth more if all do.
    if not unescaped or 3 * unescaped < len(columns):
        values = listed(shown(relation))
        return f"(SELECT CAST(row_to_json(i.*) AS text) FROM (SELECT {values}) AS i)"
    parts = []
    for n, column in enumerate(columns):
        name = json.dumps(column.name, ensure_ascii=False).replace("'", "''")
        parts += [f"'{',' if n else '{'}{name}:'", _json(column)]
    return concatenated([*parts, "'}'"])


def _json(column: Column) -> str:
    """Write the text of a column's JSON."""
    value, base = f"r.{quoted(column.name)}", column.type.base
    if column.type.is_quantity or base.sql not in BARE | QUOTED:
        text = f"CAST(to_json({exact(value, column.type)}) AS text)"
    elif base.sql in BARE:
        text = f"CAST({value} AS text)"
    else:
        text = f"'\"' || CAST({value} AS text) || '\"'"
    return f"coalesce({text}, 'null')"


def concatenated(texts: Sequence[str]) -> str:
    """Join texts in pairs of pairs: one after the other, each would copy all before it."""
    half = len(texts) // 2
    if not half:
        return texts[0]
    return f"({concatenated(texts[:half])} || {concatenated(texts[half:])})"


def listed(columns: Mapping[str, str]) -> str:
    """Write the columns of a SELECT: names and expressions."""
    return ", ".join(f"{column} AS {quoted(name)}" for name, column in columns.items())


def shown(relation: Relation) -> dict[str, str]:
    """Return the readable columns of `r`, as JSON gets them: name → expression."""
    return {c.name: exact(f"r.{quoted(c.name)}", c.type) for c in relation.allowed("select")}


def json_text(value: str, type_: Type) -> str:
    """Write a value as the text of its JSON; a string without its quotes, as paths have it."""
    json = f"to_json({exact(value, type_)})"
    return f"CAST({json} AS text)" if type_.compound else f"{json} #>> '{{}}'"


def key_text(value: str, type_: Type) -> str:
    """Write a value as the text from which `typed_values` makes it again."""
    return json_text(value, type_) if is_made_of_json(type_) else f"CAST({value} AS text)"


def line(relation: Relation) -> str:
    """Write the columns of `i`, as `shown` lists them, as a line of JSON.

    A value of type `json` may hold line breaks between its parts: they become spaces.
    """
    return _without_breaks(relation, "  ")


def coded_line(relation: Relation) -> str:
    """Write the columns of `i` as a line of JSON, in which codes stand for CR and LF.

    `decoded` joins such lines.
    """
    return _without_breaks(relation, _CODES)


def decoded(lines: bytes) -> bytes:
    """Join lines of `coded_line` by commas, as a JSON array has them."""
    return lines.translate(_DECODING)


def _without_breaks(relation: Relation, replacements: str) -> str:
    text = "CAST(row_to_json(i.*) AS text)"
    verbatim = any(_contains(c.type, _is_json) for c in relation.allowed("select"))
    return rf"translate({text}, E'\r\n', '{replacements}')" if verbatim else text


def cells(relation: Relation, *, escaped: bool = False) -> dict[str, str]:
    """Return the readable columns of `r` as cells of CSV, written as in JSON: name → expression.

    `escaped`: with a quote before texts that a spreadsheet would read as formulas.
    """
    columns = relation.allowed("select")
    return {c.name: _cell(f"r.{quoted(c.name)}", c.type, escaped) for c in columns}


# Types that COPY writes as JSON does, and that no spreadsheet reads as a formula.
_UNCHANGED = frozenset(
    [
        "bytea",
        "date",
        "float4",
        "float8",
        "int2",
        "int4",
        "int8",
        "json",
        "jsonb",
        "numeric",
        "time",
        "timetz",
        "uuid",
    ]
)
_FORMULAS = ", ".join(str(ord(character)) for character in "=+-@\t\r\n")


def _cell(value: str, type_: Type, escaped: bool) -> str:  # noqa: FBT001  # private, one caller
    base = type_.base
    if type_.is_quantity:
        return trimmed(value, type_)
    text = json_text(value, type_)
    if base.kind in "ac" or base.name in ("bool", "timestamp", "timestamptz"):
        return f"CAST({value} AS text)" if base.name == "bool" else text
    if base.name in _UNCHANGED or (base.name == "bpchar" and not escaped):
        return value
    if base.name in ("text", "varchar"):
        text = value
    if not escaped:
        return text
    return f"CASE WHEN ascii({text}) IN ({_FORMULAS}) THEN '''' || ({text}) ELSE {text} END"


def exact(value: str, type_: Type, depth: int = 0) -> str:
    """Write a value with a text for whatever in it JSON would write otherwise than documented.

    That is each `numeric`, so that JSON keeps all digits, and each value of a type with a cast to
    JSON. Arrays and composites are taken apart and made again; `depth` numbers their aliases. A
    quantity stays a number, without trailing zeros. An array or a composite is not taken apart for
    the quantities in it, which would cost more than the rest of the row: its view may trim them.
    """
    base, at = type_.base, f"a{depth}"
    if type_.is_quantity:
        return trimmed(value, type_)
    if not _contains(type_, _is_text):
        return value
    part = base.part or base
    if _is_text(part):
        return f"CAST({value} AS {'text[]' if base.kind == 'a' else 'text'})"
    if base.kind == "a":
        item = exact(f"{at}.v[n{depth}]", part, depth + 1)
        made = f"ARRAY(SELECT {item} FROM generate_subscripts({at}.v, 1) AS n{depth})"
    else:
        fields = ", ".join(
            f"{exact(f'({at}.v).{quoted(f.name)}', f.type, depth + 1)} AS {quoted(f.name)}"
            for f in base.fields
        )
        made = f"(SELECT row_to_json(f.*) FROM (SELECT {fields}) AS f)"
    # OFFSET keeps the planner from computing the value once for each place that names it.
    return (
        f"(SELECT CASE WHEN {at}.v IS DISTINCT FROM NULL THEN {made} END "
        f"FROM (SELECT {value} AS v OFFSET 0) AS {at})"
    )


def trimmed(value: str, type_: Type) -> str:
    """Write a value, a quantity without the zeros at the end of its decimals."""
    return f"trim_scale({value})" if type_.is_quantity else value


def _contains(type_: Type, wanted: Callable[[Type], bool]) -> bool:
    """Return whether a type is one of those wanted, or contains one."""
    base = type_.base
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    return wanted(type_) or any(_contains(part, wanted) for part in parts if part)


def _is_text(type_: Type) -> bool:
    """Return whether JSON has a text for a value: a quantity is a number instead."""
    base = type_.base
    return base.cast_to_json or (base.name == "numeric" and not type_.is_quantity)


def _is_json(type_: Type) -> bool:
    return type_.base.name == "json"
