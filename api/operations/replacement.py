"""Whether PUT exists for a relation's rows: where the client may choose the key.

Nothing that is added to a schema takes a PUT away: a column that is only inserted, or only changed,
is no part of the body. A new row has its default in it, and a replaced row keeps what it has.
"""

from api.catalog.relations import Column, Relation


def offered(relation: Relation) -> bool:
    """Return whether a row can be created or replaced by its key."""
    if not (relation.addressable and merges(relation)):
        return False
    if not all(is_chosen(relation.column(name)) for name in relation.key):
        return False
    others = [column for column in relation.columns if column.name not in relation.key]
    replaced = [column for column in others if is_replaced(column)]
    filled = relation.filled("insert")
    return any(column.default != "identity" for column in replaced) and all(
        column in replaced or column.name in filled or not _is_needed(column) for column in others
    )


def merges(relation: Relation) -> bool:
    """Return whether Postgres can decide between an insert and an update of the relation."""
    return not (relation.has_rules or relation.answers_by_trigger)


def is_chosen(column: Column) -> bool:
    """Return whether clients may choose a key's column: Postgres numbers no rows by it."""
    numbered = column.default is not None and (
        column.default == "identity" or "nextval(" in column.default
    )
    return "insert" in column.privileges and not column.read_only and not numbered


def is_replaced(column: Column) -> bool:
    """Return whether a body gives the column to a new row and to one that is there."""
    return column.privileges.issuperset(("insert", "update")) and not column.read_only


def _is_needed(column: Column) -> bool:
    """Return whether a new row needs a value of the column."""
    has_value = column.nullable or column.default is not None or column.read_only
    return column.source is not None and not has_value
