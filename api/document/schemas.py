"""Relations → JSON Schemas (2020-12): a row as it is read, created and changed; and a value in a URL."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from api.catalog import checks
from api.catalog.expressions import Carriers
from api.catalog.keywords import TIGHTER
from api.catalog.quantities import Carrier
from api.catalog.relations import Column, Constraint, Relation, Type, in_words
from api.document import validators
from api.document.validators import Schema
from api.operations.operation import Operation

VARHDRSZ = 4  # a length or precision in `atttypmod` counts the value's header too (src/include/c.h)

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_FRACTION = r"(\.[0-9]{1,6})?"
_TIME = f"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{_FRACTION}"
_CLOCK = f"({_TIME}|24:00:00)"  # a day's end is a time of day, but a moment of the next day
_OFFSET = "[+-](0[0-9]|1[0-5])(:?[0-5][0-9]|(:[0-5][0-9]){2})?"
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"  # as Postgres prints one
_PRECISION = 6  # digits of a second that Postgres keeps; a lower one is the modifier

# A type's name in pg_type → the kind that api/catalog/checks.py knows, the schema, and an example. What is
# not here is a string that only Postgres can judge. Where Postgres itself rounds or pads before it
# compares, the kind is "other".
TYPES: Mapping[str, tuple[Carrier, Schema, Any]] = {
    "int2": (Carrier.INTEGER, {"type": "integer", "minimum": -(2**15), "maximum": 2**15 - 1}, 1),
    "int4": (
        Carrier.INTEGER,
        {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
        1,
    ),
    "int8": (
        Carrier.INTEGER,
        {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1},
        1,
    ),
    "float4": (Carrier.OTHER, {"type": "number", "format": "float"}, 1.5),
    "float8": (Carrier.NUMBER, {"type": "number", "format": "double"}, 1.5),
    "numeric": (Carrier.DECIMAL, {"type": "string"}, "1"),
    "bool": (Carrier.BOOLEAN, {"type": "boolean"}, True),
    "text": (Carrier.STRING, {"type": "string"}, "text"),
    "varchar": (Carrier.STRING, {"type": "string"}, "text"),
    "bpchar": (Carrier.OTHER, {"type": "string"}, "text"),
    "citext": (Carrier.OTHER, {"type": "string"}, "text"),
    "uuid": (
        Carrier.OTHER,
        {"type": "string", "format": "uuid"},
        "01890a5d-ac96-774b-bcce-b302099a8057",
    ),
    "date": (Carrier.DATE, {"type": "string", "format": "date"}, "2024-03-01"),
    "timestamptz": (
        Carrier.DATE,
        {"type": "string", "format": "date-time"},
        "2024-03-01T09:30:00+00:00",
    ),
    "timestamp": (
        Carrier.DATE,
        {"type": "string", "pattern": f"^{_DAY}T{_TIME}$"},
        "2024-03-01T09:30:00",
    ),
    "time": (Carrier.DATE, {"type": "string", "pattern": f"^{_CLOCK}$"}, "09:30:00"),
    "timetz": (Carrier.DATE, {"type": "string", "pattern": f"^{_CLOCK}{_OFFSET}$"}, "09:30:00+00"),
    "bytea": (Carrier.OTHER, {"type": "string", "pattern": r"^\\x([0-9a-f]{2})*$"}, "\\xdecade"),
    "json": (Carrier.JSON, {}, {}),
    "jsonb": (Carrier.JSON, {}, {}),
}
# Examples of types that only Postgres can judge.
_EXAMPLES: Mapping[str, str] = {
    "inet": "192.0.2.1",
    "cidr": "192.0.2.0/24",
    "macaddr": "00:00:5e:00:53:01",
    "interval": "PT1H30M",
    "int4range": "[1,10)",
    "int8range": "[1,10)",
    "numrange": "[1,10)",
    "daterange": "[2024-03-01,2024-04-01)",
}


def value(type_: Type) -> Schema:
    """Give the schema of a type's values."""
    base = type_.base
    schema = _unnamed(base)
    if type_.kind == "d":
        for check in _domain_checks(type_):
            _add({"properties": {"VALUE": schema}}, check, {"VALUE": _kind(type_)})
    return schema


def parameter(column: Column) -> Schema:
    """Give the schema of a column's value in a URL: its type alone, for to ask for what no row can hold is no fault."""
    return _unnamed(replace(column.type.base, modifier=-1))


def read(relation: Relation) -> Schema:
    """Give the schema of a row as it is answered."""
    columns = relation.allowed("select")
    schema = _object(relation, columns)
    schema["required"] = [column.name for column in columns]
    return schema


def created(operation: Operation) -> Schema:
    """Give the schema of a body that creates a row."""
    schema = _object(operation.relation, operation.body, writing=True)
    required = [
        column.name for column in operation.body if not column.nullable and column.default is None
    ]
    return {**schema, "required": required, "additionalProperties": False}


def changed(operation: Operation) -> Schema:
    """Give the schema of a body that changes a row: any of the columns, at least one."""
    schema = _object(operation.relation, operation.body, writing=True)
    for column in schema["properties"].values():
        column.pop("default", None)
    return {**schema, "minProperties": 1, "additionalProperties": False}


def example(schema: Schema) -> Any:
    """Give an example of an object, made of those of its required properties, or of all; None where one is missing."""
    parts = schema["properties"]
    names = (
        [name for name in parts if name in schema["required"]]
        if schema.get("required")
        else list(parts)
    )
    return (
        {name: parts[name]["examples"][0] for name in names}
        if all("examples" in parts[n] for n in names)
        else None
    )


def _object(relation: Relation, columns: Iterable[Column], *, writing: bool = False) -> Schema:
    columns = tuple(columns)
    schema: Schema = {
        "type": "object",
        "properties": {c.name: _column(c, writing=writing) for c in columns},
    }
    kinds = {c.source: _kind(c.type) for c in columns if c.source}
    names = {c.source: c.name for c in columns if c.source}
    for constraint in relation.constraints:
        if constraint.kind == "c":
            _add(schema, constraint, kinds, names)
    for column in columns:
        part = schema["properties"][column.name]
        if column.nullable:
            schema["properties"][column.name] = _nullable(part)
        elif writing and "type" not in part:
            part["not"] = {"type": "null"}  # JSON's null is SQL's
        if "\nExample: " not in (column.comment or ""):
            _exemplify(schema["properties"][column.name])
    return schema


def _column(column: Column, *, writing: bool) -> Schema:
    schema = value(column.type)
    text, given = _comment(column.comment, schema)
    if text:
        schema["description"] = text
    schema["examples"] = [_example(column.type) if given is None else given]
    if not writing and (column.read_only or not column.privileges & {"insert", "update"}):
        schema["readOnly"] = True
    constant = _constant(column) if writing else None
    if constant is not None and validators.validator(schema).is_valid(constant):
        schema["default"] = constant
    return schema


def _comment(comment: str | None, schema: Schema) -> tuple[str | None, Any]:
    """Split a comment's last line `Example: …` off: a text, or else JSON."""
    text, mark, given = (comment or "").rpartition("\nExample: ")
    if not mark:
        return comment, None
    return text, given if schema.get("type") == "string" else json.loads(given)


def _example(type_: Type) -> Any:
    base = type_.base
    match base.kind:
        case "a":
            return [_example(base.part)] if base.part else []
        case "e":
            return base.labels[0]
        case "c":
            return {
                field.name: _column(field, writing=True)["examples"][0] for field in base.fields
            }
    example = TYPES[base.name][2] if base.name in TYPES else _EXAMPLES.get(base.name)
    length = base.modifier - VARHDRSZ
    return (
        example[:length]
        if isinstance(example, str) and base.name in ("varchar", "bpchar") and length > 0
        else example
    )


def _exemplify(part: Schema) -> None:
    """Keep the type's example if the CHECKs take it; else take one of the values that they name; else give none."""
    valid = validators.validator(
        {name: limit for name, limit in part.items() if name != "examples"}
    ).is_valid
    named = (part.get(keyword) for keyword in ("default", "minimum", "maximum", "multipleOf"))
    candidates = [
        *part.pop("examples"),
        *part.get("enum", ()),
        *named,
        "x" * part.get("minLength", 0),
    ]
    found = next(
        (candidate for candidate in candidates if candidate is not None and valid(candidate)), None
    )
    if found is not None:
        part["examples"] = [found]


def _constant(column: Column) -> Any:
    """Read a default that is a literal: true, false, a number, quoted if it is negative, or a text with its cast."""
    found = re.fullmatch(
        rf"'((?:[^']|'')*)'::[\w\s\".]+|({_NUMBER}|true|false)", column.default or ""
    )
    if not found:
        return None
    kind, text = _kind(column.type), found[2] or found[1].replace("''", "'")
    if kind in (Carrier.INTEGER, Carrier.NUMBER, Carrier.BOOLEAN):
        return json.loads(text) if found[2] or re.fullmatch(_NUMBER, text) else None
    return (
        text
        if kind is Carrier.DECIMAL
        or (kind in (Carrier.STRING, Carrier.ENUM, Carrier.DATE) and not found[2])
        else None
    )


def _kind(type_: Type) -> Carrier:
    base = type_.base
    kinds = {"a": Carrier.ARRAY, "e": Carrier.ENUM}
    return kinds.get(base.kind) or (TYPES[base.name][0] if base.name in TYPES else Carrier.OTHER)


def _unnamed(base: Type) -> Schema:
    match base.kind:
        case "a":
            part = value(base.part) if base.part else {}
            return {"type": "array", "items": part if base.items_not_null else _nullable(part)}
        case "e":
            return {"type": "string", "enum": list(base.labels)}
        case "c":
            fields = {f.name: _nullable(_column(f, writing=True)) for f in base.fields}
            return {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            }
    if base.name not in TYPES:
        return {
            "type": "string",
            "x-database-checked": [f"A value of the Postgres type {base.name}."],
        }
    schema = dict(TYPES[base.name][1])
    if base.name == "numeric":
        schema["pattern"] = _decimal(base.modifier)
    if base.name in ("varchar", "bpchar") and base.modifier > VARHDRSZ:
        schema["maxLength"] = base.modifier - VARHDRSZ
    if _kind(base) is Carrier.DATE and 0 <= base.modifier < _PRECISION:
        schema |= _rounded(schema, base.modifier)
    return schema


def _rounded(schema: Schema, digits: int) -> Schema:
    """Refuse a fraction of a second that Postgres would round to this number of digits, unasked."""
    if "pattern" in schema:
        return {
            "pattern": schema["pattern"].replace(
                _FRACTION, rf"(\.[0-9]{{1,{digits}}})?" if digits else ""
            )
        }
    sentence = (
        f"must give at most {digits} digits of a second's fraction"
        if digits
        else "must give whole seconds"
    )
    pattern = rf"^[^.]*(\.[0-9]{{1,{digits}}}([^0-9].*)?)?$" if digits else "^[^.]*$"
    return {"pattern": pattern, "x-sentences": {"pattern": sentence}}


def _decimal(modifier: int) -> str:
    """Give the pattern of numeric(precision, scale), whose modifier packs both (src/backend/utils/adt/numeric.c)."""
    if modifier < VARHDRSZ:
        return r"^-?[0-9]+(\.[0-9]+)?$"
    packed = modifier - VARHDRSZ
    precision, scale = packed >> 16, (packed & 0x7FF ^ 0x400) - 0x400
    if scale < 0:
        return f"^(-?[0-9]{{1,{precision}}}0{{{-scale}}}|0)$"
    whole = f"[0-9]{{1,{max(precision - scale, 1)}}}"
    return f"^-?{whole}(\\.[0-9]{{1,{scale}}})?$" if scale > 0 else f"^-?{whole}$"


def _nullable(schema: Schema) -> Schema:
    if "type" not in schema:
        return schema  # anything goes, null too
    made = {**schema, "type": [schema["type"], "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    if "allOf" in made:
        made["allOf"] = [
            {**part, "enum": [*part["enum"], None]} if "enum" in part else part
            for part in made["allOf"]
        ]
    return made


def _domain_checks(type_: Type) -> Iterable[Constraint]:
    yield from type_.checks
    if type_.kind == "d" and type_.part:
        yield from _domain_checks(type_.part)


def _add(
    schema: Schema,
    check: Constraint,
    kinds: Carriers,
    names: Mapping[str, str] | None = None,
) -> None:
    """Add what a CHECK says to the properties that it speaks of, and where JSON Schema can't say it, its sentence."""
    reading = checks.read(check.expression or "", kinds)
    sentence = check.comment or in_words(check.name)
    properties = schema.setdefault("properties", {})
    names = names or {name: name for name in kinds}
    for source, keywords in reading.keywords.items():
        part = properties.setdefault(names[source], {})
        _say(part, keywords, sentence)
    if not reading.complete:
        columns = [names[c] for c in check.columns if c in names]
        place = (
            properties.setdefault(columns[0], {})
            if len(columns) == 1 == len(check.columns)
            else schema
        )
        if columns:
            place["x-database-checked"] = [*place.get("x-database-checked", []), sentence]


def _say(part: Schema, keywords: Mapping[str, Any], sentence: str) -> None:
    """Add keywords with their sentence: of two limits the tighter one stays, of two patterns both."""
    more = [*keywords.get("allOf", ())]
    for keyword, limit in keywords.items():
        tighter = TIGHTER.get(keyword)
        if keyword == "allOf":
            continue
        if keyword in part and tighter is None:
            more.append({keyword: limit})
        elif keyword not in part or (
            limit != part[keyword] and tighter and tighter(limit, part[keyword]) == limit
        ):
            part[keyword] = limit
            part["x-sentences"] = {**part.get("x-sentences", {}), keyword: sentence}
    if more:
        told = [{**said, "x-sentences": dict.fromkeys(said, sentence)} for said in more]
        part["allOf"] = [*part.get("allOf", []), *told]
