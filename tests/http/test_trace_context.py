"""A client's trace leads to the lines of the log, and the line to the problem document."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.support.databases import TestDatabase
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.server_processes import run

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def lines(output: Path) -> list[dict[str, Any]]:
    """Read the lines of a log in JSON."""
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


async def test_lines_of_a_request_have_the_trace_of_its_client(
    one_role: TestDatabase, tmp_path: Path
) -> None:
    given = [f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-0", f"ff-{TRACE}-{SPAN}-01", ""]
    async with (
        run(one_role.api_url, tmp_path, LOG_FORMAT="json") as server,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{server.port}", verify=NO_CERTIFICATES
        ) as client,
    ):
        for field in given:
            answer = await client.get("/nothing", headers={"traceparent": field})
            assert answer.status_code == 404
        one_role.execute("ALTER VIEW api.patients RENAME TO people")
        failed = await client.get("/patients/", headers={"traceparent": given[0]})
    found = [line for line in lines(server.output) if "request" in line]
    assert [line["status"] for line in found if line["operation"] == "-"] == [404] * len(given)
    assert [line.get("trace") for line in found if line["operation"] == "-"] == [
        TRACE,
        *[None] * (len(given) - 1),
    ]
    failure = [line for line in found if line["operation"] == "patients.list"]
    assert {line["logger"] for line in failure} == {"api.access", "api.http.errors"}
    assert {(line["request"], line["trace"]) for line in failure} == {
        (failed.json()["instance"], TRACE)
    }
