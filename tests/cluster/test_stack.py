"""`helmfile apply` on a real cluster: the stack works, and operations on it lose nothing.

The tests build on each other, in this order; each leaves the stack as it found it.
"""

import json
import os
import re
import time
from asyncio import AbstractEventLoop
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.cli import migration_files
from api.config import ROOT
from tests.cluster.conftest import (
    API,
    NAMESPACE,
    PSQL,
    Stack,
    eventually,
    guide,
    kubectl,
    objects,
    psql,
    run,
    shell,
    wait_for_old_pods,
)
from tests.cluster.load import Observed, load, lost
from tests.support.transcripts import VISIT, compare
from tests.support.transcripts import run as transcript

COLUMN = """
    ALTER TABLE billing.patient ADD COLUMN note text;
    CREATE OR REPLACE VIEW api.patients WITH (security_invoker = true) AS
    SELECT p.id, p.first_name, p.last_name, p.last_name_search, p.note FROM billing.patient AS p;
    GRANT SELECT (note) ON billing.patient TO superbill_api, superbill_front_desk,
    superbill_clinician, superbill_biller, superbill_auditor;
    GRANT INSERT (note) ON billing.patient TO superbill_api;
    GRANT SELECT, INSERT (note) ON api.patients TO superbill_api;
"""
BACKUP, RESTORE = ("--from=cronjob/postgres-backup", "--from=cronjob/postgres-restore $restore")
BROKEN = "INSERT INTO billing.patient (first_name) VALUES ('Jane')"
JANE = {"first_name": "Jane", "last_name": "Roe"}


def revisions() -> dict[str, str]:
    """Give the revision of each release."""
    releases = json.loads(run("helm", f"--namespace={NAMESPACE}", "list", "--output=json"))
    return {release["name"]: release["revision"] for release in releases}


def secrets() -> dict[str, Any]:
    """Give the data of every secret that is not Helm's own."""
    return {
        one["metadata"]["name"]: one["data"]
        for one in objects("secrets")
        if "helm" not in one["type"]
    }


def assert_nothing_was_lost(
    stack: Stack, observed: Observed, allowed: frozenset[str] = frozenset()
) -> None:
    """Assert that all answers are successes or allowed, and that acknowledged rows exist."""
    assert observed.faults == []
    assert observed.failures.keys() <= allowed, observed.failures
    assert lost(stack.address, observed) == []


def test_pods_run_under_pod_security_restricted(stack: Stack) -> None:
    assert {pod["metadata"]["labels"]["app.kubernetes.io/name"] for pod in objects("pods")} == {
        "postgres",
        "superbill",
    }
    assert len(objects("pods", API)) == 2


def test_a_second_apply_changes_nothing(stack: Stack) -> None:
    before = revisions(), secrets(), [pod["metadata"]["uid"] for pod in objects("pods")]
    stack.helmfile("apply")
    assert before == (revisions(), secrets(), [pod["metadata"]["uid"] for pod in objects("pods")])


def test_missing_image_is_named_within_seconds_and_nothing_changes(stack: Stack) -> None:
    before = revisions(), [pod["metadata"]["uid"] for pod in objects("pods")]
    none = ("--state-values-set-string", "superbill.image.tag=none")
    begun = time.monotonic()
    with pytest.raises(AssertionError, match=r"can't pull the image \S+:none: (.|\n)*`make push`"):
        stack.helmfile("apply", *none)
    assert time.monotonic() - begun < 30
    assert before == (revisions(), [pod["metadata"]["uid"] for pod in objects("pods")])
    assert "superbill-migration" not in {job["metadata"]["name"] for job in objects("jobs")}


def test_helm_test_passes(stack: Stack) -> None:
    printed = run("helm", f"--namespace={NAMESPACE}", "test", "superbill")
    suites = dict(re.findall(r"TEST SUITE: +(\S+)[^:]*(?::[^:]*){4,8}?Phase: +(\w+)", printed))
    assert set(suites) == {
        f"superbill-test-{promise}" for promise in ("health", "ready", "bill-a-visit")
    }, printed
    assert set(suites.values()) == {"Succeeded"}, printed
    assert psql("SELECT count(*) FROM billing.patient WHERE first_name = 'Helm'") == "0"


async def test_readme_s_transcript_is_true_through_the_ingress(
    loop: AbstractEventLoop, stack: Stack
) -> None:
    # README begins with an empty database.
    psql("TRUNCATE billing.patient CASCADE")
    query = ("kubectl", f"--namespace={NAMESPACE}", *PSQL, "--command")
    # `superbill token` signs with a key of the server's own machine.
    pages = re.sub(r"^## Tokens\n.*?(?=^## )", "", VISIT, flags=re.MULTILINE | re.DOTALL)
    assert pages != VISIT
    compare(pages, await transcript(pages, stack.address, query))


def test_pages_continue_on_another_pod(stack: Stack) -> None:
    path = "/cpt_codes/?limit=1"
    seen: list[str] = []
    while path and len(seen) < 20:
        answer = httpx.get(stack.address + path, headers={"connection": "close"}).raise_for_status()
        seen += [row["code"] for row in answer.json()]
        path = answer.links["next"]["url"]
    assert len(set(seen)) == 20
    served = [kubectl("logs", pod["metadata"]["name"]) for pod in objects("pods", API)]
    page = '"operation": "cpt_codes.list", "status": 200'
    assert all(page in log for log in served), "one pod alone has served all pages"


def test_no_log_names_a_patient(stack: Stack) -> None:
    canary = "Quetzalcoatl"
    patient = stack.post("/patients/", {"first_name": canary, "last_name": canary})
    httpx.get(f"{stack.address}/patients/", params={"last_name": canary})
    httpx.post(f"{stack.address}/patients/{patient['id']}/encounters/", json={"date": canary})
    httpx.post(
        f"{stack.address}/patients/", json={"first_name": canary, "last_name": canary * 1000}
    )
    for pod in objects("pods"):
        assert canary not in kubectl("logs", pod["metadata"]["name"])


def test_csv_of_3_mb_passes_through_the_ingress(stack: Stack) -> None:
    rows = 45_000
    sheet = "first_name,last_name\n" + f"Upload,{'Roe' * 20}\n" * rows
    kind = {"content-type": "text/csv"}
    answer = httpx.post(f"{stack.address}/patients/", content=sheet, headers=kind, timeout=120)
    assert (answer.status_code, answer.json()) == (201, {"created": rows})
    psql("DELETE FROM billing.patient WHERE first_name = 'Upload'")


def test_pods_are_ready_and_answer_for_listed_hosts_only(stack: Stack) -> None:
    host = urlsplit(stack.address).hostname
    stack.helmfile("apply", "--state-values-set", f"superbill.hosts[0]={host}")
    wait_for_old_pods()
    assert stack.answers()
    elsewhere = httpx.get(f"{stack.address}/ready/", headers={"host": "elsewhere.example"})
    assert elsewhere.status_code == 400
    run("helm", f"--namespace={NAMESPACE}", "test", "superbill")
    stack.helmfile("apply")
    wait_for_old_pods()


def test_deleting_a_pod_loses_nothing(stack: Stack) -> None:
    with load(stack.address) as observed:
        time.sleep(2)
        pod = objects("pods", API)[0]["metadata"]["name"]
        kubectl("delete", "pod", pod, "--wait")
        kubectl("rollout", "status", "deployment/superbill", "--timeout=120s")
        time.sleep(2)
    assert_nothing_was_lost(stack, observed)


def warnings(of: str) -> set[str]:
    """Give the beginnings of the Warning events of pods whose name begins like this."""
    events = objects("events", "--field-selector=type=Warning,involvedObject.kind=Pod")
    return {
        one["message"].partition(":")[0]
        for one in events
        if one["involvedObject"]["name"].startswith(of)
    }


def test_a_rolling_restart_loses_nothing_and_warns_of_no_start(stack: Stack) -> None:
    kubectl("delete", "events", "--all")
    with load(stack.address) as observed:
        time.sleep(1)
        kubectl("rollout", "restart", "deployment/superbill")
        kubectl("rollout", "status", "deployment/superbill", "--timeout=180s")
        wait_for_old_pods()
    assert_nothing_was_lost(stack, observed)
    # A pod that ends is not ready, which Ingress controllers have to see.
    assert warnings("superbill-") <= {"Readiness probe failed"}


def test_an_upgrade_loses_nothing(stack: Stack) -> None:
    with load(stack.address) as observed:
        stack.helmfile("apply", "--state-values-set", "superbill.logLevel=WARNING")
        wait_for_old_pods()
    assert_nothing_was_lost(stack, observed)
    stack.helmfile("apply")


def next_image(folder: Path, name: str, migration: str) -> str:
    """Build an image with one more migration, bring it to the nodes, and give its tag."""
    repository, tag = re.findall(r"(\S+), tag: \"(\w+)\"", run("make", "--silent", "push"))[-1]
    newest = migration_files.shipped(ROOT / "schema")[-1]
    number = f"{int(newest[:4]) + 1:04}"
    (folder / f"{number}.{name}.sql").write_text(
        f"-- depends: {newest}\n{migration}", encoding="utf-8"
    )
    (folder / f"{number}.{name}.rollback.sql").write_text("SELECT 1;", encoding="utf-8")
    (folder / "Dockerfile").write_text(
        f"FROM {repository}:{tag}\nCOPY *.sql schema/\n", encoding="utf-8"
    )
    docker = os.environ.get("DOCKER", "docker")
    run(
        *os.environ.get("BUILD", f"{docker} build").split(),
        "--quiet",
        f"--tag={repository}:{tag}-{name}",
        str(folder),
    )
    run(*os.environ.get("LOAD", f"{docker} push").split(), f"{repository}:{tag}-{name}")
    return f"{tag}-{name}"


def test_failed_migration_keeps_the_old_release_and_can_be_repeated(
    stack: Stack, tmp_path: Path
) -> None:
    broken = (
        "apply",
        "--state-values-set-string",
        f"superbill.image.tag={next_image(tmp_path, 'broken', BROKEN)}",
    )
    for _ in range(2):
        with load(stack.address) as observed, pytest.raises(AssertionError, match="hooks failed"):
            stack.helmfile(*broken)
        assert_nothing_was_lost(stack, observed)
        assert ": null value in column" in kubectl(
            "logs", "job/superbill-migration", "-c", "migrate"
        )
    stack.helmfile("apply")
    assert stack.answers()


def test_change_of_the_password_loses_nothing(stack: Stack) -> None:
    (change, sync) = guide("openssl rand").rsplit("helmfile", 1)
    with load(stack.address) as observed:
        shell(f"{change}helmfile --environment={stack.environment}{sync}")
        wait_for_old_pods()
    assert_nothing_was_lost(stack, observed)
    logins = psql(
        "SELECT rolname, rolvaliduntil < now() + '1 hour' FROM pg_roles"
        " WHERE rolname LIKE 'superbill\\_server%' ORDER BY 1"
    )
    assert logins.split() == ["superbill_server|t", "superbill_server_2|f"]
    used = "SELECT DISTINCT usename FROM pg_stat_activity WHERE usename LIKE 'superbill\\_server%'"
    assert psql(used) == "superbill_server_2"


def test_a_password_of_any_characters_reaches_the_pods(stack: Stack) -> None:
    changed = json.dumps({"stringData": {"password": "p@ss'w:rd/%20"}})
    kubectl("patch", "secret", "postgres-server", f"--patch={changed}")
    stack.helmfile("sync")
    wait_for_old_pods()  # they have the old password
    kubectl("delete", "pod", "postgres-0", "--wait")
    kubectl("rollout", "status", "statefulset/postgres", "--timeout=180s")
    eventually(stack.answers)
    assert stack.post("/patients/", JANE)


def test_a_migration_that_adds_a_column_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    newer = next_image(tmp_path, "column", COLUMN)
    with load(stack.address) as observed:
        stack.helmfile("apply", "--state-values-set-string", f"superbill.image.tag={newer}")
        wait_for_old_pods()
    assert_nothing_was_lost(stack, observed)

    assert stack.post("/patients/", {**JANE, "note": "allergic"})["note"] == "allergic"
    with load(stack.address) as observed:  # the older release runs on the newer schema
        stack.helmfile("apply")
        wait_for_old_pods()
    assert_nothing_was_lost(stack, observed)


def test_restart_of_the_database_keeps_every_acknowledged_row(stack: Stack) -> None:
    with load(stack.address) as observed:
        time.sleep(2)
        kubectl("delete", "pod", "postgres-0", "--wait")
        kubectl("rollout", "status", "statefulset/postgres", "--timeout=180s")
        eventually(stack.answers)
        time.sleep(3)
    assert_nothing_was_lost(stack, observed, frozenset({"503"}))
    restarts = [pod["status"]["containerStatuses"][0]["restartCount"] for pod in objects("pods")]
    assert set(restarts) == {0}, "a pod ended because the database was away"


def test_restore_of_a_dump_keeps_the_old_database(stack: Stack) -> None:
    before = stack.post("/patients/", JANE)
    assert re.search(r"^wrote /backup/superbill-\S+[.]dump", shell(guide(BACKUP)), re.MULTILINE)
    after = stack.post("/patients/", JANE)
    assert "restored; the old database is now" in shell(guide(RESTORE))
    eventually(stack.answers)
    assert (stack.has(before), stack.has(after)) == (True, False)
    assert stack.post("/patients/", JANE)
    aside = psql("SELECT datname FROM pg_database WHERE datname LIKE 'superbill_before%'")
    assert re.fullmatch(r"superbill_before_\d{8}t\d{6}z", aside)
    count = f"SELECT count(*) FROM billing.patient WHERE id = '{after['id']}'"
    assert (
        kubectl(
            *PSQL[:-1], f"--dbname={aside}", "--username=postgres", "-At", f"--command={count}"
        ).strip()
        == "1"
    )
    psql(f'DROP DATABASE "{aside}"')


def test_guide_s_commands_notice_a_job_that_failed(stack: Stack) -> None:
    that = re.sub(r"/backup/\S+", "/backup/none", guide("DUMP=")).replace(
        "restore-that", "$restore"
    )
    first, created, *rest = guide(RESTORE).splitlines()
    assert "create job" in created
    with pytest.raises(AssertionError, match="there is no dump at '/backup/none'"):
        shell("\n".join((first, that, *rest)))
    assert stack.answers()


def test_gateway_serves_the_same_api(stack: Stack) -> None:
    if "gateways.gateway.networking.k8s.io" not in run("kubectl", "get", "crds", "--output=name"):
        pytest.skip("the cluster has no Gateway API")
    gateways = json.loads(run("kubectl", "get", "gateways", "--all-namespaces", "--output=json"))[
        "items"
    ]
    if not gateways:
        pytest.skip("the cluster has no Gateway")
    name, namespace = gateways[0]["metadata"]["name"], gateways[0]["metadata"]["namespace"]
    values = (
        "superbill.ingress.enabled=false",
        "superbill.httpRoute.enabled=true",
        f"superbill.httpRoute.parentRefs[0].name={name}",
        f"superbill.httpRoute.parentRefs[0].namespace={namespace}",
        "superbill.httpRoute.hostnames[0]=gateway.test",
    )
    stack.helmfile("apply", "--state-values-set", ",".join(values))
    get = partial(httpx.get, f"{stack.address}/ready/", timeout=5)
    eventually(
        lambda: get(headers={"host": "gateway.test"}).is_success and get().status_code == 404
    )
    stack.helmfile("apply")
    eventually(stack.answers)


def test_destroying_the_stack_loses_no_data(stack: Stack) -> None:
    patient, passwords = stack.post("/patients/", JANE), secrets()
    passwords.pop("superbill-cursors")
    stack.helmfile("destroy")
    eventually(lambda: not objects("pods"))
    stack.helmfile("apply")
    eventually(stack.answers)
    assert stack.has(patient)
    assert {name: data for name, data in secrets().items() if name in passwords} == passwords


def test_killed_pods_are_replaced(stack: Stack) -> None:
    pods = objects("pods", API)
    for pod in pods:
        kubectl("delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0")
    kubectl("rollout", "status", "deployment/superbill", "--timeout=120s")
    eventually(stack.answers, 10)
