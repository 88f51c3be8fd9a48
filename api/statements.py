"""Operation + filters, order and page → SQL. The only place that writes SQL.

Every identifier is quoted and every value is a parameter. Keys and filters travel as text and are cast here, the body
as one JSON text; an answer comes back as finished JSON text. Columns are named, one by one: a whole row is refused
under a column grant, and would show a column that a migration has just added.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.access import RANGES, Filter, Order
from api.catalog import Column, Relation, Type
from api.operations import Operation

# How many statements are kept composed: a body of n optional columns has 2ⁿ shapes, and clients choose them.
STATEMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What varies in a list's statement: filters in their order, the page's order, and whether a cursor starts it."""

    filters: tuple[Filter, ...]
    order: Order
    after: bool = False


class _Numbers:
    """Hands out `$1`, `$2`, … in the order in which the values will be sent."""

    def __init__(self) -> None:
        self.last = 0

    def next(self, sql_type: str = "text") -> str:
        self.last += 1
        return f"CAST(${self.last} AS {sql_type})"


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(STATEMENTS)
def item(operation: Operation) -> str:
    """Compose the statement of an operation on one row, or of a report. Values: path keys, then the body's JSON text.

    One row: its JSON (`read`, `update`), or true (`delete`); no row where there is none. A report: one JSON array.
    """
    relation, numbers = operation.relation, _Numbers()
    if operation.kind == "report":
        rows = f"SELECT {_shown(relation)} FROM {_name(relation)} AS r"
        return f"SELECT '[' || coalesce(string_agg(CAST(row_to_json(i.*) AS text), ','), '') || ']' FROM ({rows}) AS i"
    where = " AND ".join(_equals(relation, relation.key, numbers))
    if operation.kind == "delete":
        return f"DELETE FROM {_name(relation)} AS r WHERE {where} RETURNING true"
    return f"SELECT {_json(relation)} FROM {_name(relation)} AS r WHERE {where}"


@lru_cache(STATEMENTS)
def change(operation: Operation, names: frozenset[str]) -> str:
    """Compose an update of the named columns. Values: path keys, body. One row with the changed row's JSON, or none."""
    relation, numbers = operation.relation, _Numbers()
    where = " AND ".join(_equals(relation, relation.key, numbers))
    columns = [column for column in operation.body if column.name in names]
    sets = ", ".join(f"{quoted(c.name)} = b.{quoted(c.name)}" for c in columns)
    source = _body(columns, numbers)
    return f"UPDATE {_name(relation)} AS r SET {sets} FROM {source} WHERE {where} RETURNING {_json(relation)}"


@lru_cache(STATEMENTS)
def create(operation: Operation, names: frozenset[str]) -> str:
    """Compose an insert of the named columns. Values: path keys, body.

    One row: the new row's JSON, and its key as a JSON array of texts (null where the role may not read it). No row
    where a parent that the path names is missing.
    """
    relation, numbers = operation.relation, _Numbers()
    parents, keys = _parents(operation, numbers)
    columns = [column for column in operation.body if column.name in names]
    inserted = [*operation.fixed, *(c.name for c in columns)]
    returning = f"RETURNING {_json(relation)}, {_key(relation)}"
    if not inserted:
        return f"INSERT INTO {_name(relation)} AS r DEFAULT VALUES {returning}"
    values = ", ".join([*keys, *(f"b.{quoted(c.name)}" for c in columns)])
    source = f" FROM {_body(columns, numbers)}" if columns else ""
    where = f" WHERE {' AND '.join(parents)}" if parents else ""
    names_sql = ", ".join(map(quoted, inserted))
    return f"INSERT INTO {_name(relation)} AS r ({names_sql}) SELECT {values}{source}{where} {returning}"


@lru_cache(STATEMENTS)
def listing(operation: Operation, shape: Shape) -> str:
    """Compose a page. Values: path keys, filters, the cursor's values, the limit.

    One row: the page as a JSON array; the last row's order columns as a JSON array of texts, null on the last page;
    whether the parents that the path names are there.
    """
    relation, numbers = operation.relation, _Numbers()
    parents, keys = _parents(operation, numbers)
    where = [f"r.{quoted(name)} = {key}" for name, key in zip(operation.fixed, keys, strict=True)]
    where += [_condition(filter_, shape.order, numbers) for filter_ in shape.filters]
    if shape.after:
        where.append(_after(relation, shape.order, numbers))
    limit = numbers.next("bigint")
    sorted_by = [_sorted(name, shape.order, position) for position, name in enumerate(shape.order.columns)]
    keys_sql = ", ".join(f"r.{quoted(name)} AS k{position}" for position, name in enumerate(shape.order.columns))
    rows = f"SELECT {_json(relation)} AS item, {keys_sql} FROM {_name(relation)} AS r"
    if where:
        rows += f" WHERE {' AND '.join(where)}"
    # One row more than the page tells whether there is a next one.
    rows += f" ORDER BY {', '.join(sorted_by)} LIMIT {limit} + 1"
    last = ", ".join(f"CAST(p.k{position} AS text)" for position in range(len(shape.order.columns)))
    last = f"min(CAST(json_build_array({last}) AS text)) FILTER (WHERE p.n = {limit})"
    return (
        f"SELECT '[' || coalesce(string_agg(p.item, ',') FILTER (WHERE p.n <= {limit}), '') || ']', "
        f"CASE WHEN count(*) > {limit} THEN {last} END, "
        f"{' AND '.join(parents) or 'true'} "
        f"FROM (SELECT q.*, row_number() OVER () AS n FROM ({rows}) AS q) AS p"
    )


@lru_cache(STATEMENTS)
def missing_parent(operation: Operation) -> str:
    """Compose the question which parent is missing. Values: path keys. One row: its position, outermost 0, or null."""
    parents, _ = _parents(operation, _Numbers())
    cases = " ".join(f"WHEN NOT {exists} THEN {position}" for position, exists in enumerate(parents))
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def malformed_key(operation: Operation) -> str:
    """Compose the question which path key is no value of its type. Values: path keys. One row: its number, or null."""
    numbers = _Numbers()
    types = ["'" + column.type.sql.replace("'", "''") + "'" for _, column in operation.keys]
    cases = " ".join(f"WHEN NOT pg_input_is_valid({numbers.next()}, {t}) THEN {n}" for n, t in enumerate(types))
    return f"SELECT CASE {cases} END"


def _parents(operation: Operation, numbers: _Numbers) -> tuple[list[str], list[str]]:
    """Give a test that each parent is there and is its own parent's, and the last one's key as values of the link."""
    tests: list[str] = []
    above: list[str] = []
    link: tuple[str, ...] = ()
    for parent in operation.parents:
        keys = [f"CAST({numbers.next()} AS {parent.relation.column(name).type.sql})" for name in parent.relation.key]
        conditions = [f"r.{quoted(n)} = {key}" for n, key in zip(parent.relation.key, keys, strict=True)]
        conditions += [f"r.{quoted(n)} = {key}" for n, key in zip(link, above, strict=True)]
        tests.append(f"EXISTS (SELECT FROM {_name(parent.relation)} AS r WHERE {' AND '.join(conditions)})")
        above, link = keys, parent.link
    return tests, above


def _name(relation: Relation) -> str:
    return f"{quoted(relation.schema)}.{quoted(relation.name)}"


def _equals(relation: Relation, names: Iterable[str], numbers: _Numbers) -> Iterator[str]:
    for name in names:
        yield f"r.{quoted(name)} = CAST({numbers.next()} AS {relation.column(name).type.sql})"


def _json(relation: Relation) -> str:
    return f"(SELECT CAST(row_to_json(i.*) AS text) FROM (SELECT {_shown(relation)}) AS i)"


def _shown(relation: Relation) -> str:
    return ", ".join(f"{_exact(f'r.{quoted(c.name)}', c.type)} AS {quoted(c.name)}" for c in relation.allowed("select"))


def _exact(value: str, type_: Type, depth: int = 0) -> str:
    """Give a value in which every decimal is a text, which JSON does not harm, in arrays and composites too."""
    base, at = type_.base, f"a{depth}"
    if not _has_decimal(base):
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


def _has_decimal(base: Type) -> bool:
    parts = (base.part,) if base.kind == "a" else tuple(field.type for field in base.fields)
    return base.name == "numeric" or any(_has_decimal(part.base) for part in parts if part)


def _key(relation: Relation) -> str:
    if not relation.addressable:
        return "CAST(NULL AS text)"
    # As JSON writes them, which is how a path has them: a timestamp as text has a blank where JSON has a T.
    texts = ", ".join(f"to_json(r.{quoted(name)}) #>> '{{}}'" for name in relation.key)
    return f"CAST(json_build_array({texts}) AS text)"


def _body(columns: Sequence[Column], numbers: _Numbers) -> str:
    definitions = ", ".join(f"{quoted(column.name)} {column.type.sql}" for column in columns)
    return f"json_to_record(CAST({numbers.next()} AS json)) AS b ({definitions})"


def _collated(name: str, order: Order) -> str:
    """Name a column in the collation of the index that serves the order."""
    collation = f" COLLATE {quoted(order.collation)}" if order.collation and name == order.columns[0] else ""
    return f"r.{quoted(name)}{collation}"


def _condition(filter_: Filter, order: Order, numbers: _Numbers) -> str:
    column, sql_type = _collated(filter_.column.name, order), filter_.column.type.base.sql
    match filter_.operator:
        case "eq":
            return f"{column} = CAST({numbers.next()} AS {sql_type})"
        case "in":
            return f"{column} = ANY (CAST({numbers.next('text[]')} AS {sql_type}[]))"
        case "prefix":
            lower, upper = ("~>=~", "~<~") if order.pattern else (">=", "<")
            return f"{column} {lower} {numbers.next()} AND {column} {upper} {numbers.next()}"
        case "contains":
            return f"{column} ILIKE {numbers.next()}"
        case "on":
            bound = filter_.column.type.base.part
            return f"{column} @> CAST({numbers.next()} AS {bound.sql if bound else sql_type})"
        case operator:
            return f"{column} {RANGES[operator]} CAST({numbers.next()} AS {sql_type})"


def _sorted(name: str, order: Order, position: int) -> str:
    if order.pattern and position == 0:
        return f"r.{quoted(name)} USING {'~>~' if order.descending else '~<~'}"
    return _collated(name, order) + (" DESC" if order.descending else "")


def _after(relation: Relation, order: Order, numbers: _Numbers) -> str:
    values = [f"CAST({numbers.next()} AS {relation.column(name).type.base.sql})" for name in order.columns]
    columns = [_collated(name, order) for name in order.columns]
    sign = "<" if order.descending else ">"
    if order.pattern:
        # A row comparison knows only a type's own order, so the pattern's order is spelled out.
        rest = f"({', '.join(columns[1:])}) {sign} ({', '.join(values[1:])})"
        beyond = f"{columns[0]} ~{sign}~ {values[0]} OR ({columns[0]} = {values[0]} AND {rest})"
        return f"{columns[0]} ~{sign}=~ {values[0]} AND ({beyond})"
    return f"({', '.join(columns)}) {sign} ({', '.join(values)})"
