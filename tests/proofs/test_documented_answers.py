"""Each documented answer of each operation is seen on a real database."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from api.catalog.view_lines import MATCH
from api.config import Config
from api.document.parameters import needs_key
from api.operations import kinds
from api.operations.discovery import build, path_parameters
from api.operations.filters import Filter
from api.operations.identifiers import identifier
from api.operations.operation import Operation
from api.operations.unique_keys import unique_keys
from api.problem import KINDS, MEDIA_TYPE
from tests.support import samples, valid_bodies
from tests.support.checklist import Checklist
from tests.support.conformance import document_of
from tests.support.databases import TestDatabase
from tests.support.documents import unfolded
from tests.support.menagerie import ID
from tests.support.plain_sql import KEYS
from tests.support.raw_http import parse_responses
from tests.support.refusing_policies import REFUSING
from tests.support.sample_requests import (
    CHARGED,
    DIAGNOSED,
    FIRST,
    ONE_PRACTICE,
    PARTIES,
    READ,
    REJECTED,
    REMOVED,
    key_query,
    posted,
)
from tests.support.serving import LONG, Serve, Serving
from tests.support.visits import bill_visit

# One of each class that api/database/sqlstate.py knows, and another one.
STATES = ("22023", "23502", "23503", "23505", "23514", "23P01", "42501", "44000", "53300", "54000",
          "57P01", "P0001", "XX000")  # fmt: skip
HOST, LENGTH = b"Host: superbill", b"Content-Length: 9"
HEADS = (
    (HOST, HOST),
    (HOST, LENGTH, b"Expect: more"),
    (HOST, b"X: " + b"x" * 9000),
    (HOST, LENGTH, b"Content-Type: application/json"),  # and then nothing comes
)
# What only a fault of ours would answer, where no database can be one; and what a token of another
# role, or of an unknown key, is told (tests/http/test_identities.py).
UNSEEN = {f"service.{name}: internal-error" for name in ("health", "ready", "document")} | {
    *("service.document: not-permitted", "service.document: unavailable", ONE_PRACTICE)
}
WRITES = (kinds.UPDATE, kinds.REPLACE, kinds.DELETE)
NO_TOKEN = {"authorization": "Bearer nonsense"}


class Answers:
    """What the operations of a server answered."""

    def __init__(self, s: Serving, hurried: Serving, document: Any, share: float) -> None:
        """List what is documented; `hurried` serves the same with short time limits.

        Each operation is seen to succeed; the other answers are seen of a share of each kind.
        """
        self.s, self.hurried, self.document = s, hurried, document_of(s.catalog)
        every = build(s.catalog)
        self.failing = samples.sample(every, samples.kind_of_operation, share)
        failing = {each.id for each in self.failing}
        self.share = samples.said(len(self.failing), len(every), "operations")
        operations = [
            part
            for item in unfolded(document).values()
            for part in item.values()
            if "operationId" in part
        ]
        named = (
            name
            for said in operations
            for status, response in said["responses"].items()
            for name in _named(said["operationId"], status, response)
            if status < "3" or said["operationId"] in failing or "service" in said["tags"]
        )
        self.checklist = Checklist(named, UNSEEN)

    async def ask(self, name: str, method: str, path: str, **sent: Any) -> httpx.Response:
        """Ask, and note what was answered."""
        return self._noted(name, await self.s.client.request(method, path, **sent))

    async def raw(self, name: str, method: str, path: str, *head: bytes) -> None:
        """Send a head that no client sends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.hurried.port)
        try:
            writer.write(b"\r\n".join((f"{method} {path} HTTP/1.1".encode(), *head, b"", b"")))
            (found,) = parse_responses(await asyncio.wait_for(reader.read(), LONG))
        finally:
            writer.close()
        found.request = httpx.Request(method, f"http://superbill{path}")
        self.document.check(found, found.content)
        self._noted(name, found)

    def _noted(self, name: str, response: httpx.Response) -> httpx.Response:
        kind = (
            response.json()["type"].removeprefix("urn:problem-type:")
            if response.is_error
            else response.status_code
        )
        if (found := f"{name}: {kind}") in self.checklist:
            self.checklist.held(found)
        return response


def _named(operation: str, status: str, response: Any) -> list[str]:
    problem = response.get("content", {}).get(MEDIA_TYPE)
    if problem is None:
        return [f"{operation}: {status}"]
    examples = [one["value"] for one in problem.get("examples", {}).values()] or [
        problem["example"]
    ]
    kinds = [example["type"].removeprefix("urn:problem-type:") for example in examples]
    assert all(KINDS[kind][0] == int(status) for kind in kinds)
    return [f"{operation}: {kind}" for kind in kinds]


def _needed(operation: Operation) -> tuple[bytes, ...]:
    """Give the header fields without which a head alone would be refused."""
    match = (b"If-Match: *",) if operation.kind in WRITES else ()
    key = (f"Idempotency-Key: {uuid4()}".encode(),) if needs_key(operation) else ()
    bound = (b"Prefer: max-affected=1",) if operation.kind.by_filters else ()
    return (b"Connection: close", *match, *key, *bound)


KEPT = "kept"  # the key of a request that succeeded


class Tour:
    """Each operation with a path and a body that work."""

    def __init__(
        self, seen: Answers, bodies: dict[str, dict[str, Any]], keys: dict[str, str]
    ) -> None:
        """Find the paths."""
        self.seen, self.bodies, self.keys = seen, bodies, keys
        self.rows: dict[str, dict[str, str]] = {}  # by relation: the key of a row
        self.operations = build(seen.s.catalog)
        self.keys_kept = False
        self.deletable = {o.relation.name: o for o in self.operations if o.kind is kinds.DELETE}

    async def find_rows(self) -> None:
        """Find or create a row of each relation, unless it has one with the keys that are known."""
        client = self.seen.s.client
        reads = {o.relation.name: o for o in self.operations if o.kind is kinds.READ}
        creates = {o.id: o for o in self.operations if o.kind is kinds.CREATE}
        for operation in self.operations:
            if operation.kind is kinds.LIST and not operation.parents:
                read = reads[operation.relation.name]
                names = {name for name, _ in read.keys}
                if names <= self.keys.keys() and (await client.get(self.path(read))).is_success:
                    continue
                rows = (await client.get(operation.path, params={"limit": "1"})).json()
                if not rows:
                    body = self.body(creates[f"{identifier(operation.segment)}.create"])
                    rows = [(await client.post(operation.path, json=body)).json()]
                row = rows[0]
                found = {name: str(row[column.name]) for name, column in read.keys}
                self.rows[operation.relation.name] = found
                self.keys = found | self.keys

    def path(self, operation: Operation) -> str:
        """Give a path to something that is there."""
        first = operation.parents[0].relation if operation.parents else operation.relation
        keys = self.keys | self.rows.get(first.name, {})
        keys |= {"keeper_id": "3"} if operation.segment == "lockers" else {}
        keys = posted(operation, keys)
        return operation.path.format_map(
            {name: quote(keys[name], safe="") for name, _ in operation.keys}
        )

    def body(self, operation: Operation) -> dict[str, Any] | None:
        """Give a body that works."""
        if not operation.kind.body:
            return None
        whole = self.bodies[operation.relation.name]
        body = {c.name: whole[c.name] for c in operation.body if c.name in whole}
        if operation.kind is kinds.REPLACE:
            return {name: v for name, v in body.items() if name not in operation.relation.key}
        return body if operation.kind is kinds.CREATE else dict([next(iter(body.items()))])

    async def succeed(self, database: TestDatabase) -> None:
        """See each operation succeed; created rows are deleted, which shows deletion."""
        own = (kinds.DELETE, kinds.UPDATE_MANY, kinds.DELETE_MANY)
        for operation in (o for o in self.operations if o.kind not in own):
            body, relation = self.body(operation), operation.relation.name
            if relation in FIRST and operation.kind is kinds.CREATE:
                database.execute(REMOVED[relation])
            if operation.kind is kinds.REPLACE:
                await self.replace(operation, database)
            elif operation.kind is not kinds.UPDATE:
                made = await self.seen.ask(
                    operation.id, operation.method, self.path(operation), json=body
                )
            if unique_keys(operation):
                await self.resolve(operation)
            if operation.kind is kinds.CREATE and (gone := self.deletable.get(relation)):
                assert made.is_success, (operation.id, made.text)
                await self.seen.ask(gone.id, "DELETE", made.headers["location"])
            elif relation in REMOVED and operation.kind is kinds.CREATE:
                database.execute(REMOVED[relation] + FIRST.get(relation, ""))

    async def resolve(self, operation: Operation) -> None:
        """See a row sent that is there already."""
        row = self.body(operation) or {}
        key = next(",".join(key) for key in unique_keys(operation) if row.keys() >= {*key})
        await self.seen.ask(
            operation.id,
            "POST",
            f"{operation.path}?on_conflict={quote(key)}",
            json=[row],
            headers={"prefer": "resolution=ignore-duplicates"},
        )

    async def replace(self, operation: Operation, database: TestDatabase) -> None:
        """See a row created and replaced, and delete it."""
        whole, relation = self.bodies[operation.relation.name], operation.relation
        keys = {name: str(whole[column.name]) for name, column in operation.keys}
        path = operation.path.format_map({n: quote(key, safe="") for n, key in keys.items()})
        for headers in ({"if-none-match": "*"}, {"if-match": "*"}):
            await self.seen.ask(
                operation.id, "PUT", path, json=self.body(operation), headers=headers
            )
        if gone := self.deletable.get(relation.name):
            await self.seen.ask(gone.id, "DELETE", path)
        else:
            database.execute(REMOVED[relation.name])

    async def keep(self) -> None:
        """Create one of each for the operations on one row to work on."""
        for operation in self.operations:
            if operation.kind is kinds.CREATE and not operation.parents and operation.relation.key:
                body, client = self.body(operation), self.seen.s.client
                headers = {} if self.keys_kept else {"idempotency-key": KEPT}
                if operation.relation.name in FIRST:
                    made = await client.get(f"{operation.path}{ID}001")
                else:
                    made = await client.post(self.path(operation), json=body, headers=headers)
                self.keys_kept = True
                for name, column in next(
                    (
                        o.keys
                        for o in self.operations
                        if o.id == f"{identifier(operation.segment)}.read"
                    ),
                    (),
                ):
                    self.keys[f"{operation.id} {name}"] = str(made.json()[column.name])

    def own(self, operation: Operation) -> str:
        """Give a path, to what was kept where it is one row's own."""
        created = f"{identifier(operation.segment)}.create"
        if operation.kind.by_filters:
            names = path_parameters(operation.relation, ())
            keys = (self.keys.get(f"{created} {name}") or self.keys[name] for name in names)
            return operation.path + key_query(operation.relation, keys)
        if operation.kind not in WRITES:
            return self.path(operation)
        kept = {n: self.keys.get(f"{created} {n}") or self.keys[n] for n, _ in operation.keys}
        return operation.path.format_map({name: quote(key, safe="") for name, key in kept.items()})

    async def fail(self, database: TestDatabase) -> None:
        """See what goes wrong by what is sent, and then by what the database says."""
        raw = []
        for operation in self.seen.failing:
            name, method, path, body = (
                operation.id,
                operation.method,
                self.own(operation),
                self.body(operation),
            )
            more = "&" if "?" in path else "?"
            await self.seen.ask(name, method, f"{path}{more}no=1", json=body)
            await self.seen.ask(name, method, path, json=body, headers={"accept": "image/png"})
            await self.seen.ask(name, method, path, json=body, headers=NO_TOKEN)
            await self.conditions(operation, path, body)
            if operation.keys:
                keys = {key: "%00" for key, _ in operation.keys}
                await self.seen.ask(name, method, operation.path.format_map(keys), json=body)
            if body is not None:
                await self.seen.ask(
                    name, method, path, content="{", headers={"content-type": "application/json"}
                )
                await self.seen.ask(name, method, path, content="x")
                await self.seen.ask(name, method, path, json={"no": 1})
            raw += [self.seen.raw(name, method, path, *head, *_needed(operation)) for head in HEADS]
        await asyncio.gather(*raw)
        for state in STATES:
            database.execute(f"UPDATE public.refusal SET state = '{state}'")
            for operation in self.seen.failing:
                await self.seen.ask(
                    operation.id, operation.method, self.own(operation), json=self.body(operation)
                )
        database.execute("UPDATE public.refusal SET state = ''")

    async def bound(self, operation: Operation, body: Any) -> None:
        """See filters that find more rows than a request allows."""
        column = operation.relation.column(operation.relation.key[0])
        (first, *_) = (await self.seen.s.client.get(operation.path)).json()
        await self.seen.ask(
            operation.id,
            operation.method,
            operation.path,
            json=body,
            params={Filter(column, "gte").name: str(first[column.name])},
            headers={"prefer": "max-affected=1"},
        )

    async def conditions(self, operation: Operation, path: str, body: Any) -> None:
        """See what preconditions lead to."""
        name, method = operation.id, operation.method
        await self.seen.ask(name, method, path, json=body, headers={"if-match": "x"})
        if operation.keeps_answers:
            kept = {"idempotency-key": KEPT, "content-type": "application/json"}
            content = f"{json.dumps(body)} " if body is not None else None
            await self.seen.ask(name, method, path, content=content, headers=kept)
        if needs_key(operation):
            await self.seen.ask(name, method, path, json=body, extensions={"bare": True})
        if operation.kind is kinds.CREATE:
            return
        if operation.kind.by_filters:
            await self.bound(operation, body)
            await self.seen.ask(name, method, path, json=body, extensions={"bare": True})
            return
        await self.seen.ask(name, method, path, json=body, headers={"if-match": '"x"'})
        if operation.kind.safe:
            await self.seen.ask(name, method, path, headers={"if-none-match": "*"})
        elif operation.relation.lines.require(MATCH):
            await self.seen.ask(name, method, path, json=body, extensions={"bare": True})


async def _service(seen: Answers, database: TestDatabase) -> None:
    """See what the service says of itself."""
    raw = []
    for name, path in (("health", "/health/"), ("ready", "/ready/"), ("document", "/openapi.json")):
        await seen.ask(f"service.{name}", "GET", path)
        await seen.ask(f"service.{name}", "GET", f"{path}?no=1")
        await seen.ask(f"service.{name}", "GET", path, headers=NO_TOKEN)
        raw += [
            seen.raw(f"service.{name}", "GET", path, *head, b"Connection: close") for head in HEADS
        ]
    await asyncio.gather(*raw)
    database.execute("REVOKE SELECT ON ALL TABLES IN SCHEMA api FROM superbill_api")
    await seen.ask("service.ready", "GET", "/ready/")


@samples.shares(0.1)  # of the operations of each kind, of which every answer is seen
@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_documented_answer_is_seen(
    serve: Serve, schema: str, share: float, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue(schema)
    database.execute(REFUSING)
    config = Config(database_url=database.api_url, connections=3)
    service = await serve(config)
    hurried = await serve(replace(config, timeout=1), settings={"RESPONSE_TIMEOUT": 3})
    seen = Answers(service, hurried, (await service.client.get("/openapi.json")).json(), share)
    if schema == "database":
        v = await bill_visit(service.client)
        database.execute(f"{READ};{FIRST['practices']}{PARTIES}{CHARGED}{DIAGNOSED}{REJECTED}")
        keys = {"patient_id": v.patient, "encounter_id": v.encounter}
        keys |= {"line_item_id": v.line_item, "code": "G0438", "provider_id": f"{ID}001"}
        tour = Tour(seen, valid_bodies.billing(v), keys)
    else:
        tour = Tour(seen, valid_bodies.MENAGERIE, dict(KEYS))
    await tour.find_rows()
    await tour.succeed(database)
    await tour.keep()
    for operation in (o for o in tour.operations if o.kind is kinds.UPDATE):
        await seen.ask(operation.id, "PATCH", tour.own(operation), json=tour.body(operation))
    for operation in (o for o in tour.operations if o.kind.by_filters):
        body, column = tour.body(operation), operation.relation.column(operation.relation.key[0])
        (first, *_) = (await service.client.get(operation.path)).json()
        below = f"{operation.path}?{Filter(column, 'lt').name}={quote(str(first[column.name]))}"
        path = tour.own(operation) if body else below  # which deletes nothing
        await seen.ask(operation.id, operation.method, path, json=body)
    await tour.fail(database)
    await _service(seen, database)
    name = schema.replace("database", "billing")
    title = f"documented answers of {name}, refusals of {seen.share}"
    seen.checklist.close(title, request, failing=False)
