"""SQL in every place where a value can stand, by the documents of both schemas: none is run.

Each text would take a number from a sequence, which no rollback gives back.
"""

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.support import samples
from tests.support.databases import TestDatabase
from tests.support.documents import followed, unfolded
from tests.support.fingerprints import fingerprint
from tests.support.raw_http import CLOSE, HOST, JSON, exchange, post_bytes, request_head
from tests.support.serving import Serve, Serving
from tests.support.visits import UNKNOWN_ID, bill_visit, config

CALL = "nextval('public.canary')"
TEXTS = (
    f"' || {CALL} || '",
    f"'; SELECT {CALL}; --",
    f"1); SELECT {CALL}; --",
    f'" = {CALL} OR "',
    f'id"; SELECT {CALL}; --',
    f"\\'; SELECT {CALL}; --",
    f"$1::text || {CALL}",
    f"$$ || {CALL} || $$",
    f"*/ {CALL} /*",
    f"%' OR {CALL} > 0 --",
    f"(SELECT {CALL})",
    f"{{0}} %s :x {CALL}",
    f"\u02bc; SELECT {CALL}; --",
    f"{UNKNOWN_ID}' UNION SELECT {CALL} --",
)
HEADERS = (
    "Accept", "Content-Type", "Content-Encoding", "Accept-Language", "User-Agent", "Referer",
    "Cookie", "Prefer",
    "Range", "Authorization", "If-Match", "If-None-Match", "X-Request-ID", "X-Forwarded-For",
    "Forwarded", "Origin",
)  # fmt: skip
# What a GET answers to a text that the header field can't have.
READS = {"Accept": (400, 406), "If-Match": (400,), "If-None-Match": (400,)}
LONGEST_NAME = 60  # of a last name, which all but the longest of the texts fit
EXPECTED = {200, 201, 400, 404, 406, 409, 415, 422}


@pytest.fixture
def prepared(database: TestDatabase) -> TestDatabase:
    """Let the API's login take numbers from the sequence."""
    prepare(database)
    return database


def prepare(database: TestDatabase) -> None:
    """Make the sequence."""
    database.execute("CREATE SEQUENCE public.canary; GRANT USAGE ON public.canary TO superbill_api")


def is_called(database: TestDatabase) -> bool:
    """Tell whether the sequence was ever asked."""
    return database.execute("SELECT is_called FROM public.canary") == [(True,)]


Place = tuple[str, str, str, dict[str, Any]]


def places(document: dict[str, Any]) -> Iterator[Place]:
    """Give each operation: its method, its path, the kind of its parameter or body, and that."""
    for path, item in unfolded(document).items():
        shared = item.get("parameters", [])
        for method in item.keys() & {"get", "post", "patch", "delete"}:
            for parameter in (*shared, *item[method].get("parameters", ())):
                yield method, path, parameter["in"], parameter
            if "requestBody" in item[method]:
                yield method, path, "body", item[method]["requestBody"]["content"]


def filled(path: str, **values: str) -> str:
    """Fill in a path's parameters, the others with what no row has."""
    while "{" in path:
        start, _, rest = path.partition("{")
        name, _, rest = rest.partition("}")
        path = start + quote(values.get(name, UNKNOWN_ID), safe="") + rest
    return path


def fields(document: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """Give the names of a body's fields."""
    schema = content["application/json"]["schema"]
    found: list[str] = []
    for part in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found += followed(document, part).get("properties", ())
    return found


def _alike(place: Place) -> tuple[str, str, str]:
    """Return what the same code reads in several operations: a named parameter, or a body."""
    method, _, kind, what = place
    return method, kind, what.get("name", "")


class Attack:
    """What sends texts to every place."""

    def __init__(self, s: Serving, document: dict[str, Any]) -> None:
        """Attack a server, by its document."""
        self._client, self._document = s.client, document
        self._texts, self._formats = (
            cycle(TEXTS),
            cycle(("application/json", "text/csv", "application/x-ndjson")),
        )
        self.count = 0

    async def run(self, share: float) -> int:
        """Send a text to a share of the places; give how many requests that were."""
        for method, path, kind, what in samples.sample(places(self._document), _alike, share):
            text = next(self._texts)
            match kind:
                case "path":
                    await self._send(method, filled(path, **{what["name"]: text}), json={})
                case "query":
                    await self._ask(method, filled(path), what["name"], text)
                case "body":
                    await self._give(method, filled(path), what, text)
        return self.count

    async def _ask(self, method: str, url: str, name: str, text: str) -> None:
        await self._send(method, url, params={name: f"{text},{text}"})
        for params in ({name: text}, {name + text: "1"}):
            await self._send(method, url, params=params, headers={"accept": next(self._formats)})

    async def _give(self, method: str, url: str, content: dict[str, Any], text: str) -> None:
        names = fields(self._document, content)
        whole = dict.fromkeys(names, text)
        for body in (whole, {text: 1}, text, [{text: text}, whole]):
            await self._send(method, url, json=body)
        if "text/csv" in content:
            quoted = '"{}"'.format(text.replace('"', '""'))
            for sheet in (
                f"{quoted}\n1\n",
                f"{','.join(names)}\n{','.join([quoted] * len(names))}\n",
            ):
                await self._send(method, url, content=sheet, headers={"content-type": "text/csv"})
            lines = f"{json.dumps(whole)}\n{json.dumps({text: text})}"
            await self._send(
                method, url, content=lines, headers={"content-type": "application/x-ndjson"}
            )

    async def _send(self, method: str, url: str, **options: Any) -> None:
        answer = await self._client.request(method, url, **options)
        assert answer.status_code in EXPECTED, (method, url, options, answer.text)
        self.count += 1


@samples.SAMPLED
async def test_no_value_is_run_as_sql(serve: Serve, prepared: TestDatabase, share: float) -> None:
    service = await serve(config(prepared))
    v = await bill_visit(service.client)
    document = (await service.client.get("/openapi.json")).json()
    assert await Attack(service, document).run(share) > (300 if share == 1 else 100)
    for text in TEXTS:  # where rows are
        for path in (
            v.encounters,
            f"/encounters/{v.encounter}/line_items/",
            f"/superbills/{v.encounter}",
        ):
            for params in (
                {"order": text},
                {"after": text},
                {"limit": text},
                {text: "1"},
                {"date": text},
            ):
                assert (await service.client.get(path, params=params)).status_code == 400, (
                    path,
                    params,
                )
        changed = await service.client.patch(f"/patients/{v.patient}", json={"last_name": text})
        if len(text) > LONGEST_NAME:
            assert changed.status_code == 422
            continue
        assert changed.json()["last_name"] == text
        bill = await service.client.get(f"/superbills/{v.encounter}")
        assert bill.json()["last_name"] == text
        assert (await service.client.get("/patients/", params={"last_name": text})).status_code in (
            200,
            400,
        )
    assert not is_called(prepared)
    with psycopg.connect(prepared.sql_url) as connection:  # it could have been
        connection.execute(f"SELECT {CALL}".encode())
    assert is_called(prepared)


@pytest.mark.long
async def test_no_value_of_any_type_is_run_as_sql(serve: Serve, menagerie: TestDatabase) -> None:
    prepare(menagerie)
    service = await serve(config(menagerie))
    document = (await service.client.get("/openapi.json")).json()
    assert await Attack(service, document).run(1) > 1000
    assert not is_called(menagerie)


async def test_no_header_method_or_target_is_run_as_sql(
    serve: Serve, prepared: TestDatabase
) -> None:
    service = await serve(config(prepared))
    item = f"/line_items/{(await bill_visit(service.client)).line_item}"
    before = fingerprint(prepared)
    for text in TEXTS:
        for name in HEADERS:
            field = f"{name}: {text}".encode()
            (answer,) = await exchange(
                service, request_head(b"GET /patients/ HTTP/1.1", HOST, field, CLOSE)
            )
            assert answer.status_code in READS.get(name, (200,)), (name, text)
            (answer,) = await exchange(service, post_bytes(JSON, field, CLOSE, body=b"[]"))
            assert answer.status_code in (400, 406, 415, 422), (name, text)
        tag = text.replace(" ", "").replace('"', "")
        for method, body in (("GET", None), ("PATCH", {"units": 1}), ("DELETE", None)):
            headers = {b"if-match": f'"{tag}"'.encode()}
            tried = await service.client.request(method, item, json=body, headers=headers)
            assert tried.status_code == 412, text
        raw, target = text.encode(), quote(text, safe="").encode()
        for sent in (
            request_head(b"GET /patients/ HTTP/1.1", b"Host: " + raw, CLOSE),
            request_head(b"GET /patients/ HTTP/1.1", HOST, raw + b": x", CLOSE),
            request_head(raw + b" /patients/ HTTP/1.1", HOST, CLOSE),
            request_head(target + b" /patients/ HTTP/1.1", HOST, CLOSE),
            request_head(b"GET /patients/ " + raw, HOST, CLOSE),
            request_head(b"GET /" + raw + b" HTTP/1.1", HOST, CLOSE),
            request_head(b"GET /" + target + b"/ HTTP/1.1", HOST, CLOSE),
            request_head(b"GET /patients/?" + target + b" HTTP/1.1", HOST, CLOSE),
            request_head(b"GET http://" + target + b"/patients/ HTTP/1.1", HOST, CLOSE),
            request_head(b"GET /docs/" + target + b" HTTP/1.1", HOST, CLOSE),
            request_head(b"GET /reporting/" + target + b"/ HTTP/1.1", HOST, CLOSE),
        ):
            (answer,) = await exchange(service, sent)
            assert answer.status_code in (200, 400, 404, 405), sent
    assert fingerprint(prepared) == before
    assert not is_called(prepared)
