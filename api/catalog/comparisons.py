"""One comparison of a column, or of a measure of it, with a constant → JSON Schema keywords."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from api.catalog.keywords import InexpressibleError, Keywords
from api.catalog.quantities import COUNTED, Carrier, Measure, Quantity, Subject, Value

_LIMITS = {">=": "minimum", ">": "exclusiveMinimum", "<=": "maximum", "<": "exclusiveMaximum"}
_NOT_BLANK: Keywords = {"pattern": "[^ ]"}
# (quantity, operator, constant) → keywords that express the comparison with this constant only.
SPECIAL: dict[tuple[Quantity, str, Any], Keywords] = {
    (Carrier.STRING, "<>", ""): {"minLength": 1},
    (Measure.TRIMMED, "<>", ""): _NOT_BLANK,
    (Measure.TRIMMED_LENGTH, "<>", 0): _NOT_BLANK,
    (Measure.TRIMMED_LENGTH, ">", 0): _NOT_BLANK,
    (Measure.TRIMMED_LENGTH, ">=", 1): _NOT_BLANK,
    (Measure.LENGTH, "<>", 0): {"minLength": 1},
    (Measure.ITEMS, "<>", 0): {"minItems": 1},
    (Carrier.DECIMAL, ">=", 0): {"pattern": "^[^-]|^-[0.]*$"},  # "-0.00" is zero
    (Carrier.DECIMAL, ">", 0): {"pattern": "^[^-]*[1-9]"},
    (Carrier.DECIMAL, "<>", 0): {"pattern": "[1-9]"},
    **{
        (Measure.JSON_TYPE, "=", name): {"type": name}
        for name in ("object", "array", "string", "number", "boolean")
    },
}


def keywords(operator: str, subject: Subject, value: Value) -> Keywords:
    """Return the keywords of one comparison; `operator` is one of `= <> >= > <= <`.

    Raises InexpressibleError, or KeyError, where JSON Schema has none.
    """
    special = SPECIAL.get((subject.quantity, operator, value))
    return special or _GENERAL[subject.quantity](operator, value, subject)


def _enum(operator: str, value: Value, subject: Subject) -> Keywords:
    expected = bool if subject.quantity is Carrier.BOOLEAN else str
    if operator != "=" or not isinstance(value, expected):
        raise InexpressibleError
    return {"enum": [value]}


def _number(operator: str, value: Decimal, subject: Subject) -> Keywords:
    number = value if subject.quantity is Carrier.INTEGER else float(value)
    if isinstance(value, bool) or (subject.quantity is Carrier.INTEGER and number % 1):
        raise InexpressibleError
    # JSON has the digits of the shortest text that Python reads as the same double.
    if subject.quantity is Carrier.QUANTITY and Decimal(repr(number)) != value:
        raise InexpressibleError
    limit = number if number % 1 else int(number)
    return {"enum": [limit]} if operator == "=" else {_LIMITS[operator]: limit}


def _multiple(operator: str, value: Decimal, subject: Subject) -> Keywords:
    divisor = subject.argument
    if operator != "=" or value != 0 or not isinstance(divisor, Decimal):
        raise InexpressibleError
    if divisor % 1 or not divisor:
        raise InexpressibleError
    return {"multipleOf": abs(int(divisor))}


def _count(operator: str, value: Decimal, subject: Subject) -> Keywords:
    minimum, maximum = COUNTED[subject.quantity]
    least, most = _bounds(operator, value)
    limits = {minimum: least} if least > 0 else {}
    return limits if most is None else {**limits, maximum: most}


def _bounds(operator: str, value: Decimal) -> tuple[int, int | None]:
    """Return the least and the greatest number that the comparison accepts; None: no greatest."""
    bounds: dict[str, tuple[Decimal, Decimal | None]] = {
        ">=": (value, None),
        ">": (value + 1, None),
        "<=": (Decimal(0), value),
        "<": (Decimal(0), value - 1),
        "=": (value, value),
    }
    least, most = bounds[operator]
    if value % 1 or (most is not None and most < 0):
        raise InexpressibleError
    return int(least), None if most is None else int(most)


def _dimension(operator: str, value: Decimal, subject: Subject) -> Keywords:
    least, most = _bounds(operator, value)
    # `array_length` of an empty array is NULL, which passes a CHECK.
    if subject.argument != 1 or least > 1:
        raise InexpressibleError
    return {} if most is None else {"maxItems": most}


_GENERAL: Mapping[Quantity, Callable[[str, Any, Subject], Keywords]] = {
    Carrier.INTEGER: _number,
    Carrier.NUMBER: _number,
    Carrier.QUANTITY: _number,
    Carrier.STRING: _enum,
    Carrier.CHAR: _enum,
    Carrier.BOOLEAN: _enum,
    Measure.LENGTH: _count,
    Measure.ITEMS: _count,
    Measure.DIMENSION: _dimension,
    Measure.REMAINDER: _multiple,
}
