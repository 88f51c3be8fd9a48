"""The validators of bodies and values in URLs, and a sentence for each JSON Schema keyword.

They follow draft 2020-12, except that they check formats, `$` matches only at the very end of a
string, and an integer is written without point and exponent.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

Schema = dict[str, Any]

NOT_NULL = "must not be null"
# Characters that JSON can hold and Postgres cannot store.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
PATTERNS = {  # formats that one regular expression decides
    "uuid": re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_OFFSETS = timedelta(hours=16)  # Postgres's are less

_SINGLE_MAX = 3.40282356e38  # what IEEE 754 rounds to the greatest binary32

formats = FormatChecker(formats=())
formats.checks("uuid")(
    lambda value: not isinstance(value, str) or PATTERNS["uuid"].fullmatch(value) is not None
)


@formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(_DAY.fullmatch(value) and date.fromisoformat(value))


@formats.checks("date-time", raises=(ValueError, OverflowError))
def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _MOMENT.fullmatch(value):
        return False
    moment = datetime.fromisoformat(value.upper())
    # Answers show the time in UTC, where the year must have four digits too.
    offset = moment.astimezone(UTC).replace(tzinfo=None) - moment.replace(tzinfo=None)
    return abs(offset) < _OFFSETS


@formats.checks("float")
def _is_single(value: object) -> bool:
    return not isinstance(value, (int, float)) or abs(value) <= _SINGLE_MAX


@formats.checks("double")
def _is_double(value: object) -> bool:
    return not isinstance(value, (int, float)) or abs(value) <= sys.float_info.max


def choice(names: Mapping[str, str]) -> Schema:
    """Return the schema of a string that is one of `names`: value → its name in generated clients.

    Generators of clients read `x-enum-varnames`. Without it they number the values that do not
    begin with a letter.
    """
    words = [re.sub("[^0-9A-Za-z]+", "_", name).upper() for name in names.values()]
    fit = len(set(words)) == len(words) and all(map(str.isidentifier, words))
    return {"type": "string", "enum": list(names), **({"x-enum-varnames": words} if fit else {})}


def validator(schema: Any) -> Draft202012Validator:
    """Compile a schema. Its errors for missing and unknown fields have the field in their path."""
    made: Draft202012Validator = _Validator(schema, format_checker=formats)
    return made


def _required(_: Any, required: list[str], value: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name in required:
            if name not in value:
                yield ValidationError("", path=[name])


def _additional(_: Any, __: object, value: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name in value:
            if name not in schema["properties"]:
                yield ValidationError("", path=[name])


def _pattern(_: Any, pattern: str, value: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not compiled(pattern).search(value):
        yield ValidationError("")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern whose `$` is the very end, as in Postgres.

    Python's `$` matches before a final line break too.
    """
    return re.compile(
        re.sub(r"\\.|\[(?:\\.|[^\]])*\]|\$", lambda m: r"\Z" if m[0] == "$" else m[0], pattern)
    )


# Postgres reads no point and no exponent in an integer; JSON Schema takes 1.0 for one.
_checker = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)
_Validator = extend(  # type: ignore[no-untyped-call]  # its stubs leave it out
    Draft202012Validator,
    {"required": _required, "additionalProperties": _additional, "pattern": _pattern},
    type_checker=_checker,
)


def sentence(keyword: str, limit: Any) -> str:
    """Return what a keyword with this value requires; the sentence quotes no value of a client."""
    if keyword in ("type", "format", "enum"):
        names = [
            _TYPES.get(str(name), str(name))
            for name in (limit if isinstance(limit, list) else [limit])
        ]
        return (
            f"must be one of {', '.join(names)}"
            if keyword == "enum"
            else f"must be {' or '.join(names)}"
        )
    if keyword in ("minimum", "maximum") and limit in _WHOLE:
        return f"must be {_WHOLE[limit]}"
    made = _GENERIC.get(keyword, "is not valid").format(limit)
    return made.removesuffix("s") if limit == 1 else made


_TYPES = {
    "integer": "a whole number, written without point or exponent",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "None": "null",
    "int32": f"a whole number from {-(2**31)} to {2**31 - 1}",
    "int64": f"a whole number from {-(2**63)} to {2**63 - 1}",
    "float": "a number of at most 3.4e38",
    "double": "a number of at most 1.7e308",
    "uuid": "a UUID",
    "date": "a date that exists, as in 2024-03-01",
    "date-time": "a date and time with offset, at most to the microsecond, "
    "as in 2024-03-01T09:30:00Z",
}
# A limit of an integer type → what its values are.
_WHOLE = {
    limit: f"a whole number from {-(2**bits)} to {2**bits - 1}"
    for bits in (15, 31, 63)
    for limit in (-(2**bits), 2**bits - 1)
}
_GENERIC = {
    "additionalProperties": "is not a field of this body",
    "required": "is missing",
    "minProperties": "must have at least {} fields",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be greater than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "multipleOf": "must be a multiple of {}",
    "pattern": "must have the form that is asked for",
}
