"""The pieces of SQL that statements share: names, keys, parents, bodies, and rows as JSON text.

Every identifier is quoted, and every value is a parameter that is cast to its type.
"""

from collections.abc import Iterable, Iterator, Sequence

from api.catalog import Column, Relation, Type
from api.operations import Operation


class Values:
    """The values of a statement, `$1`, `$2` and so on, in the order in which they will be sent."""

    def __init__(self) -> None:
        """Begin with `$1`."""
        self.last = 0

    def next(self, sql_type: str = "text") -> str:
        """Give the next one, as a value of a type."""
        self.last += 1
        return f"CAST(${self.last} AS {sql_type})"


class Columns(Values):
    """The values of many calls, each an array with an element a call: in SQL the columns of `k`, whose `n` counts."""

    def __init__(self) -> None:
        """Begin with `$1`."""
        super().__init__()
        self._types: list[str] = []

    def next(self, sql_type: str = "text") -> str:
        """Give the next one's element, as a value of a type."""
        self.last += 1
        self._types.append(sql_type)
        return f"k.v{self.last}"

    def __str__(self) -> str:
        """Write what stands in FROM."""
        arrays = ", ".join(f"CAST(${n} AS {sql_type}[])" for n, sql_type in enumerate(self._types, 1))
        names = ", ".join(f"v{n}" for n in range(1, self.last + 1))
        return f"unnest({arrays}) WITH ORDINALITY AS k ({names}, n)"


class Kept(Values):
    """Values that a statement before this one has kept, as texts, until the end of the transaction."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._kept = ["set_config('datestyle', 'ISO', true)"]  # as JSON has dates, whatever the login's own is

    def next(self, sql_type: str = "text") -> str:
        """Give the next one, as a value of a type."""
        self.last += 1
        given = f"CAST(${self.last} AS text[])" if sql_type == "text[]" else f"${self.last}"
        self._kept.append(f"set_config('kept.v{self.last}', CAST({given} AS text), true)")
        return f"CAST(current_setting('kept.v{self.last}') AS {sql_type})"

    def keep(self) -> str:
        """Write the statement that keeps them."""
        return f"SELECT {', '.join(self._kept)}"


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def parents(operation: Operation, numbers: Values) -> tuple[list[str], list[str]]:
    """Give a test that each parent is there and is its own parent's, and the last one's key as values of the link."""
    tests: list[str] = []
    above: list[str] = []
    link: tuple[str, ...] = ()
    for parent in operation.parents:
        keys = [f"CAST({numbers.next()} AS {parent.relation.column(name).type.sql})" for name in parent.relation.key]
        conditions = [f"r.{quoted(n)} = {key}" for n, key in zip(parent.relation.key, keys, strict=True)]
        conditions += [f"r.{quoted(n)} = {key}" for n, key in zip(link, above, strict=True)]
        tests.append(f"EXISTS (SELECT FROM {table(parent.relation)} AS r WHERE {' AND '.join(conditions)})")
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
    return ", ".join(f"{_exact(f'r.{quoted(c.name)}', c.type)} AS {quoted(c.name)}" for c in relation.allowed("select"))


def line(relation: Relation) -> str:
    """Give the columns of `i`, as `shown` lists them, as a line of JSON: `json` keeps line breaks between its parts."""
    text = "CAST(row_to_json(i.*) AS text)"
    verbatim = any(_has(column.type.base, "json") for column in relation.allowed("select"))
    return rf"translate({text}, E'\r\n', '  ')" if verbatim else text


def cells(relation: Relation, *, escaped: bool = False) -> str:
    """List the columns of `r` that may be read as cells of CSV: texts as JSON has them, `json` as it is."""
    columns = relation.allowed("select")
    return ", ".join(f"{_cell(f'r.{quoted(c.name)}', c.type, escaped)} AS {quoted(c.name)}" for c in columns)


# Types that COPY writes as JSON does, and that no spreadsheet takes for a formula.
_AS_THEY_ARE = frozenset(
    ("bytea", "date", "float4", "float8", "int2", "int4", "int8", "json", "jsonb", "numeric", "time", "timetz", "uuid")
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
        parts = [(_exact(f"({at}.v).{quoted(f.name)}", f.type, depth + 1), quoted(f.name)) for f in base.fields]
        made = f"(SELECT row_to_json(f.*) FROM (SELECT {', '.join(f'{one} AS {name}' for one, name in parts)}) AS f)"
    # OFFSET keeps the planner from computing the value once a mention.
    return (
        f"(SELECT CASE WHEN {at}.v IS DISTINCT FROM NULL THEN {made} END FROM (SELECT {value} AS v OFFSET 0) AS {at})"
    )


def _has(base: Type, name: str) -> bool:
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    return base.name == name or any(_has(part.base, name) for part in parts if part)


def key(relation: Relation) -> str:
    """Give the key of a row of `r` as a JSON array of texts, or null where the role may not read it."""
    if not relation.addressable:
        return "CAST(NULL AS text)"
    # As JSON writes them, which is how a path has them: a timestamp as text has a blank where JSON has a T.
    texts = ", ".join(f"to_json(r.{quoted(name)}) #>> '{{}}'" for name in relation.key)
    return f"CAST(json_build_array({texts}) AS text)"


def body(columns: Sequence[Column], numbers: Values, function: str = "json_to_record") -> str:
    """Give what stands in FROM for a body: the named columns of the next value, as `b`."""
    definitions = ", ".join(f"{quoted(column.name)} {column.type.sql}" for column in columns)
    return f"{function}(CAST({numbers.next()} AS json)) AS b ({definitions})"


def bodies(columns: Sequence[Column], numbers: Values) -> str:
    """Give what stands in FROM for an array of bodies, as `body` does for one."""
    if not columns:
        return f"json_array_elements(CAST({numbers.next()} AS json)) AS b"
    return body(columns, numbers, "json_to_recordset")
