"""The log's output: whole lines, several in one write, none lost, bounded where nothing reads."""

import asyncio
import json
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sanic.compat import Header

from api import __version__
from api.catalog.jobs import Jobs
from api.catalog.served import Served
from api.cli import served_catalog
from api.config import ROOT
from api.http.access_log import AccessLog
from api.http.counts import Counts
from api.http.log_output import FORMATS, JsonFormat, LogOutput, TextFormat
from api.http.metrics import Metrics
from api.identity import Identity
from tests.support.batches import until
from tests.support.databases import TestDatabase
from tests.support.processes import run_program
from tests.support.server_processes import server_process
from tests.support.visits import config

REQUEST = SimpleNamespace(
    identify=lambda: f"urn:uuid:{'0' * 36}",
    identity=Identity("clerk", "a clinic", "a person"),
    headers=Header(),
)
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO api\.access (\S+) 200 1\.5 ms clerk \S+"
)


@contextmanager
def log_to_pipe() -> Iterator[int]:
    """Let the log go to a pipe whose reads are the writes, one each; give the end to read.

    It is no fixture, because pytest sets `sys.stderr` between fixtures and test.
    """
    reader, writer = os.pipe2(os.O_DIRECT)
    with (
        pytest.MonkeyPatch.context() as patch,
        os.fdopen(writer, "w", encoding="utf-8") as stream,
    ):
        patch.setattr(logging.getLogger(), "handlers", [LogOutput(TextFormat())])
        logging.getLogger("api.access").setLevel(logging.INFO)
        patch.setattr(sys, "stderr", stream)
        yield reader
    logging.getLogger("api.access").setLevel(logging.NOTSET)
    os.close(reader)


def read_writes(reader: int, found: list[bytes]) -> None:
    """Read until the end, or until a line that says so."""
    while (data := os.read(reader, 2**16)) and data != b"end\n":
        found.append(data)


def test_many_lines_are_one_write_and_stay_whole() -> None:
    with log_to_pipe() as pipe:
        log = AccessLog(Counts())
        log.open()
        for number in range(200):
            log.note(f"o{number}", 200, 0.0015, REQUEST)
        log.close()
        os.write(sys.stderr.fileno(), b"end\n")
        writes: list[bytes] = []
        read_writes(pipe, writes)
        assert len(writes) < 12
        assert all(len(data) <= 4096 and data.endswith(b"\n") for data in writes)
        lines = b"".join(writes).decode().splitlines()
        names = [found[1] for line in lines if (found := LINE.fullmatch(line))]
        assert names == [f"o{number}" for number in range(200)]


@pytest.mark.parametrize("end", ["closed", "absent", "unread"])
def test_log_goes_on_when_its_output_is_there_again(end: str) -> None:
    with log_to_pipe() as pipe:
        stream = sys.stderr
        with pytest.MonkeyPatch.context() as patch:
            reader, writer = os.pipe()
            gone: Any = os.fdopen(writer, "w", encoding="utf-8")
            os.close(reader)  # what is written to a pipe without a reader is EPIPE
            if end == "closed":
                gone.close()
            patch.setattr(sys, "stderr", None if end == "absent" else gone)
            log = AccessLog(Counts())
            log.open()
            log.note("lost", 200, 0.0015, REQUEST)
            logging.getLogger("api.http").warning("lost")
            log.close()
        assert sys.stderr is stream
        log.open()
        log.note("kept", 200, 0.0015, REQUEST)
        log.close()
        assert b" api.access kept 200 " in os.read(pipe, 2**16)
        if end != "closed":
            gone.close()


def test_unread_log_drops_lines_and_counts_them() -> None:
    with log_to_pipe() as pipe:
        counts = Counts()
        log = AccessLog(counts)
        log.open()
        for _ in range(30_000):
            log.note("o", 200, 0.0015, REQUEST)
        # Of the rest some wait, and some are being written.
        assert counts.dropped_lines > 8_000
        writes: list[bytes] = []
        reading = threading.Thread(target=read_writes, args=(pipe, writes))
        reading.start()
        log.close()
        os.write(sys.stderr.fileno(), b"end\n")
        reading.join()
        lines = b"".join(writes).decode().splitlines()
        told = [
            re.search(r"WARNING api\.access (\d+) lines of the access log", one) for one in lines
        ]
        assert sum(int(found[1]) for found in told if found) == counts.dropped_lines
        assert sum(bool(LINE.fullmatch(one)) for one in lines) == 30_000 - counts.dropped_lines
        assert f"superbill_access_log_dropped_lines_total {float(counts.dropped_lines)}" in (
            Metrics(counts, lambda: (0, 0)).text().decode()
        )


def test_slow_or_closed_reader_of_the_log_fails_no_write() -> None:
    with log_to_pipe() as pipe:
        os.set_blocking(sys.stderr.fileno(), False)
        writes: list[bytes] = []
        reading = threading.Thread(target=read_writes, args=(pipe, writes))
        output = LogOutput(TextFormat())
        logger = logging.getLogger("of.this.test")
        logger.handlers, logger.propagate = [output], False
        reading.start()
        for number in range(3_000):  # more than the pipe holds
            logger.error("line %d", number)
        os.set_blocking(sys.stderr.fileno(), True)
        os.write(sys.stderr.fileno(), b"end\n")
        reading.join()
        assert [line.split()[-1] for line in b"".join(writes).decode().splitlines()] == [
            str(number) for number in range(3_000)
        ]
        logger.error("%d", "no number")  # the handler reports it and goes on
        logger.handlers = []


def test_json_line_holds_any_operation_and_exception() -> None:
    form = JsonFormat()
    try:
        {"": 0}['"\n']
    except LookupError:
        error = sys.exc_info()
    record = logging.LogRecord("a.b", logging.ERROR, "", 0, '%s "\n', ("ü",), error)
    found = json.loads(form.format(record))
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "a.b", 'ü "\n')
    assert "KeyError" in found["error"]
    assert set(FORMATS) == {"text", "json"}


def test_guide_shows_the_line_of_an_answer_in_each_form() -> None:
    moment = datetime(2024, 3, 1, 12, 0, 0, 125_000)  # noqa: DTZ001 - text has the local time
    request = "urn:uuid:01890a5d-ac96-474b-bcce-b302099a8057"
    role, trace = "superbill_biller", "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = (moment.timestamp(), logging.INFO, "patients.read", 200, 0.0012, role, request, trace)
    guide = (ROOT / "charts" / "README.md").read_text(encoding="utf-8")
    assert f"\n  {TextFormat().answer(answer)}\n" in guide
    (example,) = re.findall(r"```json\n(  \{\"time\".*?)```", guide, re.DOTALL)
    utc = (moment.replace(tzinfo=UTC).timestamp(), *answer[1:])
    assert json.loads(JsonFormat().answer(utc)) == json.loads(example)


def test_refusal_is_a_line_of_the_log_in_json() -> None:
    refused = run_program("serve", LOG_FORMAT="json")
    assert refused.returncode == 1
    line = json.loads(refused.stderr)
    assert (line["level"], line["message"][:16]) == ("CRITICAL", "DATABASE_URL is ")


def test_schemas_of_the_same_migrations_have_one_digest(database: TestDatabase) -> None:
    catalogs = [served_catalog.read(config(database)) for _ in range(2)]
    catalogs.append(replace(catalogs[0], constraints={}))
    catalogs.append(replace(catalogs[0], relations=catalogs[0].relations[1:]))
    first, same, *others = (Served({"a": one}, "", Jobs()).digest for one in catalogs)
    assert first == same
    assert len({first, *others}) == 3


@pytest.mark.costly
async def test_ended_server_has_logged_each_answer(one_role: TestDatabase, tmp_path: Path) -> None:
    output = tmp_path / "log"
    settings = {"LOG_FORMAT": "json", "LOG_LEVEL": "INFO", "WORKERS": "2", "DRAIN": "0"}
    async with server_process(one_role, output, **settings) as server:
        for _ in range(4):
            await server.connect()
        asking = [asyncio.create_task(client.keep_asking()) for client in server.clients]
        await until(lambda: sum(c.statuses.total() for c in server.clients) > 100)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*asking)
        await server.ended()
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    (start,) = (line for line in lines if "version" in line)
    assert start["address"].startswith("http://127.0.0.1:")
    assert (start["version"], start["workers"]) == (__version__, 2)
    assert start["message"].startswith(f"version {__version__} serves the schema {start['schema']}")
    answers = [line for line in lines if line["logger"] == "api.access"]
    assert len({line["request"] for line in answers}) == len(answers)
    assert {line["role"] for line in answers if "patients" in line["operation"]} == {
        "superbill_api"
    }
    for operation, status in (("patients.list", 200), ("patients.create", 201)):
        assert sum(line["operation"] == operation for line in answers) == sum(
            client.statuses[status] for client in server.clients
        )
