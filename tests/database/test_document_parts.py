"""Parts of the document that are made alone say what the whole says."""

from typing import Any

import pytest

from api.catalog.relations import Catalog
from api.document import columns, openapi
from api.document.component_names import body_name
from api.operations import discovery, nested_bodies
from tests.support import samples
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase
from tests.support.documents import schemas_of, unfolded

pytestmark = pytest.mark.unmeasured


def without_links(operation: dict[str, Any]) -> dict[str, Any]:
    """Leave out the links of answers, which lead to other operations."""
    answers = {
        status: {name: part for name, part in answer.items() if name != "links"}
        for status, answer in operation["responses"].items()
    }
    return {**operation, "responses": answers}


@samples.SAMPLED
async def test_document_of_one_operation_says_what_the_whole_says(
    share: float, database: TestDatabase, menagerie: TestDatabase
) -> None:
    for served in (database, menagerie):
        assert_parts_say_what_the_whole_says(await read_catalog(served.api_url), share)


def assert_parts_say_what_the_whole_says(catalog: Catalog, share: float) -> None:
    """Compare the document of each operation with the whole one."""
    every = discovery.build(catalog)
    whole = openapi.build(catalog, every)
    known, paths = schemas_of(whole), unfolded(whole)
    for operation in samples.sample(every, samples.kind_of_operation, share):
        together = nested_bodies.with_nested([operation], every)
        made = openapi.build(catalog, together)
        assert known.items() >= schemas_of(made).items(), operation.id
        method = operation.method.lower()
        said, all_said = (each[operation.path][method] for each in (unfolded(made), paths))
        assert without_links(said) == without_links(all_said)
        if operation.kind.body:
            name, part = body_name(operation), openapi.of_body(operation, every)
            assert columns.whole(name, part) == columns.whole(name, whole), operation.id
