"""Given columns: what policies compare with the caller's own value stands in no key and no path."""

from typing import Any

import httpx
import pytest

from api.cli import served_catalog
from api.config import Config
from api.operations import discovery, index_access, notes
from tests.support.databases import TestDatabase
from tests.support.menagerie import ID

pytestmark = pytest.mark.unmeasured

OTHERS, UNKNOWN = f"{ID}a03", f"{ID}aff"
# Requests of one row; {id} is another tenant's, or nobody's.
REQUESTS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/lodges/{id}", None),
    ("PATCH", "/lodges/{id}", {"beds": 5}),
    ("DELETE", "/lodges/{id}", None),
    ("GET", "/lodges/{id}/guests/", None),
    ("POST", "/lodges/{id}/guests/", {"family": "Ant"}),
    ("POST", "/guests/", {"family": "Ant", "lodge_id": "{id}"}),
    ("GET", "/lodges/?id={id}", None),
    ("GET", "/guests/?lodge_id={id}", None),
]


async def test_row_of_another_tenant_is_answered_as_a_missing_one(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    def state() -> Any:
        return menagerie.execute("SELECT count(*), sum(beds), min(name) FROM zoo.lodge")

    before = state()
    for method, path, body in REQUESTS:
        answers = []
        for key in (OTHERS, UNKNOWN):
            sent = {name: str(value).replace("{id}", key) if value == "{id}" else value
                    for name, value in (body or {}).items()}  # fmt: skip
            answer = await menagerie_client.request(
                method, path.replace("{id}", key), json=sent or None
            )
            answers.append(
                (
                    answer.status_code,
                    {**answer.json(), "instance": ""} if answer.is_error else answer.text,
                )
            )
        assert answers[0] == answers[1], (method, path)
    assert state() == before


async def test_unique_key_of_a_tenant_admits_the_names_of_others(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    menagerie.execute(f"DELETE FROM zoo.guest; DELETE FROM zoo.lodge WHERE id = '{ID}a01'")
    made = await menagerie_client.post("/lodges/", json={"name": "Heron", "beds": 1})
    assert made.status_code == 201, made.text  # a lodge of another estate is called so
    assert list(made.json()) == ["id", "name", "beds", "opened", "rate"]
    again = await menagerie_client.post("/lodges/", json={"name": "Heron", "beds": 1})
    assert again.status_code == 409
    assert again.json()["errors"] == [
        {"pointer": "/name", "detail": "Another lodge has this name."}
    ]
    assert [row["name"] for row in (await menagerie_client.get("/lodges/")).json()] == [
        "Otter",
        "Heron",
    ]


async def test_stored_text_is_searched_and_never_shown(menagerie_client: httpx.AsyncClient) -> None:
    for family in ("Örn-berg", "Orn"):
        body = {"family": family, "lodge_id": f"{ID}a01"}
        made = await menagerie_client.post("/guests/", json=body)
        assert list(made.json()) == ["id", "lodge_id", "species_code", "family"]
    found = await menagerie_client.get("/guests/?family.search=ORN&limit=1")
    assert [row["family"] for row in found.json()] == ["Orn"]
    rest = await menagerie_client.get(found.links["next"]["url"])
    assert [row["family"] for row in rest.json()] == ["Örn-berg"]
    below = await menagerie_client.get(f"/guests/?family.search=ornb&lodge_id={ID}a01")
    assert below.status_code == 400
    csv = await menagerie_client.get("/guests/?family.search=o", headers={"accept": "text/csv"})
    assert csv.text.splitlines()[0] == "id,lodge_id,species_code,family"
    for name in ("Spelt", "spelt"):
        refused = await menagerie_client.post(
            "/guests/", json={"family": "x", "lodge_id": f"{ID}a01", name: "x"}
        )
        assert refused.json()["errors"][0]["pointer"] == f"/{name}"


def test_given_columns_and_leaky_comparisons_are_in_no_filter(menagerie: TestDatabase) -> None:
    catalog = served_catalog.read(Config(database_url=menagerie.api_url))
    lodges, guests = (
        next(r for r in catalog.relations if r.name == name) for name in ("lodges", "guests")
    )
    assert (lodges.key, guests.key) == (("id",), ("id",))
    assert {f.column.name for f in index_access.filters(lodges)} == {"id", "name", "opened"}
    assert index_access.orders(lodges) == ("id", "name", "opened")
    assert {f.column.name for f in index_access.filters(guests)} == {"id", "lodge_id", "family"}
    paths = {o.path for o in discovery.build(catalog) if o.relation in (lodges, guests)}
    assert paths == {
        "/lodges/",
        "/lodges/{lodge_id}",
        "/lodges/{lodge_id}/guests/",
        "/guests/",
        "/guests/{guest_id}",
    }


@pytest.mark.parametrize(
    ("statement", "about", "reason"),
    [
        (
            "CREATE UNIQUE INDEX lodge_rate_key ON zoo.lodge (rate)",
            "api.lodges",
            "its unique key lodge_rate_key lacks estate",
        ),
        (
            """ALTER TABLE zoo.lodge ADD UNIQUE (id);
            ALTER TABLE zoo.guest DROP CONSTRAINT guest_lodge_id_fkey,
                ADD CONSTRAINT of FOREIGN KEY (lodge_id) REFERENCES zoo.lodge (id)""",
            "api.guests",
            "its foreign key of lacks estate",
        ),
        (
            "ALTER TABLE zoo.guest DROP CONSTRAINT guest_pkey, ADD PRIMARY KEY (id, estate)",
            "api.guests",
            "no index begins with estate, id",
        ),
    ],
)
def test_tenant_table_that_would_tell_of_others_is_refused(
    menagerie: TestDatabase, statement: str, about: str, reason: str
) -> None:
    menagerie.execute(statement)
    catalog = served_catalog.read(Config(database_url=menagerie.api_url))
    found = [n.sentence for n in notes.notes(catalog) if n.about == about]
    assert any(sentence.startswith(f"not served: {reason}") for sentence in found)
    served = {o.relation.name for o in discovery.build(catalog)}
    assert about.removeprefix("api.") not in served


@pytest.mark.parametrize("condition", ["true", "estate = family", "estate = zoo.estate()"])
def test_policy_that_gives_no_column_leaves_the_key_as_it_is(
    menagerie: TestDatabase, condition: str
) -> None:
    menagerie.execute(f"CREATE POLICY more ON zoo.guest USING ({condition})")
    catalog = served_catalog.read(Config(database_url=menagerie.api_url))
    expected = "served for POST only: it does not show estate, of the table's primary key."
    assert expected in {n.sentence for n in notes.notes(catalog) if n.about == "api.guests"}


@pytest.mark.parametrize(
    "policy",
    [
        "FOR SELECT USING (family <> 'x' AND (SELECT zoo.estate()) = estate)",
        "AS RESTRICTIVE USING (family <> 'x')",
        "TO superbill_reporter USING (true)",
        "FOR UPDATE USING (true)",
    ],
)
def test_policy_that_leaves_the_tenant_given_changes_no_path(
    menagerie: TestDatabase, policy: str
) -> None:
    menagerie.execute(f"CREATE POLICY more ON zoo.guest {policy}")
    catalog = served_catalog.read(Config(database_url=menagerie.api_url))
    assert next(r for r in catalog.relations if r.name == "guests").key == ("id",)
