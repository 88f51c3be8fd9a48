"""Jinja for templates of a schema: a sandbox in which a template sees its row and nothing else."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.representations import edi_text


class Environment(ImmutableSandboxedEnvironment):
    """A sandbox: no loader, no globals, nothing undefined, and no filter that makes a float."""

    def __init__(
        self,
        *,
        autoescape: bool,
        finalize: Callable[[Any], Any],
        filters: Mapping[str, Callable[..., Any]],
    ) -> None:
        """Prepare it; `finalize` is applied to everything that a template prints."""
        super().__init__(
            autoescape=autoescape,
            finalize=finalize,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.globals.clear()
        del self.filters["float"], self.filters["random"]
        self.filters.update(filters)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read `totals.items`: a member of an object stands before Python's own methods."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _printed(value: Any) -> Any:
    """Print null as nothing."""
    return "" if value is None else value


_FILTERS: Mapping[str, Callable[..., Any]] = {"decimal": Decimal}

# By the ending of a template's file.
ENVIRONMENTS = {
    "html": Environment(autoescape=True, finalize=_printed, filters=_FILTERS),
    "txt": Environment(autoescape=False, finalize=_printed, filters=_FILTERS),
    "x12": Environment(
        autoescape=False, finalize=edi_text.element, filters={**_FILTERS, **edi_text.FILTERS}
    ),
}
