"""Which filters a report has: those that an index serves, below the report's joins and GROUP BY."""

from api.catalog.relations import Relation
from api.operations.filters import RANGES, Filter, comparable, offers
from api.operations.index_order import readable

_OPERATORS = ("eq", *RANGES, "in")


def filters(relation: Relation) -> tuple[Filter, ...]:
    """Return the filters of a report, in the order of its columns."""
    return tuple(
        Filter(column, operator)
        for column in relation.columns
        if column.name in relation.filterable
        if readable(relation, column.name) and comparable(column)
        for operator in _OPERATORS
        if offers(column, operator)
    )
