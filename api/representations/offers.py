"""Which representations the operations of a role offer beside JSON."""

from collections.abc import Iterable, Mapping, Sequence

from api.document import media_types
from api.document.openapi import Forms
from api.operations.operation import Operation
from api.representations import templates
from api.representations.representation import PAGE, Offers, Representation
from api.representations.templates import Template


def build(operations: Sequence[Operation], own: Iterable[Template]) -> Offers:
    """Return the representations of each operation that reads; `own`: the templates of the schema.

    A page of the schema's own stands in the place of the usual one.
    """
    own = tuple(own)
    found = {}
    for operation in operations:
        if operation.kind.safe:
            made = tuple(templates.of_operation(own, operation))
            has_page = any(each.form.name == PAGE.form.name for each in made)
            found[operation] = made if has_page else (*made, PAGE)
    return found


def forms(offered: Offers) -> Forms:
    """Return the forms of the representations, for the document."""
    return {operation: [each.form for each in made] for operation, made in offered.items()}


def formats(operation: Operation, made: Iterable[Representation]) -> Mapping[str, str]:
    """Return the media types of an answer that have a name, by it; `made`: its representations."""
    own = {each.form.name: each.form.media_type for each in made}
    return {**media_types.formats(operation), **own}
