"""Two versions of a JSON Schema → what a client notices: what it may send, what it is answered.

A body or a parameter breaks clients where it accepts less than before; an answer, where it holds
other kinds of values than before, or lacks a field.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Json = Mapping[str, Any]

BROKEN, CHANGED, ADDED = "broken", "changed", "added"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `kind`: BROKEN where a client that worked before can fail now; CHANGED where it can't; ADDED
    where it can do more. `place`: an operation or a component, and a part of it.
    """

    kind: str
    place: str
    text: str

    def __str__(self) -> str:
        """Write it in a line."""
        return f"{self.kind:7}  {self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Part:
    """A place in both documents: the old and the new schema there, without references.

    `sent`: whether a client sends its values, or is answered with them.
    """

    old: Json
    new: Json
    place: str
    sent: bool

    def narrower(self, text: str) -> Change:
        """Make the change that fewer values are possible."""
        return Change(BROKEN if self.sent else CHANGED, self.place, text)

    def wider(self, text: str, *, breaks_answers: bool = False) -> Change:
        """Make the change that more values are possible."""
        return Change(BROKEN if breaks_answers and not self.sent else CHANGED, self.place, text)


@dataclass(frozen=True, slots=True)
class Schemas:
    """The old and the new document, to whose components their schemas refer."""

    old: Json
    new: Json
    _done: set[tuple[str, str, bool]] = field(default_factory=set)
    """The components that are compared, by their two names, and whether they are sent."""

    def compare(self, part: Part) -> Iterator[Change]:
        """Yield the differences of two schemas; those of a component once, wherever it is used."""
        names = str(part.old.get("$ref", "")), str(part.new.get("$ref", ""))
        if all(names):
            if (*names, part.sent) in self._done:
                return
            self._done.add((*names, part.sent))
            side = "in bodies" if part.sent else "in answers"
            part = replace(part, place=f"{names[0].rpartition('/')[2]} {side}")
        part = replace(part, old=_whole(self.old, part.old), new=_whole(self.new, part.new))
        for found in (_types, _values, _limits, _keywords, _checked, _required):
            yield from found(part)
        yield from self._fields(part)
        if "items" in part.old and "items" in part.new:
            yield from self._below(part, "items", "each item")
        for keyword in ("anyOf", "oneOf"):
            yield from self._alternatives(part, keyword)

    def _below(self, part: Part, name: str, text: str) -> Iterator[Change]:
        place = f"{part.place}, {text}"
        yield from self.compare(replace(part, old=part.old[name], new=part.new[name], place=place))

    def _fields(self, part: Part) -> Iterator[Change]:
        before, after = part.old.get("properties", {}), part.new.get("properties", {})
        for name in before:
            if name not in after:
                yield Change(BROKEN, part.place, f"the field {name} is gone")
            else:
                yield from self._below(replace(part, old=before, new=after), name, name)
        for name in after:
            if name not in before:
                yield Change(ADDED, part.place, f"the field {name}")
        closed = [each.get("additionalProperties", True) is False for each in (part.old, part.new)]
        if closed == [False, True]:
            yield part.narrower("no other fields are possible any more")
        elif closed == [True, False]:
            yield part.wider("other fields are possible")

    def _alternatives(self, part: Part, keyword: str) -> Iterator[Change]:
        """Find a counterpart for all that could be sent before, or that can be answered now."""
        before, after = part.old.get(keyword), part.new.get(keyword)
        if before is None or after is None:
            if after is not None:
                yield part.narrower("must be one of several")
            elif before is not None:
                yield part.wider("need not be one of several", breaks_answers=True)
            return
        ones, others = (before, after) if part.sent else (after, before)
        for one in ones:
            pairs = ((one, other) if part.sent else (other, one) for other in others)
            parts = [replace(part, old=old, new=new) for old, new in pairs]
            tried = [
                (self._distance(each), [*replace(self, _done={*self._done}).compare(each)])
                for each in parts
            ]
            # That which differs least is the counterpart.
            _, found = min(tried, key=lambda each: (each[0], _breaks(each[1])), default=(0, []))
            yield from found

    def _distance(self, part: Part) -> int:
        """Count the types that only one of two schemas has."""
        old, new = follow(self.old, part.old), follow(self.new, part.new)
        return len(_type_names(old) ^ _type_names(new))


def follow(document: Json, found: Json) -> Json:
    """Resolve `$ref` in a schema, parameter, header or response; what stands beside it stays.

    Raises LookupError where it leads nowhere.
    """
    passed: set[str] = set()
    while "$ref" in found:
        if found["$ref"] in passed:
            raise LookupError(found["$ref"])
        passed.add(found["$ref"])
        target: Any = document
        for step in str(found["$ref"]).removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        found = {**target, **{name: value for name, value in found.items() if name != "$ref"}}
    return found


def _whole(document: Json, found: Json) -> Json:
    """Resolve `$ref` in a schema, and add the fields of those that it extends."""
    made = dict(follow(document, found))
    for part in made.get("allOf", ()):
        if "$ref" in part:
            base = _whole(document, part)
            made["properties"] = {**base.get("properties", {}), **made.get("properties", {})}
            made["required"] = [*base.get("required", ()), *made.get("required", ())]
    return made


def _breaks(changes: list[Change]) -> tuple[int, int]:
    return sum(change.kind == BROKEN for change in changes), len(changes)


def _types(part: Part) -> Iterator[Change]:
    old, new = (_type_names(each) for each in (part.old, part.new))
    if old == new:
        return
    names = [_or({*_listed(each.get("type"))}) for each in (part.new, part.old)]
    text = f"may be {names[0]} instead of {names[1]}"
    if new and (not old or old - new):
        yield part.narrower(text)
    if old and (not new or new - old):
        yield part.wider(text, breaks_answers=True)


def _type_names(schema: Json) -> set[str]:
    names = {*_listed(schema.get("type"))}
    return names | {"integer"} if "number" in names else names


def _values(part: Part) -> Iterator[Change]:
    old, new = (_enum(each) for each in (part.old, part.new))
    if new is not None and (old is None or old - new):
        gone = "any other" if old is None else _or(old - new)
        yield part.narrower(f"may not be {gone} any more")
    if old is not None and (new is None or new - old):
        added = "any other" if new is None else _or(new - old)
        yield part.wider(f"may be {added} too", breaks_answers=True)


def _enum(schema: Json) -> set[str] | None:
    """Return the only values of a schema, as JSON; null is among the types."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else {json.dumps(value) for value in values if value is not None}


# Keywords that limit the same, inclusive and exclusive, and whether theirs is a lower limit.
_LIMITS = (
    ("minimum", "exclusiveMinimum", True), ("maximum", "exclusiveMaximum", False),
    ("minLength", "", True), ("maxLength", "", False), ("minItems", "", True),
    ("maxItems", "", False), ("minProperties", "", True), ("maxProperties", "", False),
)  # fmt: skip


def _limits(part: Part) -> Iterator[Change]:
    for inclusive, exclusive, lower in _LIMITS:
        sign = 1 if lower else -1
        old, new = (_limit(each, inclusive, exclusive, sign) for each in (part.old, part.new))
        if old == new:
            continue
        texts = [
            " and ".join(f"{name} {each[name]}" for name in (inclusive, exclusive) if name in each)
            for each in (part.new, part.old)
        ]
        text = " instead of ".join(each or "no limit" for each in texts)
        yield part.narrower(text) if new > old else part.wider(text)


def _limit(schema: Json, inclusive: str, exclusive: str, sign: int) -> tuple[float, bool]:
    """Return what is the greater, the less a schema accepts."""
    found = [(sign * schema[inclusive], False)] if inclusive in schema else []
    if exclusive in schema:
        found.append((sign * schema[exclusive], True))
    return max(found, default=(-math.inf, False))


# Keywords of which only equality is compared.
_OPAQUE = (
    "pattern", "multipleOf", "not", "uniqueItems", "if", "then", "else", "contains",
    "prefixItems", "propertyNames", "patternProperties", "dependentRequired",
)  # fmt: skip


def _keywords(part: Part) -> Iterator[Change]:
    before, after = _rules(part.old), _rules(part.new)
    for rule in after.keys() - before.keys():
        yield part.narrower(f"a rule is new: {after[rule]}")
    for rule in before.keys() - after.keys():
        yield part.wider(f"a rule is gone: {before[rule]}")
    old, new = part.old.get("format"), part.new.get("format")
    if old != new and _type_names(part.old) == _type_names(part.new):
        text = f"the format is {new or 'any'} instead of {old or 'any'}"
        # Clients read a value by its format.
        broken = (new if part.sent else old) is not None
        yield Change(BROKEN if broken else CHANGED, part.place, text)
    if part.sent and part.old.get("default") != part.new.get("default"):
        text = f"the default is {json.dumps(part.new.get('default'))}"
        yield Change(CHANGED, part.place, text)


def _rules(schema: Json) -> dict[str, str]:
    """Return what must hold beside types, values and limits, with a sentence of each rule."""
    own = {name: schema[name] for name in (*_OPAQUE, "x-sentences") if name in schema}
    found = {}
    for part in (*schema.get("allOf", ()), own):
        for keyword in part.keys() - {"x-sentences", "$ref"}:
            rule = json.dumps({keyword: part[keyword]})
            found[rule] = part.get("x-sentences", {}).get(keyword, rule)
    return found


def _checked(part: Part) -> Iterator[Change]:
    """Find CHECKs that the database has added; one whose sentence is another stays the same."""
    old, new = (_listed(each.get("x-database-checked")) for each in (part.old, part.new))
    if part.sent and len(new) > len(old):
        added = [sentence for sentence in new if sentence not in old] or new
        yield part.narrower(f"the database checks more: {' '.join(map(str, added))}")


def _required(part: Part) -> Iterator[Change]:
    old, new = ({*each.get("required", ())} for each in (part.old, part.new))
    for name in sorted(new - old):
        if part.sent:
            yield part.narrower(f"the field {name} is required")
        elif name in part.old.get("properties", {}):
            yield part.narrower(f"the field {name} is always there")
    for name in sorted(old - new):
        if name in part.new.get("properties", {}):
            yield part.wider(f"the field {name} may be absent", breaks_answers=True)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _or(values: set[str]) -> str:
    return " or ".join(sorted(values)) or "anything"
