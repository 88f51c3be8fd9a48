"""The text of the document: one line for each operation and each component.

A line of the committed document then changes when its operation or its component does.
"""

import json
from typing import Any

_LEVELS = 3  # a path's method, a section's component
_WIDTH = 100  # what fits on a line is not split


def text(document: dict[str, Any]) -> str:
    """Write a document."""
    return _written(document, 0)


def _written(part: Any, level: int) -> str:
    line = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    if level == _LEVELS or not isinstance(part, dict | list) or len(line) <= _WIDTH:
        return line
    indent = "  " * level
    if isinstance(part, dict):
        start, end = "{", "}"
        lines = [
            f"{json.dumps(name, ensure_ascii=False)}:{_written(one, level + 1)}"
            for name, one in part.items()
        ]
    else:
        start, end = "[", "]"
        lines = [_written(one, level + 1) for one in part]
    inner = f",\n{indent}  ".join(lines)
    return f"{start}\n{indent}  {inner}\n{indent}{end}"
