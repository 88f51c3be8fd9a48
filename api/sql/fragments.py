"""The pieces of SQL that statements share: names, keys, parents, bodies, and rows as JSON text."""

from collections.abc import Iterable, Iterator, Sequence

from api.catalog.relations import Column, Relation, Type
from api.operations.operation import Operation
from api.sql.binding import Values, quoted


def parents(operation: Operation, numbers: Values) -> tuple[list[str], list[str]]:
    """Give a test that each parent is there and is its own parent's, and the last one's key as values of the link."""
    tests: list[str] = []
    above: list[str] = []
    link: tuple[str, ...] = ()
    for parent in operation.parents:
        keys = [
            f"CAST({numbers.next()} AS {parent.relation.column(name).type.sql})"
            for name in parent.relation.key
        ]
        conditions = [
            f"r.{quoted(n)} = {key}" for n, key in zip(parent.relation.key, keys, strict=True)
        ]
        conditions += [f"r.{quoted(n)} = {key}" for n, key in zip(link, above, strict=True)]
        tests.append(
            f"EXISTS (SELECT FROM {table(parent.relation)} AS r WHERE {' AND '.join(conditions)})"
        )
        above, link = keys, parent.link
    return tests, above


def table(relation: Relation) -> str:
    """Name a relation."""
    return f"{quoted(relation.schema)}.{quoted(relation.name)}"


def equals(relation: Relation, names: Iterable[str], numbers: Values) -> Iterator[str]:
    """Give the conditions that columns are the next values."""
    for name in names:
        yield f"r.{quoted(name)} = CAST({numbers.next()} AS {relation.column(name).type.sql})"


def row(relation: Relation) -> str:
    """Give a row of `r` as JSON text."""
    return f"(SELECT CAST(row_to_json(i.*) AS text) FROM (SELECT {shown(relation)}) AS i)"


def shown(relation: Relation) -> str:
    """List the columns of `r` that may be read."""
    return ", ".join(
        f"{_exact(f'r.{quoted(c.name)}', c.type)} AS {quoted(c.name)}"
        for c in relation.allowed("select")
    )


def line(relation: Relation) -> str:
    """Give the columns of `i`, as `shown` lists them, as a line of JSON: `json` keeps line breaks between its parts."""
    text = "CAST(row_to_json(i.*) AS text)"
    verbatim = any(_has(column.type.base, "json") for column in relation.allowed("select"))
    return rf"translate({text}, E'\r\n', '  ')" if verbatim else text


def cells(relation: Relation, *, escaped: bool = False) -> str:
    """List the columns of `r` that may be read as cells of CSV: texts as JSON has them, `json` as it is."""
    columns = relation.allowed("select")
    return ", ".join(
        f"{_cell(f'r.{quoted(c.name)}', c.type, escaped)} AS {quoted(c.name)}" for c in columns
    )


# Types that COPY writes as JSON does, and that no spreadsheet takes for a formula.
_AS_THEY_ARE = frozenset(
    (
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
    )
)
_FORMULAS = ", ".join(str(ord(character)) for character in "=+-@\t\r\n")


def _cell(value: str, type_: Type, escaped: bool) -> str:  # noqa: FBT001  # `cells` names it
    base = type_.base
    text = f"to_json({_exact(value, type_)}) #>> '{{}}'"
    if base.kind in "ac" or base.name in ("bool", "timestamp", "timestamptz"):
        return f"CAST({value} AS text)" if base.name == "bool" else text
    if base.name in _AS_THEY_ARE or (base.name == "bpchar" and not escaped):
        return value
    if base.name in ("text", "varchar"):
        text = value
    if not escaped:
        return text
    return f"CASE WHEN ascii({text}) IN ({_FORMULAS}) THEN '''' || ({text}) ELSE {text} END"


def _exact(value: str, type_: Type, depth: int = 0) -> str:
    """Give a value in which every decimal is a text, which JSON does not harm, in arrays and composites too."""
    base, at = type_.base, f"a{depth}"
    if not _has(base, "numeric"):
        return value
    part = base.part.base if base.part else base
    if part.name == "numeric":
        return f"CAST({value} AS {'text[]' if base.kind == 'a' else 'text'})"
    if base.kind == "a":
        one = _exact(f"{at}.v[n{depth}]", part, depth + 1)
        made = f"ARRAY(SELECT {one} FROM generate_subscripts({at}.v, 1) AS n{depth})"
    else:
        parts = [
            (_exact(f"({at}.v).{quoted(f.name)}", f.type, depth + 1), quoted(f.name))
            for f in base.fields
        ]
        made = f"(SELECT row_to_json(f.*) FROM (SELECT {', '.join(f'{one} AS {name}' for one, name in parts)}) AS f)"
    # OFFSET keeps the planner from computing the value once a mention.
    return f"(SELECT CASE WHEN {at}.v IS DISTINCT FROM NULL THEN {made} END FROM (SELECT {value} AS v OFFSET 0) AS {at})"


def _has(base: Type, name: str) -> bool:
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    return base.name == name or any(_has(part.base, name) for part in parts if part)


def key(relation: Relation) -> str:
    """Give the key of a row of `r` as a JSON array of texts, or null where the role may not read it."""
    if not relation.addressable:
        return "CAST(NULL AS text)"
    # As JSON writes them, which is how a path has them: a timestamp as text has a blank where JSON
    # has a T.
    texts = ", ".join(f"to_json(r.{quoted(name)}) #>> '{{}}'" for name in relation.key)
    return f"CAST(json_build_array({texts}) AS text)"


def body(columns: Sequence[Column], numbers: Values, function: str = "json_to_record") -> str:
    """Give what stands in FROM for a body: the named columns of the next value, as `b`."""
    definitions = ", ".join(
        f"{quoted(c.name)} {'json' if _holds_json(c.type) else c.type.sql}" for c in columns
    )
    return f"{function}(CAST({numbers.next()} AS json)) AS b ({definitions})"


def sent(column: Column) -> str:
    """Give the value of a column of `b`."""
    value = f"b.{quoted(column.name)}"
    if not _holds_json(column.type):
        return value
    # An element that is an array itself would be taken for a dimension.
    items = "SELECT CASE WHEN json_typeof(e.v) <> 'null' THEN e.v END"
    items += f" FROM json_array_elements({value}) WITH ORDINALITY AS e (v, n) ORDER BY e.n"
    return f"CASE WHEN {value} IS NOT NULL THEN CAST(CAST(ARRAY({items}) AS json[]) AS {column.type.sql}) END"


def _holds_json(type_: Type) -> bool:
    base = type_.base
    return base.kind == "a" and base.part is not None and base.part.base.name in ("json", "jsonb")


def bodies(columns: Sequence[Column], numbers: Values) -> str:
    """Give what stands in FROM for an array of bodies, as `body` does for one."""
    if not columns:
        return f"json_array_elements(CAST({numbers.next()} AS json)) AS b"
    return body(columns, numbers, "json_to_recordset")
