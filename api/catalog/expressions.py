"""CHECKs as Postgres prints them, parsed with sqlglot: columns, measures of them, constants.

sqlglot parses SQL of many dialects into nodes of its own. This module reads only the nodes and
arguments that it names; any other makes an expression inexpressible.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.parsers.postgres import PostgresParser

from api.catalog.keywords import InexpressibleError
from api.catalog.quantities import Carrier, Measure, Quantity, Subject, Value

Carriers = Mapping[str, Carrier]
"""Column (`VALUE` in a domain) → how the API carries it."""

OPERATORS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GTE: ">=",
    exp.GT: ">",
    exp.LTE: "<=",
    exp.LT: "<",
}
# The operator when the two sides are exchanged.
MIRRORED = {"=": "=", "<>": "<>", ">=": "<=", ">": "<", "<=": ">=", "<": ">"}
# (function, quantity of its first argument) → quantity of its result.
_FUNCTIONS: dict[tuple[str, Quantity], Measure] = {
    ("length", Carrier.STRING): Measure.LENGTH,
    ("char_length", Carrier.STRING): Measure.LENGTH,
    ("character_length", Carrier.STRING): Measure.LENGTH,
    ("length", Measure.TRIMMED): Measure.TRIMMED_LENGTH,
    ("char_length", Measure.TRIMMED): Measure.TRIMMED_LENGTH,
    ("character_length", Measure.TRIMMED): Measure.TRIMMED_LENGTH,
    ("btrim", Carrier.STRING): Measure.TRIMMED,
    ("mod", Carrier.INTEGER): Measure.REMAINDER,
    ("cardinality", Carrier.ARRAY): Measure.ITEMS,
    ("array_length", Carrier.ARRAY): Measure.DIMENSION,
    ("jsonb_typeof", Carrier.JSON): Measure.JSON_TYPE,
    ("json_typeof", Carrier.JSON): Measure.JSON_TYPE,
}
_WITH_ARGUMENT = {Measure.REMAINDER, Measure.DIMENSION}
# (quantity, type) of a cast that changes no value → whether the cast never fails. A cast of a
# bigint to integer can fail.
_CASTS: dict[tuple[Quantity, Any], bool] = {
    (Carrier.STRING, exp.DType.TEXT): True,
    (Carrier.INTEGER, exp.DType.INT): False,
    (Carrier.INTEGER, exp.DType.BIGINT): True,
    (Carrier.INTEGER, exp.DType.DECIMAL): True,
    (Carrier.QUANTITY, exp.DType.DECIMAL): True,
}
_TEXT_TYPES = {exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.BPCHAR}
_INTEGER_TYPES = {exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT}
_NUMBER_TYPES = {*_INTEGER_TYPES, exp.DType.DECIMAL, exp.DType.DOUBLE}


class _Printed(Postgres):
    """Postgres's dialect without sqlglot's synonyms, which would parse `len` as `length`."""

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}


_DIALECT = _Printed()


@lru_cache(maxsize=512)  # several schemas of a document are made of the same CHECK
def parse(expression: str) -> exp.Expr:
    """Parse what `pg_get_expr` prints; raises SqlglotError, RecursionError or ValueError."""
    (tree,) = _DIALECT.parse_into(exp.Condition, expression)
    return tree or exp.Null()


def arguments(node: exp.Expr, *names: str) -> list[Any]:
    """Return the arguments of these names; raises InexpressibleError where the node has others."""
    given = {name: value for name, value in node.args.items() if value}
    if given.keys() - set(names):
        raise InexpressibleError
    return [given.get(name) for name in names]


def subject(node: exp.Expr, carriers: Carriers) -> Subject:
    """Read a column, or a measure of one.

    Raises InexpressibleError, LookupError or TypeError where the expression is something else.
    """
    node = node.unnest()
    if isinstance(node, exp.Column):
        (name,) = arguments(node, "this")
        return Subject(name.name, carriers[name.name])
    if type(node) is exp.Cast and not node.to.expressions:
        inner = subject(node.this, carriers)
        return replace(inner, exact=inner.exact and _CASTS[inner.quantity, node.to.this])
    function, first, second = _call(node)
    inner, argument = subject(first, carriers), constant(second) if second else None
    measure = _FUNCTIONS[function, inner.quantity]
    if (argument is not None) is not (measure in _WITH_ARGUMENT):
        raise InexpressibleError
    return replace(inner, quantity=measure, argument=argument)


def _call(node: exp.Expr) -> tuple[str, exp.Expr, exp.Expr | None]:
    """Return a call's function, its first argument and its second, if it has one."""
    if isinstance(node, exp.Trim) and node.args.get("position") in {None, "BOTH"}:
        first, second, _ = arguments(node, "this", "expression", "position")
        return "btrim", first, second
    if isinstance(node, exp.Mod):
        first, second = arguments(node, "this", "expression")
        return "mod", first, second
    if not isinstance(node, exp.Anonymous) or len(node.expressions) not in {1, 2}:
        raise InexpressibleError
    first, second, *_ = [*node.expressions, None]
    return node.this, first, second


def constants(node: exp.Expr, operator: str) -> list[Value]:
    """Read a constant, or those of `= ANY (ARRAY[…])` and `<> ALL (ARRAY[…])`.

    Raises InexpressibleError, TypeError or ArithmeticError where the expression is something else.
    """
    node = node.unnest()
    if isinstance(node, exp.Any) and operator == "=":
        items = node.this.unnest()
    elif isinstance(node, exp.Anonymous) and node.this == "ALL" and operator == "<>":
        items = node.expressions[0].unnest()
    else:
        return [constant(node)]
    element_types = items.to.expressions if type(items) is exp.Cast else []
    items = items.this.unnest() if element_types else items
    if not isinstance(items, exp.Array):
        raise InexpressibleError
    values = [constant(item) for item in items.expressions]
    return [_cast(value, element_types[0]) for value in values] if element_types else values


def constant(node: exp.Expr) -> Value:
    """Read a constant, with its casts; raises as `constants` does."""
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else Decimal(node.this)
    if type(node) is not exp.Cast:
        raise InexpressibleError
    return _cast(constant(node.this), node.to)


def _cast(value: Value, to: exp.Expr) -> Value:
    if isinstance(value, str) and to.this in _TEXT_TYPES and not to.expressions:
        return value.rstrip(" ") if to.this is exp.DType.BPCHAR else value
    number = Decimal(value)
    rounded = (to.this in _INTEGER_TYPES and number % 1) or (to.expressions and number)
    if to.this not in _NUMBER_TYPES or rounded or not isfinite(float(number)):
        raise InexpressibleError
    return number
