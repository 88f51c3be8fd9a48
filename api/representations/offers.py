"""Which representations the operations of a role offer beside JSON."""

from collections.abc import Iterable, Sequence

from api.document.openapi import Forms
from api.operations.operation import Operation
from api.representations import templates
from api.representations.representation import Offers
from api.representations.templates import Template


def build(operations: Sequence[Operation], own: Iterable[Template]) -> Offers:
    """Return the representations of each operation; `own`: the templates of the schema.

    Of two with the same media type, the first one is offered.
    """
    own = tuple(own)
    found = {each: tuple(templates.of_operation(own, each)) for each in operations}
    return {operation: offered for operation, offered in found.items() if offered}


def forms(offered: Offers) -> Forms:
    """Return the forms of the representations, for the document."""
    return {operation: [each.form for each in made] for operation, made in offered.items()}
