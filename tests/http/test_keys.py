"""Keys of types that only Postgres can check: a malformed key answers 404."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.problems import assert_problem
from tests.support.serving import Serve
from tests.support.visits import config

pytestmark = pytest.mark.unmeasured

# A parent with a key of this type, its children, and theirs.
FAMILY = """
CREATE DOMAIN billing.palindrome AS text CONSTRAINT palindrome_check CHECK (VALUE = reverse(VALUE));
CREATE TABLE billing.old_root (key {type} PRIMARY KEY, note text);
CREATE TABLE billing.stem (
    id {type} PRIMARY KEY, root {type} NOT NULL CONSTRAINT stem_root_fkey
        REFERENCES billing.old_root, note text
);
CREATE INDEX ON billing.stem (root, id);
CREATE TABLE billing.leaf (id int PRIMARY KEY, stem {type} CONSTRAINT leaf_stem_fkey
    REFERENCES billing.stem);
CREATE INDEX ON billing.leaf (stem, id);
CREATE VIEW api.roots WITH (security_invoker = true) AS SELECT key, note FROM billing.old_root;
CREATE VIEW api.stems WITH (security_invoker = true) AS SELECT id, root, note FROM billing.stem;
CREATE VIEW api.leaves WITH (security_invoker = true) AS SELECT id, stem FROM billing.leaf;
GRANT ALL ON billing.old_root, billing.stem, billing.leaf, api.roots, api.stems, api.leaves
    TO superbill_api;
INSERT INTO billing.old_root VALUES ('{good}');
INSERT INTO billing.stem VALUES ('{good}', '{good}');
"""
TYPES = {
    "inet": ("10.0.0.1", ("10.0.0.999", "x", "10.0.0.1/99")),
    "billing.palindrome": ("anna", ("otto!", "ab")),
    "timestamptz": (
        "2024-03-01T09:30:00+00:00",
        (
            "2024-03-01T09:30:00+23:00",
            "2024-03-01T09:30:00+15:60",
            "now",
            "0001-01-01T00:00:00+15:00",
        ),
    ),
    "macaddr": ("08:00:2b:01:02:03", ("08:00:2b:01:02:zz",)),
    "int4range": ("[1,5)", ("[5,1)", "[1,99999999999)")),
}


USUAL = ("inet", "macaddr")  # of which Postgres refuses texts like those of other types


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.long] if n in USUAL else []) for n in TYPES]
)
async def test_malformed_key_answers_404(serve: Serve, database: TestDatabase, name: str) -> None:
    right, malformed = TYPES[name]
    database.execute(FAMILY.format(type=name, good=right))
    good = quote(right, safe="")
    service = await serve(config(database))
    assert (await service.client.get(f"/roots/{good}/stems.root/{good}/leaves.stem/")).json() == []
    with unchanged(database):
        for bad in (quote(text, safe="") for text in malformed):
            for method, path, noun in (
                ("GET", f"/roots/{bad}", "old root"),
                ("DELETE", f"/roots/{bad}", "old root"),
                ("PATCH", f"/roots/{bad}", "old root"),
                ("PATCH", f"/stems/{bad}", "stem"),
                ("GET", f"/roots/{bad}/stems.root/", "old root"),
                ("POST", f"/roots/{bad}/stems.root/", "old root"),
                ("GET", f"/roots/{bad}/stems.root/{good}/leaves.stem/", "old root"),
                ("GET", f"/roots/{good}/stems.root/{bad}/leaves.stem/", "stem"),
                ("POST", f"/roots/{good}/stems.root/{bad}/leaves.stem/", "stem"),
                ("POST", f"/roots/{bad}/stems.root/{bad}/leaves.stem/", "old root"),
            ):
                child: dict[str, Any] = {"id": 7} if "leaves" in path else {"id": right}
                body = {"note": "x"} if method == "PATCH" else child if method == "POST" else None
                answer = await service.client.request(method, path, json=body)
                assert_problem(answer, "not-found", f"{noun} not found")
    # With a good key it is the body that is wrong; the schema of a moment judges it before
    # Postgres does.
    if name != "timestamptz":
        answer = await service.client.post(f"/roots/{good}/stems.root/", json={"id": malformed[0]})
        assert (answer.status_code, answer.json()["type"]) == (
            422,
            "urn:problem-type:invalid-content",
        )


COMPOSITE = """
CREATE TABLE billing.slot (
    at timestamptz, until timestamp, day date, clock time, fee numeric, share double precision,
        name text,
    during int4range, data bytea, span interval, odd boolean,
    PRIMARY KEY (at, until, day, clock, fee, share, name, during, data, span, odd)
);
CREATE VIEW api.slots WITH (security_invoker = true) AS
SELECT at, until, day, clock, fee, share, name, during, data, span, odd FROM billing.slot;
CREATE TABLE billing.moment (at timestamptz PRIMARY KEY);
CREATE VIEW api.moments WITH (security_invoker = true) AS SELECT at FROM billing.moment;
GRANT ALL ON billing.slot, api.slots, billing.moment, api.moments TO superbill_api;
"""


async def test_location_of_each_type_of_key_leads_to_its_row(
    serve: Serve, database: TestDatabase
) -> None:
    database.execute(COMPOSITE)
    row = {"at": "2024-03-01T09:30:00.5+02:00", "until": "2024-03-01T09:30:00", "day": "2024-03-01"}
    body: dict[str, Any] = {
        **row,
        "clock": "09:30:00",
        "fee": "-1.50",
        "share": 1e-7,
        "name": 'a,b/c, "d" %2C?é ',
    }
    body |= {"during": "[1,5)", "data": "\\xdeca", "span": "1 day 02:00:00", "odd": True}
    service = await serve(config(database))
    for text in (body["name"], "", ",", "..", "+"):
        made = await service.client.post("/slots/", json={**body, "name": text})
        assert (made.status_code, made.json()["name"]) == (201, text)
        found = await service.client.get(made.headers["location"])
        assert (found.status_code, found.content) == (200, made.content), made.headers["location"]
        assert (await service.client.delete(made.headers["location"])).status_code == 204
    for moment in (
        "2024-03-01T09:30:00.000001-05:30",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ):
        made = await service.client.post("/moments/", json={"at": moment})
        assert (made.status_code, (await service.client.get(made.headers["location"])).json()) == (
            201,
            made.json(),
        )


async def test_key_that_clients_normalize_away_has_no_location(
    menagerie_client: httpx.AsyncClient,
) -> None:
    """What a client makes of `/things/..` is the root, and `/things/` is the list."""
    for key, location in (("", None), (".", None), ("..", None), ("...", "/Odd%20Things/...")):
        made = await menagerie_client.post("/Odd%20Things/", json={"Key Part": key, "order": 1})
        assert (made.status_code, made.json()["Key Part"]) == (201, key)
        assert made.headers.get("location") == location
    dotted = await menagerie_client.post(
        "/enclosures/", json={"house": "..", "number": 1, "length_m": "2", "width_m": "1"}
    )
    assert dotted.headers["location"] == "/enclosures/..,1"
