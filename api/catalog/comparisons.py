"""One comparison of a column, or of something that is measured on it, with a value → JSON Schema keywords."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from api.catalog.patterns import UnsayableError

Keywords = Mapping[str, Any]
Value = str | bool | Decimal

_LIMITS = {">=": "minimum", ">": "exclusiveMinimum", "<=": "maximum", "<": "exclusiveMaximum"}
SAID: dict[tuple[str, str, Any], Keywords] = {  # of what, compared with one value
    ("string", "<>", ""): {"minLength": 1},
    ("trimmed", "<>", ""): {"pattern": "[^ ]"},
    **{("trimmed length", *more): {"pattern": "[^ ]"} for more in (("<>", 0), (">", 0), (">=", 1))},
    ("Length", "<>", 0): {"minLength": 1},
    ("Items", "<>", 0): {"minItems": 1},
    ("decimal", ">=", 0): {"pattern": "^[^-]|^-[0.]*$"},  # "-0.00" is zero
    ("decimal", ">", 0): {"pattern": "^[^-]*[1-9]"},
    ("decimal", "<>", 0): {"pattern": "[1-9]"},
    **{
        ("type", "=", name): {"type": name}
        for name in ("object", "array", "string", "number", "boolean")
    },
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The side of a comparison that holds a column: itself, or a function of it and of `detail`."""

    column: str
    what: str
    exact: bool = True
    detail: Value | None = None


def keywords(operator: str, subject: Subject, value: Value) -> Keywords:
    """Give the keywords of one comparison.

    Raises UnsayableError, or KeyError, where there are none.
    """
    return SAID.get((subject.what, operator, value)) or _VOCABULARY[subject.what](
        operator, value, subject
    )


def _enum(operator: str, value: Value, subject: Subject) -> Keywords:
    if operator != "=" or not isinstance(value, {"string": str, "boolean": bool}[subject.what]):
        raise UnsayableError
    return {"enum": [value]}


def _number(operator: str, value: Decimal, subject: Subject) -> Keywords:
    number = float(value) if subject.what == "number" else value
    if isinstance(value, bool) or (subject.what == "integer" and number % 1):
        raise UnsayableError
    said = number if number % 1 else int(number)
    return {"enum": [said]} if operator == "=" else {_LIMITS[operator]: said}


def _multiple(operator: str, value: Decimal, subject: Subject) -> Keywords:
    if operator != "=" or value != 0 or not isinstance(subject.detail, Decimal):
        raise UnsayableError
    if subject.detail % 1 or not subject.detail:
        raise UnsayableError
    return {"multipleOf": abs(int(subject.detail))}


def _count(operator: str, value: Decimal, subject: Subject) -> Keywords:
    zero = Decimal(0)
    bounds: dict[str, tuple[Decimal, Decimal | None]]
    bounds = {
        ">=": (value, None),
        ">": (value + 1, None),
        "<=": (zero, value),
        "<": (zero, value - 1),
        "=": (value, value),
    }
    least, most = bounds[operator]
    if value % 1 or (most is not None and most < 0):
        raise UnsayableError
    said = {f"min{subject.what}": int(least)} if least > 0 else {}
    return said if most is None else {**said, f"max{subject.what}": int(most)}


def _dimension(operator: str, value: Decimal, subject: Subject) -> Keywords:
    said = dict(_count(operator, value, replace(subject, what="Items")))
    if (
        subject.detail != 1 or said.pop("minItems", 0) > 1
    ):  # an empty array has no length, and passes
        raise UnsayableError
    return said


_VOCABULARY: Mapping[str, Callable[[str, Any, Subject], Keywords]] = {
    "integer": _number,
    "number": _number,
    "string": _enum,
    "boolean": _enum,
    "Length": _count,
    "Items": _count,
    "dimension": _dimension,
    "remainder": _multiple,
}
