"""Queries that find what is wrong with a path or a query string, after a statement has failed."""

from functools import lru_cache

from api.catalog.relations import Type
from api.operations.filters import Filter
from api.operations.operation import Operation
from api.sql.binding import Values, literal
from api.sql.fragments import equals, exists, having_tag, parents, table
from api.sql.limits import STATEMENTS
from api.sql.typed_values import is_made_of_json, of_text, value


@lru_cache(STATEMENTS)
def missing_parent(operation: Operation) -> str:
    """Compose the query for a missing parent. Values: path keys.

    One row: the position of the outermost that is missing, from 0, or NULL.
    """
    tests, _ = parents(operation, Values())
    cases = " ".join(f"WHEN NOT {exists} THEN {position}" for position, exists in enumerate(tests))
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def row_exists(operation: Operation) -> str:
    """Compose the query whether there is a row with the path's key. Values: path keys.

    One row: true or false.
    """
    return f"SELECT {exists(operation.relation, Values())}"


@lru_cache(STATEMENTS)
def row_matches(operation: Operation) -> str:
    """Compose the query whether a row has one of some tags. Values: path keys, array of tags.

    One row: true or false. No row where the key has none.
    """
    relation, values = operation.relation, Values()
    key = " AND ".join(equals(relation, relation.key, values))
    return f"SELECT {having_tag(relation, values)} FROM {table(relation)} AS r WHERE {key}"


@lru_cache(STATEMENTS)
def differing_key(operation: Operation) -> str:
    """Compose the query for a key that differs from the path's. Values: path keys, other keys.

    One row: the number of the first column in which they differ, from 0, or NULL.
    """
    types = [operation.relation.column(name).type for name in operation.relation.key]
    values = Values()
    keys = [value(type_, values) for type_ in types]
    cases = " ".join(
        f"WHEN NOT {key} {type_.operator('=')} {value(type_, values)} THEN {n}"
        for n, (key, type_) in enumerate(zip(keys, types, strict=True))
    )
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def malformed_key(operation: Operation) -> str:
    """Compose the query for a path key that is no value of its type. Values: path keys.

    One row: the number of the first such key, from 0, or NULL. Postgres refuses the query where the
    text of an array or of a composite type is JSON, but not that of a value.
    """
    values = Values()
    cases = " ".join(
        f"WHEN {_malformed(column.type, values.next())} THEN {n}"
        for n, (_, column) in enumerate(operation.keys)
    )
    return f"SELECT CASE {cases} END"


@lru_cache(STATEMENTS)
def malformed_filter(filters: tuple[Filter, ...]) -> str:
    """Compose the query for a filter's value that is not of its type. Values: those of the filters.

    One row: the number of the first such filter, from 0, or NULL. Postgres may refuse the query, as
    that of `malformed_key`.
    """
    values = Values()
    cases = " ".join(
        f"WHEN {test} THEN {n}"
        for n, filter_ in enumerate(filters)
        for test in _malformed_values(filter_, values)
    )
    return f"SELECT CASE {cases} END"


def _malformed_values(filter_: Filter, values: Values) -> list[str]:
    type_ = filter_.column.type.base
    match filter_.operator:
        case "is=null" | "is=notnull":
            return []
        case "prefix":  # any text is one
            return [f"{values.next()} IS NULL", f"{values.next()} IS NULL"]
        case "contains":
            return [f"{values.next()} IS NULL"]
        case "in":
            texts = f"unnest({values.next('text[]')}) AS t (v)"
            return [f"EXISTS (SELECT FROM {texts} WHERE {_malformed(type_, 't.v')})"]
        case "on":
            return [_malformed(type_.part or type_, values.next())]
    return [_malformed(type_, values.next())]


def _malformed(type_: Type, text: str) -> str:
    if is_made_of_json(type_):
        # The value is computed only where the text is JSON; it is not NULL.
        made = of_text(type_, text)
        is_json = f"pg_input_is_valid({text}, 'json')"
        return f"CASE WHEN {is_json} THEN {made} IS NOT DISTINCT FROM NULL ELSE true END"
    return f"NOT pg_input_is_valid({text}, {literal(type_.sql)})"
