"""The buffers that a page reads: a list's statement under EXPLAIN (ANALYZE, BUFFERS).

A page is bounded where it reads as much of a large table as of a small one. What it may read
follows from its plan: a search goes down an index once, which is as many blocks as the index is
high, and a row lies in one block. So a plan is as good as it can be where no node finds more rows
than the page has, none throws rows away, no index is searched more often than it has to be, and no
more blocks are read than these searches and rows explain.

Two things grow with how many rows share one value, if not with the table: Postgres may sort what
has the same value of a path, a filter or the order's first column, where another index has all
columns (it takes these rows to be few); and behind a cursor among the values of `in` it goes
through the index's entries of the cursor's value, from the first on. A bill is as long as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

import psycopg
from psycopg.sql import SQL, Literal

from api.catalog.relations import Relation
from api.operations import index_access, kinds
from api.operations.filters import Filter
from api.operations.operation import Operation
from api.sql import lists
from api.sql.binding import quoted
from api.sql.clauses import Shape
from api.sql.fragments import table
from tests.support.plain_sql import INSIDE

LIMIT = 100
# Tables that don't grow with the rest: to read all of one is no more than it is.
CONSTANT = {
    *("cpt_code", "cpt_code_version", "diagnosis_code", "diagnosis_code_version"),
    *("modifier", "modifier_version", "place_of_service", "place_of_service_version"),
    *("practice", "provider", "fee", "payer"),
}
# A block of 8 KiB holds some 200 entries of an index on uuids; not all are full, and texts are
# longer.
_ENTRIES = 50
_SAMPLE = 20_000  # rows
_SEVERAL = 50  # values at either end of what `in` asks for
_LOOKUPS = ("SubPlan", "InitPlan")
_REMOVED = (
    "Rows Removed by Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Join Filter",
)

Connection = psycopg.Connection[tuple[Any, ...]]
Equal = tuple[tuple[str, str], ...]  # columns and the one value that each has
Found = list[tuple[Any, ...]]
Values = tuple[str | list[str] | int, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """One page to ask for: the wide ones are of most rows, the others of few."""

    operation: Operation
    shape: Shape
    values: Values
    wide: bool
    equal: int  # how many rows have the values of the path and the equalities; 0 without any
    first: int  # how many have the commonest value of the first column of the order
    alike: int  # how many of the list's rows have the cursor's value of `in`; 0 without one

    def __str__(self) -> str:
        """Say what is asked."""
        filters = "&".join(f.name for f in self.shape.filters)
        after, wide = " after" if self.shape.after else "", " wide" if self.wide else ""
        return f"{self.operation.id}?{filters}&order={self.shape.order.name}{after}{wide}"


def probes(operation: Operation, rows: "Rows", every: int = 1) -> Iterator[Probe]:
    """Give every nth shape of a list, with values that many rows have and that few have."""
    for shape in list(dict.fromkeys(list_shapes(operation)))[::every]:
        for wide in (True, False):
            found = rows.values(operation, shape, wide=wide)
            if found is not None:
                yield Probe(operation, shape, found[0], wide, *found[1:])


class Rows:
    """Finds values for the parameters of lists."""

    def __init__(self, connection: Connection) -> None:
        """Look in this database, as somebody who may take a while."""
        self._connection = connection
        self._found: dict[str, Found] = {}

    def values(
        self, operation: Operation, shape: Shape, *, wide: bool
    ) -> tuple[Values, int, int, int] | None:
        """Return a statement's values and the numbers of a `Probe`; None without a row."""
        relation, columns = operation.relation, shape.order.columns
        names = (*operation.fixed, *(f.column.name for f in shape.filters if f.operator == "eq"))
        equal = self._equal(relation, names, wide=wide)
        if equal is None:
            return None
        operators = {f.operator for f in shape.filters}
        low, high = _window(operators, wide=wide)
        ends = [self._at(relation, columns, equal, fraction) for fraction in (low, high)]
        if not all(ends):
            return None
        given = [value for f in shape.filters for value in _given(f, dict(equal), ends, wide=wide)]
        if shape.after:
            part = 0.1 if shape.order.descending else 0.9
            narrow = operators & _NARROW and not wide
            inside = low if narrow else low + part * (high - low)
            last = self._at(relation, columns, equal, inside)[0]
            # A cursor has what the function makes of a name, here small letters.
            given += [last[0].lower(), *last[1:]] if "search" in operators else last
        inside_of_in = bool(shape.after and "in" in operators)
        keys = self._keys(operation, [dict(equal)[name] for name in operation.fixed])
        alike = (
            self._count(relation, (*equal, (columns[0], str(given[-len(columns)]))))
            if inside_of_in
            else 0
        )
        first = self._count(relation, self._equal(relation, columns[:1], wide=True) or ())
        return (*keys, *given, LIMIT), self._count(relation, equal), first, alike

    def _count(self, relation: Relation, equal: Equal) -> int:
        where = (
            " AND ".join(f"{quoted(name)} = {_literal(value)}" for name, value in equal) or "false"
        )
        return int(self._ask(f"SELECT count(*) FROM {table(relation)} WHERE {where}")[0][0])

    def _equal(self, relation: Relation, names: Sequence[str], *, wide: bool) -> Equal | None:
        """Give the values that columns have together in most rows, or in fewest."""
        if not names:
            return ()
        present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
        numbers = ", ".join(map(str, range(1, len(names) + 1)))
        rank = "DESC" if wide else "ASC"
        query = (
            f"SELECT {_texts(names)} FROM {self._sample(relation)} WHERE {present} "
            f"GROUP BY {numbers} ORDER BY count(*) {rank}, {numbers} LIMIT 1"
        )
        return next((tuple(zip(names, row, strict=True)) for row in self._ask(query)), None)

    def _at(
        self, relation: Relation, columns: Sequence[str], equal: Equal, fraction: float
    ) -> Found:
        """Return columns of some rows as texts, from a position within the rows of equal values."""
        conditions = [f"{quoted(name)} = {_literal(value)}" for name, value in equal]
        where = " AND ".join([*conditions, f"{quoted(columns[0])} IS NOT NULL"])
        (count,) = self._ask(f"SELECT count(*) FROM {self._sample(relation)} WHERE {where}")[0]
        start = min(int(count * fraction), max(count - _SEVERAL, 0))
        query = (
            f"SELECT {_texts(columns)} FROM {self._sample(relation)} WHERE {where}"
            f" ORDER BY {_list(columns)}"
        )
        return self._ask(f"{query} OFFSET {start} LIMIT {_SEVERAL}")

    def _sample(self, relation: Relation) -> str:
        """Give a table with some of a view's rows, the stored columns alone."""
        assert relation.table
        source = ".".join(map(quoted, relation.table))
        name = quoted(f"some of {relation.name}")
        shown = ", ".join(
            f"{quoted(c.source)} AS {quoted(c.name)}" for c in relation.columns if c.source
        )
        (count,) = self._ask(f"SELECT count(*) FROM {source}")[0]
        percent = min(100, 100 * _SAMPLE / max(count, 1))
        self._ask(
            f"CREATE TEMP TABLE IF NOT EXISTS {name} AS "
            f"SELECT {shown} FROM {source} TABLESAMPLE bernoulli ({percent}) REPEATABLE (1)"
        )
        return name

    def _keys(self, operation: Operation, last: list[str]) -> list[str]:
        """Give the path's keys, from the last parent's up."""
        found = last
        for above, parent in zip(
            reversed(operation.parents[:-1]), reversed(operation.parents), strict=False
        ):
            key = zip(parent.relation.key, last, strict=True)
            where = " AND ".join(f"{quoted(name)} = {_literal(value)}" for name, value in key)
            last = list(
                self._ask(
                    f"SELECT {_texts(above.link)} FROM {table(parent.relation)} WHERE {where}"
                )[0]
            )
            found = [*last, *found]
        return found

    def _ask(self, query: str) -> Found:
        if query not in self._found:
            answer = self._connection.execute(query.encode())
            self._found[query] = answer.fetchall() if answer.description else []
        return self._found[query]


_NARROW = {"in", "prefix", "search"}  # operators whose value can leave a single row


def _given(
    filter_: Filter, equal: dict[str, str], ends: Sequence[Found], *, wide: bool
) -> list[str | list[str] | int]:
    """Give the values of a filter; the ends are rows from where its range begins and ends."""
    first, last = (end[0][0] for end in ends)
    match filter_.operator:
        case "eq":
            return [equal[filter_.column.name]]
        case "is=null" | "is=notnull":
            return []
        case "in":
            return [
                list(
                    dict.fromkeys(row[0] for row in ([*ends[0], *ends[1]] if wide else ends[0][:1]))
                )
            ]
        case "prefix":
            text = first[:1] if wide else first
            return [text, text[:-1] + chr(ord(text[-1]) + 1)]
        case "search":
            return [(first[:1] if wide else first).lower()]
        case operator:
            part = filter_.column.type.base.part if operator == "on" else None
            limit = first if operator in ("gt", "gte") else last
            return [INSIDE[part.name][0] if part else limit]


def _window(operators: set[str], *, wide: bool) -> tuple[float, float]:
    """Say between which parts of the rows a range lies."""
    lower, upper = bool(operators & {"gt", "gte"}), bool(operators & {"lt", "lte"})
    if operators & _NARROW:
        return (0.1, 0.9) if wide else (0.5, 0.5)
    if wide or lower == upper:
        return (0.02 if lower else 0, 0.98 if upper else 1) if wide or not lower else (0.5, 0.51)
    return (0.97, 1) if lower else (0, 0.03)


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _texts(names: Sequence[str]) -> str:
    return ", ".join(f"CAST({quoted(name)} AS text)" for name in names)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Explained:
    """Runs probes as the server would, and says how it went."""

    def __init__(self, connection: Connection, height: int) -> None:
        """Use a connection of the API's login; no index of the database is higher."""
        self._connection = connection
        self._height = height
        self._prepared: dict[str, str] = {}
        self.worst: dict[str, int] = {}  # blocks, for each operation

    def faults(self, probe: Probe) -> Iterator[str]:
        """Run a probe as a prepared statement."""
        text = lists.listing(probe.operation, probe.shape)
        if text not in self._prepared:
            self._prepared[text] = f"s{len(self._prepared)}"
            self._connection.execute(f"PREPARE {self._prepared[text]} AS {text}".encode())
        values = SQL(", ").join(Literal(value) for value in (*probe.values, 0))
        explain = SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE {}({})")
        row = self._connection.execute(explain.format(SQL(self._prepared[text]), values)).fetchone()
        assert row is not None
        plan = row[0][0]["Plan"]
        blocks = int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])
        self.worst[probe.operation.id] = max(blocks, self.worst.get(probe.operation.id, 0))
        alike = probe.alike + _sorted_rows(plan, probe)
        found = [*_unbounded(plan, probe), *self._unexplained(plan, blocks, alike)]
        yield from (f"{probe}: {fault}" for fault in found)

    def faults_of_lists(
        self, operations: Iterable[Operation], rows: "Rows", every: int = 1
    ) -> tuple[int, list[str]]:
        """Run probes of the lists among operations; give their number, and the faults."""
        found = [p for o in operations if o.kind is kinds.LIST for p in probes(o, rows, every)]
        # What a session reads once, such as a function, is not read again.
        doubtful = [probe for probe in found if any(self.faults(probe))]
        wrong = [fault for probe in doubtful for fault in self.faults(probe)]
        print("\n".join(wrong[:20]))
        print(f"{len(found)} pages, indexes {self._height} high; most blocks: {self.worst}")
        return len(found), wrong

    def _unexplained(self, plan: dict[str, Any], blocks: int, alike: int) -> Iterator[str]:
        scans = [
            node for node, _ in _nodes(plan) if "Relation Name" in node or "Index Name" in node
        ]
        allowed = alike / _ENTRIES
        for node in scans:
            removed = sum(node.get(name, 0) for name in _REMOVED) * node["Actual Loops"]
            rows, searches = (
                _rows(node) + removed,
                max(node.get("Index Searches", 0), node["Actual Loops"]),
            )
            allowed += searches * (self._height + 1) + rows + rows / _ENTRIES
        if blocks > allowed:
            yield f"{blocks} blocks, where {allowed:.0f} explain {sum(map(_rows, scans)):.0f} rows"


def _nodes(node: dict[str, Any], *, lookup: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield each node of a plan, and whether it looks up something for a row or a parent."""
    lookup = lookup or node.get("Parent Relationship") in _LOOKUPS
    yield node, lookup
    for part in node.get("Plans", ()):
        yield from _nodes(part, lookup=lookup)


def _sorted_rows(plan: dict[str, Any], probe: Probe) -> int:
    """Return how many rows Postgres may sort, if it sorts."""
    kinds = {node["Node Type"] for node, lookup in _nodes(plan) if not lookup}
    if "Incremental Sort" in kinds:
        # Of one value after the other: those of the page, all of the last one, and behind a cursor
        # all of its value.
        return max(probe.equal, LIMIT + 1 + probe.first * (1 + probe.shape.after))
    return probe.equal if "Sort" in kinds else 0


def _unbounded(plan: dict[str, Any], probe: Probe) -> Iterator[str]:
    sorted_rows = _sorted_rows(plan, probe)
    searches = 1 + sum(len(value) for value in probe.values if isinstance(value, list))
    for node, lookup in _nodes(plan):
        what = f"{node['Node Type']} {node.get('Index Name', node.get('Relation Name', ''))}"
        if node.get("Relation Name") in CONSTANT:
            continue
        # A partition that has no row yet has no block either.
        if (
            node["Node Type"] == "Seq Scan"
            and node["Shared Hit Blocks"] + node["Shared Read Blocks"]
        ):
            yield what
        removed = sum(node.get(name, 0) for name in _REMOVED) * node["Actual Loops"]
        if not lookup and _rows(node) + removed > max(LIMIT + 1, sorted_rows):
            yield f"{what}: {_rows(node):.0f} rows"
        # The rows of VALUES stand in the statement: no block is read for those thrown away.
        if removed > sorted_rows and node["Node Type"] != "Values Scan":
            yield f"{what}: {removed:.0f} rows thrown away"
        if node.get("Index Searches", 0) > (node["Actual Loops"] if lookup else searches):
            yield f"{what}: {node['Index Searches']} searches"


def _rows(node: dict[str, Any]) -> float:
    return float(node["Actual Rows"]) * int(node["Actual Loops"])


def list_shapes(operation: Operation, every: int = 1) -> Iterator[Shape]:
    """Yield each shape: up to two equalities, up to two filters of one column, and an order.

    `every`: of so many combinations of filters, only one is tried.
    """
    offered = index_access.filters(operation.relation, operation.fixed)
    equal = [f for f in offered if f.operator == "eq"]
    other = [f for f in offered if f.operator != "eq"]
    pairs = [
        (),
        *((f,) for f in other),
        *((a, b) for a, b in combinations(other, 2) if _range(a, b)),
    ]
    names = [
        None,
        *(sign + column.name for column in operation.relation.columns for sign in ("", "-")),
    ]
    equalities = (chosen for number in range(3) for chosen in combinations(equal, number))
    for chosen, pair in islice(product(equalities, pairs), 0, None, every):
        filters = (*chosen, *pair)
        for name in names:
            order = index_access.serve(operation.relation, operation.fixed, filters, name)
            if order is not None:
                yield from (Shape(filters, order, after) for after in (False, True))


def _range(first: Filter, second: Filter) -> bool:
    return first.column is second.column and (first.operator, second.operator) == ("gte", "lt")
