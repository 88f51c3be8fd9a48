"""The components of the document: what several operations have in common, said once."""

from collections.abc import Callable
from typing import Any

_SECTIONS = (
    "securitySchemes",
    "schemas",
    "responses",
    "parameters",
    "requestBodies",
    "headers",
    "examples",
)


def reference(section: str, name: str) -> dict[str, str]:
    """Refer to a component that the document has."""
    return {"$ref": f"#/components/{section}/{name}"}


class Components:
    """The components that a document refers to, while it is made.

    `sections`: section → name → component. Names follow from what a component is, never from what
    else there is, so that an addition to the schema changes none of them.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.sections: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}

    def refer(self, section: str, name: str, make: Callable[[], Any]) -> dict[str, str]:
        """Return a reference to a component, which is made when its name is new."""
        named = self.sections[section]
        if name not in named:
            named[name] = {}  # what it refers to comes after it
            named[name] = make()
        return reference(section, name)

    def schema(self, name: str) -> Any:
        """Return a schema that was referred to before."""
        return self.sections["schemas"][name]
