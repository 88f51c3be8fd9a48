"""A CHECK as Postgres prints it, read as JSON Schema keywords.

The law: a keyword never refuses a value that Postgres accepts. What can't be said so is left out, and the reading is
then incomplete: Postgres alone has the last word. NULL passes a CHECK, and keywords pass over values of other types;
only `enum` and `type` don't: who serves a nullable column adds null to them (but not inside `not`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parsers.postgres import PostgresParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Keywords = Mapping[str, Any]
    Kinds = Mapping[str, str]
    Value = str | bool | Decimal

_FUNCTIONS = {  # a function and what it is applied to → what it gives
    **dict.fromkeys(((name, "string") for name in ("length", "char_length", "character_length")), "Length"),
    **dict.fromkeys(((name, "trimmed") for name in ("length", "char_length", "character_length")), "trimmed length"),
    ("btrim", "string"): "trimmed",
    ("mod", "integer"): "remainder",
    ("cardinality", "array"): "Items",
    ("array_length", "array"): "dimension",
    ("jsonb_typeof", "json"): "type",
    ("json_typeof", "json"): "type",
}
_CASTS = {  # a cast that changes nothing → whether it can't fail either, as a bigint's to integer can
    ("string", exp.DType.TEXT): True,
    ("integer", exp.DType.INT): False,
    ("integer", exp.DType.BIGINT): True,
    ("integer", exp.DType.DECIMAL): True,
}
_INTEGERS = {exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT}
_NUMBERS = {*_INTEGERS, exp.DType.DECIMAL, exp.DType.DOUBLE}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GTE: ">=",
    exp.GT: ">",
    exp.LTE: "<=",
    exp.LT: "<",
}
_MIRRORED = {"=": "=", "<>": "<>", ">=": "<=", ">": "<", "<=": ">=", "<": ">"}
_LIMITS = {">=": "minimum", ">": "exclusiveMinimum", "<=": "maximum", "<": "exclusiveMaximum"}
_SAID: dict[tuple[str, str, Any], Keywords] = {  # what, compared with one value
    ("string", "<>", ""): {"minLength": 1},
    ("trimmed", "<>", ""): {"pattern": "[^ ]"},
    **{("trimmed length", *more): {"pattern": "[^ ]"} for more in (("<>", 0), (">", 0), (">=", 1))},
    ("Length", "<>", 0): {"minLength": 1},
    ("Items", "<>", 0): {"minItems": 1},
    ("decimal", ">=", 0): {"pattern": "^[^-]|^-[0.]*$"},  # "-0.00" is zero
    ("decimal", ">", 0): {"pattern": "^[^-]*[1-9]"},
    ("decimal", "<>", 0): {"pattern": "[1-9]"},
    **{("type", "=", name): {"type": name} for name in ("object", "array", "string", "number", "boolean")},
}
_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
_JSON_TYPES = {kind: kind for kind in ("integer", "number", "string", "boolean", "array")} | {"decimal": "string"}
_MOST_REPEATS = 255
_ESCAPED = r"\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\[ntr]|\\[\^\\.*+?()\[\]{}|/]"
_IN_CLASS = rf"(?:{_ESCAPED}|\\-|[^\\\[\]$&~|-]|[&~|](?![&~|]))"
_RANGES = rf"(?:{_IN_CLASS}(?:-{_IN_CLASS})?)+"
_TOKEN = re.compile(
    rf"{_ESCAPED}|[^\\\[\]{{}}(*+?]|\[\^?(?:-?{_RANGES}|{_RANGES}-)\]|\((?:\?:)?(?!\?)"
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})(?![*+?{])"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What JSON Schema can say of one CHECK.

    `keywords`: column → JSON Schema keywords, in whose patterns every `$` is the very end of the string.
    `complete`: whether they say everything that the CHECK says of a single value.
    """

    keywords: Mapping[str, Keywords]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Subject:
    """The side of a comparison that holds a column: itself, or a function of it and of `detail`."""

    column: str
    what: str
    exact: bool = True
    detail: Value | None = None


class _UnsayableError(Exception):
    """No keyword says this part of a CHECK."""


class _Printed(Postgres):
    """Postgres's dialect with every function under the name it is printed with: sqlglot takes `len` for `length`."""

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}


_DIALECT = _Printed()
_NOTHING = Reading({}, complete=False)
_NOT_NULL = {"not": {"type": "null"}}


def read(expression: str, kinds: Kinds) -> Reading:
    """Read a CHECK's `pg_get_expr(conbin, conrelid)`; whatever it holds, this never raises.

    `kinds`: column (`VALUE` in a domain) → how the API carries it: `integer`; `number`, a double precision; `decimal`,
    a numeric as digits that its column needn't round; `string`, a text, varchar or enum under a deterministic collation;
    `boolean`; `array`, of one dimension; `json`. Of any other, such as real or char(n), little is said.
    """
    try:
        (tree,) = _DIALECT.parse_into(exp.Condition, expression)
        reading = _read(tree, kinds) if tree else _NOTHING
    except (SqlglotError, RecursionError, ValueError):
        return _NOTHING
    return replace(reading, keywords={column: said for column, said in reading.keywords.items() if said})


def merge(first: Keywords, second: Keywords) -> dict[str, Any]:
    """Both sets of keywords of one column as one: the tighter limit wins; what can't be one goes to `allOf`."""
    merged = dict(first)
    for keyword, value in second.items():
        if keyword == "allOf":
            merged["allOf"] = [*merged.get("allOf", ()), *value]
        elif keyword not in merged or merged[keyword] == value:
            merged[keyword] = value
        elif keyword in _TIGHTER:
            merged[keyword] = _TIGHTER[keyword](merged[keyword], value)
        else:
            merged["allOf"] = [*merged.get("allOf", ()), {keyword: merged.pop(keyword)}, {keyword: value}]
    return merged


def _read(node: exp.Expr, kinds: Kinds) -> Reading:
    node = node.unnest()
    try:
        return _RULES[type(node)](node, kinds)
    except (_UnsayableError, KeyError, TypeError, ArithmeticError):
        return _NOTHING


def _and(node: exp.Expr, kinds: Kinds) -> Reading:
    keywords: dict[str, Keywords] = {}
    readings = [_read(part, kinds) for part in node.flatten()]
    for reading in readings:
        for column, said in reading.keywords.items():
            keywords[column] = merge(keywords.get(column, {}), said)
    return Reading(keywords, all(reading.complete for reading in readings))


def _or(node: exp.Expr, kinds: Kinds) -> Reading:
    parts = [part.unnest() for part in node.flatten()]
    nulls = {_null_tested(part, kinds, negated=False) for part in parts if isinstance(part, exp.Is)}
    rest = [part for part in parts if not isinstance(part, exp.Is)]
    reading = _either([_read(part, kinds) for part in rest])
    # A column's keywords let its null pass: that says `IS NULL` of this column, and of no other.
    if nulls - reading.keywords.keys() or any(part.find(exp.Is) for part in rest):
        raise _UnsayableError
    return reading


def _either(readings: Sequence[Reading]) -> Reading:
    columns = {column for reading in readings for column in reading.keywords}
    options = [dict(said) for reading in readings for said in reading.keywords.values()]
    if len(columns) != 1 or len(options) != len(readings):
        raise _UnsayableError
    said: Keywords = {"anyOf": options}
    if len(options) == 1 or {} in options:
        said = min(options, key=len)
    elif all(option.keys() == {"enum"} for option in options):
        said = {"enum": [value for option in options for value in option["enum"]]}
    return Reading({columns.pop(): said}, all(reading.complete for reading in readings))


def _negated(node: exp.Expr, reading: Reading, kinds: Kinds) -> Reading:
    # What may be NULL for a value that isn't refuses nothing, and its negation neither.
    nullable = any(function.this == "array_length" for function in node.find_all(exp.Anonymous))
    if nullable or node.find(exp.Is) or not reading.complete or len(reading.keywords) != 1:
        raise _UnsayableError
    ((column, said),) = reading.keywords.items()
    if said in ({"enum": [True]}, {"enum": [False]}) and kinds[column] == "boolean":
        return Reading({column: {"enum": [not said["enum"][0]]}}, complete=True)
    # Keywords that let null pass would refuse it inside `not`.
    guard = {} if said.keys() in ({"enum"}, {"type"}) else {"type": _JSON_TYPES[kinds[column]]}
    return Reading({column: {"not": {**guard, **said}}}, complete=True)


def _null_tested(node: exp.Expr, kinds: Kinds, *, negated: bool) -> str:
    column, null, negate = _args(node, "this", "expression", "negate")
    if not isinstance(column, exp.Column) or not isinstance(null, exp.Null) or bool(negate) != negated:
        raise _UnsayableError
    return _subject(column, kinds).column


def _matches(node: exp.Expr, kinds: Kinds) -> Reading:
    left, right, negate = _args(node, "this", "expression", "negate")
    subject, value = _subject(left, kinds), _constant(right)
    if subject.what != "string" or not isinstance(value, str):
        raise _UnsayableError
    reading = Reading({subject.column: {"pattern": _PATTERNS[type(node)](value)}}, subject.exact)
    return _negated(node, reading, kinds) if negate else reading


def _compare(node: exp.Expr, kinds: Kinds) -> Reading:
    left, right = _args(node, "this", "expression")
    operator = _OPERATORS[type(node)]
    if not left.find(exp.Column):
        left, right, operator = right, left, _MIRRORED[operator]
    subject, values = _subject(left, kinds), _constants(right, operator)
    if operator == "<>" and (len(values) != 1 or (subject.what, operator, values[0]) not in _SAID):
        return _negated(node, _either([_say("=", subject, value) for value in values]), kinds)
    return _either([_say(operator, subject, value) for value in values])


def _args(node: exp.Expr, *names: str) -> list[Any]:
    given = {name: value for name, value in node.args.items() if value}
    if given.keys() - set(names):
        raise _UnsayableError
    return [given.get(name) for name in names]


def _subject(node: exp.Expr, kinds: Kinds) -> _Subject:
    node = node.unnest()
    if isinstance(node, exp.Column):
        (name,) = _args(node, "this")
        return _Subject(name.name, kinds[name.name])
    if type(node) is exp.Cast and not node.to.expressions:
        subject = _subject(node.this, kinds)
        return replace(subject, exact=subject.exact and _CASTS[subject.what, node.to.this])
    if isinstance(node, exp.Trim) and node.args.get("position") in {None, "BOTH"}:
        function, arguments = "btrim", _args(node, "this", "expression", "position")
    elif isinstance(node, exp.Mod):
        function, arguments = "mod", _args(node, "this", "expression")
    elif isinstance(node, exp.Anonymous) and 1 <= len(node.expressions) <= len("ab"):
        function, arguments = node.this, [*node.expressions, None]
    else:
        raise _UnsayableError
    subject = _subject(arguments[0], kinds)
    detail = _constant(arguments[1]) if arguments[1] else None
    if function == "btrim" and detail not in {None, " "}:
        raise _UnsayableError
    return replace(subject, what=_FUNCTIONS[function, subject.what], detail=detail)


def _constants(node: exp.Expr, operator: str) -> list[Value]:
    node = node.unnest()
    if isinstance(node, exp.Any) and operator == "=":
        items = node.this.unnest()
    elif isinstance(node, exp.Anonymous) and node.this == "ALL" and operator == "<>":
        items = node.expressions[0].unnest()
    else:
        return [_constant(node)]
    elements = items.to.expressions if type(items) is exp.Cast else []
    items = items.this.unnest() if elements else items
    if not isinstance(items, exp.Array):
        raise _UnsayableError
    values = [_constant(item) for item in items.expressions]
    return [_cast(value, elements[0]) for value in values] if elements else values


def _constant(node: exp.Expr) -> Value:
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else Decimal(node.this)
    if type(node) is not exp.Cast:
        raise _UnsayableError
    return _cast(_constant(node.this), node.to)


def _cast(value: Value, to: exp.Expr) -> Value:
    if isinstance(value, str) and to.this in {exp.DType.TEXT, exp.DType.VARCHAR} and not to.expressions:
        return value
    number = Decimal(value)
    rounded = (to.this in _INTEGERS and number % 1) or (to.expressions and number)
    if to.this not in _NUMBERS or rounded or not isfinite(float(number)):
        raise _UnsayableError
    return number


def _say(operator: str, subject: _Subject, value: Value) -> Reading:
    said = _SAID.get((subject.what, operator, value)) or _VOCABULARY[subject.what](operator, value, subject)
    return Reading({subject.column: said}, subject.exact)


def _enum(operator: str, value: Value, _subject: _Subject) -> Keywords:
    return {"=": {"enum": [value]}}[operator]


def _number(operator: str, value: Decimal, subject: _Subject) -> Keywords:
    number = float(value) if subject.what == "number" else value
    if subject.what == "integer" and number % 1:
        raise _UnsayableError
    said = number if number % 1 else int(number)
    return {"enum": [said]} if operator == "=" else {_LIMITS[operator]: said}


def _multiple(operator: str, value: Decimal, subject: _Subject) -> Keywords:
    if (operator, value) != ("=", 0) or not isinstance(subject.detail, Decimal) or not subject.detail:
        raise _UnsayableError
    return {"multipleOf": abs(int(subject.detail))}


def _count(operator: str, value: Decimal, subject: _Subject) -> Keywords:
    least = {">=": value, ">": value + 1, "=": value}.get(operator, 0)
    most = {"<=": value, "<": value - 1, "=": value}.get(operator)
    if value % 1 or (most is not None and most < 0):
        raise _UnsayableError
    said = {f"min{subject.what}": int(least)} if least > 0 else {}
    return said if most is None else {**said, f"max{subject.what}": int(most)}


def _dimension(operator: str, value: Decimal, subject: _Subject) -> Keywords:
    said = dict(_count(operator, value, replace(subject, what="Items")))
    if subject.detail != 1 or said.pop("minItems", 0) > 1:  # an empty array has no length, and passes
        raise _UnsayableError
    return said


def _portable(regex: str) -> str:
    """Give a regular expression back if ARE, ECMA 262 and Python agree on it."""
    tokens = _TOKEN.findall(regex)
    counts = [int(count) for token in tokens if token[0] == "{" for count in re.findall(r"\d+", token)]
    if "".join(tokens) != regex or max(counts, default=0) > _MOST_REPEATS:
        raise _UnsayableError
    said = "".join(r"[\s\S]" if token == "." else token for token in tokens)
    try:
        re.compile(said)
    except re.error as error:
        raise _UnsayableError from error
    return said


def _like(pattern: str) -> str:
    parts = re.findall(r"\\.|[^\\]", pattern, re.DOTALL)
    if "".join(parts) != pattern:
        raise _UnsayableError
    said = "".join({"%": r"[\s\S]*", "_": r"[\s\S]"}.get(part) or _quoted(part[-1]) for part in parts)
    return f"^{said}$".removeprefix(r"^[\s\S]*").removesuffix(r"[\s\S]*$")


def _quoted(text: str) -> str:
    return re.sub(r"[\\^.*+?()\[\]{}|]", r"\\\g<0>", text).replace("$", r"\u0024")


_VOCABULARY: dict[str, Callable[[str, Any, _Subject], Keywords]] = {
    "integer": _number,
    "number": _number,
    "string": _enum,
    "boolean": _enum,
    "Length": _count,
    "Items": _count,
    "dimension": _dimension,
    "remainder": _multiple,
}
_PATTERNS: dict[type[exp.Expr], Callable[[str], str]] = {
    exp.RegexpLike: _portable,
    exp.Like: _like,
    exp.StartsWith: lambda prefix: "^" + _quoted(prefix),
}
_RULES: dict[type[exp.Expr], Callable[[exp.Expr, Kinds], Reading]] = {
    **dict.fromkeys(_OPERATORS, _compare),
    **dict.fromkeys(_PATTERNS, _matches),
    exp.And: _and,
    exp.Or: _or,
    exp.Not: lambda node, kinds: _negated(node.this, _read(node.this, kinds), kinds),
    exp.Is: lambda node, kinds: Reading({_null_tested(node, kinds, negated=True): _NOT_NULL}, complete=True),
    exp.Column: lambda node, kinds: _say("=", _subject(node, kinds), value=True),
    exp.Boolean: lambda node, _: Reading({}, complete=bool(node.this)),
}
