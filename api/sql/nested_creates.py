"""Creates of a row together with rows below it: a visit in one request, in one statement.

Each collection that a body names is a MERGE, in an item of WITH, which reads the rows above from
the item before it: their keys, and their parts of the body. A row that was inserted is visible to
the triggers of the rows below it, whose functions are volatile; foreign keys are checked when all
are there. A collection waits for those that its foreign keys refer to.

Each item has the columns `id` (the row's number among all of its level, in the bodies' order), `up`
(that of the row above), `b` (its part of the body), `j` (the new row as JSON), and its key in `k0`,
`k1` and so on. `r` is the new row, `q` a row of an item, `s` a row that is to be inserted.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from api.catalog.relations import Relation
from api.operations.operation import Operation
from api.sql import kept_answers
from api.sql.binding import Columns, Values, literal, quoted
from api.sql.fragments import column_value, definitions, digest, key, parents, table
from api.sql.limits import STATEMENTS
from api.sql.nested_shapes import Item, Shape, items, referenced
from api.sql.row_text import row
from api.sql.typed_values import value

LEFT_OUT = "2201G"
"""The SQLSTATE where a trigger has left out a row: that of `width_bucket`, and of nothing else."""


@lru_cache(STATEMENTS)
def create(operation: Operation, of: Shape, *, once: bool = False) -> str:
    """Compose the creation of a row and of those below it.

    Values: path keys, body, and how many calls stand before this one. One row: the new row's JSON
    with those below it, its key as a JSON array of texts with the digits of the row's tag behind
    it, and the number of the call. No row where a parent of the path is missing.
    """
    return _statement(operation, of, Values(), once=once)


@lru_cache(STATEMENTS)
def creates(operation: Operation, of: Shape, *, once: bool = False) -> str:
    """Compose the statement of many such creates with bodies of one shape.

    Values: an array for each of `create`, and the last one. Rows: those of `create`.
    """
    return _statement(operation, of, Columns(), once=once)


@lru_cache(STATEMENTS)
def insert(operation: Operation, of: Shape) -> str:
    """Compose the creation of many rows of one shape, and of those below them.

    Values: the last parent's key, a JSON array of bodies. A row for each body, in their order: the
    new row's JSON with those below it.
    """
    first, *others = every = items(operation, of)
    answer, joined = _answer(first, every)
    complete = _complete(others)
    made = f"SELECT {answer} FROM {first.name} AS q{joined}"
    made += f"{f' WHERE {complete}' if complete else ''} ORDER BY q.id"
    return f"WITH {_parts(every, _of_array(first))} {made}"


def _statement(operation: Operation, of: Shape, values: Values, *, once: bool) -> str:
    first, *others = every = items(operation, of)
    answer, joined = _answer(first, every)
    located = f"left(q.l, -1) || ',\"' || {digest('q.j')} || '\"]'"
    complete = _complete(others)
    made = f"SELECT {answer}, {located}, q.id{', q.key, q.fingerprint' if once else ''}"
    made += f" FROM {first.name} AS q{joined}{f' WHERE {complete}' if complete else ''}"
    before = _parts(every, _of_calls(first, values, once=once))
    return kept_answers.creation(made, f"{before}, ") if once else f"WITH {before} {made}"


def _parts(every: Sequence[Item], insert: str) -> str:
    """Write the items of WITH; `insert`: that of the first one."""
    first, *others = every
    parts = [f"{first.name} AS ({insert})"]
    parts += [f"{each.name} AS ({_below(each, every[:n])})" for n, each in enumerate(others, 1)]
    return ", ".join(parts)


def _of_calls(item: Item, values: Values, *, once: bool) -> str:
    """Write the insert of the row of each call, if the parents in its path exist."""
    tests, keys = parents(item.operation, values)
    body = f"CAST({values.next()} AS json)"
    more = f", {values.next()} AS key, {values.next()} AS fingerprint" if once else ""
    calls = f"{values.calls()} CROSS JOIN LATERAL " if values.calls() else ""
    columns = f"{values.number()} AS id, {body} AS b{more}"
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    returned = [f"{key(item.operation.relation)} AS l"]
    returned += ["s.key", "s.fingerprint"] if once else []
    return _first(item, columns, calls, (keys, body, where), returned)


def _of_array(item: Item) -> str:
    """Write the insert of the rows of an array; the last parent in the path exists."""
    operation, values = item.operation, Values()
    parent = operation.parents[-1].relation if operation.parents else None
    types = [parent.column(name).type for name in parent.key] if parent else []
    keys = [value(each, values) for each in types]
    array = f"json_array_elements(CAST({values.next()} AS json)) WITH ORDINALITY AS k (b, n)"
    return _first(item, "k.n AS id, k.b", f"{array} CROSS JOIN LATERAL ", (keys, "k.b", ""), [])


def _first(
    item: Item, columns: str, calls: str, of: tuple[list[str], str, str], returned: Iterable[str]
) -> str:
    """Write the insert of the rows whose collections the others are.

    `columns`: what the source has beside the values; `calls`: what these come from; `of`: the last
    parent's key, the body, and a condition.
    """
    operation = item.operation
    keys, body, where = of
    named = operation.named(item.shape.variants[0])
    given = [*keys, *map(column_value, named)]
    names = [f"c{n}" for n in range(len(given))]
    rows = f"SELECT {', '.join(given)}"
    if named:
        rows += f" FROM json_to_record({body}) AS b ({definitions(named)})"
    source = f"SELECT {columns}, o.* FROM {calls}({rows}{where}) AS o"
    source += f" ({', '.join(names)})" if names else ""
    insert = _insert([*operation.fixed, *(c.name for c in named)], names)
    actions = f"WHEN NOT MATCHED THEN {insert}"
    return _merge(operation.relation, source, actions, [*_returned(item), *returned])


def _below(item: Item, before: Iterable[Item]) -> str:
    """Write the insert of a collection's rows; `before`: the items that stand before it."""
    assert item.up
    operation = item.operation
    link = {name: f"k{n}" for n, name in enumerate(operation.fixed)}
    columns = operation.named({name for each in item.shape.variants for name in each})
    given = {column.name: f"c{n}" for n, column in enumerate(columns)}
    values = [f"q.{each}" for each in link.values()]
    values += [f"{column_value(column)} AS {given[column.name]}" for column in columns]
    read = f" CROSS JOIN LATERAL json_to_record(e.b) AS b ({definitions(columns)})"
    above = {*item.ancestors()}
    waits = [
        f"(SELECT count(*) FROM {other.name}) >= 0"
        for other in before
        if other not in above and other.operation.relation.table in referenced(item)
    ]
    part = f"q.b -> {literal(operation.segment)}"
    source = (
        f"SELECT row_number() OVER (ORDER BY q.id, e.n) AS id, q.id AS up, e.b,"
        f" {', '.join(values)} FROM {item.up.name} AS q CROSS JOIN LATERAL"
        f" json_array_elements({part}) WITH ORDINALITY AS e (b, n)"
        f"{read if columns else ''}{' WHERE ' if waits else ''}{' AND '.join(waits)}"
    )
    actions = " ".join(_actions(item.shape.variants, link, given))
    return _merge(operation.relation, source, actions, ["s.up", *_returned(item)])


def _actions(
    variants: Sequence[tuple[str, ...]], link: Mapping[str, str], given: Mapping[str, str]
) -> Iterator[str]:
    """Write an insert for each set of columns: those that a row does not hold have defaults."""
    varying = [name for name in given if any(name not in each for each in variants)]
    for number, names in enumerate(variants, 1):
        named = {**link} | {name: given[name] for name in given if name in names}
        tests = [
            f" AND (s.b -> {literal(name)}) IS {'NOT ' if name in names else ''}NULL"
            for name in varying
            if number < len(variants)
        ]
        yield f"WHEN NOT MATCHED{''.join(tests)} THEN {_insert(named, named.values())}"


def _insert(names: Iterable[str], values: Iterable[str]) -> str:
    columns = ", ".join(map(quoted, names))
    given = ", ".join(f"s.{value}" for value in values)
    return f"INSERT ({columns}) VALUES ({given})" if columns else "INSERT DEFAULT VALUES"


def _merge(relation: Relation, source: str, actions: str, returned: Iterable[str]) -> str:
    return (
        f"MERGE INTO {table(relation)} AS r USING ({source}) AS s ON false {actions}"
        f" RETURNING {', '.join(returned)}"
    )


def _returned(item: Item) -> list[str]:
    """Write what each item returns; the key is for the rows below."""
    relation = item.operation.relation
    keys = relation.key if any(of.variants for _, of in item.shape.nested) else ()
    named = (f"r.{quoted(name)} AS k{n}" for n, name in enumerate(keys))
    return ["s.id", "s.b", f"{row(relation)} AS j", *named]


def _answer(item: Item, every: Sequence[Item]) -> tuple[str, str]:
    """Write a row `q` of an item as JSON, with those below it, and the joins that this needs."""
    text, joined = "", ""
    for position, of in item.shape.nested:
        operation = item.operation.nested[position]
        inner = "''"
        if of.variants:
            name = f"{item.name}_{position}"
            below = next(each for each in every if each.name == name)
            one, joins = _answer(below, every)
            joined += (
                f" LEFT JOIN (SELECT q.up, string_agg({one}, ',' ORDER BY q.id) AS j"
                f" FROM {name} AS q{joins} GROUP BY q.up) AS a{name} ON a{name}.up = q.id"
            )
            inner = f"coalesce(a{name}.j, '')"
        opening = literal(f",{json.dumps(operation.segment, ensure_ascii=False)}:[")
        named = f"(q.b -> {literal(operation.segment)}) IS NOT NULL"
        text += f" || CASE WHEN {named} THEN {opening} || {inner} || ']' ELSE '' END"
    return (f"left(q.j, -1){text} || '}}'" if text else "q.j"), joined


def _complete(items: Iterable[Item]) -> str:
    """Write a condition that fails where a trigger has left out a row; empty where none can."""
    tests = [
        f"(SELECT count(*) FROM {each.name}) = (SELECT coalesce(sum(json_array_length("
        f"q.b -> {literal(each.operation.segment)})), 0) FROM {each.up.name} AS q)"
        for each in items
        if each.up and "insert" in each.operation.relation.row_triggers
    ]
    # Nothing else in SQL raises an error that tells its cause so clearly.
    return f"width_bucket(0, 0, 1, CAST({' AND '.join(tests)} AS integer)) = 1" if tests else ""
