"""The condition of a CHECK in words: what each column must be.

`of` says a whole condition, however it is composed. A part that has no words here is said as a rule
by its name, so that the sentence stays true; no expression is ever quoted.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from api.catalog import expressions, forms, operands, phrases
from api.catalog.operands import OperandError
from api.catalog.phrases import Words
from api.catalog.relations import listed

_OPERATORS: Mapping[type[exp.Expr], str] = {
    **expressions.OPERATORS,
    exp.NullSafeEQ: "=",
    exp.NullSafeNEQ: "<>",
}
_NEGATED = {"=": "<>", "<>": "=", ">=": "<", ">": "<=", "<=": ">", "<": ">="}


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of the columns, and how the condition is read.

    `names`: column → its name in the API; `times`: the columns that hold dates or times; `rule`:
    the phrase for what has no words; `positive`: whether it is required, or its opposite.
    """

    names: Mapping[str, str]
    times: Collection[str]
    rule: str
    positive: bool = True


def of(
    expression: str, names: Mapping[str, str], times: Collection[str] = (), rule: str = ""
) -> Words:
    """Say a condition as `pg_get_expr` prints it.

    `names`: column → the name that the sentence has for it; `times`: the columns with dates or
    times; `rule`: what the condition is called, if somebody gave it a name. Raises nothing.
    """
    called = f'meet the rule "{rule}"' if rule else "meet a rule of the database"
    context = _Context(names, times, called)
    try:
        tree = expressions.parse(expression)
    except (SqlglotError, RecursionError, ValueError):
        return Words(None, f"The row must {called}")
    try:
        return _say(tree, context)
    except RecursionError:
        return _unclear(tree, context)


def _say(node: exp.Expr, context: _Context) -> Words:
    node = node.unnest()
    try:
        return _RULES[type(node)](node, context)
    except (OperandError, LookupError):
        return _unclear(node, context)


def _unclear(node: exp.Expr, context: _Context) -> Words:
    found = dict.fromkeys(operands.name(column) for column in node.find_all(exp.Column))
    names = [context.names.get(name, name) for name in found]
    if len(names) == 1:
        return Words(names[0], context.rule)
    if not names:
        return Words(None, f"the row must {context.rule}")
    return Words(None, f"{listed(names)} must {context.rule}")


def _join(node: exp.Expr, context: _Context) -> Words:
    word = "and" if isinstance(node, exp.And) is context.positive else "or"
    return phrases.joined([_say(part, context) for part in node.flatten()], word)


def _not(node: exp.Expr, context: _Context) -> Words:
    return _say(node.this, replace(context, positive=not context.positive))


def _is(node: exp.Expr, context: _Context) -> Words:
    subject = operands.of(node.this, context.names)
    positive = context.positive is not bool(node.args.get("negate"))
    if isinstance(node.expression, exp.Null):
        return Words(subject.column, "be null" if positive else "not be null")
    if not isinstance(node.expression, exp.Boolean):
        raise OperandError
    word = str(bool(node.expression.this)).lower()
    return Words(subject.column, f"be {word}" if positive else f"not be {word}")


def _boolean(node: exp.Expr, context: _Context) -> Words:
    subject = operands.of(node, context.names)
    return Words(subject.column, "be true" if context.positive else "be false")


def _match(node: exp.Expr, context: _Context) -> Words:
    subject = operands.of(node.this, context.names)
    pattern = operands.text(node.expression)
    if not subject.is_plain:
        raise OperandError
    phrase = _PATTERNS[type(node)](pattern)
    positive = context.positive is not bool(node.args.get("negate"))
    return Words(subject.column, phrase if positive else phrases.opposite(phrase))


def _compare(node: exp.Expr, context: _Context) -> Words:
    left, right = node.this.unnest(), node.expression.unnest()
    operator = _OPERATORS[type(node)]
    operator = operator if context.positive else _NEGATED[operator]
    if isinstance(left, exp.Is) and isinstance(right, exp.Is):
        return _both_null(left, right, context, operator)
    if not left.find(exp.Column):
        left, right, operator = right, left, expressions.MIRRORED[operator]
    if isinstance(left, exp.Anonymous) and left.this in ("num_nonnulls", "num_nulls"):
        return _counted_nulls(left, right, context, operator)
    if values := operands.values(right, _OPERATORS[type(node)]):
        return phrases.one_of(operands.of(left, context.names), values, operator)
    if (found := operands.fixed_point(left, right)) and operator == "=":
        column, phrase = found
        return Words(operands.of(column, context.names).column, phrase)
    subject, other = operands.of(left, context.names), operands.of(right, context.names)
    if subject.column and subject.column == other.column:
        raise OperandError
    is_time = other.is_time or subject.source in context.times
    return phrases.comparison(subject, replace(other, is_time=is_time), operator)


def _both_null(left: exp.Expr, right: exp.Expr, context: _Context, operator: str) -> Words:
    names = [operands.of(side.this, context.names).column or "" for side in (left, right)]
    sides = [side for side in (left, right) if isinstance(side.expression, exp.Null)]
    same = bool(left.args.get("negate")) is bool(right.args.get("negate"))
    if len(sides) != len(names) or operator not in ("=", "<>") or "" in names:
        raise OperandError
    both = same is (operator == "=")
    said = "both or neither" if both else "exactly one"
    return Words(None, f"{said} of {listed(names)} must be null")


def _counted_nulls(call: exp.Expr, right: exp.Expr, context: _Context, operator: str) -> Words:
    names = [operands.of(part, context.names).column or "" for part in call.expressions]
    operator, number = phrases.inclusive(operator, operands.of(right, context.names).number())
    how = {"=": "exactly", ">=": "at least", "<=": "at most"}[operator]
    word = {1: "one"}.get(number, str(number))
    verb = "be null" if call.this == "num_nulls" else "not be null"
    return Words(None, f"{how} {word} of {listed(names)} must {verb}")


def _call(node: exp.Expr, context: _Context) -> Words:
    first, *others = node.expressions
    subject = operands.of(first, context.names)
    requirements: dict[str, Callable[[], str]] = {
        "isempty": lambda: "be empty",
        "starts_with": lambda: f"begin with {operands.quoted(operands.text(others[0]))}",
        "regexp_like": lambda: forms.of_regex(operands.text(others[0])),
        "isfinite": lambda: "be finite",
    }
    if len(others) != (node.this in ("starts_with", "regexp_like")) or not subject.is_plain:
        raise OperandError
    phrase = requirements[node.this]()
    return Words(subject.column, phrase if context.positive else phrases.opposite(phrase))


_PATTERNS: Mapping[type[exp.Expr], Callable[[str], str]] = {
    exp.RegexpLike: forms.of_regex,
    exp.RegexpILike: lambda pattern: forms.of_regex(pattern, any_case=True),
    exp.Like: forms.of_like,
    exp.ILike: lambda pattern: forms.of_like(pattern, any_case=True),
    exp.StartsWith: lambda prefix: f"begin with {operands.quoted(prefix)}",
}
_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr, _Context], Words]] = {
    **dict.fromkeys(_OPERATORS, _compare),
    **dict.fromkeys(_PATTERNS, _match),
    exp.And: _join,
    exp.Or: _join,
    exp.Not: _not,
    exp.Is: _is,
    exp.Column: _boolean,
    exp.Anonymous: _call,
}
