"""Examples in comments that are none: what a comment says after `Example:` must be a value."""

from collections.abc import Iterator

from api.catalog.relations import Catalog
from api.document import examples, schemas
from api.operations import discovery
from api.operations.notes import Note


def notes(catalog: Catalog) -> Iterator[Note]:
    """Yield a note for each column whose comment has an example that the API would refuse."""
    served = discovery.served(catalog)
    for relation in (*served.relations, *served.reports):
        properties = schemas.read(relation)["properties"] if relation.allowed("select") else {}
        for column in relation.columns:
            _, example = examples.split(column.comment)
            if example is None or column.name not in properties:
                continue
            if not examples.is_value(example, properties[column.name]):
                about = f"{relation.schema}.{relation.name}"
                sentence = (
                    f"the comment on {column.name} has an example that the column does not take,"
                    " so the document leaves it out; a text has no quotes, other values are JSON."
                )
                yield Note(about, sentence)
