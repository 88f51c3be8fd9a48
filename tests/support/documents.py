"""A schema's OpenAPI document, with the catalog and the operations that it was made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from api.catalog.relations import Catalog
from api.config import Config
from api.document import openapi
from api.document.component_names import body_name
from api.operations import discovery
from api.operations.operation import Operation
from api.representations import offers
from tests.support import schema_templates


def followed(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` of a document."""
    while "$ref" in part:
        where: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            where = where[step]
        part = where
    return part


def unfolded(document: dict[str, Any]) -> dict[str, Any]:
    """Return the paths with every component but schemas in the place of its reference."""

    def unfold(part: Any) -> Any:
        if isinstance(part, list):
            return [unfold(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part and not part["$ref"].startswith("#/components/schemas/"):
            return unfold(followed(document, part))
        return {name: unfold(one) for name, one in part.items()}

    found: dict[str, Any] = unfold(document["paths"])
    return found


def schemas_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schemas by name, with their columns in the place of the references to them."""
    found: dict[str, dict[str, Any]] = {}
    for name, schema in document["components"]["schemas"].items():
        columns = schema.get("properties", {})
        whole = {column: followed(document, part) for column, part in columns.items()}
        found[name] = {**schema, **({"properties": whole} if columns else {})}
    return found


@dataclass(frozen=True)
class Made:
    """A schema's document, and what it was made of."""

    catalog: Catalog
    operations: tuple[Operation, ...]
    document: dict[str, Any]
    url: str

    @cached_property
    def paths(self) -> dict[str, Any]:
        """The paths, unfolded."""
        return unfolded(self.document)

    @cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """The schemas by name, with their columns."""
        return schemas_of(self.document)

    def described(self) -> Iterator[tuple[Operation, dict[str, Any], dict[str, Any]]]:
        """Give each operation with what the document says of it and of its path, unfolded."""
        for operation in self.operations:
            item = self.paths[operation.path]
            yield operation, item[operation.method.lower()], item

    def found(self, part: dict[str, Any]) -> dict[str, Any]:
        """Follow a `$ref`."""
        return followed(self.document, part)

    def body(self, operation: Operation) -> dict[str, Any]:
        """Give the schema of an operation's body."""
        return self.schemas[body_name(operation)]

    def faults(self, value: Any, schema: dict[str, Any]) -> list[str]:
        """Validate with a plain JSON Schema validator, as a client would."""
        whole = {**schema, "components": self.document["components"]}
        return [
            error.message
            for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(
                value
            )
        ]


def make(catalog: Catalog, url: str) -> Made:
    """Make the document of a catalog that was read at this URL."""
    found = discovery.build(catalog)
    templates = schema_templates.of(catalog, Config().schema_dir)
    forms = offers.forms(offers.build(found, templates))
    return Made(catalog, found, openapi.build(catalog, found, forms=forms), url)
