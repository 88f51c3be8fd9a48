"""METRICS_PORT: the metrics on a port of their own, and nowhere else."""

import socket
from pathlib import Path

import httpx

from tests.support.databases import TestDatabase
from tests.support.metrics import read_metrics
from tests.support.processes import free_port, one_sentence, run_program
from tests.support.server_processes import server_process

ELSEWHERE = {"host": "10.1.2.3"}  # as Prometheus names a pod


async def test_metrics_are_at_their_own_port_only(one_role: TestDatabase, tmp_path: Path) -> None:
    own = free_port()
    settings = {"METRICS_PORT": str(own), "WORKERS": "2", "HOSTS": "127.0.0.1"}
    async with server_process(one_role, tmp_path / "log", **settings) as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{own}") as client:
            found = await read_metrics(client)
            assert (await client.head("/metrics", headers=ELSEWHERE)).status_code == 200
            assert (await client.get("/patients/")).status_code == 404
        builds = found.families["superbill_build_info"].samples
        assert {sample.labels["worker"] for sample in builds} == {"0", "1"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            for path, status in (("/metrics", 404), ("/health/", 200), ("/patients/", 200)):
                assert (await client.get(path)).status_code == status, path
            assert (await client.get("/health/", headers=ELSEWHERE)).status_code == 400


def test_taken_port_of_the_metrics_is_an_error_of_one_sentence(one_role: TestDatabase) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = {"DATABASE_URL": one_role.api_url, "PORT": "0", "METRICS_PORT": port}
        ended = run_program("serve", **given, LOG_LEVEL="WARNING")
    assert ended.returncode == 1
    assert f"METRICS_PORT {port}" in one_sentence(ended.stderr)
