"""Examples in schemas: from a comment's last line, from the type, or from the CHECKs' constants."""

import json
import math
from typing import Any

from api.document import validators
from api.document.pattern_examples import of_pattern
from api.document.validators import Schema

_MARK = "\nExample: "
_DEEPEST = 100  # arrays and objects in an example; more could be nested too deeply to be read


def split(comment: str | None) -> tuple[str | None, str | None]:
    """Split the last line `Example: …` off a comment: the text, and the example or None."""
    text, mark, example = (comment or "").rpartition(_MARK)
    return (text, example) if mark else (comment, None)


def parsed(example: str, schema: Schema) -> Any:
    """Parse an example of a comment: as JSON, unless the schema is of a string.

    Returns None where it is no JSON: a comment is any text.
    """
    if schema.get("type") in ("string", ["string", "null"]):
        return example
    if example.count("[") + example.count("{") > _DEEPEST:
        return None
    try:
        # Python reads NaN, which is no JSON, and 1e999 as infinity, which it would write as such.
        return json.loads(example, parse_constant=_finite, parse_float=_finite)
    except ValueError:
        return None


def is_value(example: str, schema: Schema) -> bool:
    """Return whether an example of a comment is a value that the schema accepts."""
    value = parsed(example, schema)
    return value is not None and validators.validator(schema).is_valid(value)


def _finite(text: str) -> float:
    """Read a number; raises ValueError for one that is not finite."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def choose(part: Schema, *, doubtful: bool = False) -> None:
    """Keep the type's example if it is valid; otherwise replace or remove it.

    The candidates are the values of the schema's keywords, and texts that match its patterns; the
    first valid one is taken. `doubtful`: a CHECK that only Postgres can judge may refuse any text
    that nobody chose, so only a default or a label is taken.
    """
    valid = validators.validator(
        {name: limit for name, limit in part.items() if name != "examples"}
    ).is_valid
    named = (part.get(keyword) for keyword in ("default", "minimum", "maximum", "multipleOf"))
    given = part.pop("examples")
    chosen = [*part.get("enum", ()), *named]
    patterns = [each["pattern"] for each in (part, *part.get("allOf", ())) if "pattern" in each]
    made = (text for pattern in patterns for text in of_pattern(pattern))
    long = ["x" * part["minLength"]] if "minLength" in part else []
    candidates = chosen if doubtful else [*given, *chosen, *made, *long]
    found = next(
        (candidate for candidate in candidates if candidate is not None and valid(candidate)), None
    )
    if found is not None:
        part["examples"] = [found]


def of_object(schema: Schema) -> Any:
    """Return an example of an object: of its required properties, or of all if none is required.

    None where one of them has no example.
    """
    parts = schema["properties"]
    required = schema.get("required")
    names = [name for name in parts if name in required] if required else list(parts)
    if not all("examples" in parts[name] for name in names):
        return None
    return {name: parts[name]["examples"][0] for name in names}


def described(comment: str | None) -> dict[str, str]:
    """Return `{"description": …}` for a comment; `{}` if it has no text."""
    text, _ = split(comment)
    return {"description": text} if text else {}
