"""Filters: query parameters that keep some rows of a list."""

from dataclasses import dataclass

from api.catalog.relations import Column, Search

PAGING = ("order", "limit", "after")  # query parameters of every list
FORMAT = "format"  # the query parameter of every GET: in which form the answer is wanted
PARAMETERS = (*PAGING, FORMAT)
RANGES = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
IS_NULL, IS_NOT_NULL = "is=null", "is=notnull"
SEARCH = "search"
OPERATORS = ("eq", *RANGES, "in", IS_NULL, IS_NOT_NULL, "prefix", SEARCH, "contains", "on")
# Operators that leave one value of the column.
EQUAL = ("eq", IS_NULL)
# Operators whose indexes have no order.
UNORDERED = ("contains", "on")
_TEXT_TYPES = frozenset({"text", "varchar", "bpchar", "name"})
_WITHOUT_ORDER = frozenset({"json", "xml", "point"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A column and one of OPERATORS; `search`: by which function SEARCH compares."""

    column: Column
    operator: str
    search: Search | None = None

    @property
    def name(self) -> str:
        """The parameter's name: `column` for `eq`, otherwise `column.operator`.

        `column.eq` where the column is called like one of PARAMETERS, or has a dot in its name:
        that could be another column's filter. Two operators share the name `column.is`: `choice`
        tells them apart.
        """
        name = self.column.name
        plain = self.operator == "eq" and name not in PARAMETERS and "." not in name
        operator = self.operator.partition("=")[0]
        return self.column.name if plain else f"{self.column.name}.{operator}"

    @property
    def choice(self) -> str | None:
        """The one value that the parameter must have to be this filter; None if it has any."""
        return self.operator.partition("=")[2] or None


def offers(column: Column, operator: str) -> bool:
    """Return whether an operator of a btree index can be asked of a column."""
    match operator:
        case "is=null" | "is=notnull":
            return column.nullable and finds_null(column)
        case "in":  # the items of an array of arrays are no arrays
            return column.type.base.kind != "a"
        case "prefix":
            return is_text(column)
    return operator not in (*UNORDERED, SEARCH)


def finds_null(column: Column) -> bool:
    """Return whether an index can be searched for NULL.

    In SQL a row of NULLs is NULL too, so that `IS NULL` of a composite value reads each row.
    """
    return column.type.base.kind != "c"


def comparable(column: Column) -> bool:
    """Return whether the column's type has an order."""
    return column.type.base.name not in _WITHOUT_ORDER


def is_text(column: Column) -> bool:
    """Return whether the column can be filtered by a prefix."""
    return column.type.base.name in _TEXT_TYPES
