"""Several workers: they share a port and metrics, a killed one is replaced, all end together."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped] # it has annotations, but does not say so
import psycopg
import pytest

from api.config import ROOT
from api.process.port import Port
from tests.support.databases import TestDatabase
from tests.support.metrics import Metrics, read_metrics
from tests.support.outages import JOHN, superuser_url
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.processes import eventually, free_port, one_sentence
from tests.support.server_processes import (
    KeptConnection,
    ServerProcess,
    count_patients,
    server_process,
)

pytestmark = pytest.mark.unmeasured

TWO = {"WORKERS": "2"}


def workers(s: ServerProcess) -> list[psutil.Process]:
    """Give the worker processes, the youngest last."""
    ages = {}
    for process in psutil.Process(s.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            if process.status() != psutil.STATUS_ZOMBIE:
                ages[process] = process.create_time()
    return sorted(ages, key=ages.__getitem__)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition while the event loop runs."""
    assert await asyncio.to_thread(eventually, condition)


async def replacement(s: ServerProcess, killed: psutil.Process) -> None:
    """Wait until a new worker runs in place of the killed one."""
    await until(lambda: len(found := workers(s)) == 2 and killed not in found)


def sessions(database: TestDatabase) -> int:
    """Count the sessions of the API's login in Postgres."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'superbill_server'"
    )
    with psycopg.connect(superuser_url(database)) as connection:
        found = connection.execute(query, [database.name]).fetchone()
    assert found
    return int(found[0])


def client_ports(worker: psutil.Process) -> set[int]:
    """Give the clients' ports of the connections that a worker serves."""
    return {
        connection.raddr.port
        for connection in worker.net_connections("tcp")
        if connection.status == psutil.CONN_ESTABLISHED
    }


def port_of(client: KeptConnection) -> int:
    port: int = client.writer.get_extra_info("sockname")[1]
    return port


async def connections_to_both_workers(s: ServerProcess) -> list[KeptConnection]:
    """Open 16 connections and use each of them once; each worker has at least two."""
    while True:
        clients = [await s.connect() for _ in range(16)]
        for client in clients:
            assert await client.ask("GET", "/health/")
        if min(len(client_ports(worker)) for worker in workers(s)) >= 2:
            return clients
        for client in clients:
            client.writer.close()


async def keep_creating(client: KeptConnection, enough: asyncio.Event) -> None:
    """Create patients, one after the other."""
    while not enough.is_set() and await client.ask("POST", "/patients/", JOHN):
        pass


def listening_sockets(process: psutil.Process) -> int:
    connections = process.net_connections("tcp")
    return sum(connection.status == psutil.CONN_LISTEN for connection in connections)


async def metrics(s: ServerProcess) -> Metrics:
    """Ask one of the workers for the metrics."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{s.port}", timeout=60, verify=NO_CERTIFICATES
    ) as client:
        return await read_metrics(client)


async def metrics_when(s: ServerProcess, condition: Callable[[Metrics], bool]) -> Metrics:
    """Ask for the metrics until they meet a condition."""
    while not condition(found := await metrics(s)):
        pass
    return found


def created(clients: Iterable[KeptConnection]) -> int:
    return sum(client.statuses[201] for client in clients)


async def test_sigterm_under_load_loses_no_request_of_any_worker(
    database: TestDatabase, tmp_path: Path
) -> None:
    # In the time of DRAIN each client has to receive one answer, also on a busy machine.
    async with server_process(database, tmp_path / "output", **TWO, DRAIN="3") as s:
        clients = await connections_to_both_workers(s)
        load = [asyncio.create_task(client.keep_asking()) for client in clients]
        await until(lambda: all(client.statuses[201] >= 2 for client in clients))
        s.process.terminate()
        for process in (*workers(s), s.process):  # later signals change nothing
            process.terminate()
        await asyncio.gather(*load)
        assert await s.ended() == 0
        assert await s.refuses()
    assert {(client.lost, client.cut, client.told) for client in clients} == {(0, False, True)}
    assert count_patients(database) == created(clients)
    assert sessions(database) == 0


async def test_killed_worker_loses_only_its_connections_and_is_replaced_at_once(
    database: TestDatabase, tmp_path: Path
) -> None:
    output, enough = tmp_path / "output", asyncio.Event()
    async with server_process(database, output, **TWO, DRAIN="0") as s:
        clients = await connections_to_both_workers(s)
        # 4 of each worker, one for each that was asked for `/ready/`, one of the first for jobs.
        await until(lambda: 9 <= sessions(database) <= 11)
        load = [asyncio.create_task(keep_creating(client, enough)) for client in clients]
        await until(lambda: all(client.statuses[201] for client in clients))
        _, killed = workers(s)
        lost = client_ports(killed)
        killed.kill()
        # Some of these wait in the queue of the killed worker until the next one accepts them.
        later = [await s.connect() for _ in range(16)]
        for client in later:
            assert await client.ask("POST", "/patients/", JOHN)
        await replacement(s, killed)
        await until(lambda: 9 <= sessions(database) <= 11)
        enough.set()
        await asyncio.gather(*load)
        s.process.terminate()
        assert await s.ended() == 0
    assert {port_of(client) for client in clients if client.lost} == lost
    acknowledged = created((*clients, *later))
    assert acknowledged <= count_patients(database) <= acknowledged + len(lost)
    log = output.read_text()
    assert log.count("has ended by SIGKILL and restarts now\n") == 1
    assert sessions(database) == 0


async def test_metrics_of_every_worker_are_given_by_each(
    database: TestDatabase, tmp_path: Path
) -> None:
    name, operation = "superbill_requests_total", "patients.create"
    async with server_process(database, tmp_path / "output", **TWO, DRAIN="0") as s:
        for client in await connections_to_both_workers(s):
            assert await client.ask("POST", "/patients/", JOHN)
        # The other worker writes its numbers once a second.
        await metrics_when(s, lambda one: sum(one.values(name, operation=operation)) == 16)
        found = [await metrics(s) for _ in range(6)]
        for one in found:
            assert len(one.values(name, operation=operation, worker="0")) == 1
            assert sum(one.values(name, operation=operation)) == 16
            assert one.values("superbill_connections_held") == [4, 4]
            assert len(one.values("superbill_build_info")) == 2
            histogram = "superbill_request_duration_seconds_bucket"
            assert sum(one.values(histogram, operation=operation, le="+Inf")) == 16
        scrapes = [sum(one.values(name, operation="service.metrics")) for one in found]
        assert scrapes == sorted(scrapes)
        s.process.terminate()
        assert await s.ended() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the collector of a process is Linux's")
async def test_metrics_of_a_killed_worker_are_replaced_by_those_of_the_next(
    database: TestDatabase, tmp_path: Path
) -> None:
    def start_times(one: Metrics) -> list[list[float]]:
        # By worker: both may have been started in the same hundredth of a second.
        name = "process_start_time_seconds"
        return [one.values(name, worker=worker) for worker in ("0", "1")]

    async with server_process(database, tmp_path / "output", **TWO, DRAIN="0") as s:
        before = start_times(await metrics_when(s, lambda one: all(start_times(one))))
        killed, _ = workers(s)
        killed.kill()
        await replacement(s, killed)
        after = start_times(await metrics_when(s, lambda one: start_times(one) != before))
        assert all(after)
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
        s.process.terminate()
        assert await s.ended() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
async def test_worker_that_keeps_ending_is_started_after_pauses(
    database: TestDatabase, tmp_path: Path
) -> None:
    async def logged(times: int) -> str:
        def lines() -> list[str]:
            return [line for line in output.read_text().splitlines() if " restarts " in line]

        await until(lambda: len(lines()) >= times)
        return lines()[times - 1].partition("api.process.workers worker ")[2][2:]

    output = tmp_path / "output"
    async with server_process(database, output, **TWO, DRAIN="0") as s:
        client, supervisor = await s.connect(), psutil.Process(s.process.pid)
        other, killed = workers(s)
        killed.kill()
        assert await logged(1) == "has ended by SIGKILL and restarts now"
        await replacement(s, killed)
        _, most = supervisor.rlimit(psutil.RLIMIT_NOFILE)
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (3, most))  # no worker can be started now
        for worker in workers(s):
            if worker != other:
                worker.kill()
        assert await logged(2) == "has ended by SIGKILL and restarts in 0.5 s"
        reason = "can't be started (Too many open files)"
        assert await logged(3) == f"{reason} and restarts in 1.0 s"
        assert workers(s) == [other]
        assert listening_sockets(supervisor) == 1  # no connection waits for the other slot
        if not await client.ask("POST", "/patients/", JOHN):  # it was the killed worker's
            assert await (await s.connect()).ask("POST", "/patients/", JOHN)
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (most, most))
        await replacement(s, killed)
        assert listening_sockets(supervisor) == 2
        s.process.terminate()
        assert await s.ended() == 0


async def test_workers_end_when_their_supervisor_is_killed(
    database: TestDatabase, tmp_path: Path
) -> None:
    async with server_process(database, tmp_path / "output", **TWO) as s:
        clients, left = await connections_to_both_workers(s), workers(s)
        load = [asyncio.create_task(client.keep_asking()) for client in clients]
        await until(lambda: all(client.statuses[201] for client in clients))
        s.process.kill()
        await asyncio.gather(*load)
        _, alive = await asyncio.to_thread(psutil.wait_procs, left, 60)
        assert not alive
        assert await s.refuses()
    assert not [client for client in clients if client.cut]
    assert count_patients(database) == created(clients)  # a request that was not read is not done
    await until(lambda: sessions(database) == 0)


def test_port_of_the_workers_is_not_shared_with_another_program() -> None:
    port = Port(("127.0.0.1", 0))
    with port.listen() as one, port.listen() as two:
        assert one.getsockname() == two.getsockname()
        with pytest.raises(OSError, match="in use"):
            Port(one.getsockname())
    port.close()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6")
def test_port_of_all_addresses_listens_on_ipv4_and_ipv6() -> None:
    port = Port(("::", 0))
    with port.listen() as one, port.listen() as other:
        number = one.getsockname()[1]
        assert other.getsockname()[1] == number
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, number), 60).close()
    port.close()


def test_worker_that_ends_before_all_serve_ends_the_program(database: TestDatabase) -> None:
    program = (
        "import os, sys; from api.__main__ import main; sys.argv[1:] = ['serve'];"
        "os.register_at_fork(after_in_child=lambda: os._exit(3)); sys.exit(main())"
    )
    environ = {**os.environ, **TWO, "DATABASE_URL": database.api_url, "PORT": free_port()}
    call = (sys.executable, "-c", program)
    done = subprocess.run(  # noqa: S603
        call, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 1
    sentence = one_sentence(done.stderr)
    assert re.fullmatch(
        r"Worker [01] has ended with status 3 before all workers were serving\.", sentence
    )
