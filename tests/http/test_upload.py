"""Uploads as CSV, NDJSON and JSON arrays: all rows or none, with the faults of single bodies."""

import json
from dataclasses import replace
from typing import Any

import httpx

from tests.support.csv_text import CSV, NDJSON, cells, export, send
from tests.support.databases import TestDatabase
from tests.support.menagerie import SPECIMEN, WRONG_VALUES
from tests.support.problems import UNFIT_BODY, UNFIT_QUERY, assert_problem, nothing_created
from tests.support.serving import Serve
from tests.support.visits import UNKNOWN_ID, bill_visit, config

JSON = "application/json"
COUNT = "SELECT count(*) FROM billing.patient"
PEOPLE: list[dict[str, Any]] = [
    {"first_name": "John", "last_name": f"Oberly, {n}"} for n in range(2500)
]


def written(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Write rows in every format."""
    lines = [json.dumps(row) for row in rows]
    sheet = ["first_name,last_name", *(f'{row["first_name"]},"{row["last_name"]}"' for row in rows)]
    return {
        JSON: f"[{','.join(lines)}]",
        NDJSON: "\n".join(lines),
        CSV: "\r\n".join(sheet) + "\r\n",
    }


async def test_rows_are_created_in_their_order(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    for media, content in written(PEOPLE).items():
        answer = await send(client, "/patients/", media, content)
        assert (answer.status_code, answer.text) == (201, '{"created":2500}')
        assert "location" not in answer.headers
        rows = database.execute("SELECT first_name, last_name FROM billing.patient ORDER BY id")
        assert rows == [tuple(row.values()) for row in PEOPLE]
        database.execute("TRUNCATE billing.patient CASCADE")


async def test_export_can_be_imported_again(serve: Serve, menagerie: TestDatabase) -> None:
    """Every type, null and empty texts, and the three formats: what comes back is what went out."""
    menagerie.execute("DELETE FROM zoo.specimen")
    full = {**SPECIMEN, "label": "=x, \"y\"\r\n'z'"}
    sparse = {"id": "22222222-2222-4222-8222-222222222222", "label": "", "words": [""]}
    service = await serve(config(menagerie))
    for row in (full, sparse):
        made = await service.client.post("/specimens/", json=row)
        assert made.status_code == 201, made.text
    listed = (await service.client.get("/specimens/")).text
    sheets = {
        media: (await export(service.client, "/specimens/", media)).text for media in (CSV, NDJSON)
    }
    for media, content in {JSON: listed, **sheets}.items():
        menagerie.execute("DELETE FROM zoo.specimen")
        answer = await send(service.client, "/specimens/", media, content)
        assert (answer.status_code, answer.text) == (201, '{"created":2}')
        assert (await service.client.get("/specimens/")).text == listed


async def test_export_is_imported_where_all_columns_can_be_inserted(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    before = cells(menagerie, (await export(menagerie_client, "/Odd%20Things/", CSV)).text)
    text = (await export(menagerie_client, "/Odd%20Things/", CSV)).text
    menagerie.execute('DELETE FROM zoo."Odd Child"; DELETE FROM zoo."Odd ""Thing"""')
    assert (await send(menagerie_client, "/Odd%20Things/", CSV, text)).text == '{"created":3}'
    assert cells(menagerie, (await export(menagerie_client, "/Odd%20Things/", CSV)).text) == before


async def test_row_has_the_faults_of_the_same_body(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    only_postgres = ("mass", "25.01")  # which is not asked any more after the first fault
    rows = [
        {"label": "x", name: value}
        for name, value, _ in WRONG_VALUES
        if (name, value) != only_postgres
    ]
    single = [
        (await menagerie_client.post("/specimens/", json=row)).json()["errors"] for row in rows
    ]
    expected = [
        {"pointer": f"/{number}{fault['pointer']}", "detail": fault["detail"]}
        for number, faults in enumerate(single)
        for fault in faults
    ]
    for media, content in {
        JSON: json.dumps(rows),
        NDJSON: "\n".join(map(json.dumps, rows)),
    }.items():
        answer = await send(menagerie_client, "/specimens/", media, content)
        assert (answer.status_code, answer.json()["detail"]) == (
            422,
            nothing_created(f"{len(rows)} of {len(rows)}"),
        )
        assert answer.json()["errors"] == expected
    assert menagerie.execute("SELECT count(*) FROM zoo.specimen") == [(3,)]


async def test_cells_are_read_by_the_types_of_their_columns(
    menagerie_client: httpx.AsyncClient, menagerie: TestDatabase
) -> None:
    wrong = {
        "small": ["1.0", "x", "99999", " 1"],
        "flag": ["t", "TRUE", "1"],
        "double": ["NaN", "1e999", ".5"],
        "counts": [
            "1",
            "{1,2}",
            '"["',
        ],
        "fixed": ["1e3"],
        "paper": ["x", "{"],
        "keeper": ["(1)", '{"id": 1}'],
    }
    for name, texts in wrong.items():
        for text in texts:
            quoted = '"' + text.replace('"', '""') + '"'
            answer = await send(menagerie_client, "/specimens/", CSV, f"label,{name}\nx,{quoted}\n")
            assert answer.status_code in (400, 422), (name, text)
            assert answer.json()["errors"][0]["pointer"].startswith(f"/0/{name}"), (name, text)
    good = 'label,small,flag,double,paper,words\nx,-1,true,-1.5e2,"[1.10, ""x""]","[""a"",null]"\n'
    assert (await send(menagerie_client, "/specimens/", CSV, good)).status_code == 201
    shown = menagerie.execute(
        "SELECT small, flag, double, paper::text, words FROM zoo.specimen WHERE label = 'x'"
    )
    assert shown == [(-1, True, -150.0, '[1.10, "x"]', ["a", None])]


async def test_empty_cell_means_the_default(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v = await bill_visit(client)
    content = "\ufeffcpt_code,units\r\nG0438,\r\n\r\nJ1885,3"
    assert (await send(client, v.line_items, CSV, content)).text == '{"created":2}'
    answer = await send(client, v.line_items, CSV, 'cpt_code,units\n,1\n"",1\nG0438,""\n')
    assert [(fault["pointer"], fault["detail"]) for fault in answer.json()["errors"]] == [
        ("/0/cpt_code", "is missing"),
        ("/2/units", "must be a number"),
    ]
    rows = database.execute("SELECT cpt_code, units FROM billing.line_item ORDER BY id")
    assert rows == [("G0438", 2), ("G0438", 1), ("J1885", 3)]


async def test_columns_of_the_path_are_filled_in(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    v, other = await bill_visit(client), await bill_visit(client)
    for path in (v.line_items, f"/encounters/{v.encounter}/line_items/"):
        assert (await send(client, path, NDJSON, '{"cpt_code":"G0438"}\n')).status_code == 201
        refused = await send(
            client, path, JSON, f'[{{"cpt_code":"G0438","encounter_id":"{UNKNOWN_ID}"}}]'
        )
        assert_problem(
            refused,
            "invalid-content",
            nothing_created("1 of 1"),
            ("/0/encounter_id", "is given by the path"),
        )
        refused = await send(client, path, CSV, "encounter_id,cpt_code\n,G0438\n")
        assert_problem(
            refused, "invalid-content", UNFIT_BODY, ("/0/encounter_id", "is given by the path")
        )
    missing = {
        v.line_items.replace(v.patient, other.patient): "encounter not found",
        f"/patients/{UNKNOWN_ID}/encounters/": "patient not found",
        "/patients/x/encounters/": "patient not found",
    }
    for path, sentence in missing.items():
        for media, content in {JSON: "[5]", NDJSON: "{", CSV: "x"}.items():
            assert_problem(await send(client, path, media, content), "not-found", sentence)
    assert database.execute(
        "SELECT encounter_id::text, count(*) FROM billing.line_item GROUP BY 1 ORDER BY 2"
    ) == [
        (other.encounter, 1),
        (v.encounter, 3),
    ]


MALFORMED: list[tuple[str, str, str, str, list[tuple[str, str]]]] = [
    (JSON, "[]", "invalid-content", "The body has no rows.", []),
    (NDJSON, "", "invalid-content", "The body has no rows.", []),
    (NDJSON, "\n \n", "invalid-content", "The body has no rows.", []),
    (CSV, "", "invalid-content", "The body has no header.", []),
    (CSV, "first_name,last_name\n", "invalid-content", "The body has no rows.", []),
    (
        CSV,
        "first_name,first_name\n",
        "invalid-content",
        UNFIT_BODY,
        [("/0/first_name", "occurs twice in the header")],
    ),
    (
        CSV,
        'first_name,"a/b"\n',
        "invalid-content",
        UNFIT_BODY,
        [("/0/a~1b", "is not a field here")],
    ),
    (JSON, "[1", "malformed-json", "The body is not well-formed JSON at line 1, column 3.", []),
    (
        NDJSON,
        '\n{"first_name":"x","last_name":"y"}\n{\n5\n{"first_name":"x","first_name":"y"}',
        "malformed-json",
        nothing_created("3 of 4"),
        [
            ("/1", "The row is not well-formed JSON at line 1, column 2."),
            ("/2", "must be an object"),
            ("/3", "An object in the row has the same key twice."),
        ],
    ),
    (
        CSV,
        'first_name,last_name\nA,5" pipe\nB,"c\n\n""d"\nC,6" pipe\n"\n"x,D\nE,F,\n"G""\n',
        "invalid-content",
        nothing_created("6 of 6"),
        [
            (
                "/0",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
            (
                "/1/last_name",
                "A patient's last name must have no tabs, line breaks or other control characters.",
            ),
            (
                "/2",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
            (
                "/3",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
            ("/4", "The row must have as many cells as the header: 2."),
            (
                "/5",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
        ],
    ),
    (
        CSV,
        'first_name,last_name\nx\nx,y,z\n"x"y,z\nx,"y',
        "invalid-content",
        nothing_created("4 of 4"),
        [
            ("/0", "The row must have as many cells as the header: 2."),
            ("/1", "The row must have as many cells as the header: 2."),
            (
                "/2",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
            (
                "/3",
                "The row is not well-formed CSV: a quote is missing or misplaced.",
            ),
        ],
    ),
]


async def test_malformed_upload_is_refused(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    expected = ("/x", "is not a parameter of this operation")
    for media, content, kind, detail, errors in MALFORMED:
        assert_problem(await send(client, "/patients/", media, content), kind, detail, *errors)
        asked = await send(client, "/patients/?x=1", media, content)
        assert_problem(asked, "invalid-query", UNFIT_QUERY, expected)
    assert database.execute(COUNT) == [(0,)]


async def test_upload_that_is_not_utf_8_is_refused(client: httpx.AsyncClient) -> None:
    for media, content in {
        NDJSON: b'{"first_name":"\xff","last_name":"y"}',
        CSV: b"first_name,last_name\n\xff,y",
    }.items():
        answer = await send(client, "/patients/", media, content)
        assert answer.json()["errors"] == [{"pointer": "/0", "detail": "The row is not UTF-8."}]
    for media, content in {
        NDJSON: b'{"first_name":"\\u0000","last_name":"y"}',
        CSV: b"first_name,last_name\n\x00,y",
    }.items():
        answer = await send(client, "/patients/", media, content)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/0/first_name"]


async def test_upload_above_a_limit_answers_413(serve: Serve, database: TestDatabase) -> None:
    limits = replace(config(database), body_limit=1000, upload_limit=50_000)
    within = written(PEOPLE[:500])
    large = {NDJSON: written(PEOPLE[:1700])[NDJSON], CSV: written(PEOPLE)[CSV]}
    service = await serve(limits)
    for media in (NDJSON, CSV):
        whole = await send(service.client, "/patients/", media, large[media])
        assert_problem(whole, "content-too-large", "A body may have at most 50000 bytes.")

        async def pieces(content: str = large[media]) -> Any:
            for start in range(0, len(content), 999):
                yield content[start : start + 999].encode()

        chunked = await service.client.post(
            "/patients/", content=pieces(), headers={"content-type": media}
        )
        assert_problem(chunked, "content-too-large", "A body may have at most 50000 bytes.")
        assert (await send(service.client, "/patients/", media, within[media])).status_code == 201
        line = await send(service.client, "/patients/", media, within[media] + '\n"' + "x" * 1000)
        assert_problem(line, "content-too-large", "A row may have at most 1000 bytes.")
    array = await send(service.client, "/patients/", JSON, written(PEOPLE[:100])[JSON])
    assert_problem(array, "content-too-large", "A body may have at most 1000 bytes.")
    assert database.execute(COUNT) == [(1000,)]


async def test_rows_are_accepted_by_create_only(client: httpx.AsyncClient) -> None:
    v = await bill_visit(client)
    for media in (CSV, NDJSON):
        answer = await client.patch(
            f"/patients/{v.patient}", content="x", headers={"content-type": media}
        )
        only = "Send the body as application/json, in UTF-8, not compressed."
        assert_problem(answer, "unsupported-media-type", only)
    for media in ("text/csv; charset=latin-1", "text/csv; header=absent", "text/plain"):
        answer = await send(client, "/patients/", media, "first_name,last_name\nx,y")
        said = (
            "Send the body as application/json, application/x-ndjson or text/csv, in UTF-8,"
            " not compressed."
        )
        assert_problem(answer, "unsupported-media-type", said)
    assert (
        await send(
            client,
            "/patients/",
            "Text/CSV; header=present; charset=UTF-8",
            "first_name,last_name\nx,y",
        )
    ).status_code == 201
