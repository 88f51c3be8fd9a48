"""Spans of OpenTelemetry: one of each sampled request, sent to a collector on a real socket."""

import asyncio
import json
import random
import re
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.context import Context
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from api import __version__
from api.config import ROOT, read
from api.http.trace_context import Parent
from api.http.traced_log import Sampling
from api.setting_checks import SAMPLERS
from tests.support.collector import Collector, collector, values
from tests.support.databases import TestDatabase
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.processes import free_port, one_sentence, run_program
from tests.support.server_processes import Running, run

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"
MALFORMED = f"00-{TRACE}-{SPAN}"
SOON, NEVER = {"OTEL_BSP_SCHEDULE_DELAY": "50"}, {"OTEL_BSP_SCHEDULE_DELAY": "3600000"}
ROLE = "superbill_api"


@pytest.fixture
def database(one_role: TestDatabase) -> TestDatabase:
    """Give a database on which a server starts in little CPU time."""
    return one_role


def settings(endpoint: str, **more: str) -> dict[str, str]:
    """Give the environment of a server that sends spans soon."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "LOG_FORMAT": "json", **SOON, **more}


def client(server: Running) -> httpx.AsyncClient:
    url = f"http://127.0.0.1:{server.port}"
    return httpx.AsyncClient(base_url=url, timeout=100, verify=NO_CERTIFICATES)


async def have(found: Collector, count: int) -> bool:
    """Wait for spans, and let the loop run meanwhile."""
    return await asyncio.to_thread(found.has, count)


def answers(server: Running) -> list[dict[str, Any]]:
    """Read the answers in the log, but for those of probes."""
    lines = map(json.loads, server.output.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["logger"] == "api.access"]


async def test_each_request_has_a_span_which_its_log_line_names(
    database: TestDatabase, tmp_path: Path
) -> None:
    missing = "/patients/01890a5d-ac96-774b-bcce-771357713577"
    with collector() as found:
        async with run(database.api_url, tmp_path, **settings(found.url)) as server:
            async with client(server) as c:
                await c.get(missing, headers={"traceparent": SAMPLED})
                await c.head("/patients/", headers={"traceparent": MALFORMED})
                refused = await c.post("/patients/", json={})
                await c.request("BREW", "/coffee")
                await c.get("/health/")
                await c.get("/patients/", headers={"traceparent": NOT_SAMPLED})
                database.execute("ALTER VIEW api.patients RENAME TO people")
                await c.get("/patients/")
            assert await have(found, 5)
        lines = answers(server)
    spans = found.spans
    assert [(span.name, span.kind) for span in spans] == [
        ("GET /patients/{patient_id}", Span.SPAN_KIND_SERVER),
        ("HEAD /patients/", Span.SPAN_KIND_SERVER),
        ("POST /patients/", Span.SPAN_KIND_SERVER),
        ("HTTP", Span.SPAN_KIND_SERVER),
        ("GET /patients/", Span.SPAN_KIND_SERVER),
    ]
    assert (spans[0].trace_id.hex(), spans[0].parent_span_id.hex()) == (TRACE, SPAN)
    assert {span.parent_span_id for span in spans[1:]} == {b""}
    assert len({span.trace_id for span in spans}) == len(spans)
    assert lines.pop(4)["trace"] == TRACE  # which the client did not sample
    assert [line["trace"] for line in lines] == [span.trace_id.hex() for span in spans]
    own = [values(span.attributes) for span in spans]
    assert [one["superbill.request_id"] for one in own] == [line["request"] for line in lines]
    assert own[2].pop("superbill.request_id") == refused.json()["instance"]
    assert own[2] == {
        "http.request.method": "POST",
        "http.route": "/patients/",
        "http.response.status_code": 422,
        "url.scheme": "http",
        "user.roles": [ROLE],
        "superbill.operation": "patients.create",
    }
    assert own[3].keys() - own[2].keys() == {"superbill.request_id"}
    assert (own[3]["http.request.method"], own[3]["http.response.status_code"]) == ("_OTHER", 404)
    assert own[4]["error.type"] == "500"
    guide = (ROOT / "charts" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^  ([a-z_]+\.[a-z_.]+) {2,}", guide, re.MULTILINE)) == {*own[4]}
    assert [span.status.code for span in spans] == [*[Status.STATUS_CODE_UNSET] * 4, 2]
    for span, line in zip(spans, lines, strict=True):
        took = span.end_time_unix_nano - span.start_time_unix_nano
        assert round(took / 1e6, 1) == line["milliseconds"]
    (process,) = found.resources
    assert (process["service.name"], process["service.version"]) == ("superbill", __version__)


async def test_variables_of_the_sdk_are_read_and_each_worker_sends_its_own(
    database: TestDatabase, tmp_path: Path
) -> None:
    more = {"OTEL_SERVICE_NAME": "billing", "OTEL_RESOURCE_ATTRIBUTES": "a=b", "WORKERS": "2"}
    more |= {"PREFIX": "https://billing.example"}
    with collector() as found:
        async with run(database.api_url, tmp_path, **settings(found.url, **more)) as server:
            while len({one["service.instance.id"] for one in found.resources}) < 2:
                async with client(server) as c:  # each time another connection
                    await c.get("/patients/")
                await asyncio.sleep(0.02)
    assert {(one["service.name"], one["a"]) for one in found.resources} == {("billing", "b")}
    assert {values(span.attributes)["url.scheme"] for span in found.spans} == {"https"}
    assert len(found.spans) == len(answers(server))


async def test_last_spans_are_sent_at_the_end(database: TestDatabase, tmp_path: Path) -> None:
    with collector() as found:
        async with run(database.api_url, tmp_path, **settings(found.url, **NEVER)) as server:
            async with client(server) as c:
                await c.get("/patients/")
            assert found.spans == []
    assert [span.name for span in found.spans] == ["GET /patients/"]


async def test_server_ends_while_the_collector_does_not_answer(
    database: TestDatabase, tmp_path: Path
) -> None:
    with collector(shut=True) as found:
        async with run(database.api_url, tmp_path, **settings(found.url)) as server:
            async with client(server) as c:
                assert (await c.get("/patients/")).status_code == 200
            server.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.process.wait, 60) == 0
        assert found.spans == []


async def test_absent_collector_is_logged_once_and_fails_no_request(
    database: TestDatabase, tmp_path: Path
) -> None:
    port = free_port()
    more = {"OTEL_EXPORTER_OTLP_TIMEOUT": "0.1"}
    url = f"http://127.0.0.1:{port}"
    async with run(database.api_url, tmp_path, **settings(url, **more)) as server:

        async def until(text: str) -> None:
            async with client(server) as c:
                while text not in server.output.read_text(encoding="utf-8"):
                    assert (await c.get("/patients/")).status_code == 200
                    await asyncio.sleep(0.02)

        await until("spans can't be sent, and are lost: ")
        with collector(int(port)) as found:
            await until("spans are sent again; ")
            assert found.spans
        lines = [json.loads(line) for line in server.output.read_text().splitlines()]
    assert [line["message"][:12] for line in lines if line["level"] != "INFO"] == [
        "spans can't ",
        "spans are se",
    ]


async def test_missing_extra_is_one_sentence_at_the_start(
    database: TestDatabase, tmp_path: Path
) -> None:
    package = tmp_path / "opentelemetry"
    package.mkdir()
    (package / "__init__.py").write_text("raise ModuleNotFoundError", encoding="utf-8")
    refused = run_program(
        "serve",
        DATABASE_URL=database.api_url,
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318",
        PYTHONPATH=str(tmp_path),
    )
    assert refused.returncode == 1
    sentence = "OTEL_EXPORTER_OTLP_ENDPOINT needs packages that are not installed"
    assert one_sentence(refused.stderr).startswith(sentence)


async def test_wrong_variable_of_the_sdk_is_a_sentence_or_a_warning(
    database: TestDatabase, tmp_path: Path
) -> None:
    own = settings(
        "http://127.0.0.1:4318", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="9999", LOG_FORMAT="text"
    )
    refused = run_program("serve", DATABASE_URL=database.api_url, PORT="0", **own)
    assert refused.returncode == 1
    assert one_sentence(refused.stderr).startswith("A variable of OpenTelemetry is wrong: max_")
    more = {"OTEL_EXPORTER_OTLP_TIMEOUT": "soon", **NEVER}
    async with run(database.api_url, tmp_path, **settings("http://127.0.0.1:4318", **more)) as s:
        assert "Invalid timeout value 'soon'" in s.output.read_text(encoding="utf-8")


@pytest.mark.parametrize("share", ["0", "0.01", "1"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_requests_are_sampled_as_the_sdk_would(
    monkeypatch: pytest.MonkeyPatch, sampler: str, share: str
) -> None:
    environ = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": share}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    theirs, own = TracerProvider(shutdown_on_exit=False).sampler, Sampling.of_config(read(environ))

    def would_take(trace: int, parent: Parent | None) -> bool:
        flags = TraceFlags(TraceFlags.SAMPLED if parent and parent.is_sampled else 0)
        span = SpanContext(trace, int(SPAN, 16) if parent else 0, is_remote=True, trace_flags=flags)
        context = set_span_in_context(NonRecordingSpan(span), Context())
        return theirs.should_sample(context, trace, "").decision is Decision.RECORD_AND_SAMPLE

    for half in (0, 2**64 // 101, 2**64 // 99, 2**64 - 1):
        for flag in (False, True):
            parent = Parent(f"{2**127 + half:032x}", SPAN, flag)
            assert own.takes(parent) == would_take(2**127 + half, parent), (half, flag)
    random.seed(1)
    without = [own.takes(None) for _ in range(20_000)]
    expected = [would_take(random.getrandbits(128), None) for _ in range(20_000)]
    assert sum(without) == pytest.approx(sum(expected), abs=60)
