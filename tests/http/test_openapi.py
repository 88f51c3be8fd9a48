"""The OpenAPI document: valid, complete, true for its server, and equal to the committed one."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.catalog.view_lines import MATCH
from api.config import ROOT, Config
from api.document import layout
from api.document.component_names import body_name, schema_name
from api.document.media_types import CSV, NDJSON, STREAMED
from api.document.parameters import needs_key
from api.http.app import create_app
from api.identity import DEVELOPMENT_ROLE
from api.operations import kinds
from api.operations.unique_keys import unique_keys
from api.problem import MEDIA_TYPE
from api.representations import offers
from tests.support import samples, schema_templates
from tests.support.catalogs import read_catalog
from tests.support.databases import SCHEMAS, Server
from tests.support.documents import Made, make
from tests.support.serving import Serve, serving

pytestmark = pytest.mark.unmeasured

JSON = "application/json"
PAGES = {
    "",
    "/docs",
    "/docs/start.js",
    "/docs/swagger-ui.css",
    "/docs/swagger-ui-bundle.js",
}  # for people
SERVICE = PAGES | {"/metrics"}  # for machines that know it

# What each kind of operation can answer, below a path with a key, and without one.
ALWAYS = {"400", "401", "403", "406", "408", "413", "417", "500", "503"}
BODY = {"409", "415", "422"}
READ = {"200", "304", "412"}
ANSWERS = {
    "list": READ | ALWAYS,
    "report": READ | ALWAYS,
    "read": READ | ALWAYS,
    "create": {"201"} | BODY | ALWAYS,
    "update": {"200", "412"} | BODY | ALWAYS,
    "replace": {"200", "201", "412"} | BODY | ALWAYS,
    "update_many": {"200", "412", "428"} | BODY | ALWAYS,
    "delete_many": {"200", "409", "412", "422", "428"} | ALWAYS,
    "delete": {"204", "409", "412", "422"} | ALWAYS,  # a trigger may refuse
}


@pytest.fixture(scope="module")
def documents(server: Server, templates: dict[str, str]) -> dict[str, Made]:
    """Make the document of each schema, as its API's login sees it."""
    made = {}
    for name, template in templates.items():
        url = server.postgres.url("superbill_server", template)
        made[name] = make(asyncio.run(read_catalog(url)), url)
    return made


@pytest.fixture(params=SCHEMAS)
def made(documents: dict[str, Made], request: pytest.FixtureRequest) -> Made:
    """Give each schema's document in turn."""
    return documents[request.param]


@pytest.fixture
def billing(documents: dict[str, Made]) -> Made:
    """Give the document of the billing schema."""
    return documents["billing"]


def test_committed_document_is_the_generated_one(billing: Made) -> None:
    # The file is imported from nowhere, so it names the server of `make run`.
    document = {**billing.document, "servers": [{"url": "http://localhost:8080"}]}
    generated = layout.text(document) + "\n"
    assert json.loads(generated) == document
    committed = (ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8")
    assert committed == generated, "run `make openapi`, read what changed, and commit it"


@pytest.mark.parametrize("schema", ["billing", pytest.param("menagerie", marks=pytest.mark.long)])
def test_document_is_valid(documents: dict[str, Made], schema: str) -> None:
    made = documents[schema]
    assert [error.message for error in OpenAPIV31SpecValidator(made.document).iter_errors()] == []


def test_each_reference_has_a_target_and_each_component_is_used(made: Made) -> None:
    text = json.dumps(made.document)
    references = set(re.findall(r'"\$ref": "([^"]+)"', text))
    assert all(made.found({"$ref": reference}) for reference in references)
    components = dict(made.document["components"])
    # Security schemes are used by their names.
    assert components.pop("securitySchemes").keys() == made.document["security"][0].keys()
    assert references == {
        f"#/components/{section}/{name}" for section, named in components.items() for name in named
    }


def test_each_operation_has_the_statuses_of_its_kind(made: Made) -> None:
    offered = offers.build(made.operations, schema_templates.of(made.catalog, Config().schema_dir))
    for operation, said, _ in made.described():
        expected = ANSWERS[operation.kind.name] | ({"404"} if operation.keys else set())
        if unique_keys(operation):
            expected = expected | {"200"}  # all rows were there
        if needs_key(operation) or (
            operation.relation.lines.require(MATCH)
            and "412" in expected
            and not operation.kind.safe
        ):
            expected = expected | {"428"}
        assert set(said["responses"]) == expected, operation.id
        for status, response in said["responses"].items():
            answer = made.found(response)
            media = {"200": [JSON], "201": [JSON], "204": [], "304": []}.get(status, [MEDIA_TYPE])
            media += list(STREAMED) if status == "200" and operation.kind.many_rows else []
            forms = offered.get(operation, ()) if status == "200" else ()
            media += [representation.form.media_type for representation in forms]
            assert list(answer.get("content", {})) == media, (operation.id, status)
            assert all(
                made.found(content["schema"]) for content in answer.get("content", {}).values()
            )
            assert ("Retry-After" in answer.get("headers", {})) == (status == "503"), (
                operation.id,
                status,
            )
        assert ("Location" in said["responses"].get("201", {}).get("headers", {})) == (
            operation.kind in (kinds.CREATE, kinds.REPLACE)
        )
        sent = {"create": [JSON, NDJSON, CSV], "update": [JSON], "replace": [JSON]}.get(
            operation.kind.name, [JSON] if operation.kind is kinds.UPDATE_MANY else []
        )
        assert list(said.get("requestBody", {}).get("content", {})) == sent, operation.id
        assert ("Link" in said["responses"].get("200", {}).get("headers", {})) == (
            operation.kind is kinds.LIST
        )


def test_each_schema_and_parameter_has_a_description(made: Made) -> None:
    assert made.document["info"]["title"]
    assert not [tag for tag in made.document["tags"] if not tag.get("description")]
    for name, schema in made.schemas.items():
        assert schema.get("description") or "." in name, name
        columns = schema.get("properties", {})
        bare = [column for column, part in columns.items() if not part.get("description")]
        assert bare == [] or name == "problem", name
    for operation, said, item in made.described():
        parameters = [*item.get("parameters", []), *said.get("parameters", [])]
        assert [p["name"] for p in parameters if not p.get("description")] == [], operation.id
        assert said["summary"]
        assert all(made.found(response)["description"] for response in said["responses"].values())


def test_summaries_and_ids_are_unique(billing: Made) -> None:
    for word in ("summary", "operationId"):
        said = [(operation.path, said[word]) for operation, said, _ in billing.described()]
        assert len({text for _, text in said}) == len(said), said


def test_routes_and_documented_operations_are_the_same(made: Made) -> None:
    app = create_app(Config(database_url=made.url), {DEVELOPMENT_ROLE: made.catalog})
    routes = set()
    for route in app.sanic.router.routes:
        path = re.sub("<[^>]*>", "{}", f"/{route.path}".rstrip("/"))
        routes |= {(path, method) for method in route.methods if method != "HEAD"}
    documented = set()
    for path, item in made.document["paths"].items():
        methods = {method.upper() for method in item} - {"PARAMETERS"}
        template = "/".join(
            "{}" if part.startswith("{") else part for part in path.rstrip("/").split("/")
        )
        documented |= {(template, method) for method in methods}
    assert {route for route in routes if route[0] not in SERVICE} == documented


@samples.SAMPLED
async def test_each_documented_operation_answers(documents: dict[str, Made], share: float) -> None:
    for made in documents.values():
        # It is the template of other tests' databases, in which no read is recorded.
        found = replace(made.catalog, records_reads=False)
        async with serving(Config(database_url=made.url, connections=2), found=found) as s:
            described = [*made.described()]
            chosen = samples.sample(described, lambda d: samples.kind_of_operation(d[0]), share)
            for operation, said, _ in chosen:
                answer = await s.client.request(
                    operation.method, operation.path.replace("{", "").replace("}", "")
                )
                assert str(answer.status_code) in said["responses"], operation.id
                # A write by filters needs one.
                known = {200, 404, 415} | ({400} if operation.kind.by_filters else set())
                assert answer.status_code in known, operation.id
                if answer.status_code == 404:
                    assert answer.json()["detail"].endswith(" not found"), operation.id


async def test_server_serves_the_document(serve: Serve, billing: Made) -> None:
    service = await serve(Config(database_url=billing.url, connections=1), found=billing.catalog)
    answer = await service.client.get("/openapi.json")
    assert answer.headers["content-type"] == JSON
    # Without an issuer of tokens it says so, and asks for none.
    document = answer.json()
    assert document["security"] == [{}, *billing.document["security"]]
    assert "**Development identity.**" in document["info"]["description"]
    same = {name: billing.document[name] for name in ("info", "security")}
    assert {**document, **same} == billing.document


def test_read_create_and_change_have_different_schemas(made: Made) -> None:
    schemas = made.schemas
    for operation in made.operations:
        row = schemas[schema_name(operation.relation.schema, operation.relation.name)]
        assert row["required"] == list(row["properties"]), operation.id
        if not operation.kind.body:
            continue
        body = made.body(operation)
        assert body["additionalProperties"] is False
        assert not [name for name, part in body["properties"].items() if "readOnly" in part]
        read_only = {name for name, part in row["properties"].items() if "readOnly" in part}
        assert read_only.isdisjoint(body["properties"]), operation.id
        assert set(operation.fixed).isdisjoint(body["properties"]), operation.id
        if operation.kind is kinds.UPDATE:
            assert "required" not in body
            assert body["minProperties"] == 1
            assert not [name for name, part in body["properties"].items() if "default" in part]


def test_each_example_is_valid(made: Made) -> None:
    for name, schema in made.schemas.items():
        for column, part in schema.get("properties", {}).items():
            for example in part.get("examples", ()):
                assert made.faults(example, part) == [], (name, column, example)
    for where, media in _media(made):
        examples = (
            [media["example"]]
            if "example" in media
            else [e["value"] for e in media.get("examples", {}).values()]
        )
        for example in examples:
            assert made.faults(example, media["schema"]) == [], where


def test_each_body_and_answer_has_an_example(billing: Made) -> None:
    for name, schema in billing.schemas.items():
        bare = [
            column
            for column, part in schema.get("properties", {}).items()
            if part.get("examples", ["text"]) == ["text"] and "$ref" not in part.get("items", {})
        ]
        assert bare == [] or name == "problem", (
            f"{name}: {bare} want a last line `Example: …` in their comments"
        )
    # What only Postgres can judge as a whole might be refused, so it has no example. Nor has the
    # answer to rows that were there, which is a count or they.
    judged = {where for where, media in _media(billing) if _is_judged(billing, media["schema"])}
    judged |= {where for where, _ in _media(billing) if re.match("post .* 200$", where)}
    for where, media in _media(billing):
        said = media.keys() | billing.found(media["schema"]).keys()
        is_form = media["schema"].get("type") == "string"  # such as a page
        assert said & {"example", "examples"} or is_form or where in judged, where


def _is_judged(made: Made, schema: dict[str, Any]) -> bool:
    """Tell whether there are rules about several fields of a row."""
    whole = made.found(schema)
    rows = (made.found(part) for part in whole.get("anyOf", [whole]))
    return any("x-database-checked" in made.found(row.get("items", row)) for row in rows)


def _media(made: Made) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the content of every request and response, with where it stands."""
    for path, item in made.paths.items():
        for method, said in item.items():
            if method == "parameters":
                continue
            for status, response in {
                **said["responses"],
                "body": said.get("requestBody", {}),
            }.items():
                for media in made.found(response).get("content", {}).values():
                    yield f"{method} {path} {status}", media


def test_sentence_of_each_check_stands_beside_its_keywords(made: Made) -> None:
    schemas = made.schemas
    seen = 0
    for operation in made.operations:
        if operation.kind is kinds.CREATE:
            shown = {column.source for column in operation.body}
            said = json.dumps(schemas[body_name(operation)], ensure_ascii=False)
            for check in operation.relation.constraints:
                if check.kind == "c" and check.columns and shown.issuperset(check.columns):
                    assert check.comment
                    assert json.dumps(check.comment, ensure_ascii=False) in said, check.name
                    seen += 1
    assert seen > 10
