"""A CHECK as Postgres prints it → JSON Schema keywords.

Invariant: the keywords never refuse a value that Postgres accepts. What cannot be expressed in JSON
Schema is left out; the reading is then incomplete, and Postgres alone decides.

A CHECK accepts NULL. Most keywords accept null too, because they ignore values of other types. Only
`enum` and `type`, alone or in `allOf`, refuse null: the schema of a nullable column adds null to
them, except inside `not`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from api.catalog import comparisons, expressions, patterns
from api.catalog.expressions import Carriers
from api.catalog.keywords import (
    NOT_NULL,
    NOTHING,
    InexpressibleError,
    Reading,
    conjunction,
    disjunction,
    negation,
)
from api.catalog.quantities import JSON_TYPES, Carrier, Subject, Value


def read(expression: str, carriers: Carriers) -> Reading:
    """Read a CHECK as `pg_get_expr(conbin, conrelid)` prints it. Raises nothing, for any text."""
    carriers = {
        column: Carrier.STRING if carrier is Carrier.ENUM else carrier
        for column, carrier in carriers.items()
    }
    try:
        reading = _read(expressions.parse(expression), carriers)
    except (SqlglotError, RecursionError, ValueError):
        return NOTHING
    expressed = {column: keywords for column, keywords in reading.keywords.items() if keywords}
    return replace(reading, keywords=expressed)


def _read(node: exp.Expr, carriers: Carriers) -> Reading:
    node = node.unnest()
    try:
        return _RULES[type(node)](node, carriers)
    except (InexpressibleError, LookupError, TypeError, ArithmeticError):
        return NOTHING


def _and(node: exp.Expr, carriers: Carriers) -> Reading:
    return conjunction([_read(part, carriers) for part in node.flatten()])


def _or(node: exp.Expr, carriers: Carriers) -> Reading:
    parts = [part.unnest() for part in node.flatten()]
    nulls = {
        _null_test(part, carriers, negated=False) for part in parts if isinstance(part, exp.Is)
    }
    others = [part for part in parts if not isinstance(part, exp.Is)]
    reading = disjunction([_read(part, carriers) for part in others])
    # Keywords accept null anyway, so `IS NULL` of their own column adds nothing to them.
    if nulls - reading.keywords.keys() or any(part.find(exp.Is) for part in others):
        raise InexpressibleError
    return reading


def _not(node: exp.Expr, carriers: Carriers) -> Reading:
    return _negate(node.this, _read(node.this, carriers), carriers)


def _negate(node: exp.Expr, reading: Reading, carriers: Carriers) -> Reading:
    # A CHECK accepts a value for which its condition is NULL; the negated condition is NULL too, so
    # the negated keywords would refuse a value that Postgres accepts.
    maybe_null = any(function.this == "array_length" for function in node.find_all(exp.Anonymous))
    if maybe_null or node.find(exp.Is):
        raise InexpressibleError
    return negation(reading, lambda column: JSON_TYPES[carriers[column]])


def _is(node: exp.Expr, carriers: Carriers) -> Reading:
    return Reading({_null_test(node, carriers, negated=True): NOT_NULL}, complete=True)


def _null_test(node: exp.Expr, carriers: Carriers, *, negated: bool) -> str:
    """Return the column of `IS NULL`, or of `IS NOT NULL`."""
    column, null, negate = expressions.arguments(node, "this", "expression", "negate")
    is_test = isinstance(column, exp.Column) and isinstance(null, exp.Null)
    if not is_test or bool(negate) != negated:
        raise InexpressibleError
    return expressions.subject(column, carriers).column


def _match(node: exp.Expr, carriers: Carriers) -> Reading:
    left, right, negate = expressions.arguments(node, "this", "expression", "negate")
    subject, value = expressions.subject(left, carriers), expressions.constant(right)
    if subject.quantity is not Carrier.STRING or not isinstance(value, str):
        raise InexpressibleError
    reading = Reading({subject.column: {"pattern": _PATTERNS[type(node)](value)}}, subject.exact)
    return _negate(node, reading, carriers) if negate else reading


def _compare(node: exp.Expr, carriers: Carriers) -> Reading:
    left, right = expressions.arguments(node, "this", "expression")
    operator = expressions.OPERATORS[type(node)]
    if not left.find(exp.Column):
        left, right, operator = right, left, expressions.MIRRORED[operator]
    subject, values = expressions.subject(left, carriers), expressions.constants(right, operator)
    special = len(values) == 1 and (subject.quantity, operator, values[0]) in comparisons.SPECIAL
    if operator == "<>" and not special:
        equal = disjunction([_comparison("=", subject, value) for value in values])
        return _negate(node, equal, carriers)
    return disjunction([_comparison(operator, subject, value) for value in values])


def _comparison(operator: str, subject: Subject, value: Value) -> Reading:
    keywords = comparisons.keywords(operator, subject, value)
    return Reading({subject.column: keywords}, subject.exact)


def _column(node: exp.Expr, carriers: Carriers) -> Reading:
    return _comparison("=", expressions.subject(node, carriers), value=True)


def _boolean(node: exp.Expr, _: Carriers) -> Reading:
    return Reading({}, complete=bool(node.this))


_PATTERNS: Mapping[type[exp.Expr], Callable[[str], str]] = {
    exp.RegexpLike: patterns.portable,
    exp.Like: patterns.like,
    exp.StartsWith: lambda prefix: "^" + patterns.literal(prefix),
}
_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr, Carriers], Reading]] = {
    **dict.fromkeys(expressions.OPERATORS, _compare),
    **dict.fromkeys(_PATTERNS, _match),
    exp.And: _and,
    exp.Or: _or,
    exp.Not: _not,
    exp.Is: _is,
    exp.Column: _column,
    exp.Boolean: _boolean,
}
