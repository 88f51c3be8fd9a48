"""Postgres types → JSON Schemas: all types but arrays, enums, composites and domains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.catalog.quantities import Carrier
from api.catalog.relations import Type
from api.document.validators import Schema

VARHDRSZ = 4  # in `atttypmod` a length or precision includes the header's size (src/include/c.h)

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_FRACTION = r"(\.[0-9]{1,6})?"
# HTML's inputs of a time leave out the seconds if they are 0.
_TIME = f"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]{_FRACTION})?"
# 24:00 is a value of `time`, but in a timestamp Postgres would change it to the next day.
_CLOCK = f"({_TIME}|24:00(:00)?)"
_OFFSET = "[+-](0[0-9]|1[0-5])(:?[0-5][0-9]|(:[0-5][0-9]){2})?"
_PRECISION = 6  # digits of a second's fraction that Postgres keeps; the modifier is a lower number


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """How the API carries a type, its schema without a modifier, and an example."""

    carrier: Carrier
    schema: Schema
    example: Any


def _integer(bits: int, **keywords: Any) -> TypeSchema:
    limits = {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    return TypeSchema(Carrier.INTEGER, {"type": "integer", **keywords, **limits}, 1)


def _string(carrier: Carrier, example: str, **keywords: Any) -> TypeSchema:
    return TypeSchema(carrier, {"type": "string", **keywords}, example)


def _shaped(carrier: Carrier, example: str, pattern: str, sentence: str) -> TypeSchema:
    said = {"pattern": f"must be {sentence}, as in {example}"}
    return _string(carrier, example, pattern=pattern, **{"x-sentences": said})


# By the type's name in pg_type. Any other type is a string that only Postgres can check. The
# carrier is OTHER where Postgres itself rounds a value before it compares it.
TYPES: Mapping[str, TypeSchema] = {
    "int2": _integer(16),
    "int4": _integer(32, format="int32"),
    "int8": _integer(64, format="int64"),
    "float4": TypeSchema(Carrier.OTHER, {"type": "number", "format": "float"}, 1.5),
    "float8": TypeSchema(Carrier.NUMBER, {"type": "number", "format": "double"}, 1.5),
    "numeric": _string(Carrier.DECIMAL, "1"),
    "bool": TypeSchema(Carrier.BOOLEAN, {"type": "boolean"}, True),
    "text": _string(Carrier.STRING, "text"),
    "varchar": _string(Carrier.STRING, "text"),
    "bpchar": _string(Carrier.CHAR, "text"),
    "citext": _string(Carrier.OTHER, "text"),
    "uuid": _string(Carrier.OTHER, "01890a5d-ac96-774b-bcce-b302099a8057", format="uuid"),
    "date": _string(Carrier.DATE, "2024-03-01", format="date"),
    "timestamptz": _string(Carrier.DATE, "2024-03-01T09:30:00+00:00", format="date-time"),
    "timestamp": _shaped(
        Carrier.DATE,
        "2024-03-01T09:30:00",
        f"^{_DAY}T{_TIME}$",
        "a date and time without offset",
    ),
    "time": _shaped(Carrier.DATE, "09:30:00", f"^{_CLOCK}$", "a time of day"),
    "timetz": _shaped(
        Carrier.DATE, "09:30:00+00", f"^{_CLOCK}{_OFFSET}$", "a time of day with offset"
    ),
    "bytea": _shaped(
        Carrier.OTHER,
        "\\xdecade",
        r"^\\x([0-9a-f]{2})*$",
        "\\x and pairs of hexadecimal digits in small letters",
    ),
    "json": TypeSchema(Carrier.JSON, {}, {}),
    "jsonb": TypeSchema(Carrier.JSON, {}, {}),
}
QUANTITY = TypeSchema(Carrier.QUANTITY, {"type": "number"}, 1)  # of `api.number`
_LATER = r"[0-9]{5,6}-[0-9]{2}-[0-9]{2}%s|[0-9]{4,6}-[0-9]{2}-[0-9]{2}%s BC|-?infinity"
_AT = r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_AT_OFFSET = rf"{_AT}(Z|[+-][0-9]{{2}}:[0-9]{{2}})"
# Patterns of texts that are values in Postgres, and not in the formats of JSON Schema. A body may
# not hold them; but a row of another origin may, and has to be found by them.
BEYOND: Mapping[str, str] = {
    **dict.fromkeys(("float4", "float8", "numeric"), "NaN|-?Infinity"),
    "date": _LATER % ("", ""),
    "timestamp": _LATER % (_AT, _AT),
    "timestamptz": _LATER % (_AT_OFFSET, _AT_OFFSET),
}
# Examples of types that only Postgres can check.
_OTHER_EXAMPLES: Mapping[str, str] = {
    "inet": "192.0.2.1",
    "cidr": "192.0.2.0/24",
    "macaddr": "00:00:5e:00:53:01",
    "interval": "PT1H30M",
    "int4range": "[1,10)",
    "int8range": "[1,10)",
    "numrange": "[1,10)",
    "daterange": "[2024-03-01,2024-04-01)",
}


def carrier(type_: Type) -> Carrier:
    """Return how the API carries a type's values."""
    base = type_.base
    if type_.is_quantity:
        return Carrier.QUANTITY
    if not type_.deterministic:
        return Carrier.OTHER  # equal texts may differ
    if base.kind == "a":
        return Carrier.ARRAY
    if base.kind == "e":
        return Carrier.ENUM
    return TYPES[base.name].carrier if base.name in TYPES else Carrier.OTHER


def schema(base: Type) -> Schema:
    """Return the schema of a base type's values, with the limits of its modifier."""
    if base.name not in TYPES:
        return {"type": "string", "x-database-checked": [requirement(base)]}
    made = dict(TYPES[base.name].schema)
    if base.name == "numeric":
        made |= _decimal(base.modifier)
    if length := _length(base):
        made["maxLength"] = length
    if carrier(base) is Carrier.DATE and 0 <= base.modifier < _PRECISION:
        made |= _rounded(made, base.modifier)
    return made


def requirement(base: Type) -> str:
    """Return the sentence of a type whose values only Postgres can check; else an empty one."""
    if base.kind == "a" and base.part:
        return requirement(base.part.base)
    is_checked = base.kind in ("c", "e") or base.name in TYPES
    return "" if is_checked else f"must be a value of the Postgres type {base.name}"


def example(base: Type) -> Any:
    """Return an example of a base type's values, or None."""
    if base.name not in TYPES:
        return _OTHER_EXAMPLES.get(base.name)
    made = TYPES[base.name].example
    length = _length(base)
    return made[:length] if length else made


def _length(base: Type) -> int | None:
    """Return the greatest length of a varchar or char, in characters."""
    if base.name in ("varchar", "bpchar") and base.modifier > VARHDRSZ:
        return base.modifier - VARHDRSZ
    return None


def _rounded(unlimited: Schema, digits: int) -> Schema:
    """Return the keywords that refuse a fraction of a second which Postgres would round."""
    limit = (
        f"must have at most {digits} decimal digit{'s'[: digits != 1]} in the seconds"
        if digits
        else "must be in whole seconds"
    )
    if "pattern" not in unlimited:
        pattern = rf"^[^.]*(\.[0-9]{{1,{digits}}}([^0-9].*)?)?$" if digits else "^[^.]*$"
        return {"pattern": pattern, "x-sentences": {"pattern": limit}}
    fraction = rf"(\.[0-9]{{1,{digits}}})?" if digits else ""
    said = f"{unlimited['x-sentences']['pattern']}; it {limit}"
    pattern = unlimited["pattern"].replace(_FRACTION, fraction)
    return {"pattern": pattern, "x-sentences": {"pattern": said}}


def _decimal(modifier: int) -> Schema:
    """Return the keywords of a numeric(precision, scale).

    The modifier packs both (make_numeric_typmod in src/backend/utils/adt/numeric.c).
    """
    if modifier < VARHDRSZ:
        return _numeric(r"^-?[0-9]+(\.[0-9]+)?$", "a decimal", "19.99")
    packed = modifier - VARHDRSZ
    precision, scale = packed >> 16, (packed & 0x7FF ^ 0x400) - 0x400
    if scale < 0:
        zeros = f"{-scale} zero{'s'[: scale != -1]}"
        said = f"a whole number of at most {precision - scale} digits that ends in {zeros}"
        return _numeric(f"^(-?[0-9]{{1,{precision}}}0{{{-scale}}}|0)$", said, f"1{'0' * -scale}")
    before = max(precision - scale, 1)
    whole = f"[0-9]{{1,{before}}}"
    digits = f"at most {before} digit{'s'[: before != 1]}"
    if not scale:
        return _numeric(f"^-?{whole}$", f"a whole number of {digits}", "19")
    said = f"a decimal with {digits} before and {scale} after the point"
    return _numeric(f"^-?{whole}(\\.[0-9]{{1,{scale}}})?$", said, "19.99" if scale > 1 else "19.9")


def _numeric(pattern: str, said: str, example: str) -> Schema:
    kind = "a decimal" if "." in example else "a whole number"
    said_of = {"type": f'must be {kind} in quotes, as in "{example}"', "pattern": f"must be {said}"}
    return {"pattern": pattern, "x-sentences": said_of}
