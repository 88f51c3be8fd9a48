"""The stack on the cluster of kubectl: `make test-cluster`; charts/README.md, "The stack".

The tests install into the namespace `superbill`, break the stack on purpose, and remove it. So they
refuse to begin where that namespace exists.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.config import ROOT

NAMESPACE = "superbill"
API = "--selector=app.kubernetes.io/name=superbill"
NEEDS = """\
make test-cluster needs a cluster, and programs to talk to it:
  - helm, helmfile with the plugin helm-diff, kubectl and docker on PATH
  - a cluster that nothing else uses, named by KUBECONFIG, with Pod Security, a default StorageClass
    and two volumes of 8 GiB. Its namespace `superbill` is created, and removed with all contents.
    Volumes that nobody provides anew, such as local ones, are emptied and free again at the end.
  - the images postgres:18 and rclone/rclone, with the tag in charts/postgres/values.yaml, on its
    nodes, or where these can pull them
  - a way to bring an image to the nodes: LOAD='kind load docker-image', for example, or
    IMAGE=registry.example/superbill
  - the address of the Ingress: ADDRESS=http://localhost (the default)
  - ENVIRONMENT=kind (the default), and charts/values/local.yaml with values for this cluster
What is missing: """
MINUTE = 60
FILES = ("/volumes", "-mindepth", "2", "!", "-name", "lost+found")  # of all volumes
PSQL = (
    "exec",
    "postgres-0",
    "--",
    "psql",
    "--no-psqlrc",
    "--username=superbill_psql",
    "--dbname=superbill",
)


def run(*command: str, timeout: float = 10 * MINUTE, given: str | None = None) -> str:
    """Run a command in the repository, and give its output; a failure shows both streams."""
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def kubectl(*arguments: str, timeout: float = 5 * MINUTE, given: str | None = None) -> str:
    """Run kubectl in the stack's namespace."""
    return run("kubectl", f"--namespace={NAMESPACE}", *arguments, timeout=timeout, given=given)


def objects(kind: str, *arguments: str) -> list[dict[str, Any]]:
    """List the namespace's objects of a kind."""
    items: list[dict[str, Any]] = json.loads(kubectl("get", kind, "--output=json", *arguments))[
        "items"
    ]
    return items


def psql(statement: str, login: str = "postgres") -> str:
    """Run a statement in the database's pod, as the superuser or another login."""
    arguments = (f"--username={login}", "--tuples-only", "--no-align", f"--command={statement}")
    return kubectl(*PSQL, *arguments).strip()


def guide(text: str) -> str:
    """Give the commands of charts/README.md that have this text in them."""
    page = (ROOT / "charts" / "README.md").read_text(encoding="utf-8")
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if text in block)
    return found


def shell(commands: str) -> str:
    """Run commands as an operator does, until one fails; give what they print."""
    return run("bash", "-ec", f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{commands}")


def eventually(condition: Callable[[], bool], seconds: float = 2 * MINUTE) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not hold in time"
        time.sleep(0.2)


def wait_for_old_pods() -> None:
    """Wait until all pods of the API are of one release, and none is ending.

    When `helmfile` or `kubectl rollout status` returns, the new pods are ready, and the last of the
    old ones still answers for a while (DRAIN).
    """

    def settled() -> bool:
        pods = [pod["metadata"] for pod in objects("pods", API)]
        releases = {pod["labels"]["pod-template-hash"] for pod in pods}
        return len(releases) == 1 and not any("deletionTimestamp" in pod for pod in pods)

    eventually(settled)


def _lasting_volumes() -> dict[str, str]:
    """Give the claims of the namespace by their volumes, if no provisioner made and deletes it."""
    listed = json.loads(run("kubectl", "get", "persistentvolumes", "--output=json"))["items"]
    return {
        volume["metadata"]["name"]: volume["spec"]["claimRef"]["name"]
        for volume in listed
        if volume["status"]["phase"] == "Bound"
        and volume["spec"]["claimRef"]["namespace"] == NAMESPACE
        and "pv.kubernetes.io/provisioned-by" not in volume["metadata"].get("annotations", {})
    }


def _empty(claims: list[str]) -> None:
    """Delete all files on volumes, in a pod with the rights of those that wrote them."""
    spec = {
        "restartPolicy": "Never",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 999,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "empty",
                "image": "postgres:18",
                "command": ["find", *FILES, "-delete"],
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": name, "mountPath": f"/volumes/{name}"} for name in claims
                ],
            }
        ],
        "volumes": [
            {"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims
        ],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "empty"}, "spec": spec}
    kubectl("create", "--filename=-", given=json.dumps(pod))
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/empty", "--timeout=120s")


def delete_namespace() -> None:
    """Delete the namespace with its data; a volume without provisioner becomes free and empty."""
    volumes = _lasting_volumes()
    if volumes:
        _empty([*volumes.values()])
    kubectl("delete", "namespace", NAMESPACE, "--wait")
    eventually(lambda: not _lasting_volumes())
    patch = json.dumps([{"op": "remove", "path": "/spec/claimRef"}])
    for name in volumes:
        run("kubectl", "patch", "persistentvolume", name, "--type=json", f"--patch={patch}")


@dataclass(frozen=True, slots=True)
class Stack:
    """The installed stack: its helmfile environment, and the URL at which its Ingress answers."""

    environment: str
    address: str

    def helmfile(self, *arguments: str) -> str:
        """Run helmfile in this environment."""
        return run("helmfile", f"--environment={self.environment}", *arguments)

    def answers(self, path: str = "/ready/") -> bool:
        """Say whether a request through the Ingress succeeds."""
        try:
            return httpx.get(self.address + path, timeout=5).is_success
        except httpx.TransportError:
            return False

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Create a row."""
        row: dict[str, Any] = (
            httpx.post(self.address + path, json=body, timeout=30).raise_for_status().json()
        )
        return row

    def get(self, path: str) -> Any:
        """Read a row or a list."""
        return httpx.get(self.address + path, timeout=30).raise_for_status().json()

    def has(self, patient: dict[str, Any]) -> bool:
        """Say whether a patient exists, unchanged."""
        answer = httpx.get(f"{self.address}/patients/{patient['id']}", timeout=30)
        assert answer.status_code in (200, 404), answer.text
        return answer.status_code == 200 and answer.json() == patient


def _missing() -> str:
    """Name what this machine lacks, or ""."""
    programs = ("helm", "helmfile", "kubectl", os.environ.get("DOCKER", "docker"))
    lacking = [program for program in programs if shutil.which(program) is None]
    if lacking:
        return f"{', '.join(lacking)} on PATH"
    found = subprocess.run(
        ["kubectl", "get", "namespaces", "--output=name", "--request-timeout=10s"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        return f"a cluster that answers: {found.stderr.strip().splitlines()[-1]}"
    if f"namespace/{NAMESPACE}" in found.stdout.split():
        return f"a cluster without a namespace {NAMESPACE}: its contents would be deleted"
    return ""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to begin where something is missing."""
    if missing := _missing():
        pytest.exit(f"{NEEDS}{missing}", returncode=2)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Build the image, bring it to the nodes and apply; remove everything at the end."""
    stack = Stack(
        os.environ.get("ENVIRONMENT", "kind"), os.environ.get("ADDRESS", "http://localhost")
    )
    kubectl("create", "namespace", NAMESPACE)
    try:
        # The cluster itself enforces that the pods need no privileges.
        kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
        run("make", "push")
        run("make", "predeploy", f"ENVIRONMENT={stack.environment}")
        stack.helmfile("apply")
        eventually(stack.answers)  # the Ingress takes a moment
        yield stack
    finally:
        stack.helmfile("destroy")
        delete_namespace()
