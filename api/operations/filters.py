"""Filters: query parameters that keep some rows of a list."""

from dataclasses import dataclass

from api.catalog.relations import Column

PAGING = ("order", "limit", "after")  # query parameters of every list
RANGES = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
OPERATORS = ("eq", *RANGES, "in", "prefix", "contains", "on")
# Operators whose indexes have no order.
UNORDERED = ("contains", "on")
_TEXT_TYPES = frozenset({"text", "varchar", "bpchar", "name", "citext"})
# Kinds of type (array, composite, pseudo, multirange) whose values a query string cannot hold.
_COMPOUND = frozenset("acpm")
_WITHOUT_EQUALITY = frozenset({"json", "jsonb", "xml", "point"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A column and one of OPERATORS."""

    column: Column
    operator: str

    @property
    def name(self) -> str:
        """The parameter's name: `column` for `eq`, otherwise `column.operator`.

        `column.eq` where the column is called like a parameter of PAGING, or has a dot in its name:
        that could be another column's filter.
        """
        name = self.column.name
        plain = self.operator == "eq" and name not in PAGING and "." not in name
        return self.column.name if plain else f"{self.column.name}.{self.operator}"


def comparable(column: Column) -> bool:
    """Return whether a query string can hold a value to compare the column with."""
    base = column.type.base
    return base.kind not in _COMPOUND and base.name not in _WITHOUT_EQUALITY


def is_text(column: Column) -> bool:
    """Return whether the column can be filtered by a prefix."""
    return column.type.base.name in _TEXT_TYPES
