"""`as_of`: a row as it was, from the trail of changes, for whom it would have been shown."""

from typing import Any

import httpx
import psycopg
import pytest

from tests.support.databases import CLINIC, TestDatabase
from tests.support.issuers import bearer, issuer
from tests.support.menagerie import ID
from tests.support.problems import assert_problem
from tests.support.serving import Serving, serving
from tests.support.visits import bill_visit, config

pytestmark = pytest.mark.unmeasured

OTHER = "00000000-0000-7000-8000-000000000002"
SENTENCE = "must be a time that has passed, as in 2026-03-01T12:00:00Z"
UNFIT = "The query string does not fit; `errors` says where and why."


def now(database: TestDatabase) -> str:
    """Give the time by the database's clock, which the trail has."""
    return str(database.execute("SELECT to_json(clock_timestamp()) #>> '{}'")[0][0])


async def as_of(client: httpx.AsyncClient, path: str, time: str, **headers: str) -> httpx.Response:
    return await client.get(path, params={"as_of": time}, headers=headers)


async def test_row_is_given_as_it_was(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    client, times, answers = menagerie_client, [now(menagerie)], []
    body: dict[str, Any] = {"sign_number": 77, "wording": "mind the moose"}
    answers.append(await client.post("/signs/", json=body))
    for wording in ("feed the moose", 'say "moose"', None):
        times.append(now(menagerie))
        change = {"wording": wording} if wording else {"former_number": None}
        answers.append(await client.patch("/signs/77", json=change))
    times.append(now(menagerie))
    assert (await client.delete("/signs/77")).status_code == 204
    assert_problem(await as_of(client, "/signs/77", times[0]), "not-found", "sign not found")
    for time, answer in zip(times[1:], answers, strict=True):
        assert answer.is_success, answer.text
        then = await as_of(client, "/signs/77", time)
        assert (then.content, then.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert_problem(await as_of(client, "/signs/77", now(menagerie)), "not-found", "sign not found")
    tag = answers[-1].headers["etag"]
    assert (
        await as_of(client, "/signs/77", times[-1], **{"If-None-Match": tag})
    ).status_code == 304
    head = await client.head("/signs/77", params={"as_of": times[-1]})
    assert (head.status_code, head.headers["etag"]) == (200, tag)


async def test_every_type_is_given_as_it_is_now(
    menagerie: TestDatabase, menagerie_client: httpx.AsyncClient
) -> None:
    # Of `json` the trail keeps the value, without blanks and repeated names.
    menagerie.execute("UPDATE zoo.specimen SET paper = NULL")
    time = now(menagerie)
    for path in ("/specimens/", "/doses/", "/lodges/"):
        rows = (await menagerie_client.get(path)).json()
        for row in rows:
            item = f"{path}{row.get('id', row.get('strength'))}"
            present = await menagerie_client.get(item)
            assert (await as_of(menagerie_client, item, time)).content == present.content
    assert len(rows) > 1


@pytest.mark.parametrize(
    ("query", "pointer", "sentence"),
    [
        ("as_of=yesterday", "/as_of", SENTENCE),
        ("as_of=2026-02-30T00:00:00Z", "/as_of", SENTENCE),
        ("as_of=9999-01-01T00:00:00Z", "/as_of", SENTENCE),
        ("as_of=infinity", "/as_of", SENTENCE),
        ("as_of=2024-01-01T00:00:00+00:00", "/as_of", f"{SENTENCE}; in a URL, + is written %2B"),
        ("as_of=2024-01-01T00:00:00Z&as_of=2024-01-01T00:00:00Z", "/as_of", "is given twice"),
        ("limit=1", "/limit", "is not a parameter here; these are: as_of, format"),
    ],
)
async def test_time_that_is_none_or_has_not_passed_is_refused(
    menagerie_client: httpx.AsyncClient, query: str, pointer: str, sentence: str
) -> None:
    answer = await menagerie_client.get(f"/lodges/{ID}a01?{query}")
    assert_problem(answer, "invalid-query", UNFIT, (pointer, sentence))


async def test_time_before_the_trail_is_told(menagerie_client: httpx.AsyncClient) -> None:
    answer = await as_of(menagerie_client, f"/lodges/{ID}a01", "2001-01-01T00:00:00Z")
    assert_problem(answer, "not-found", "The audit trail begins later than `as_of`.")


async def test_row_of_another_tenant_has_no_past(menagerie: TestDatabase) -> None:
    async with issuer() as found:
        settings = found.config(database_url=menagerie.api_url, connections=2)
        async with serving(settings) as s:
            time = now(menagerie)

            async def ask(tenant: str, lodge: str) -> int:
                token = found.token(role="superbill_api", tenant=tenant)
                answer = await as_of(s.client, f"/lodges/{ID}{lodge}", time, **bearer(token))
                return answer.status_code

            asked = [(tenant, lodge) for tenant in ("home", "away") for lodge in ("a01", "a03")]
            assert [await ask(*each) for each in asked] == [200, 404, 404, 200]


async def test_views_that_do_not_show_one_whole_watched_table_have_no_past(
    menagerie: TestDatabase,
) -> None:
    async with serving(config(menagerie)) as s:
        with_past = {one.name for one in s.catalog.relations if one.has_history}
        assert with_past == {"doses", "lodges", "signs", "specimens"}
        answer = await as_of(s.client, f"/exhibits/{ID}701", now(menagerie))
        sentence = "is not a parameter of this operation"
        assert_problem(answer, "invalid-query", UNFIT, ("/as_of", sentence))


async def test_past_has_the_columns_that_the_caller_may_read(menagerie: TestDatabase) -> None:
    menagerie.execute("REVOKE SELECT ON zoo.lodge FROM superbill_api")
    menagerie.execute("GRANT SELECT (id, name, beds) ON zoo.lodge TO superbill_api")
    query = "SELECT * FROM audit.row_at('zoo', 'lodge', %s, clock_timestamp())"
    with psycopg.connect(menagerie.sql_url) as connection:
        (row,) = connection.execute(query, [f'{{"id": "{ID}a01"}}']).fetchall()
    assert row[0].keys() == {"id", "name", "beds"}


async def test_without_the_function_nothing_has_a_past(menagerie: TestDatabase) -> None:
    menagerie.execute("REVOKE USAGE ON SCHEMA audit FROM superbill_api")
    async with serving(config(menagerie)) as s:
        assert not [one.name for one in s.catalog.relations if one.has_history]


async def test_document_offers_a_time_where_there_is_a_past(both: Serving) -> None:
    document = (await both.client.get("/openapi.json")).json()
    offered = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict)
        and {"$ref": "#/components/parameters/as_of"} in operation.get("parameters", ())
    }
    with_past = {f"{one.name}.read" for one in both.catalog.relations if one.has_history}
    assert offered == with_past
    assert with_past


async def test_each_role_is_given_what_its_clinic_had(database: TestDatabase) -> None:
    database.execute(f"INSERT INTO identity.clinic VALUES ('{OTHER}', 'Other')")
    roles = ["superbill_front_desk", "superbill_admin"]
    async with issuer() as found:
        settings = found.config(database_url=database.api_url, connections=3)
        async with serving(settings, roles=roles) as s:

            async def ask(role: str, path: str, tenant: str = CLINIC, **json: Any) -> Any:
                headers = bearer(found.token(role=role, tenant=tenant))
                if json:
                    return await s.client.patch(path, json=json, headers=headers)
                return await as_of(s.client, path, time, **headers)

            headers = bearer(found.token(role="superbill_api"))
            s.client.headers.update(headers)
            v = await bill_visit(s.client)
            patient, encounter = f"/patients/{v.patient}", f"/encounters/{v.encounter}"
            time = now(database)
            before = [await s.client.get(path, headers=headers) for path in (patient, encounter)]
            await ask("superbill_front_desk", patient, last_name="Owl")
            await ask("superbill_api", encounter, date="2024-05-01")
            for path, answer in zip((patient, encounter), before, strict=True):
                then = await ask("superbill_front_desk", path)
                assert (then.content, then.headers["etag"]) == (
                    answer.content,
                    answer.headers["etag"],
                )
                assert (await ask("superbill_front_desk", path, OTHER)).status_code == 404
            assert (await ask("superbill_admin", patient)).status_code == 403
            assert (await ask("superbill_admin", "/cpt_codes/G0438")).status_code == 200
