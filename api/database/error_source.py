"""What an error of Postgres comes from: which constraint, which trigger, which columns.

An error names a constraint and its table. RAISE may give the same fields; else its context names
the functions that were running, the innermost one first, and the catalog knows their triggers.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from asyncpg import PostgresError

from api.catalog import triggers
from api.catalog.relations import Catalog, Constraint, Type
from api.catalog.triggers import Trigger
from api.document import check_keywords, type_schemas
from api.operations.operation import Operation
from api.problem import Fault, pointer

_ITEM = re.compile(r"(.+)\[([1-9][0-9]{0,8})\]", re.DOTALL)
_MOST_PATTERNS = 4096  # of triggers' functions
# SQLSTATEs of texts that are no values of their types, such as a range whose bounds are swapped.
_MALFORMED = ("22000", "22007", "22008", "22P02")


def constraint(error: PostgresError, operation: Operation, catalog: Catalog) -> Constraint | None:
    """Find the constraint that an error names; None if it names none that the catalog has."""
    name, table = error.constraint_name or "", error.table_name or ""
    state = error.sqlstate or ""
    if name:
        known = constraint_called(name, error, operation, catalog)
        return known or _of_domain(operation, name)
    if state == "23514" and table:
        return catalog.constraints.get((error.schema_name or "", table, ""))
    if state == "23514" and not error.context:
        return _empty_period(operation)
    return None


def constraint_called(
    name: str, error: PostgresError, operation: Operation, catalog: Catalog
) -> Constraint | None:
    """Find a constraint by its name: on the error's table, or on one of the operation's.

    RAISE may name one of any table, if only one has a constraint of this name.
    """
    table = error.table_name or ""
    known = catalog.constraints.get((error.schema_name or "", table, name))
    found = known or _of_relation(operation, catalog, table, name)
    if found or not is_on_purpose(error):
        return found
    anywhere = {each for (_, _, its), each in catalog.constraints.items() if its == name}
    return anywhere.pop() if len(anywhere) == 1 else None


def triggers_called(name: str, operation: Operation, catalog: Catalog) -> tuple[Trigger, ...]:
    """Find the triggers of a name: those of the operation if there are any."""
    return _likeliest(tuple(t for t in catalog.triggers if t.name == name), operation)


def refusal(
    error: PostgresError, operation: Operation, catalog: Catalog
) -> tuple[tuple[Trigger, ...], str | None]:
    """Find the trigger that raised an error, and its comment if it refused on purpose.

    They are several where they share a function.
    """
    if named := triggers_called(error.constraint_name or "", operation, catalog):
        return named, triggers.comment(named)
    context = error.context or ""
    frames = [
        (match.start(), trigger)
        for trigger in catalog.triggers
        if (match := _signature(trigger).search(context))
    ]
    innermost = min((start for start, _ in frames), default=0)
    found = _likeliest(tuple(t for start, t in frames if start == innermost), operation)
    return found, triggers.comment(found) if is_on_purpose(error) else None


def is_on_purpose(error: PostgresError) -> bool:
    """Return whether a function raised the error to refuse something.

    Postgres itself has 55000 too, without a function. It translates the context, but not the name
    of the statement.
    """
    context = error.context or ""
    raised = error.sqlstate == "P0001" or (error.sqlstate == "55000" and bool(context))
    return raised or context.partition("\n")[0].endswith("RAISE")


def malformed(
    error: PostgresError, operation: Operation, fields: Collection[str]
) -> tuple[str, str] | None:
    """Return the field whose text is no value of its type, and what it must be, if it is clear.

    Such an error names no column; it is clear where only one of the body's fields has a type whose
    values only Postgres can check.
    """
    found = [
        (column.name, sentence)
        for column in operation.body
        if column.name in fields and (sentence := type_schemas.requirement(column.type.base))
    ]
    return found[0] if error.sqlstate in _MALFORMED and len(found) == 1 else None


def columns(
    error: PostgresError,
    operation: Operation,
    found: Constraint | None,
    catalog: Catalog,
    fields: Collection[str],
) -> tuple[str, ...]:
    """Return the columns of the operation's tables that are at fault, as far as it is known.

    A trigger may name a column of its own choice, or an item; `fields`: those of the body.
    """
    if error.sqlstate == "44000" and not error.column_name:
        return operation.relation.condition
    if error.sqlstate == "23502" and not error.column_name:
        return _domain_column(error, operation)
    if error.column_name:
        return (error.column_name,) if is_about(error, operation) else ()
    return columns_of(found, operation, catalog, fields)


def is_about(error: PostgresError, operation: Operation) -> bool:
    """Return whether the column that an error names may be one of the operation's tables."""
    names = {name for _, name in operation.relation.tables}
    return not error.table_name or error.table_name in names


def columns_of(
    found: Constraint | None, operation: Operation, catalog: Catalog, fields: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the columns of a constraint that a body of the operation may hold.

    Of a constraint of another table, whose rows an update changes too: what they follow, or the
    body's field if it has only one.
    """
    if found is None:
        return ()
    its = found.written or found.columns
    if found.table in (*operation.relation.tables, ("", "")):
        return its
    if "update" not in operation.kind.privileges:
        return ()
    followed = tuple(dict.fromkeys(_followed(found.table, its, operation, catalog, ())))
    return followed or (tuple(fields) if len(fields) == 1 else ())


def _followed(
    table: tuple[str, str],
    names: Collection[str],
    operation: Operation,
    catalog: Catalog,
    seen: tuple[tuple[str, str], ...],
) -> Iterator[str]:
    """Yield the columns of the operation's table that foreign keys bring into another table's."""
    for key in catalog.constraints.values():
        if key.kind != "f" or key.table != table or key.references in (table, *seen):
            continue
        pairs = zip(key.columns, key.referenced, strict=True)
        theirs = [there for here, there in pairs if here in names]
        if key.references == operation.relation.table:
            yield from theirs
        elif theirs:
            yield from _followed(key.references, theirs, operation, catalog, (*seen, table))


def faults(
    operation: Operation,
    sources: Iterable[str],
    sentence: str,
    items: Iterable[tuple[str, int]] = (),
) -> tuple[Fault, ...]:
    """Return a fault at the place of each column that a body of the operation may hold.

    `items`: as in `Constraint`.
    """
    # A trigger of the view may name the view's column.
    names = {column.name: column.name for column in operation.body}
    names |= {column.source: column.name for column in reversed(operation.body) if column.source}
    numbers = dict(items)
    found = []
    for source in sources:
        # A trigger may name an item, as SQL does, which counts from 1.
        item = None if source in names else _ITEM.fullmatch(source)
        column, number = (item[1], int(item[2]) - 1) if item else (source, numbers.get(source))
        if column in names:
            found.append(pointer(names[column], *([] if number is None else [number])))
    return tuple(Fault(each, sentence) for each in dict.fromkeys(found))


def not_null_comment(error: PostgresError, operation: Operation) -> str | None:
    """Return the comment of the NOT NULL constraint that an error is about."""
    found = (c for c in operation.relation.columns if c.source == error.column_name)
    return next((column.not_null_comment for column in found), None)


def _domain_column(error: PostgresError, operation: Operation) -> tuple[str, ...]:
    """Return the column whose domain refuses null, if just one column of the body has the domain.

    The error names the domain only.
    """
    name = error.data_type_name
    found = [c.source or c.name for c in operation.body if name in set(_domains(c.type))]
    return tuple(found) if len(found) == 1 else ()


def _domains(type_: Type) -> Iterator[str]:
    if type_.kind == "d":
        yield type_.name
    if type_.kind == "d" and type_.part:
        yield from _domains(type_.part)


def _of_relation(
    operation: Operation, catalog: Catalog, table: str, name: str
) -> Constraint | None:
    """Find a constraint of the operation's tables: RAISE need not give schema and table."""
    found = (
        catalog.constraints.get((*each, name))
        for each in sorted(operation.relation.tables)
        if table in ("", each[1])
    )
    return next((each for each in found if each), None)


def _of_domain(operation: Operation, name: str) -> Constraint | None:
    """Find a domain's CHECK, if just one column of the body has this domain.

    The error of such a CHECK names no column.
    """
    found = [
        replace(check, columns=(column.source or column.name,))
        for column in operation.body
        for check in check_keywords.of_domain(column.type)
        if check.name == name
    ]
    return found[0] if len(found) == 1 else None


def _empty_period(operation: Operation) -> Constraint | None:
    """Make the rule that a period in a key is not empty: Postgres's error of it names nothing."""
    for each in operation.relation.constraints:
        if each.period and each.kind in ("p", "u"):
            sentence = "This must not be an empty range."
            return Constraint("", "c", each.table, each.columns[-1:], comment=sentence)
    return None


def _likeliest(found: tuple[Trigger, ...], operation: Operation) -> tuple[Trigger, ...]:
    """Return those on the operation's tables if there are any, and of them those of its event."""
    tests: tuple[Callable[[Trigger], bool], ...] = (
        lambda trigger: trigger.table in operation.relation.tables,
        lambda trigger: not trigger.events.isdisjoint(operation.kind.privileges),
    )
    for test in tests:
        found = tuple(filter(test, found)) or found
    return found


@lru_cache(_MOST_PATTERNS)
def _signature(trigger: Trigger) -> re.Pattern[str]:
    """Match the function as Postgres names it: PL/pgSQL's with arguments, else quoted.

    Its schema is left out if the session's search_path has it. A trigger's function takes nothing.
    """
    schema, name = map(re.escape, trigger.function)
    return re.compile(rf'(?<![\w$."])(?:"?{schema}"?\.)?"?{name}"?\(\)|"{name}"(?!\()')
