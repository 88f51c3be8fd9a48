"""The templates of the pages, their style, and the header fields of each page."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.representations import page_policy

_FOLDER = Path(__file__).parent / "templates"


class Markup:
    """The templates, each compiled at its first use. `service`: what the API is called."""

    def __init__(self, service: str) -> None:
        """Take the name."""
        self._service = service

    @cached_property
    def _style(self) -> str:
        return (_FOLDER / "page.css").read_text(encoding="utf-8")

    @cached_property
    def _environment(self) -> Environment:
        """They are the program's own, and no sandbox is needed: what they print is escaped."""
        made = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.globals.update(service=self._service, style=self._style)
        return made

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The header fields: a page loads nothing, and sends forms to this service only."""
        return page_policy.headers(f"<style>{self._style}</style>")

    def render(self, name: str, **values: Any) -> bytes:
        """Render a page."""
        return self._environment.get_template(name).render(values).encode()

    def part(self, macro: str, *values: Any) -> str:
        """Render a part of a page: a macro of parts.html. The text is finished HTML."""
        module: Any = self._environment.get_template("parts.html").module
        made: str = getattr(module, macro)(*values)
        return made
