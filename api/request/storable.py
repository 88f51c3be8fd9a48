"""Characters that JSON can write and Postgres cannot store."""

from collections.abc import Iterator
from typing import Any

from api.document.validators import UNSTORABLE
from api.problem import Fault, pointer

SENTENCE = "has a character that can't be stored: U+0000, or half of a surrogate pair"


def unstorable(value: Any, *path: str) -> Iterator[Fault]:
    """Yield a fault for each such text in a value, and in the value's keys and items.

    `path`: where the value stands in the body. Uses a stack of its own, because the value may be
    nested deeper than Python's recursion allows.
    """
    if isinstance(value, str) and UNSTORABLE.search(value):
        yield Fault(pointer(*path), SENTENCE)
    if not isinstance(value, (list, dict)):
        return
    steps, stack = list[str | int](), [_texts(value)]
    while stack:
        for step, item in stack[-1]:
            if isinstance(item, (list, dict)):
                steps.append(step)
                stack.append(_texts(item))
                break
            if isinstance(item, str) and UNSTORABLE.search(item):
                yield Fault(pointer(*path, *steps, step), SENTENCE)
        else:
            stack.pop()
            del steps[-1:]


def _texts(value: Any) -> Iterator[tuple[str | int, Any]]:
    """Yield the items of an array, or the keys and values of an object, each with its step."""
    if isinstance(value, dict):
        return ((name, text) for name, item in value.items() for text in (name, item))
    return iter(enumerate(value))
