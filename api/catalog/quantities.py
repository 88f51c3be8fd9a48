"""What a CHECK compares: a column's value, or a measure of the value, such as its length."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

Value = str | bool | Decimal
"""A constant in a CHECK."""


class Carrier(Enum):
    """How JSON represents the values of a column."""

    INTEGER = "integer"
    NUMBER = "number"  # a double precision
    QUANTITY = "quantity"  # an api.number, as a number
    DECIMAL = "decimal"  # a numeric, as a string; the schema refuses digits that would be rounded
    STRING = "string"  # a text or varchar under a deterministic collation
    CHAR = "char"  # a char(n) under such a collation, as a string, which Postgres pads with spaces
    ENUM = "enum"
    BOOLEAN = "boolean"
    ARRAY = "array"  # of one dimension
    JSON = "json"
    DATE = "date"  # a date, time or timestamp, as a string
    OTHER = "other"  # such as real, which Postgres rounds before it compares


class Measure(Enum):
    """What a function in a CHECK computes from a column."""

    LENGTH = "characters"
    TRIMMED = "without spaces at both ends"
    TRIMMED_LENGTH = "characters without spaces at both ends"
    ITEMS = "items"
    DIMENSION = "length of a dimension"
    REMAINDER = "remainder of a division"
    JSON_TYPE = "type of a JSON value"


Quantity = Carrier | Measure

# A measure that counts → the keywords of its minimum and of its maximum.
COUNTED: dict[Quantity, tuple[str, str]] = {
    Measure.LENGTH: ("minLength", "maxLength"),
    Measure.ITEMS: ("minItems", "maxItems"),
}
# The JSON types of the columns that a negated CHECK can be about.
JSON_TYPES: dict[Carrier, str] = {
    Carrier.INTEGER: "integer",
    Carrier.NUMBER: "number",
    Carrier.QUANTITY: "number",
    Carrier.DECIMAL: "string",
    Carrier.STRING: "string",
    Carrier.CHAR: "string",
    Carrier.BOOLEAN: "boolean",
    Carrier.ARRAY: "array",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The side of a comparison that holds a column.

    `quantity`: the column itself, or a measure of it; `argument`: the second argument of the
    measure's function; `exact`: whether every cast on the way keeps all values of the column.
    """

    column: str
    quantity: Quantity
    exact: bool = True
    argument: Value | None = None
