"""What an operator does between releases: charts/README.md, "Scale", "Upgrade", "Metrics"."""

import json
import os
import signal
import subprocess

import httpx
import pytest

from api.config import ROOT
from tests.cluster.conftest import (
    API,
    NAMESPACE,
    Stack,
    eventually,
    guide,
    kubectl,
    objects,
    run,
    shell,
    wait_for_old_pods,
)

UNINSTALL = ("helm", "-n", "superbill", "uninstall", "superbill", "--wait")


def replicas() -> int:
    """Give how many pods the API has to have."""
    (deployment,) = objects("deployments", API)
    return int(deployment["spec"]["replicas"])


def apply(stack: Stack, *values: str) -> None:
    """Apply the stack with these values, and wait for its pods."""
    stack.helmfile("apply", *(f"--state-values-set=superbill.{value}" for value in values))
    wait_for_old_pods()


def test_metrics_are_at_their_own_port_alone(stack: Stack) -> None:
    pod = objects("pods", API)[0]["metadata"]["name"]
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:9090/proxy/metrics"
    assert "superbill_requests_total" in run("kubectl", "get", "--raw", path)
    assert httpx.get(f"{stack.address}/metrics", timeout=30).status_code == 404


def test_autoscaling_keeps_its_number_of_pods(stack: Stack) -> None:
    apply(stack, "replicas=3")
    before = {pod["metadata"]["uid"] for pod in objects("pods", API)}
    scaling = ("autoscaling.enabled=true", "autoscaling.minReplicas=2")
    apply(stack, *scaling)
    assert replicas() == 3
    assert {pod["metadata"]["uid"] for pod in objects("pods", API)} == before
    kubectl("scale", "deployment/superbill", "--replicas=4")  # as the autoscaler does
    apply(stack, *scaling, "logLevel=WARNING")
    assert replicas() == 4
    run("helm", f"--namespace={NAMESPACE}", "rollback", "--wait", "--force-conflicts", "superbill")
    wait_for_old_pods()
    assert replicas() == 3
    kubectl("scale", "deployment/superbill", "--replicas=4")
    stack.helmfile("sync", "--args=--force-conflicts")
    wait_for_old_pods()
    assert replicas() == 2


def test_scaled_deployment_is_helm_s_again_after_the_guide_s_command(stack: Stack) -> None:
    kubectl("scale", "deployment/superbill", "--replicas=3")
    with pytest.raises(AssertionError, match="conflict"):
        stack.helmfile("apply", "--state-values-set=superbill.logLevel=WARNING")
    shell(guide("--force-conflicts"))
    wait_for_old_pods()
    assert replicas() == 2
    stack.helmfile("apply")


def test_rollback_leads_to_the_revision_before(stack: Stack) -> None:
    def level() -> str:
        return kubectl("get", "configmap/superbill", "--output=jsonpath={.data.LOG_LEVEL}")

    command = next(line for line in guide("rollback --wait").splitlines() if "rollback" in line)
    history = ("helm", f"--namespace={NAMESPACE}", "history", "superbill", "--output=json")
    revision = json.loads(run(*history))[-1]["revision"]
    before = level()
    apply(stack, "logLevel=WARNING")
    assert level() == "WARNING"
    shell(command.replace("REVISION", str(revision)))
    wait_for_old_pods()
    assert level() == before
    assert stack.answers()


def test_killed_installation_can_be_repeated_after_an_uninstallation(stack: Stack) -> None:
    patient = stack.post("/patients/", {"first_name": "Jane", "last_name": "Roe"})
    run(*UNINSTALL)
    eventually(lambda: not objects("pods", API))
    apply = ["helmfile", f"--environment={stack.environment}", "apply"]
    with subprocess.Popen(  # noqa: S603
        apply,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as installation:
        eventually(lambda: status() == "pending-install")
        os.killpg(installation.pid, signal.SIGKILL)
    assert status() == "pending-install"
    run(*UNINSTALL)
    stack.helmfile("apply")
    eventually(stack.answers)
    assert stack.has(patient)


def status() -> str:
    """Give the state of the API's release; empty where there is none."""
    command = (
        "helm",
        f"--namespace={NAMESPACE}",
        "list",
        "--pending",
        "--deployed",
        "--output=json",
    )
    releases = json.loads(run(*command))
    return next((str(one["status"]) for one in releases if one["name"] == "superbill"), "")
