"""Methods: those that are granted exist, and do what HTTP says."""

import re
from typing import Any

import httpx
import pytest

from tests.support import samples
from tests.support.problems import MARK, UNFIT_QUERY, UNKNOWN_METHOD, assert_problem
from tests.support.visits import UNKNOWN_ID, allowed_methods, bill_visit, kind_of_path

pytestmark = pytest.mark.unmeasured

ID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


@samples.SAMPLED
async def test_methods_are_those_that_are_granted(client: httpx.AsyncClient, share: float) -> None:
    paths = allowed_methods(await bill_visit(client))
    for path, allow in samples.sample(paths.items(), kind_of_path, share):
        for method in {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}.difference(
            allow.split(", ")
        ):
            response = await client.request(method, path, json={"first_name": MARK})
            assert_problem(response, "method-not-allowed", UNKNOWN_METHOD)
            assert response.headers["allow"] == allow, (method, path)
    document = (await client.get("/openapi.json")).json()
    # Not what the server itself records, which each request adds to.
    paths_of_rows = [path for path in document["paths"] if not path.startswith("/audit_")]
    asked = {re.sub(rf"{ID}|G0438", "…", path) for path in paths}
    # Of the relations of a visit: the others have the same methods by the same rules.
    visited = set("/".join(asked).split("/"))
    served = {re.sub(r"\{\w+\}", "…", path) for path in paths_of_rows} | {"/docs"}
    assert asked == {path for path in served if set(path.split("/")) <= visited}


@samples.SAMPLED
async def test_head_and_trailing_slash_answer_as_get_does(
    client: httpx.AsyncClient, share: float
) -> None:
    v = await bill_visit(client)
    await bill_visit(client)
    for path, _ in samples.sample(allowed_methods(v).items(), kind_of_path, share):
        expected = await client.get(path)
        other = await client.get(path.rstrip("/") if path.endswith("/") else f"{path}/")
        head = await client.head(path)
        assert expected.status_code == other.status_code == head.status_code == 200, path
        assert expected.content == other.content
        assert (head.content, head.headers) == (b"", expected.headers), path
    page, head = (
        await client.get("/patients?limit=1"),
        await client.head("/patients?limit=1"),
    )
    assert page.headers["link"].startswith("</patients?limit=1&after=")
    assert head.headers["link"] == page.headers["link"]
    missing = await client.head(f"/patients/{UNKNOWN_ID}")
    assert (missing.status_code, missing.content) == (404, b"")
    assert missing.headers["content-type"] == "application/problem+json"


async def test_patch_changes_the_named_columns_only(client: httpx.AsyncClient) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    others = [await client.get(f"/superbills/{other.encounter}")]
    changes: dict[str, dict[str, Any]] = {
        f"/patients/{v.patient}": {"first_name": "Jane"},
        f"/patients/{v.patient}/": {"last_name": "O'Neil", "first_name": "J\\"},
        f"/encounters/{v.encounter}": {"date": "2023-12-31"},
        f"/line_items/{v.line_item}": {"units": 7, "cpt_code": "J1885"},
    }
    for path, change in changes.items():
        before = (await client.get(path)).json()
        changed = await client.patch(path, json=change)
        assert (changed.status_code, "location" in changed.headers) == (200, False)
        after = await client.get(path)
        assert changed.content == after.content
        expected = {**before, **change}
        assert {
            name: after.json()[name] for name in expected if name != "cpt_code_description"
        } == {name: value for name, value in expected.items() if name != "cpt_code_description"}
    others.append(await client.get(f"/superbills/{other.encounter}"))
    assert others[0].content == others[1].content
    for path in (f"/patients/{UNKNOWN_ID}", f"/patients/{v.encounter}", "/patients/x"):
        response = await client.patch(path, json={"first_name": MARK})
        assert_problem(response, "not-found", "patient not found")


async def test_delete_removes_one_row_and_then_answers_404(client: httpx.AsyncClient) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    gone = await client.delete(f"/line_items/{v.line_item}")
    assert (gone.status_code, gone.content) == (204, b"")
    for again in (
        await client.delete(f"/line_items/{v.line_item}"),
        await client.get(f"/line_items/{v.line_item}"),
        await client.delete("/line_items/x"),
        await client.patch(f"/line_items/{v.line_item}", json={"units": 1}),
    ):
        assert_problem(again, "not-found", "line item not found")
    refused = await client.delete(f"/line_items/{other.line_item}?sure=yes")
    assert_problem(
        refused, "invalid-query", UNFIT_QUERY, ("/sure", "is not a parameter of this operation")
    )
    assert (await client.get(f"/line_items/{other.line_item}")).status_code == 200
