"""Several workers: they share a port and what they count, one that dies is started again, and all end together."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from asyncio import AbstractEventLoop
from collections.abc import Iterable
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg
import pytest

from api.config import ROOT
from api.process.port import Port
from api.process.workers import Backoff
from tests.support.databases import TestDatabase
from tests.support.metrics import Metrics, read_metrics
from tests.support.outages import JOHN, superuser
from tests.support.processes import eventually, free_port, one_sentence
from tests.support.server_processes import (
    GRACE,
    KeptConnection,
    ServerProcess,
    count_patients,
    server_process,
)

TWO = {"WORKERS": "2"}


def workers(s: ServerProcess) -> list[psutil.Process]:
    """Give the workers, the one that was started last at the end."""
    found = psutil.Process(s.process.pid).children()
    return sorted(
        (one for one in found if one.status() != psutil.STATUS_ZOMBIE),
        key=psutil.Process.create_time,
    )


def replaced(s: ServerProcess, killed: psutil.Process) -> bool:
    """Wait until another has the place of a worker."""
    return eventually(lambda: len(found := workers(s)) == 2 and killed not in found)


def held(database: TestDatabase) -> int:
    """Count the connections of the API's login in Postgres."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'superbill_server'"
    )
    with psycopg.connect(superuser(database)) as connection:
        found = connection.execute(query, [database.name]).fetchone()
    assert found
    return int(found[0])


def ports_of(worker: psutil.Process) -> set[int]:
    """Give the clients' ports of the connections that a worker serves."""
    return {
        one.raddr.port
        for one in worker.net_connections("tcp")
        if one.status == psutil.CONN_ESTABLISHED
    }


def port_of(client: KeptConnection) -> int:
    port: int = client.writer.get_extra_info("sockname")[1]
    return port


async def both(s: ServerProcess, *, least: int = 2) -> list[KeptConnection]:
    """Open 16 connections that have been answered, of which each worker has some."""
    while True:
        clients = [await s.connect() for _ in range(16)]
        for client in clients:
            assert await client.ask("GET", "/health/")
        if min(len(ports_of(worker)) for worker in workers(s)) >= least:
            return clients
        for client in clients:
            client.writer.close()


def listening(process: psutil.Process) -> int:
    """Count the sockets on which a process lets others wait."""
    return sum(one.status == psutil.CONN_LISTEN for one in process.net_connections("tcp"))


async def metrics(s: ServerProcess) -> Metrics:
    """Ask some worker for the metrics."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.port}") as client:
        return await read_metrics(client)


def answered(clients: Iterable[KeptConnection]) -> int:
    return sum(client.statuses[201] for client in clients)


async def test_sigterm_under_load_loses_no_request_of_any_worker(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async with server_process(database, tmp_path / "output", **TWO) as s:
        clients = await both(s)
        load = [loop.create_task(client.keep_asking()) for client in clients]
        await asyncio.sleep(0.5)
        with pytest.raises(OSError, match="in use"):
            Port(("127.0.0.1", s.port))  # what is shared among workers is not shared with others
        began = time.monotonic()
        s.process.terminate()
        await asyncio.sleep(0.3)
        probe = await s.connect()
        assert not await probe.ask("GET", "/ready/")
        assert probe.statuses == {503: 1}
        for worker in workers(s):
            worker.terminate()  # impatience changes nothing
        s.process.terminate()
        await asyncio.gather(*load)
        assert await s.ended() == 0
        assert time.monotonic() - began < GRACE
        assert await s.refuses()
    assert {(client.lost, client.cut, client.told) for client in clients} == {(0, False, True)}
    assert count_patients(database) == answered(clients) > 50
    assert held(database) == 0


async def test_a_worker_that_is_killed_loses_its_connections_alone_and_is_started_again(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async with server_process(database, tmp_path / "output", **TWO) as s:
        clients = await both(s)
        assert 8 <= held(database) <= 10  # 4 each, and one that a probe took
        load = [loop.create_task(client.keep_asking()) for client in clients]
        await asyncio.sleep(0.3)
        other, killed = workers(s)
        lost = ports_of(killed)
        killed.kill()
        began = time.monotonic()
        anew = [
            await s.connect() for _ in range(16)
        ]  # also of those that the dead worker would have had
        for client in anew:
            assert await client.ask("POST", "/patients/", JOHN)
        assert time.monotonic() - began < 2
        new = workers(s)[-1]
        assert new.pid not in (other.pid, killed.pid)
        assert await asyncio.to_thread(eventually, lambda: 8 <= held(database) <= 10)
        await asyncio.sleep(0.3)
        s.process.terminate()
        await asyncio.gather(*load)
        assert await s.ended() == 0
        output = (tmp_path / "output").read_text()
    assert {port_of(client) for client in clients if client.lost} == lost
    assert {client.told for client in clients if not client.lost} == {True}
    acknowledged = answered((*clients, *anew))
    assert acknowledged <= count_patients(database) <= acknowledged + len(lost)
    assert output.count("has ended by SIGKILL and is started again now\n") == 1
    assert held(database) == 0


async def test_any_worker_tells_what_all_have_counted(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async with server_process(database, tmp_path / "output", **TWO) as s:
        clients = await both(s)
        for client in clients:
            assert await client.ask("POST", "/patients/", JOHN)
        await asyncio.sleep(1.2)
        found = [await metrics(s) for _ in range(6)]
        name = "superbill_requests_total"
        for one in found:
            counts = [
                one.values(name, operation="patients.create", worker=str(number))
                for number in range(2)
            ]
            assert sum(value for (value,) in counts) == 16
            assert one.values("superbill_connections_held") == [4, 4]
            assert len(one.values("superbill_build_info")) == 2
            histogram = "superbill_request_duration_seconds_bucket"
            assert sum(one.values(histogram, operation="patients.create", le="+Inf")) == 16
        asked = [sum(one.values(name, operation="service.metrics")) for one in found]
        assert asked == sorted(asked)
        if sys.platform == "linux":
            started = found[0].values("process_start_time_seconds")
            killed, _ = workers(s)
            killed.kill()
            assert replaced(s, killed)
            await asyncio.sleep(1.2)
            again = (await metrics(s)).values("process_start_time_seconds")
            assert len(set(started) & set(again)) == 1
        s.process.terminate()
        assert await s.ended() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
async def test_a_worker_that_keeps_dying_is_started_with_pauses(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    def logged(times: int) -> str:
        assert eventually(lambda: output.read_text().count(" again ") == times)
        line = [line for line in output.read_text().splitlines() if " again " in line][-1]
        return line.partition("api.process.workers worker ")[2][2:]

    output = tmp_path / "output"
    async with server_process(database, output, **TWO) as s:
        client, (other, killed), supervisor = (
            await s.connect(),
            workers(s),
            psutil.Process(s.process.pid),
        )
        killed.kill()
        assert logged(1) == "has ended by SIGKILL and is started again now"
        assert replaced(s, killed)
        _, most = supervisor.rlimit(psutil.RLIMIT_NOFILE)
        workers(s)[workers(s).index(other) - 1].kill()
        assert logged(2) == "has ended by SIGKILL and is started again in 0.5 s"
        assert listening(supervisor) == 1  # nobody waits for one that pauses
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (3, most))
        assert logged(3) == "can't be started (Too many open files) and is started again in 1.0 s"
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (most, most))
        began = time.monotonic()
        assert workers(s) == [other]
        assert await client.ask("POST", "/patients/", JOHN) or await (await s.connect()).ask(
            "POST", "/patients/", JOHN
        )
        assert replaced(s, killed)
        assert time.monotonic() - began > 0.7
        assert listening(supervisor) == 2
        s.process.terminate()
        assert await s.ended() == 0


async def test_workers_do_not_outlive_their_supervisor(
    loop: AbstractEventLoop, database: TestDatabase, tmp_path: Path
) -> None:
    async with server_process(database, tmp_path / "output", **TWO) as s:
        clients, left = await both(s), workers(s)
        load = [loop.create_task(client.keep_asking()) for client in clients]
        s.process.kill()
        await asyncio.to_thread(psutil.wait_procs, left, 5)
        assert not [worker for worker in left if worker.is_running()]
        await asyncio.gather(*load)
        assert await s.refuses()
    assert not [client for client in clients if client.cut]
    assert count_patients(database) == answered(clients)  # what had not been read was not done
    assert held(database) == 0


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6")
def test_a_port_of_all_addresses_is_one_of_both_families() -> None:
    port = Port(("::", 0))
    with port.listen() as one, port.listen() as other:
        number = one.getsockname()[1]
        assert other.getsockname()[1] == number
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, number), 5).close()
    port.close()


def test_where_a_worker_can_t_start_nothing_does(database: TestDatabase) -> None:
    start = "import os, sys; from api.__main__ import main; sys.argv[1:] = ['serve']; {}; sys.exit(main())"
    die = "os.register_at_fork(after_in_child=lambda: os._exit(3))"
    environ = {**os.environ, **TWO, "DATABASE_URL": database.api_url, "PORT": free_port()}
    call = (sys.executable, "-c", start.format(die))
    done = subprocess.run(  # noqa: S603
        call, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    sentence = one_sentence(done.stderr)
    assert re.fullmatch(r"Worker [01] has ended with status 3 before all could serve\.", sentence)


def test_backoff_doubles_up_to_a_limit_and_starts_again_after_a_long_life() -> None:
    backoff = Backoff()
    assert [backoff.pause(1) for _ in range(4)] == [0, 0.5, 1, 2]
    assert [backoff.pause(lifetime) for lifetime in (11, 1)] == [0, 0.5]
    assert {backoff.pause(1) for _ in range(2000)} == {1, 2, 4, 8, 16, 30}
