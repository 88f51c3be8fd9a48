"""CHECKs in a schema: the keywords that they become, each with the sentence of its constraint.

`x-sentences` holds the sentence of each keyword, and under `null` that of a NOT NULL with a
comment; `x-database-checked` lists the sentences of what only Postgres checks, because JSON Schema
cannot express it or a trigger comes first.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from api.catalog import checks, sentences
from api.catalog.expressions import Carriers
from api.catalog.keywords import NOTHING, TIGHTER
from api.catalog.quantities import Carrier
from api.catalog.relations import Constraint, Relation, Type
from api.document.validators import Schema


def add(
    schema: Schema,
    check: Constraint,
    carriers: Carriers,
    relation: Relation | None = None,
    *,
    judged: bool = True,
) -> bool:
    """Add a CHECK to the properties of `schema`, in place; return whether they express all of it.

    `carriers`: column, by its name in the CHECK → carrier; `relation`: whose columns the properties
    are, if the CHECK is not a domain's; `judged`: whether a value can be refused by its keywords,
    which is not so where a trigger may still change the value.
    """
    reading = checks.read(check.expression or "", carriers) if judged else NOTHING
    sentence = sentences.of(check, relation)
    properties = schema.setdefault("properties", {})
    shown = {c.source: c.name for c in relation.columns if c.source} if relation else {}
    names = {source: shown.get(source, source) for source in carriers}
    complete = reading.complete
    for column, keywords in reading.keywords.items():
        part = properties.setdefault(names[column], {})
        if carriers[column] is Carrier.CHAR and not _is_exact(keywords, part.get("maxLength")):
            complete = False
        else:
            _add_keywords(part, keywords, sentence)
    columns = [names[column] for column in check.columns if column in names]
    if not complete and columns:
        alone = len(columns) == 1 == len(check.columns)
        place = properties.setdefault(columns[0], {}) if alone else schema
        place["x-database-checked"] = [*place.get("x-database-checked", []), sentence]
    return reading.complete


def add_database_checked(schema: Schema, constraint: Constraint, relation: Relation) -> None:
    """Add the sentence of a constraint that is about other rows, in place, if it can be broken.

    A CHECK without columns has the sentence of a trigger that names it.
    """
    sentence = sentences.of(constraint, relation)
    if constraint.columns:
        written = constraint.written or constraint.columns
        _add_database_checked(schema, sentence, written, relation)
    elif constraint.kind == "c" and constraint.comment:
        schema["x-database-checked"] = [*schema.get("x-database-checked", []), sentence]


def add_condition(schema: Schema, relation: Relation) -> None:
    """Add the sentence of a view's WITH CHECK OPTION, in place, if it has one."""
    if relation.condition:
        sentence = sentences.of_condition(relation)
        _add_database_checked(schema, sentence, relation.condition, relation)


def add_triggers(schema: Schema, relation: Relation, events: Iterable[str]) -> None:
    """Add the sentences of what triggers may refuse at an insert or an update, in place."""
    said = [
        each.comment
        for each in relation.triggers
        if each.comment and not each.events.isdisjoint(events)
    ]
    if said:
        told = [*schema.get("x-database-checked", []), *said]
        schema["x-database-checked"] = list(dict.fromkeys(told))


def _add_database_checked(
    schema: Schema, sentence: str, sources: Container[str | None], relation: Relation
) -> None:
    names = [column.name for column in relation.columns if column.source in sources]
    if not schema["properties"].keys() & {*names}:
        return
    place = schema["properties"][names[0]] if len(names) == 1 else schema
    told = [*place.get("x-database-checked", []), sentence]
    place["x-database-checked"] = list(dict.fromkeys(told))


def of_domain(type_: Type) -> Iterator[Constraint]:
    """Yield the CHECKs of a domain, and of the domains under it."""
    yield from type_.checks
    if type_.kind == "d" and type_.part:
        yield from of_domain(type_.part)


def _is_exact(keywords: Any, length: int | None) -> bool:
    """Return whether texts in the keywords of a char(n) have n characters.

    Answers have a shorter text with spaces after it, and a body may have it with or without them.
    """
    if isinstance(keywords, Mapping):
        keywords = list(keywords.values())
    if isinstance(keywords, list):
        return all(_is_exact(part, length) for part in keywords)
    return len(keywords) == length if isinstance(keywords, str) else True


def _add_keywords(part: Schema, keywords: Mapping[str, Any], sentence: str) -> None:
    """Add keywords to a schema: of two limits the tighter one stays; of other keywords both do."""
    more = [*keywords.get("allOf", ())]
    for keyword, limit in keywords.items():
        if keyword == "allOf":
            continue
        tighter = TIGHTER.get(keyword)
        if keyword in part and tighter is None:
            more.append({keyword: limit})
        elif keyword not in part or (
            limit != part[keyword] and tighter and tighter(limit, part[keyword]) == limit
        ):
            part[keyword] = limit
            part["x-sentences"] = {**part.get("x-sentences", {}), keyword: sentence}
    if more:
        added = [{**each, "x-sentences": dict.fromkeys(each, sentence)} for each in more]
        part["allOf"] = [*part.get("allOf", []), *added]
