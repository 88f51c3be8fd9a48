"""Large reports as JSON: the same array as a small one's, as a stream."""

import asyncio
import logging
import resource
from dataclasses import replace

import psycopg
import pytest

from api.sql import lists
from tests.support.access_log import access_log_lines
from tests.support.databases import TestDatabase
from tests.support.exports import (
    ID,
    LAST_CHUNK,
    PATH,
    begin_export,
    large_reports,
    read_rest,
    wait_for_exports,
)
from tests.support.outages import UNAVAILABLE, outcome, terminate_connections
from tests.support.problems import assert_problem
from tests.support.serving import Serve, serving
from tests.support.visits import bill_visit, config

JSON = "application/json"
VERBATIM = "CAST(E'{\"a\" :\\r\\n[1,\\t2]}' AS json)"
# Name → query, and whether it is a stream.
REPORTS = {
    "nothing": ("SELECT 1 AS n WHERE false", False),
    "one": (f"SELECT 1 AS n, {VERBATIM} AS j, 'a,\"\\é' AS t, NULL AS u", False),
    "thousand": ("SELECT n, 1.50 AS fee FROM generate_series(1, 1000) AS n", False),
    "more": (f"SELECT n, 1.50 AS fee, {VERBATIM} AS j FROM generate_series(1, 1001) AS n", True),
    "border": (f"SELECT repeat('x', {2**20} - 8) AS t", False),
    "wide": (f"SELECT repeat('x', {2**20} - 7) AS t", True),
    "wider": ("SELECT n, repeat('é', 300000) AS t FROM generate_series(1, 9) AS n", True),
}
INTERNAL = "An internal error occurred. The server's log has details for `instance`."
WHOLE = (
    "SELECT '[' || coalesce(string_agg(CAST(row_to_json(i.*) AS text), ','), '') || ']'"
    " FROM ({}) AS i"
)


def add_reports(database: TestDatabase) -> None:
    """Make a view of each query."""
    for name, (query, _) in REPORTS.items():
        database.execute(f"CREATE VIEW reporting.{name} AS {query}")
        database.execute(f"GRANT SELECT ON reporting.{name} TO superbill_api")


async def test_small_report_has_a_length_and_a_large_one_is_the_same_array_in_chunks(
    database: TestDatabase,
) -> None:
    add_reports(database)
    async with serving(config(database)) as s:
        with psycopg.connect(database.owner_url) as connection:
            for name, (query, is_stream) in REPORTS.items():
                got = await s.client.get(f"/reporting/{name}/")
                # A numeric is a text in JSON.
                whole = WHOLE.format(query.replace("1.50", "'1.50'"))
                assert (got.text,) == connection.execute(whole.encode()).fetchone()
                head = await s.client.head(f"/reporting/{name}/")
                for answer in got, head:
                    assert answer.headers["content-type"] == JSON
                    assert ("content-length" in answer.headers) != is_stream, name
                    assert ("transfer-encoding" in answer.headers) == is_stream, name
                assert head.content == b""


@pytest.mark.parametrize("schema", ["database", "menagerie"])
async def test_each_report_is_the_same_bytes_as_a_stream(
    schema: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(config(request.getfixturevalue(schema))) as s:
        if schema == "database":
            await bill_visit(s.client)
        found = (await s.client.get("/openapi.json")).json()["paths"]
        paths = [path for path in found if path.startswith("/reporting/")]
        assert paths
        small = {path: await s.client.get(path) for path in paths}
        lists.report.cache_clear()
        monkeypatch.setattr(lists, "MOST_ROWS", -1)
        for path in paths:
            large = await s.client.get(path)
            assert "content-length" in small[path].headers
            assert large.headers["transfer-encoding"] == "chunked"
            assert (large.status_code, large.content) == (200, small[path].content)
    lists.report.cache_clear()


async def test_large_report_that_fails_later_or_loses_its_client_ends_its_transaction(
    database: TestDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    large_reports(database)
    async with serving(replace(config(database), streams=1, wait=1)) as s:
        reader, writer = await begin_export(s, media=JSON)
        await wait_for_exports(database, running=1)
        assert outcome(await s.client.get(PATH)) == UNAVAILABLE  # the only place is taken
        terminate_connections(database)
        assert not (await read_rest(reader)).endswith(LAST_CHUNK)
        writer.close()
        reader, writer = await begin_export(s, media=JSON)
        writer.transport.abort()
        await wait_for_exports(database, running=0)
        reader, writer = await begin_export(s, "/reporting/odd/", media=JSON)
        assert not (await read_rest(reader)).endswith(LAST_CHUNK)
        writer.close()
        database.execute("CREATE OR REPLACE VIEW reporting.odd AS SELECT 1/0 AS odd, 'x' AS name")
        assert_problem(await s.client.get("/reporting/odd/"), "internal-error", INTERNAL)
    statuses = [line[1] for line in access_log_lines(caplog) if line[0] == ID]
    assert sorted(statuses) == ["499", "503", "503"]
    assert "xxx" not in caplog.text


async def test_two_slow_readers_of_a_large_report_need_little_memory(
    serve: Serve, database: TestDatabase
) -> None:
    large_reports(database)
    s = await serve(config(database))
    await s.client.get("/reporting/monthly_activity/")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB
    streams = [await begin_export(s, media=JSON) for _ in range(2)]
    await wait_for_exports(database, running=2)
    ends = await asyncio.gather(*(read_rest(reader) for reader, _ in streams))
    assert all(end.endswith(b"]" + LAST_CHUNK) for end in ends)
    for _, writer in streams:
        writer.close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000  # the two have 100 MB
