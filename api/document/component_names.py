"""The names of the document's components.

A relation's components are called by the relation, then by what they are, with a dot between them.
A dot in a name of the schema is escaped, so no name can touch another one, or the document's own:
those have no dot, or begin with `many.`.
"""

from api.operations.filters import Filter
from api.operations.identifiers import identifier
from api.operations.operation import Operation

PROBLEM = "problem"  # the schema of a problem document
SERVICE = "service"  # the tag of the service's own paths
CREATED = "many.created"  # the schema of the answer to a body of many rows
RESOLVED = "many.resolved"  # the same where some of them may be there already

# What a relation's schema or tag would be called too, if the relation had this name.
_OWN = frozenset({PROBLEM, SERVICE})


def schema_name(schema: str, relation: str) -> str:
    """Name the schema of a relation's row as it is read, and the relation's tag."""
    name = identifier(relation)
    return name if schema == "api" and name not in _OWN else f"{schema}.{name}"


def row_name(operation: Operation) -> str:
    """Name the schema of an operation's row as it is read."""
    return schema_name(operation.relation.schema, operation.relation.name)


def body_name(operation: Operation) -> str:
    """Name the schema of an operation's body: one for each set of columns that it may hold."""
    # A PATCH has no parents: its path gives the key alone.
    return f"{row_name(operation)}.{operation.kind.body}{_without(operation)}"


def created_name(operation: Operation) -> str:
    """Name the schema of a new row with those below it, as a create answers."""
    return f"{row_name(operation)}.created"


def many_name(name: str) -> str:
    """Name the schema of the rows that stand below another one, by the name of one's schema."""
    return f"{name}.many"


def column_name(row: str, column: str, *, default: bool) -> str:
    """Name the schema of a column in the bodies of a relation, or of one with its default."""
    return f"{row}.{identifier(column)}.column{'.default' if default else ''}"


def order_name(operation: Operation) -> str:
    """Name the parameter `order` of a nested list: one for each set of columns the path gives."""
    return f"{row_name(operation)}.order{_without(operation)}"


def conflict_name(operation: Operation) -> str:
    """Name the parameter `on_conflict` of a create."""
    return f"{row_name(operation)}.on_conflict"


def filter_name(filter_: Filter, *others: Filter) -> str:
    """Name the parameter of a filter: the same for all columns of one name and type.

    `others`: further filters that the same parameter chooses.
    """
    type_ = filter_.column.type
    base = type_ if type_.is_quantity else type_.base
    of = identifier(base.name if base.kind == "b" else base.sql)
    choices = [other.choice for other in others if other.choice]
    operator = ".".join([*filter_.operator.split("="), *choices])
    if filter_.search:
        operator += f".{identifier(filter_.search.function)}"
    return f"{identifier(filter_.column.name)}.{of}.{operator}"


def key_name(schema: str, relation: str, parameter: str) -> str:
    """Name a path parameter: a column of a relation's key."""
    return f"{schema_name(schema, relation)}.{identifier(parameter)}.key"


def _without(operation: Operation) -> str:
    return "".join(f".without.{identifier(column)}" for column in operation.fixed)
