"""The templates beside the migrations, as the commands need them."""

from collections.abc import Sequence

from api.catalog.relations import Catalog
from api.cli.refusal import RefusedError
from api.config import Config
from api.document.openapi import Forms
from api.operations.operation import Operation
from api.representations import offers, templates
from api.representations.representation import Offers
from api.representations.templates import Template, TemplatesError


def load(settings: Config, catalog: Catalog) -> tuple[Template, ...]:
    """Load and try them; `catalog`: what the schema offers to the role that may do everything.

    Raises RefusedError with the faults of all of them.
    """
    try:
        found = templates.load(settings.schema_dir)
        templates.check(found, catalog)
    except TemplatesError as error:
        raise RefusedError(error) from None
    return found


def forms(settings: Config, operations: Sequence[Operation]) -> Forms:
    """Return the forms of what `offered` returns, for the document. Raises as that does."""
    return offers.forms(offered(settings, operations))


def offered(settings: Config, operations: Sequence[Operation]) -> Offers:
    """Return what operations offer beside JSON, by templates that nobody has tried.

    Raises RefusedError where one does not compile.
    """
    try:
        return offers.build(operations, templates.load(settings.schema_dir))
    except TemplatesError as error:
        raise RefusedError(error) from None
