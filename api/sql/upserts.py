"""Statements that create a row, or change the one that is there: PUT, and upserts of many rows.

They are MERGE statements: INSERT … ON CONFLICT can't name a unique key of which the view does not
show a column, such as the caller's tenant. Of two statements that insert the same key at the same
time Postgres refuses one (23505); when that runs again, it finds the row.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from api.catalog.relations import Column
from api.operations.operation import Operation
from api.sql.binding import Values, quoted
from api.sql.fragments import body, column_value, equal, having_tag, key, numbered_bodies, table
from api.sql.limits import STATEMENTS
from api.sql.row_text import json_text, row
from api.sql.typed_values import value


@lru_cache(STATEMENTS)
def replace(
    operation: Operation,
    names: frozenset[str],
    *,
    inserts: bool = True,
    replaces: bool = True,
    conditional: bool = False,
) -> str:
    """Compose a create or a replacement of one row; columns that are not named have their default.

    Values: path keys, body (if a column is named that is not of the key), and if `conditional` an
    array of tags, of which a row has to have one to be replaced. One row: the row's JSON, its key
    as a JSON array of texts, and whether it is new. No row where a condition or a trigger kept all
    as it was.
    """
    relation, values = operation.relation, Values()
    keys = [relation.column(name) for name in relation.key]
    given = [value(column.type, values) for column in keys]
    columns = [c for c in operation.named(names) if c.name not in relation.key]
    source = f" FROM {body(columns, values)}" if columns else ""
    chosen = ", ".join([*given, *map(column_value, columns)])
    written = [*keys, *columns]
    of = ", ".join(f"c{n}" for n in range(len(written)))
    found = " AND ".join(equal(relation, name, f"s.c{n}") for n, name in enumerate(relation.key))
    actions = []
    if replaces:
        tagged = f" AND {having_tag(relation, values)}" if conditional else ""
        sets = {c.name: f"s.c{n}" for n, c in enumerate(written) if n >= len(keys)}
        sets = _defaults(operation, names) | sets
        assigned = ", ".join(f"{quoted(name)} = {new}" for name, new in sets.items())
        actions.append(f"WHEN MATCHED{tagged} THEN UPDATE SET {assigned}")
    if inserts:
        actions.append(f"WHEN NOT MATCHED THEN INSERT ({_names(written)}) VALUES ({_new(written)})")
    return (
        f"MERGE INTO {table(relation)} AS r USING (SELECT {chosen}{source}) AS s ({of}) ON {found} "
        f"{' '.join(actions)} RETURNING {row(relation)}, {key(relation)}, merge_action() = 'INSERT'"
    )


def _defaults(operation: Operation, names: frozenset[str]) -> dict[str, str]:
    """Return the columns that a body gives a row and does not name, each with its default.

    It is written out: of a view's column DEFAULT means NULL.
    """
    relation = operation.relation
    return {
        column.name: f"({column.default or 'NULL'})"
        for column in operation.body
        if column.name not in {*names, *relation.key} and column.default != "identity"
    }


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _new(columns: Iterable[Column]) -> str:
    return ", ".join(f"s.c{n}" for n, _ in enumerate(columns))


@lru_cache(STATEMENTS)
def upsert(
    operation: Operation,
    names: frozenset[str],
    target: tuple[str, ...],
    *,
    merges: bool,
    returning: bool,
) -> str:
    """Compose an insert of many rows with the same columns, some of which may be there.

    `target`: the unique key by which one is there, all of it named. Values: a JSON array of bodies.
    A row for each new one, and if it `merges` for each changed one, in the bodies' order: whether
    it is new, its key, and its JSON if `returning`. If rows are not merged, the first one of a key
    counts.
    """
    relation, columns = operation.relation, operation.named(names)
    place = {column.name: f"c{n}" for n, column in enumerate(columns)}
    given = f"SELECT {', '.join(map(column_value, columns))}, b.{quoted(_number(names))}"
    given += f" FROM {numbered_bodies(columns, _number(names), Values())}"
    source = f"SELECT * FROM ({given}) AS g ({', '.join([*place.values(), 'n'])})"
    found = " AND ".join(equal(relation, name, f"s.{place[name]}") for name in target)
    sets = ", ".join(f"{quoted(n)} = s.{at}" for n, at in place.items() if n not in target)
    changed = f"UPDATE SET {sets}" if merges and sets else "DO NOTHING"
    if not merges:
        source = _first(source, [place[name] for name in target])
    key = ", ".join(json_text(f"r.{quoted(n)}", relation.column(n).type) for n in target)
    shown = f", {row(relation)}" if returning else ""
    merge = (
        f"MERGE INTO {table(relation)} AS r USING ({source}) AS s ON {found} "
        f"WHEN MATCHED THEN {changed} "
        f"WHEN NOT MATCHED THEN INSERT ({_names(columns)}) VALUES ({_new(columns)}) "
        f"RETURNING s.n, merge_action() = 'INSERT', CAST(json_build_array({key}) AS text){shown}"
    )
    names_of = "n, is_new, key, shown" if returning else "n, is_new, key"
    selected = names_of.removeprefix("n, ").replace(", ", ", d.")
    return f"WITH d ({names_of}) AS ({merge}) SELECT d.{selected} FROM d ORDER BY d.n"


def _number(names: frozenset[str]) -> str:
    """Name the column of a body's number as no column is called."""
    return "n" * (1 + max(map(len, names)))


def _first(source: str, target: Sequence[str]) -> str:
    """Select of rows with the same key the first one; NULL is never the same."""
    columns = ", ".join(f"a.{name}" for name in target)
    null = " OR ".join(f"a.{name} IS NULL" for name in target)
    ranked = f"SELECT *, row_number() OVER (PARTITION BY {columns} ORDER BY a.n) AS k"
    return f"SELECT * FROM ({ranked} FROM ({source}) AS a) AS a WHERE a.k = 1 OR {null}"
