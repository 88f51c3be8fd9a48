"""Views with any names are served, and the document names their paths."""

import json

import pytest

from tests.support.databases import TestDatabase
from tests.support.serving import Serve
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

NAMES = (
    "problem", "service", "many", "a/b", "a~1b", "a~b", "a.b", "a{b}", "a<b>", "a b", "a%2Fb",
    "ä?#&", "nodes.node_id", "openapi",
)  # fmt: skip
NODES = """
CREATE TABLE billing.tree (id int PRIMARY KEY);
CREATE TABLE billing.node (id int PRIMARY KEY, tree_id int REFERENCES billing.tree (id));
CREATE INDEX ON billing.node (tree_id, id);
CREATE VIEW api.trees WITH (security_invoker = true) AS SELECT t.id FROM billing.tree AS t;
GRANT SELECT, INSERT ON billing.tree, api.trees, billing.node TO superbill_api;
INSERT INTO billing.tree VALUES (1);
"""


async def test_view_with_any_name_is_served_at_paths_of_its_own(
    serve: Serve, database: TestDatabase
) -> None:
    database.execute(NODES)
    for name in NAMES:
        view = 'api."' + name + '"'
        database.execute(
            f"CREATE VIEW {view} WITH (security_invoker = true) AS"
            f" SELECT n.id, n.tree_id, '{name}' AS said FROM billing.node AS n;"
            f" GRANT SELECT, INSERT (id, tree_id) ON {view} TO superbill_api"
        )
    service = await serve(config(database))
    document = (await service.client.get("/openapi.json")).json()
    found = [path for path in document["paths"] if path.startswith("/trees/{tree_id}/")]
    assert len(found) == len(NAMES)
    said = set()
    for number, template in enumerate(found):
        path = template.format(tree_id=1)
        made = await service.client.post(path, json={"id": number})
        assert made.status_code == 201, made.text
        said.add(made.json()["said"])
        assert (await service.client.get(made.headers["location"])).json() == made.json()
        assert made.json() in (await service.client.get(path)).json()
    assert said == {*NAMES}
    # The document's own schema of problems is what it was, and describes this answer.
    assert (await service.client.get("/problem/none")).status_code == 404
    assert json.dumps(document).count('"#/components/schemas/api.problem"') > 0
