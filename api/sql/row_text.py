"""Rows as text: JSON, lines of NDJSON, cells of CSV.

`r` is the row of the operation's relation. Columns that the role may not read are left out.
"""

from api.catalog.relations import Relation, Type
from api.sql.binding import quoted


def row(relation: Relation) -> str:
    """Write the row `r` as JSON text."""
    return f"(SELECT CAST(row_to_json(i.*) AS text) FROM (SELECT {shown(relation)}) AS i)"


def shown(relation: Relation) -> str:
    """List the readable columns of `r`, as JSON gets them."""
    return ", ".join(
        f"{_exact(f'r.{quoted(c.name)}', c.type)} AS {quoted(c.name)}"
        for c in relation.allowed("select")
    )


def line(relation: Relation) -> str:
    """Write the columns of `i`, as `shown` lists them, as a line of JSON.

    A value of type `json` may hold line breaks between its parts: they become spaces.
    """
    text = "CAST(row_to_json(i.*) AS text)"
    verbatim = any(_has(column.type, "json") for column in relation.allowed("select"))
    return rf"translate({text}, E'\r\n', '  ')" if verbatim else text


def cells(relation: Relation, *, escaped: bool = False) -> str:
    """List the readable columns of `r` as cells of CSV, written as in JSON.

    `escaped`: with a quote before texts that a spreadsheet would read as formulas.
    """
    columns = relation.allowed("select")
    return ", ".join(
        f"{_cell(f'r.{quoted(c.name)}', c.type, escaped)} AS {quoted(c.name)}" for c in columns
    )


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
    text = f"to_json({_exact(value, type_)}) #>> '{{}}'"
    if base.kind in "ac" or base.name in ("bool", "timestamp", "timestamptz"):
        return f"CAST({value} AS text)" if base.name == "bool" else text
    if base.name in _UNCHANGED or (base.name == "bpchar" and not escaped):
        return value
    if base.name in ("text", "varchar"):
        text = value
    if not escaped:
        return text
    return f"CASE WHEN ascii({text}) IN ({_FORMULAS}) THEN '''' || ({text}) ELSE {text} END"


def _exact(value: str, type_: Type, depth: int = 0) -> str:
    """Write a value with each `numeric` in it as a text, so that JSON keeps all digits.

    Arrays and composites are taken apart and made again; `depth` numbers their aliases. A quantity
    stays a number, without trailing zeros. An array or a composite is not taken apart for the
    quantities in it, which would cost more than the rest of the row: its view may trim them.
    """
    base, at = type_.base, f"a{depth}"
    if type_.is_quantity:
        return trimmed(value, type_)
    if not _has(type_, "numeric"):
        return value
    part = base.part or base
    if part.base.name == "numeric":
        return f"CAST({value} AS {'text[]' if base.kind == 'a' else 'text'})"
    if base.kind == "a":
        item = _exact(f"{at}.v[n{depth}]", part, depth + 1)
        made = f"ARRAY(SELECT {item} FROM generate_subscripts({at}.v, 1) AS n{depth})"
    else:
        fields = ", ".join(
            f"{_exact(f'({at}.v).{quoted(f.name)}', f.type, depth + 1)} AS {quoted(f.name)}"
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


def _has(type_: Type, name: str) -> bool:
    """Return whether a type is the type of this name, or contains it; a quantity is neither."""
    base = type_.base
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    named = base.name == name and not type_.is_quantity
    return named or any(_has(part, name) for part in parts if part)
