"""Pages for people: who gets one, what is on it, and what it may not show."""

import asyncio
import base64
import hashlib
import re
from dataclasses import replace

import httpx
import pytest

from api.operations import kinds
from tests.support import compiled, html, samples
from tests.support.databases import TestDatabase
from tests.support.html import BROWSER
from tests.support.issuers import bearer, issuer
from tests.support.plain_http import PlainTransport
from tests.support.processes import eventually
from tests.support.serving import Serve, Serving, serving
from tests.support.visits import UNKNOWN_ID, add, bill_visit, config

ODD = '<b>O\'Neil</b> & "Søn"'


async def page(client: httpx.AsyncClient, path: str, status: int = 200) -> html.Page:
    """Read a page as a browser does."""
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    return html.read(answer.text)


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        (BROWSER["accept"], "", "text/html"),
        ("text/html", "", "text/html"),
        ("*/*", "", "application/json"),
        ("", "", "application/json"),
        ("application/json, text/html;q=0.9", "", "application/json"),
        ("application/json, text/plain, */*", "", "application/json"),  # axios
        ("*/*", "?format=html", "text/html"),
        (BROWSER["accept"], "?format=json", "application/json"),
        (BROWSER["accept"], "?format=csv", "text/csv"),
    ],
)
async def test_browser_gets_a_page_and_programs_get_json(
    client: httpx.AsyncClient, accept: str, query: str, expected: str
) -> None:
    answer = await client.get(f"/cpt_codes/{query}", headers={"accept": accept} if accept else {})
    assert answer.headers["content-type"].startswith(expected)
    assert answer.headers["vary"] == "accept"


async def test_page_may_load_its_own_style_and_nothing_else(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    for path in ("/", "/patients/", f"/patients/{v.patient}", "/reporting/aging/", "/nothing"):
        answer = await client.get(path, headers=BROWSER)
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "style=" not in answer.text.replace("<style>", "")
        tag = answer.headers.get("etag")
        if tag:
            same = await client.get(path, headers={**BROWSER, "if-none-match": tag})
            assert (same.status_code, same.content) == (304, b"")


async def test_list_shows_labels_links_and_the_filters_of_an_index(
    client: httpx.AsyncClient,
) -> None:
    v = await bill_visit(client, "Ames")
    found = await page(client, "/encounters/")
    assert found.title == "Encounters · Superbill"
    assert found.texts["h1"] == ["Encounters"]
    assert found.links["John Ames"] == f"/patients/{v.patient}"
    assert found.links[f"…{v.encounter[-6:]}"] == f"/encounters/{v.encounter}"
    assert found.links["date"] == "/encounters/?order=date"
    assert found.links["id ↑"] == "/encounters/?order=-id"
    assert "status" not in found.links  # no index has it in order
    assert {"date.gte", "date.lte", "patient_id", "status"} <= found.fields.keys()
    assert "posted_at" not in found.fields
    assert found.links["CSV"] == "/encounters/?format=csv"
    nested = await page(client, v.encounters)
    assert "John Ames" not in nested.whole  # the path says whose they are
    assert nested.links[f"patient …{v.patient[-6:]}"] == f"/patients/{v.patient}"


async def test_filtered_list_keeps_its_filters_in_every_link(client: httpx.AsyncClient) -> None:
    rows = [{"first_name": "A", "last_name": "O'Neil & Søn"} for _ in range(101)]
    await client.post("/patients/", json=rows)
    query = httpx.QueryParams({"last_name": "O'Neil & Søn"})
    found = await page(client, f"/patients/?{query}")
    assert len(found.texts["tr"]) == 101
    following = found.links["Next page"]
    assert "last_name=O" in following
    last = await page(client, following)
    assert len(last.texts["tr"]) == 2
    assert "after=" not in last.links["First page"]
    assert "last_name=O%27Neil%20%26%20S%C3%B8n" in last.links["JSON"]
    assert "after=" not in last.links["JSON"]
    assert found.fields["last_name"] == "O'Neil & Søn"


async def test_form_is_sent_on_without_its_empty_fields(client: httpx.AsyncClient) -> None:
    for given, kept in (
        ("date.gte=&date.lte=2024-03-01&status=", "?date.lte=2024-03-01"),
        ("patient_id=&status=", ""),
        ("nonsense=&status=draft", "?status=draft"),
    ):
        sent = await client.get(f"/encounters/?{given}", headers=BROWSER)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/encounters/{kept}")
    refused = await client.get("/encounters/?date.gte=")
    assert refused.status_code == 400  # of a program nothing is guessed


async def test_refused_query_is_shown_above_its_form(client: httpx.AsyncClient) -> None:
    found = await page(client, "/encounters/?date.gte=yesterday&status=draft&x=1", 400)
    assert found.title == "The query string is invalid · Superbill"
    assert found.fields["date.gte"] == "yesterday"
    assert found.fields["x"] == "1"
    assert "must be a date" in found.whole
    query = f"patient_id={UNKNOWN_ID}&provider_id={UNKNOWN_ID}"
    combined = await page(client, f"/encounters/?{query}", 400)
    assert "no index serves these filters" in combined.whole
    assert combined.fields["patient_id"] == UNKNOWN_ID


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/patients/nonsense", 404, "patient not found"),
        ("/nothing/here", 404, "There is nothing at this path."),
        ("/patients/?after=x", 400, "is not a cursor"),
        ("/cpt_codes/G0438?as_of=never", 400, "must be a time"),
    ],
)
async def test_problem_is_a_page(
    client: httpx.AsyncClient, path: str, status: int, sentence: str
) -> None:
    found = await page(client, path, status)
    assert sentence in found.whole
    assert "urn:uuid:" in found.whole
    assert found.links["Superbill"] == "/"


async def test_item_shows_the_first_rows_of_its_collections(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client, "Ames")
    for day in range(1, 12):
        await add(client, v.encounters, date=f"2024-04-{day:02}")
    found = await page(client, f"/patients/{v.patient}")
    assert found.title == "Patient · Superbill"  # which nobody's name is in
    assert found.texts["h1"] == ["Patient John Ames"]
    assert found.links["Encounters"] == v.encounters
    assert found.links["All encounters"] == v.encounters
    assert found.links[f"…{v.encounter[-6:]}"] == f"/encounters/{v.encounter}"
    assert "2024-04-09" in found.whole
    assert "2024-04-10" not in found.whole
    encounter = await page(client, f"/encounters/{v.encounter}")
    assert encounter.links["John Ames"] == f"/patients/{v.patient}"
    assert encounter.links["superbill"] == f"/superbills/{v.encounter}"
    assert encounter.links["G0438"] == "/cpt_codes/G0438"


async def test_item_can_be_shown_as_it_was(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client, "Ames")
    answer = await client.get(f"/patients/{v.patient}")
    now = await client.get("/audit_events/?limit=1&order=-at")
    at = now.json()[0]["at"].replace("+00:00", "Z")
    await client.patch(f"/patients/{v.patient}", json={"last_name": "Bond"})
    found = await page(client, f"/patients/{v.patient}?as_of={at}")
    assert answer.json()["last_name"] in found.texts["h1"][0]
    assert found.links["As it is now"] == f"/patients/{v.patient}"


async def test_report_shows_charts_and_its_first_thousand_rows(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    for month in (1, 2, 4):
        v = await bill_visit(client)
        await add(client, f"/patients/{v.patient}/encounters/", date=f"2024-{month:02}-10")
    found = await client.get("/reporting/monthly_activity/", headers=BROWSER)
    drawn = re.findall(r'<svg .*?aria-label="(.*?)"', found.text)
    assert drawn[0] == (
        "Lines of patients seen by month start, from 2024-01-01 to 2024-04-01: lowest 1"
        " (2024-01-01), highest 3 (2024-03-01). The table has all numbers."
    )
    await client.post(
        "/patients/", json=[{"first_name": " ".join("ab"), "last_name": "c"} for _ in range(1001)]
    )
    database.execute(
        "CREATE OR REPLACE VIEW reporting.names_to_correct WITH (security_invoker = true) AS"
        " SELECT id AS patient_id, first_name, last_name FROM billing.patient"
    )
    many = await page(client, "/reporting/names_to_correct/")
    assert len(many.texts["tr"]) == 1001
    assert "Only the first 1,000 rows are shown." in many.whole
    assert many.links["The CSV file has all of them"] == "/reporting/names_to_correct/?format=csv"


async def test_start_says_what_there_is_and_who_asks(client: httpx.AsyncClient) -> None:
    found = await page(client, "/")
    assert found.links["Patients"] == "/patients/"
    assert found.links["Monthly activity"] == "/reporting/monthly_activity/"
    assert "superbill_api" in found.whole
    assert "Clinic" in found.texts["dt"]
    program = await client.get("/")
    assert (program.status_code, program.headers["location"]) == (302, "/docs")


async def test_links_stand_behind_the_prefix(serve: Serve, database: TestDatabase) -> None:
    service = await serve(replace(config(database), prefix="/clinic"))
    url = f"http://127.0.0.1:{service.port}"
    async with httpx.AsyncClient(base_url=url, transport=PlainTransport()) as client:
        v = await bill_visit(client)
        found = await page(client, f"/patients/{v.patient}")
    local = {href for href in found.links.values() if not href.startswith("#")}
    assert local
    assert all(href.startswith("/clinic/") for href in local), local


async def test_page_shows_what_its_role_and_clinic_may_read(database: TestDatabase) -> None:
    role = "superbill_front_desk"
    async with issuer() as found:
        settings = found.config(database_url=database.api_url, connections=3)
        async with serving(settings, roles=[role]) as s:
            all_ = bearer(found.token(role="superbill_api"))
            s.client.headers.update(all_)
            v = await bill_visit(s.client, "Ames")
            whole = await page(s.client, f"/encounters/{v.encounter}")
            assert "Line items" in whole.links
            s.client.headers.update(bearer(found.token(role=role)))
            less = await page(s.client, f"/encounters/{v.encounter}")
            assert "Line items" not in less.links
            start = await page(s.client, "/")
            assert "Line items" not in start.links
            assert role in start.whole
            refused = await page(s.client, "/line_items/", 403)
            assert "Your role does not have this operation." in refused.whole
            other = "00000000-0000-7000-8000-000000000002"
            database.execute(f"INSERT INTO identity.clinic VALUES ('{other}', 'Other')")
            s.client.headers.update(bearer(found.token(role=role, tenant=other)))
            assert "Ames" not in (await page(s.client, "/patients/")).whole
            await page(s.client, f"/patients/{v.patient}", 404)
            del s.client.headers["authorization"]
            stranger = await page(s.client, "/patients/", 401)
            assert "Ames" not in stranger.whole
            assert (await s.client.get("/", headers=BROWSER)).headers["location"] == "/docs"


async def test_everything_that_a_page_shows_is_on_record(database: TestDatabase) -> None:
    async with serving(config(database)) as s:
        v = await bill_visit(s.client, "Ames")
        await page(s.client, f"/encounters/{v.encounter}")
        await page(s.client, "/encounters/")
        query = "SELECT operation, coalesce(record, '-') FROM audit.read"

        def reads() -> set[tuple[object, ...]]:
            return {tuple(row) for row in database.execute(query)}

        expected = {
            ("encounters.read", v.encounter),
            ("encounters.line_items.list", v.encounter),
            ("encounters.diagnoses.list", v.encounter),
            ("patients.read", v.patient),  # whose name it shows
            ("encounters.list", "-"),
            ("patients.list", "-"),
        }
        assert await asyncio.to_thread(eventually, lambda: expected <= reads()), reads()


async def test_no_row_becomes_markup(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client, ODD)
    for path in ("/patients/", f"/patients/{v.patient}", "/encounters/", "/superbills/"):
        answer = await client.get(path, headers=BROWSER)
        assert "<b>" not in answer.text
        assert ODD in html.read(answer.text).whole


@samples.SAMPLED
async def test_every_page_is_well_formed(both: Serving, share: float) -> None:
    """Lists, reports, and an item of each list, of both schemas."""
    every = compiled.operations_of(both.catalog)
    shown = (o for o in every if o.kind in (kinds.LIST, kinds.REPORT) and not o.keys)
    paths = [o.path for o in samples.sample(shown, samples.kind_of_operation, share)]
    items = set()
    for path in paths:
        found = await page(both.client, path)
        rows = [href for href in found.links.values() if href.startswith(path) and "?" not in href]
        items |= {row for row in rows[:2] if row != path}
    assert len(items) > 10 or share < 1
    for path in items:
        await page(both.client, path)
