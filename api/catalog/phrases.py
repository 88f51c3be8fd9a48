"""Phrases: what follows "must" in a sentence, for one comparison and for several together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.catalog.operands import Operand, OperandError
from api.catalog.relations import listed

_VALUES = {
    "=": "be {}",
    "<>": "not be {}",
    ">=": "be at least {}",
    ">": "be greater than {}",
    "<=": "be at most {}",
    "<": "be less than {}",
}
_TIMES = {
    **_VALUES,
    ">=": "not be before {}",
    ">": "be after {}",
    "<=": "not be after {}",
    "<": "be before {}",
}
_COUNTS = {
    "=": "have {}",
    "<>": "not have {}",
    ">=": "have at least {}",
    ">": "have more than {}",
    "<=": "have at most {}",
    "<": "have less than {}",
}
_FROM_TO = re.compile(r"^have at least ([0-9]+) (\w+?)s? and at most ([0-9]+) (\2s?)$")
_VERBS = ("be ", "have ", "not be ")


@dataclass(frozen=True, slots=True)
class Words:
    """A condition in words: `subject` must `phrase`.

    Without a subject, which is the name of a column, the phrase is a whole clause. `joint`: it has
    parts that are joined by "and" or "or".
    """

    subject: str | None
    phrase: str
    joint: bool = False

    @property
    def clause(self) -> str:
        """The whole clause."""
        return f"{self.subject} must {self.phrase}" if self.subject else self.phrase


def joined(said: Sequence[Words], word: str) -> Words:
    """Join the parts of a condition by "and" or "or"."""
    parts = list(dict.fromkeys(said))
    if word == "or":
        parts = _without_nulls(parts)
        given = [part.subject for part in parts if part.phrase == "not be null" and part.subject]
        if len(parts) == len(given) > 1:
            return Words(None, f"at least one of {listed(given)} must not be null")
    if len(parts) == 1:
        return parts[0]
    subjects = {part.subject for part in parts}
    comma = "," if any(part.joint for part in parts) or len(subjects) > 1 else ""
    if len(subjects) > 1 or None in subjects:
        return Words(None, f"{comma} {word} ".join(part.clause for part in parts), joint=True)
    return Words(parts[0].subject, _phrases(parts, f"{comma} {word} "), joint=True)


def _without_nulls(parts: Sequence[Words]) -> list[Words]:
    """Leave out `IS NULL` of the column that all parts are about: a CHECK accepts NULL anyway."""
    others = [part for part in parts if part.phrase != "be null"]
    is_meant = len({part.subject for part in parts}) > 1 or any("null" in o.phrase for o in others)
    return list(parts) if is_meant or not others else others


def _phrases(parts: Sequence[Words], joint: str) -> str:
    """Join the phrases of one subject; do not repeat their verb."""
    first, *others = [part.phrase for part in parts]
    verb = next((verb for verb in _VERBS if first.startswith(verb)), "")
    said = [first]
    for phrase in others:
        if verb in ("be ", "not be ") and phrase.startswith("not be "):
            said.append(f"not {phrase.removeprefix('not be ')}")
        else:
            said.append(phrase.removeprefix(verb) if verb != "not be " else phrase)
    text = joint.join([", ".join(said[:-1]), said[-1]]) if joint[0] == " " else joint.join(said)
    return _FROM_TO.sub(
        lambda m: f"have {m[1]}{'' if m[1] == m[3] else f' to {m[3]}'} {m[4]}", text
    )


def opposite(phrase: str) -> str:
    """Return the phrase for the opposite."""
    return phrase.removeprefix("not ") if phrase.startswith("not ") else f"not {phrase}"


def comparison(subject: Operand, other: Operand, operator: str) -> Words:
    """Say a comparison; `operator` is one of `= <> >= > <= <`.

    Raises OperandError where it has no words.
    """
    if other.unit:
        raise OperandError
    if subject.unit:
        return Words(subject.column, _measure(subject, operator, other))
    if other.said in ("true", "false") and operator == "<>":
        return Words(subject.column, f"not be {other.said}")
    phrase = (_TIMES if other.is_time else _VALUES)[operator].format(other.said)
    if other.said == '""':
        phrase = {"=": "be empty", "<>": "not be empty"}.get(operator, phrase)
    if subject.is_plain and not other.columns:
        return Words(subject.column, phrase)
    return Words(None, f"{subject.said} must {phrase}")


def one_of(subject: Operand, values: Sequence[str], operator: str) -> Words:
    """Say that a column, or what is counted in it, is one of these constants, or none (`<>`).

    Raises OperandError where that has no words.
    """
    if subject.unit == "type":
        kinds = f"one of the JSON types {', '.join(values)}"
        return Words(subject.column, _VALUES[operator].format(kinds))
    if subject.unit in ("characters", "items", "bytes") and operator == "=" and len(values) > 1:
        *others, last = values
        return Words(subject.column, f"have {', '.join(others)} or {last} {subject.unit}")
    if not subject.is_plain:
        raise OperandError
    only = values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    return Words(subject.column, _VALUES[operator].format(only))


def _measure(subject: Operand, operator: str, other: Operand) -> str:
    match subject.unit, operator, other.said:
        case "remainder", "=", "0":
            return f"be a multiple of {subject.argument}"
        case "trimmed", "=" | "<>", '""':
            return "be blank" if operator == "=" else "not be blank"
        case "type", "=" | "<>", said:
            return _VALUES[operator].format(f"a JSON {said}")
        case "remainder" | "trimmed" | "type", _, _:
            raise OperandError
    return _count(operator, other.number(), subject.unit)


def inclusive(operator: str, number: int) -> tuple[str, int]:
    """Return the same comparison with a whole number, but not `<` or `>`."""
    return {">": (">=", number + 1), "<": ("<=", number - 1)}.get(operator, (operator, number))


def _count(operator: str, number: int, unit: str) -> str:
    operator, number = inclusive(operator, number)
    is_some = (operator, number) in ((">=", 1), ("<>", 0))
    if unit == "visible":
        if is_some:
            return "not be blank"
        unit = "characters between the blanks at both ends"
    if is_some and unit in ("characters", "bytes"):
        return "not be empty"
    noun = _single(unit) if number == 1 else unit
    return _COUNTS[operator].format(f"{number} {noun}")


def _single(unit: str) -> str:
    first, blank, rest = unit.partition(" ")
    return first.removesuffix("s") + blank + rest
