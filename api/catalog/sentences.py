"""The sentence of a constraint: its comment, or what its definition means in words.

A sentence that begins with "must" is about one field, whose name stands before it or at its
pointer; any other is whole.
"""

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError

from api.catalog import conditions, expressions
from api.catalog.relations import Constraint, Relation, in_words, listed, with_article

_TIMES = ("date", "time", "timetz", "timestamp", "timestamptz")
# Parts of a name that a program or a habit gives to a constraint, and that say no rule.
_MEANINGLESS = re.compile(r"(check|chk|ck|cc|constraint|con|rule)[0-9]*|[0-9a-f]{8,}|")
# The operator of an exclusion constraint → what the other row's value is.
_OTHER_VALUES = {"&&": "overlapping", "<>": "different"}


def of(constraint: Constraint, relation: Relation | None = None) -> str:
    """Return the sentence of a constraint for the clients of a relation.

    It has the relation's names of the columns, if the constraint is of the relation's table.
    """
    if constraint.comment:
        return constraint.comment
    names = _names(constraint, relation)
    match constraint.kind:
        case "c":
            return _check(constraint, relation, names)
        case "f":
            return f"The {in_words(constraint.references[1])} does not exist."
    # An error may name a partition.
    noun = relation.noun if relation and names is not None else in_words(constraint.table[1])
    return _other_row(constraint, noun, names)


def of_condition(relation: Relation) -> str:
    """Return the sentence of WITH CHECK OPTION: a row that the view would not show."""
    return f"This {relation.noun} would not be one of the {in_words(relation.name)}."


def is_about_one_field(sentence: str) -> bool:
    """Return whether the name of a field has to stand before the sentence."""
    return sentence.startswith("must ")


def _names(constraint: Constraint, relation: Relation | None) -> Mapping[str, str] | None:
    """Map the table's columns to the relation's names; None where the relation is another's."""
    if relation is None or constraint.table not in (relation.table, *relation.tables):
        return None
    return {c.source: c.name for c in reversed(relation.columns) if c.source}


def _check(
    constraint: Constraint, relation: Relation | None, names: Mapping[str, str] | None
) -> str:
    times = {
        column.source or ""
        for column in (relation.columns if relation and names else ())
        if column.type.base.name in _TIMES
    }
    rule = _rule(constraint.name)
    said = conditions.of(constraint.expression or "", names or {}, times, rule)
    if said.subject is not None:
        return f"must {said.phrase}"
    first = said.phrase.partition(" ")[0]
    is_name = first in (names or {}).values() or first in constraint.columns
    return f"{said.phrase if is_name else said.phrase[:1].upper() + said.phrase[1:]}."


def _rule(name: str) -> str:
    """Return the name of a constraint in words, if somebody chose it to say a rule."""
    words = name.lower().split("_")
    is_chosen = len(words) > 1 and not any(map(_MEANINGLESS.fullmatch, words))
    return in_words(name) if is_chosen else ""


def _other_row(constraint: Constraint, noun: str, names: Mapping[str, str] | None) -> str:
    """Say what no two rows may have in common."""
    same: list[str] = []
    others: list[str] = []
    for element, operator in constraint.elements:
        for name in dict.fromkeys(columns(element)):
            if names is not None and name not in names:
                continue  # the relation does not show this column
            shown = in_words((names or {}).get(name, name))
            if operator == "=":
                same.append(shown)
            else:
                others.append(with_article(f"{_OTHER_VALUES.get(operator, 'conflicting')} {shown}"))
    has = [*([f"this {listed(same)}"] if same else []), *others]
    if not has:
        return f"Another {noun} is in conflict with this one."
    folds = any("lower(" in element or "upper(" in element for element, _ in constraint.elements)
    aside = ", capital and small letters aside" if folds else ""
    return f"Another {noun} has {listed(has)}{aside}."


def columns(element: str) -> Iterator[str]:
    """Yield the columns of an index's column or expression, as `pg_get_indexdef` prints it."""
    if element.isidentifier():
        yield element
        return
    try:
        yield from (str(column.name) for column in expressions.parse(element).find_all(exp.Column))
    except (SqlglotError, RecursionError, ValueError):
        return
