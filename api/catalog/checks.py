"""A CHECK as Postgres prints it, read as JSON Schema keywords.

The law: a keyword never refuses a value that Postgres accepts. What can't be said so is left out,
and the reading is then incomplete: Postgres alone has the last word. NULL passes a CHECK, and
keywords pass over values of other types; only `enum` and `type`, alone or in `allOf`, don't: who
serves a nullable column adds null to them, but not in `not`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parsers.postgres import PostgresParser

from api.catalog import comparisons, patterns
from api.catalog.comparisons import Keywords, Subject, Value
from api.catalog.patterns import UnsayableError

Kinds = Mapping[str, str]

_FUNCTIONS = {  # a function and what it is applied to → what it gives
    **{(name, "string"): "Length" for name in ("length", "char_length", "character_length")},
    **{
        (name, "trimmed"): "trimmed length"
        for name in ("length", "char_length", "character_length")
    },
    ("btrim", "string"): "trimmed",
    ("mod", "integer"): "remainder",
    ("cardinality", "array"): "Items",
    ("array_length", "array"): "dimension",
    ("jsonb_typeof", "json"): "type",
    ("json_typeof", "json"): "type",
}
# a cast that changes nothing → whether it can't fail either, as a bigint's to integer can
_CASTS = {
    ("string", exp.DType.TEXT): True,
    ("integer", exp.DType.INT): False,
    ("integer", exp.DType.BIGINT): True,
    ("integer", exp.DType.DECIMAL): True,
}
_TEXTS = {exp.DType.TEXT, exp.DType.VARCHAR}
_INTEGERS = {exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT}
_NUMBERS = {*_INTEGERS, exp.DType.DECIMAL, exp.DType.DOUBLE}
_OPERATORS = dict[type[exp.Expr], str](
    zip(
        (exp.EQ, exp.NEQ, exp.GTE, exp.GT, exp.LTE, exp.LT),
        ("=", "<>", ">=", ">", "<=", "<"),
        strict=True,
    )
)
_MIRRORED = {"=": "=", "<>": "<>", ">=": "<=", ">": "<", "<=": ">=", "<": ">"}
_JSON_TYPES = {kind: kind for kind in ("integer", "number", "string", "boolean", "array")} | {
    "decimal": "string"
}
TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {  # of two limits the one that refuses more
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
_NOT_NULL = {"not": {"type": "null"}}


@dataclass(frozen=True, slots=True)
class Reading:
    """What JSON Schema can say of one CHECK: column → keywords, in whose patterns every `$` is the string's very end.

    `complete`: whether they say everything that the CHECK says of a single value.
    """

    keywords: Mapping[str, Keywords]
    complete: bool


class _Printed(Postgres):
    """Postgres's dialect with every function under the name it is printed with: sqlglot takes `len` for `length`."""

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}


_DIALECT = _Printed()


def read(expression: str, kinds: Kinds) -> Reading:
    """Read a CHECK's `pg_get_expr(conbin, conrelid)`; whatever it holds, this never raises.

    `kinds`: column (`VALUE` in a domain) → how the API carries it: `integer`; `number`, a double
    precision; `decimal`, a numeric as digits that its column needn't round; `string`, a text,
    varchar or enum under a deterministic collation; `boolean`; `array`, of one dimension; `json`.
    Of any other, such as real or char(n), little is said.
    """
    try:
        (tree,) = _DIALECT.parse_into(exp.Condition, expression)
        reading = _read(tree or exp.Null(), kinds)
    except (SqlglotError, RecursionError, ValueError):
        return Reading({}, complete=False)
    return replace(
        reading, keywords={column: said for column, said in reading.keywords.items() if said}
    )


def _read(node: exp.Expr, kinds: Kinds) -> Reading:
    node = node.unnest()
    try:
        return _RULES[type(node)](node, kinds)
    except (UnsayableError, LookupError, TypeError, ArithmeticError):
        return Reading({}, complete=False)


def _and(node: exp.Expr, kinds: Kinds) -> Reading:
    keywords: dict[str, Keywords] = {}
    readings = [_read(part, kinds) for part in node.flatten()]
    for reading in readings:
        for column, said in reading.keywords.items():
            keywords[column] = _merged(keywords.get(column, {}), said)
    return Reading(keywords, all(reading.complete for reading in readings))


def _merged(first: Keywords, second: Keywords) -> Keywords:
    """Say both: the tighter limit wins, and what can't be one goes to `allOf`."""
    merged = dict(first)
    for keyword, value in second.items():
        if keyword == "allOf":
            merged["allOf"] = [*merged.get("allOf", ()), *value]
        elif keyword not in merged or merged[keyword] == value:
            merged[keyword] = value
        elif keyword in TIGHTER:
            merged[keyword] = TIGHTER[keyword](merged[keyword], value)
        else:
            merged["allOf"] = [
                *merged.get("allOf", ()),
                {keyword: merged.pop(keyword)},
                {keyword: value},
            ]
    return merged


def _or(node: exp.Expr, kinds: Kinds) -> Reading:
    parts = [part.unnest() for part in node.flatten()]
    nulls = {_null_tested(part, kinds, negated=False) for part in parts if isinstance(part, exp.Is)}
    rest = [part for part in parts if not isinstance(part, exp.Is)]
    reading = _either([_read(part, kinds) for part in rest])
    # A column's keywords let its null pass: that says `IS NULL` of this column, and of no other.
    if nulls - reading.keywords.keys() or any(part.find(exp.Is) for part in rest):
        raise UnsayableError
    return reading


def _either(readings: Sequence[Reading]) -> Reading:
    columns = {column for reading in readings for column in reading.keywords}
    options = [dict(said) for reading in readings for said in reading.keywords.values()]
    if len(columns) != 1 or len(options) != len(readings):
        raise UnsayableError
    said: Keywords = {"anyOf": options}
    if len(options) == 1 or {} in options:
        said = min(options, key=len)
    elif all(option.keys() == {"enum"} for option in options):
        said = {"enum": [value for option in options for value in option["enum"]]}
    elif all(option.keys() & {"enum", "type"} for option in options):  # nobody looks for null there
        raise UnsayableError
    return Reading({columns.pop(): said}, all(reading.complete for reading in readings))


def _negated(node: exp.Expr, reading: Reading, kinds: Kinds) -> Reading:
    # What may be NULL for a value that isn't refuses nothing, and its negation neither.
    nullable = any(function.this == "array_length" for function in node.find_all(exp.Anonymous))
    if nullable or node.find(exp.Is) or not reading.complete or len(reading.keywords) != 1:
        raise UnsayableError
    ((column, said),) = reading.keywords.items()
    # Keywords that let null pass would refuse it inside `not`.
    guard = {} if said.keys() in ({"enum"}, {"type"}) else {"type": _JSON_TYPES[kinds[column]]}
    return Reading({column: {"not": {**guard, **said}}}, complete=True)


def _null_tested(node: exp.Expr, kinds: Kinds, *, negated: bool) -> str:
    column, null, negate = _args(node, "this", "expression", "negate")
    if (
        not isinstance(column, exp.Column)
        or not isinstance(null, exp.Null)
        or bool(negate) != negated
    ):
        raise UnsayableError
    return _subject(column, kinds).column


def _matches(node: exp.Expr, kinds: Kinds) -> Reading:
    left, right, negate = _args(node, "this", "expression", "negate")
    subject, value = _subject(left, kinds), _constant(right)
    if subject.what != "string" or not isinstance(value, str):
        raise UnsayableError
    reading = Reading({subject.column: {"pattern": _PATTERNS[type(node)](value)}}, subject.exact)
    return _negated(node, reading, kinds) if negate else reading


def _compare(node: exp.Expr, kinds: Kinds) -> Reading:
    left, right = _args(node, "this", "expression")
    operator = _OPERATORS[type(node)]
    if not left.find(exp.Column):
        left, right, operator = right, left, _MIRRORED[operator]
    subject, values = _subject(left, kinds), _constants(right, operator)
    if operator == "<>" and (
        len(values) != 1 or (subject.what, operator, values[0]) not in comparisons.SAID
    ):
        return _negated(node, _either([_say("=", subject, value) for value in values]), kinds)
    return _either([_say(operator, subject, value) for value in values])


def _args(node: exp.Expr, *names: str) -> list[Any]:
    given = {name: value for name, value in node.args.items() if value}
    if given.keys() - set(names):
        raise UnsayableError
    return [given.get(name) for name in names]


def _subject(node: exp.Expr, kinds: Kinds) -> Subject:
    node = node.unnest()
    if isinstance(node, exp.Column):
        (name,) = _args(node, "this")
        return Subject(name.name, kinds[name.name])
    if type(node) is exp.Cast and not node.to.expressions:
        subject = _subject(node.this, kinds)
        return replace(subject, exact=subject.exact and _CASTS[subject.what, node.to.this])
    function, inner, second = _call(node)
    subject, detail = _subject(inner, kinds), _constant(second) if second else None
    what = _FUNCTIONS[function, subject.what]
    if (detail is None) is (what in {"remainder", "dimension"}):
        raise UnsayableError
    return replace(subject, what=what, detail=detail)


def _call(node: exp.Expr) -> tuple[str, exp.Expr, exp.Expr | None]:
    if isinstance(node, exp.Trim) and node.args.get("position") in {None, "BOTH"}:
        inner, second, _ = _args(node, "this", "expression", "position")
        return "btrim", inner, second
    if isinstance(node, exp.Mod):
        inner, second = _args(node, "this", "expression")
        return "mod", inner, second
    if not isinstance(node, exp.Anonymous) or len(node.expressions) not in {1, 2}:
        raise UnsayableError
    inner, second, *_ = [*node.expressions, None]
    return node.this, inner, second


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
        raise UnsayableError
    values = [_constant(item) for item in items.expressions]
    return [_cast(value, elements[0]) for value in values] if elements else values


def _constant(node: exp.Expr) -> Value:
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else Decimal(node.this)
    if type(node) is not exp.Cast:
        raise UnsayableError
    return _cast(_constant(node.this), node.to)


def _cast(value: Value, to: exp.Expr) -> Value:
    if isinstance(value, str) and to.this in _TEXTS and not to.expressions:
        return value
    number = Decimal(value)
    rounded = (to.this in _INTEGERS and number % 1) or (to.expressions and number)
    if to.this not in _NUMBERS or rounded or not isfinite(float(number)):
        raise UnsayableError
    return number


def _say(operator: str, subject: Subject, value: Value) -> Reading:
    return Reading({subject.column: comparisons.keywords(operator, subject, value)}, subject.exact)


_PATTERNS: Mapping[type[exp.Expr], Callable[[str], str]] = {
    exp.RegexpLike: patterns.portable,
    exp.Like: patterns.like,
    exp.StartsWith: lambda prefix: "^" + patterns.literal(prefix),
}
_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr, Kinds], Reading]] = {
    **dict.fromkeys(_OPERATORS, _compare),
    **dict.fromkeys(_PATTERNS, _matches),
    exp.And: _and,
    exp.Or: _or,
    exp.Not: lambda node, kinds: _negated(node.this, _read(node.this, kinds), kinds),
    exp.Is: lambda node, kinds: Reading(
        {_null_tested(node, kinds, negated=True): _NOT_NULL}, complete=True
    ),
    exp.Column: lambda node, kinds: _say("=", _subject(node, kinds), value=True),
    exp.Boolean: lambda node, _: Reading({}, complete=bool(node.this)),
}
