"""Exports as CSV and NDJSON: the rows of the JSON list, all of them, in the same order."""

import asyncio
import logging
from dataclasses import replace

import httpx
import pytest

from api.document.media_types import HTML, JSON, ROWS
from api.operations import kinds
from api.problem import ProblemError
from api.request import media_types
from tests.support import compiled, samples
from tests.support.access_log import access_log_lines
from tests.support.csv_text import CSV, ESCAPED, NDJSON, cells, export, is_cell, same
from tests.support.databases import TestDatabase
from tests.support.metrics import read_metrics
from tests.support.outages import UNAVAILABLE, locked, outcome, superuser_url, wait_for_locks
from tests.support.problems import NO_FORMAT, UNFIT_QUERY, assert_problem
from tests.support.serving import Serve, Serving, serving
from tests.support.visits import UNKNOWN_ID, add, bill_visit, config

pytestmark = pytest.mark.unmeasured


@samples.SAMPLED
async def test_each_format_has_the_same_rows(
    menagerie_service: Serving, menagerie: TestDatabase, share: float
) -> None:
    """Decimals, moments, arrays, composites, json, enums, bytes, nulls and empty texts."""
    seen = 0
    client = menagerie_service.client
    every = compiled.operations_of(menagerie_service.catalog)
    listing = [o for o in every if o.kind in (kinds.LIST, kinds.REPORT) and not o.keys]
    chosen = {o.path for o in samples.sample(listing, samples.kind_of_operation, share)}
    for path in chosen | {"/specimens/", "/Odd%20Things/"}:  # these have the most types
        listed = (await client.get(path)).text
        text = (await export(client, path, NDJSON)).text
        assert f"[{','.join(text.splitlines())}]" == listed
        rows = same(listed)
        sheet = cells(menagerie, (await export(client, path, CSV)).text)
        assert len(sheet) == len(rows)
        for row, shown in zip(rows, sheet, strict=True):
            assert list(shown) == list(row)
            for name, value in row.items():
                assert is_cell(shown[name], value), (path, name, value, shown[name])
                seen += 1
    assert seen > (300 if share == 1 else 50)


async def test_csv_is_written_as_documented(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    odd = await export(menagerie_client, "/Odd%20Things/", CSV)
    specimens = await export(menagerie_client, "/specimens/?label=everything", CSV)
    empty = await export(menagerie_client, "/specimens/?label=none", CSV)
    nothing = await export(menagerie_client, "/specimens/?label=none", NDJSON)
    assert odd.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert odd.text.splitlines()[:3] == [
        'Key Part,order,select,with space,100%,a.b,a/b~c,it\'s,"say ""x""",Größe,camelCase,$1:x',
        ' ,2,,"",0.00,"","","","",0,false,""',
        '"a/b, ""c"" ü?&=#%25",2,x,z,,,,prefix_two,,,false,',
    ]
    assert "\r" not in odd.text
    (row,) = cells(menagerie, specimens.text)
    assert (row["fixed"], row["flag"], row["moment"]) == (
        "123456.78",
        "true",
        "2024-02-29T12:00:00.000001+00:00",
    )
    assert (row["words"], row["paper"]) == ('["a","b, c",null,""]', '{"b": 1,  "a": 1.0, "a": 2}')
    assert empty.text == odd.text[:0] + specimens.text.partition("\n")[0] + "\n"
    assert (nothing.text, nothing.headers["content-type"]) == ("", "application/x-ndjson")


async def test_ndjson_row_is_one_line(serve: Serve, menagerie: TestDatabase) -> None:
    """Type json keeps the line breaks that it was written with."""
    paper = '{"a":\n\r\n\t[1,\n"x\\ny"]}'
    menagerie.execute(f"UPDATE zoo.specimen SET paper = '{paper}', papers = ARRAY['[1,\n2]'::json]")
    service = await serve(config(menagerie))
    answer = await export(service.client, "/specimens/", NDJSON)
    listed = (await service.client.get("/specimens/")).json()
    assert answer.text.count("\n") == len(listed) == 3
    assert [same(line)["paper"] for line in answer.text.splitlines()] == [{"a": ["1", "x\ny"]}] * 3


async def test_cells_with_formulas_are_escaped_on_request(
    database: TestDatabase, menagerie: TestDatabase
) -> None:
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
    good = ["a=1", "1-1", "'=1", ",", '"']
    # Names that were stored before control characters were refused.
    database.execute(
        "ALTER TABLE billing.patient DROP CONSTRAINT patient_first_name_has_no_control_characters"
    )
    async with serving(config(database)) as s:
        for name in (*bad, *good):
            quoted = name.replace("'", "''")
            database.execute(
                f"INSERT INTO billing.patient (first_name, last_name) VALUES ('{quoted}', 'x')"
            )
        plain = cells(database, (await export(s.client, "/patients/", CSV)).text)
        escaped = await export(s.client, "/patients/", ESCAPED)
    assert [row["first_name"] for row in plain] == [*bad, *good]
    assert [row["first_name"] for row in cells(database, escaped.text)] == [
        *("'" + name for name in bad),
        *good,
    ]
    assert (
        escaped.headers["content-type"]
        == "text/csv; formulas=escaped; charset=utf-8; header=present"
    )
    async with serving(config(menagerie)) as s:
        ours, theirs = [
            cells(menagerie, (await export(s.client, "/specimens/", m)).text)
            for m in (CSV, ESCAPED)
        ]
    assert (
        ours == theirs
    )  # negative numbers, infinities, and types of other kinds stay what they are


async def test_export_has_all_rows_in_order_unless_limit_is_given(
    serve: Serve, database: TestDatabase
) -> None:
    database.execute(
        "INSERT INTO billing.patient (first_name, last_name) SELECT n, 1200 - n"
        " FROM generate_series(1, 1200) AS n"
    )
    service = await serve(config(database))
    for query in (
        "",
        "?order=last_name",
        "?last_name.gte=5&order=-last_name",
        "?last_name.in=7,8",
    ):
        whole, path = [], f"/patients/{query}{'&' if query else '?'}limit=1000"
        while path:
            page = await service.client.get(path)
            whole += page.json()
            path = page.links.get("next", {}).get("url", "")
        sent = await export(service.client, f"/patients/{query}", NDJSON)
        assert "link" not in sent.headers
        assert [same(line) for line in sent.text.splitlines()] == whole
    page = await service.client.get("/patients/?limit=3")
    following = page.links["next"]["url"]
    limited = await export(service.client, following, NDJSON)
    rest = await export(service.client, following.replace("limit=3&", ""), CSV)
    assert [same(line) for line in limited.text.splitlines()] == (
        await service.client.get(following)
    ).json()
    assert len(rest.text.splitlines()) == 1198


async def test_export_of_a_nested_collection_has_its_own_rows(client: httpx.AsyncClient) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    for path in (v.encounters, v.line_items, f"/encounters/{v.encounter}/line_items/"):
        answer = await export(client, path, NDJSON)
        assert [same(line) for line in answer.text.splitlines()] == same(
            (await client.get(path)).text
        )
        assert other.encounter not in answer.text
    paths = {
        f"/patients/{UNKNOWN_ID}/encounters/": "patient not found",
        f"/patients/{other.patient}/encounters/{v.encounter}/line_items/": "encounter not found",
        "/patients/x/encounters/": "patient not found",
    }
    for path, sentence in paths.items():
        for wanted in (CSV, NDJSON):
            refused = await client.get(path, headers={"accept": wanted})
            assert_problem(refused, "not-found", sentence)
            assert (await client.head(path, headers={"accept": wanted})).status_code == 404


async def test_failure_before_the_first_byte_is_a_problem_document(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    for wanted in (CSV, NDJSON, ESCAPED):
        refused = await client.get("/patients/?first_name=x&units=1", headers={"accept": wanted})
        assert (refused.status_code, refused.json()["detail"]) == (400, UNFIT_QUERY)
        assert (
            await client.get("/patients/?after=x", headers={"accept": wanted})
        ).status_code == 400
        report = await client.get(
            "/reporting/monthly_activity/?limit=1", headers={"accept": wanted}
        )
        expected = ("/limit", "is not a parameter of this operation")
        assert_problem(report, "invalid-query", UNFIT_QUERY, expected)
        one = await client.get(f"/patients/{v.patient}", headers={"accept": wanted})
        assert_problem(
            one, "not-acceptable", "The answer is available as application/json or text/html."
        )
    for accept in ("text/xml", "text/csv;q=0", "text/csv; formulas=raw", "image/*"):
        refused = await client.get("/patients/", headers={"accept": accept})
        assert_problem(refused, "not-acceptable", NO_FORMAT)
    database.execute("ALTER VIEW api.patients RENAME TO people")
    assert_problem(
        await client.get("/patients/", headers={"accept": CSV}),
        "internal-error",
        "An internal error occurred. The server's log has details for `instance`.",
    )


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv, application/json", JSON),
        ("text/csv, application/json;q=0.9", CSV),
        ("text/csv, */*;q=0.1", CSV),
        ("text/*", CSV),
        ("TEXT/CSV;header=present", CSV),
        ("text/csv;formulas=escaped", ESCAPED),
        ("text/csv; formulas=escaped, text/csv;q=0.5", ESCAPED),
        ("application/json;q=0, */*", NDJSON),
        ("application/x-ndjson, text/csv", NDJSON),
        ("application/json;q=0", None),
        ("text/html", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", HTML),
        ("text/html, image/gif, image/jpeg, */*; q=0.2", JSON),
        ('text/csv; formulas="escaped"', ESCAPED),
        ('text/csv ;formulas="es\\caped"; q=0.001', ESCAPED),
        ('text/csv;for="a,b/c;q=0,\\"";q=1.000', CSV),
        ('application/json;q=0.4, text/csv;q="0.5"', CSV),
        *(
            (f"text/csv;q={weight}, */*;q=0.1", JSON)
            for weight in ("inf", "nan", "2", "1_0", "-1", ".", "", "1.1")
        ),
        *(
            (f"application/json;q={weight}", None)
            for weight in ("inf", "2", "0.0000", ".0", "1.001", "x", "")
        ),
        ("nothing, text/csv;q=0.5", CSV),
        # What the standard's grammar lacks and clients send: Java's default, for instance.
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON),
        ("application/json;q=.5", JSON),
        ("application/json;q=0.3333, text/csv;q=.4444", CSV),
        ("text/csv;q=1., *;q=0.", CSV),
        ("application/json;q=0, *", NDJSON),
        ("*;q=0", None),
        ("*/csv", None),
    ],
)
def test_media_type_of_highest_quality_is_chosen(accept: str, expected: str | None) -> None:
    if expected:
        assert media_types.accepted(accept, (*ROWS, HTML)) == expected
        return
    with pytest.raises(ProblemError, match="not-acceptable"):
        media_types.accepted(accept, (*ROWS, HTML))


async def test_head_has_the_headers_of_get(client: httpx.AsyncClient) -> None:
    await bill_visit(client)
    for path in ("/patients/", "/reporting/monthly_activity/", "/patients/?last_name=nobody"):
        for wanted in (CSV, ESCAPED, NDJSON):
            head = await client.head(path, headers={"accept": wanted})
            got = await export(client, path, wanted)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"] == got.headers["content-type"]


async def test_streams_are_counted_and_logged_when_they_end(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(config(database)) as s:
        await bill_visit(s.client)
        await export(s.client, "/patients/", CSV)
        await s.client.head("/patients/", headers={"accept": CSV})
        await s.client.get(f"/patients/{UNKNOWN_ID}/encounters/", headers={"accept": CSV})
        await export(s.client, "/reporting/monthly_activity/", NDJSON)
        found = (await read_metrics(s.client)).requests()
    expected = [("patients.list", "200")] * 2 + [("patients.encounters.list", "404")]
    expected += [("reporting.monthly_activity.report", "200")]
    lines = [line[:2] for line in access_log_lines(caplog)]
    assert [line for line in lines if line[0].endswith(("list", "report"))] == expected
    assert all(found[one] == expected.count(one) for one in expected)


async def test_export_without_a_free_stream_answers_503(
    serve: Serve, database: TestDatabase
) -> None:
    service = await serve(replace(config(database), streams=1, wait=1))
    await add(service.client, "/patients/", first_name="John", last_name="Oberly")
    with locked(database.owner_url, "LOCK TABLE billing.patient"):
        first = asyncio.create_task(export(service.client, "/patients/", CSV))
        await wait_for_locks(superuser_url(database))
        second = await service.client.get("/patients/", headers={"accept": CSV})
        assert outcome(second) == UNAVAILABLE
        assert (await service.client.get("/cpt_codes/")).status_code == 200
    answers = [
        await first,
        *await asyncio.gather(*(export(service.client, "/patients/", CSV) for _ in range(8))),
    ]
    assert len({answer.text for answer in answers}) == 1
