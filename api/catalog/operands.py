"""One side of a comparison in a CHECK, in words: a column, a measure of it, a constant, a sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

_TIME_TYPES = {
    exp.DType.DATE,
    exp.DType.TIME,
    exp.DType.TIMETZ,
    exp.DType.TIMESTAMP,
    exp.DType.TIMESTAMPTZ,
    exp.DType.TIMESTAMPNTZ,
}
_TEXT_TYPES = {exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.BPCHAR}
_INTEGER_TYPES = {exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT}
# A cast of a column to these changes no value so that a sentence had to say it.
_SAME = {*_TEXT_TYPES, exp.DType.DECIMAL, exp.DType.DOUBLE}
# A function of one column → what it measures.
_UNITS = {
    "length": "characters",
    "char_length": "characters",
    "character_length": "characters",
    "octet_length": "bytes",
    "cardinality": "items",
    "array_length": "items",
    "jsonb_array_length": "items",
    "json_array_length": "items",
    "mod": "remainder",
    **dict.fromkeys(("btrim", "ltrim", "rtrim"), "trimmed"),
    "jsonb_typeof": "type",
    "json_typeof": "type",
}
# `x = f(x)` → what it requires of x.
_FIXED_POINTS = {
    "lower": "be in small letters",
    "upper": "be in capital letters",
    "btrim": "not begin or end with a blank",
    "ltrim": "not begin with a blank",
    "rtrim": "not end with a blank",
    "trunc": "be a whole number",
    "round": "be a whole number",
    "floor": "be a whole number",
    "ceil": "be a whole number",
}
_TRIMS = {"BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}
_NOW = ("now", "statement_timestamp", "clock_timestamp")
_SYMBOLS: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
}


class OperandError(Exception):
    """An expression has no words here."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A side of a comparison.

    `said`: it in words; `columns`: the API's names of the columns in it; `source`: the column's own
    name, if it is one column; `unit`: what is measured, if it is a measure; `argument`: the divisor
    of a remainder; `is_plain`: it is a column's value itself.
    """

    said: str
    columns: tuple[str, ...] = ()
    source: str = ""
    unit: str = ""
    argument: str = ""
    is_plain: bool = False
    is_time: bool = False

    @property
    def column(self) -> str | None:
        """The API's name of the column, if it is about one column."""
        return self.columns[0] if self.source else None

    def number(self) -> int:
        """Return a constant that is a whole number; raises OperandError for any other."""
        if self.columns or not self.said.removeprefix("-").isdigit():
            raise OperandError
        return int(self.said)


def name(column: exp.Expr) -> str:
    """Return the name of a column as the catalog has it."""
    return str(column.name)


def quoted(text: str) -> str:
    """Put a text in quotes."""
    return f'"{text}"'


def of(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    """Read a side of a comparison; `names`: column → its name in the API.

    Raises OperandError or LookupError where it has no words.
    """
    node = node.unnest()
    return _KINDS.get(type(node), _measure)(node, names)


def _column(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    shown = names.get(name(node), name(node))
    return Operand(shown, (shown,), name(node), is_plain=True)


def _literal(node: exp.Expr, _: Mapping[str, str]) -> Operand:
    value = str(node.this)
    return Operand(_constant(value) if node.is_string else value)


def _negative(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    return Operand(f"-{of(node.this, names).number()}")


def _sum(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    """Read a sum, difference, product or quotient."""
    sides = [of(side, names) for side in (node.this, node.expression)]
    if any(side.unit for side in sides):
        raise OperandError
    said = f" {_SYMBOLS[type(node)]} ".join(
        f"({side.said})" if " " in side.said and side.columns else side.said for side in sides
    )
    columns = tuple(column for side in sides for column in side.columns)
    return Operand(said, columns, is_time=any(side.is_time for side in sides))


def _cast(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    inner = of(node.this, names)
    kind = node.args["to"].this
    if node.args["to"].expressions:
        raise OperandError  # it may round, cut or pad
    if not inner.columns:
        if kind is exp.DType.DATE and inner.said == "now":
            return Operand("today", is_time=True)
        if kind in _TIME_TYPES or kind in _TEXT_TYPES:
            return replace(inner, is_time=kind in _TIME_TYPES)
        if kind in _INTEGER_TYPES:
            inner.number()
        # A number, an interval or a label of an enum, as Postgres prints it.
        return inner
    if kind not in _SAME and not (kind in _TIME_TYPES and inner.is_time):
        raise OperandError
    return inner


def _measure(node: exp.Expr, names: Mapping[str, str]) -> Operand:
    if isinstance(node, exp.Mod):
        function, arguments = "mod", [node.this, node.expression]
    else:
        function, arguments = _called(node)
    if function in _NOW and not arguments:
        return Operand("now", is_time=True)
    first, *others = arguments or [exp.Null()]
    unit = _UNITS[function]
    if unit == "characters" and _called(first)[0] == "btrim":
        unit, (first, *others) = "visible", _called(first)[1]
    column = of(first, names)
    argument = of(others[0], names).said if others else ""
    has_argument = function in ("mod", "array_length")
    if not column.is_plain or bool(others) != has_argument or (argument, unit) == ("2", "items"):
        raise OperandError
    return replace(column, unit=unit, argument=argument, is_plain=False)


def values(node: exp.Expr, operator: str) -> list[str]:
    """Return the constants of `= ANY (ARRAY[…])` or `<> ALL (ARRAY[…])`; none for one value.

    Raises OperandError where one of them is no constant, or the operator is another.
    """
    if isinstance(node, exp.Any):
        items, expected = node.this.unnest(), "="
    elif isinstance(node, exp.Anonymous) and node.this == "ALL":
        items, expected = node.expressions[0].unnest(), "<>"
    else:
        return []
    if operator != expected:
        raise OperandError
    while type(items) is exp.Cast:
        items = items.this.unnest()
    if not isinstance(items, exp.Array):
        raise OperandError
    found = [of(item, {}) for item in items.expressions]
    if any(each.columns for each in found):
        raise OperandError
    return [each.said for each in found]


def text(node: exp.Expr) -> str:
    """Return a constant text, such as a pattern; raises OperandError for anything else."""
    node = node.unnest()
    while type(node) is exp.Cast:
        node = node.this.unnest()
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise OperandError
    return str(node.this)


def fixed_point(left: exp.Expr, right: exp.Expr) -> tuple[exp.Expr, str] | None:
    """Return the column and the requirement of `x = f(x)`; None if the two are anything else."""
    left, right = _without_casts(left), _without_casts(right)
    call, column = (right, left) if isinstance(left, exp.Column) else (left, right)
    function, arguments = _called(call)
    if not isinstance(column, exp.Column) or column not in arguments:
        return None
    others = [argument for argument in arguments if argument != column]
    match function, others:
        case "date_trunc", [unit, *_]:
            return column, f"be the beginning of a {text(unit)}"
        case "round" | "trunc", [number] if digits := of(number, {}).number():
            return column, f"have at most {digits} digit{'s'[: digits != 1]} after the point"
        case _, [] if function in _FIXED_POINTS:
            return column, _FIXED_POINTS[function]
    return None


def _called(node: exp.Expr) -> tuple[str, list[exp.Expr]]:
    if isinstance(node, exp.Trim) and not node.args.get("expression"):
        position = node.args.get("position") or "BOTH"
        return _TRIMS[position], [_without_casts(node.this)]
    if not isinstance(node, exp.Anonymous):
        return "", []
    return str(node.this), [_without_casts(argument) for argument in node.expressions]


def _without_casts(node: exp.Expr) -> exp.Expr:
    node = node.unnest()
    while type(node) is exp.Cast and node.to.this in _SAME and not node.to.expressions:
        node = node.this.unnest()
    return node


def _constant(value: str) -> str:
    """Write a constant: in quotes where it is empty, or would not be seen to be one."""
    is_seen = value == value.strip() and value.isprintable()
    plain = value and is_seen and not any(mark in value for mark in ',"')
    return value if plain else quoted(value)


_KINDS: Mapping[type[exp.Expr], Callable[[exp.Expr, Mapping[str, str]], Operand]] = {
    **dict.fromkeys(_SYMBOLS, _sum),
    exp.Column: _column,
    exp.Cast: _cast,
    exp.Literal: _literal,
    exp.Neg: _negative,
    exp.Boolean: lambda node, _: Operand(str(bool(node.this)).lower()),
    exp.CurrentDate: lambda *_: Operand("today", is_time=True),
    exp.CurrentTimestamp: lambda *_: Operand("now", is_time=True),
    exp.Localtimestamp: lambda *_: Operand("now", is_time=True),
}
