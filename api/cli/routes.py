"""What `superbill routes` prints: a table of the operations, and notes on what is not served."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from typing import Any

from api.cli import migrated_catalog, schema_templates
from api.cli.columns import aligned
from api.config import Config
from api.document import example_notes, parameters
from api.operations import discovery, index_access, kinds, notes
from api.operations.kinds import Kind
from api.operations.notes import Note
from api.operations.operation import Operation
from api.representations import offers
from api.representations.representation import Offers
from api.sql import filtered_writes, lists, statements, upserts
from api.sql.clauses import Shape

_OF_BODIES: Mapping[Kind, Callable[[Operation, frozenset[str]], str]] = {
    kinds.CREATE: statements.create,
    kinds.UPDATE: statements.change,
    kinds.REPLACE: upserts.replace,
}
_HEAD = ("METHOD", "PATH", "WHO MAY", "FORMATS", "FILTERS")


def print_routes(settings: Config, role: str, *, sql: bool = False, as_json: bool = False) -> None:
    """Print every operation of a role, and what the schema has and the API does not serve."""
    with ExitStack() as stack:
        catalog = migrated_catalog.look(settings, stack, role)
    found = [*notes.notes(catalog), *example_notes.notes(catalog)]
    if as_json:
        operations = discovery.build(catalog)
        print(_as_json(operations, schema_templates.offered(settings, operations), found))
        return
    try:
        operations = discovery.build(catalog)
        offered = schema_templates.offered(settings, operations)
        print(*table(operations, offered), "", sep="\n")
        if sql:
            print(*_statements(operations), sep="\n")
    finally:  # whatever fails before: they may say why
        print(*text(found), sep="\n")


def table(operations: Iterable[Operation], offered: Offers) -> Iterator[str]:
    """Return the lines of a table: method, path, who may call it, formats of answers, filters."""
    return aligned([_HEAD, *(_row(each, offered) for each in operations)])


def _statements(operations: Iterable[Operation]) -> Iterator[str]:
    """Yield the statement of each operation, with a comment before it that names it."""
    for operation in operations:
        yield f"-- {operation.method} {operation.path}  {operation.id}\n{statement(operation)};\n"


def text(found: Iterable[Note]) -> Iterator[str]:
    """Yield a line for each note, and one for the SQL that would change what it says."""
    for note in found:
        yield f"note: {note}"
        if note.sql:
            yield f"      {note.sql}"


def _as_json(operations: Sequence[Operation], offered: Offers, found: Sequence[Note]) -> str:
    """Write operations and notes as JSON."""
    document: dict[str, Any] = {
        "operations": [
            {
                "method": operation.method,
                "path": operation.path,
                "id": operation.id,
                "roles": _roles(operation),
                "formats": _formats(operation, offered),
                "filters": list(dict.fromkeys(f.name for f in parameters.filters(operation))),
                "orders": list(_orders(operation)),
                "sql": statement(operation),
            }
            for operation in operations
        ],
        "notes": [
            {"about": note.about, "sentence": note.sentence, "sql": note.sql or None}
            for note in found
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def statement(operation: Operation) -> str:
    """Compose the operation's statement: of a list, without filters and in the default order."""
    names = frozenset(column.name for column in operation.body)
    if operation.kind in _OF_BODIES:
        return _OF_BODIES[operation.kind](operation, names)
    match operation.kind:
        case kinds.LIST:
            order = index_access.serve(operation.relation, operation.fixed, ())
            assert order is not None
            return lists.listing(operation, Shape((), order))
        case kinds.REPORT:
            return lists.report(operation)
        case kinds.UPDATE_MANY | kinds.DELETE_MANY:
            return _filtered_write(operation, names)
        case kinds.DELETE:
            return statements.delete(operation)
        case _:
            return statements.item(operation)


def _filtered_write(operation: Operation, names: frozenset[str]) -> str:
    """Compose the statement of a write by filters, without filters."""
    order = index_access.serve(operation.relation, (), ())
    assert order is not None
    shape = Shape((), order)
    if operation.kind is kinds.DELETE_MANY:
        return filtered_writes.delete(operation, shape)
    return filtered_writes.change(operation, shape, names)


def _row(operation: Operation, offered: Offers) -> tuple[str, ...]:
    filters = ", ".join(
        f"{name} ({' '.join('=' if f.operator == 'eq' else f.operator for f in group)})"
        for name, group in groupby(parameters.filters(operation), lambda f: f.column.name)
    )
    names = " ".join(_formats(operation, offered))
    return operation.method, operation.path, ", ".join(_roles(operation)), names, filters


def _formats(operation: Operation, offered: Offers) -> list[str]:
    """Return what the parameter `format` takes; nothing where there is no such parameter."""
    return [*offers.formats(operation, offered.get(operation, ()))]


def _roles(operation: Operation) -> list[str]:
    """Return the roles that hold the privileges on the relation."""
    first, *others = (
        operation.relation.grantees.get(privilege.upper(), ())
        for privilege in operation.kind.privileges
    )
    return [role for role in first if all(role in other for other in others)]


def _orders(operation: Operation) -> tuple[str, ...]:
    if not operation.kind.pages:
        return ()
    return index_access.orders(operation.relation, operation.fixed)
