"""The names of the document's components.

A relation's components are called by the relation, then by what they are. The document's own have
no dot in their names, or begin with `many.`.
"""

from api.operations.filters import Filter
from api.operations.operation import Operation

CREATED = "many.created"  # the schema of the answer to a body of many rows


def schema_name(schema: str, relation: str) -> str:
    """Name the schema of a relation's row as it is read."""
    name = relation if schema == "api" else f"{schema}.{relation}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def row_name(operation: Operation) -> str:
    """Name the schema of an operation's row as it is read."""
    return schema_name(operation.relation.schema, operation.relation.name)


def body_name(operation: Operation) -> str:
    """Name the schema of an operation's body: one for each set of columns that it may hold."""
    # A PATCH has no parents: its path gives the key alone.
    return f"{row_name(operation)}.{operation.kind.body}{_without(operation)}"


def column_name(row: str, column: str) -> str:
    """Name the schema of a column that is the same in a row and in its bodies."""
    return f"{row}.{schema_name('api', column)}.column"


def order_name(operation: Operation) -> str:
    """Name the parameter `order` of a list: one for each set of columns that the path gives."""
    return f"{row_name(operation)}.order{_without(operation)}"


def filter_name(filter_: Filter) -> str:
    """Name the parameter of a filter: the same for all columns of one name and type."""
    type_ = filter_.column.type
    base = type_ if type_.is_quantity else type_.base
    of = schema_name("api", base.name if base.kind == "b" else base.sql)
    return f"{schema_name('api', filter_.column.name)}.{of}.{filter_.operator}"


def key_name(schema: str, relation: str, parameter: str) -> str:
    """Name a path parameter: a column of a relation's key."""
    return f"{schema_name(schema, relation)}.{schema_name('api', parameter)}.key"


def _without(operation: Operation) -> str:
    return "".join(f".without.{schema_name('api', column)}" for column in operation.fixed)
