"""The namespace is lost with all volumes, and comes back from the object store.

charts/README.md, "Restore into an empty cluster".
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.charts.rendering import values_of
from tests.cluster.conftest import (
    Stack,
    delete_namespace,
    eventually,
    guide,
    kubectl,
    run,
    shell,
    wait_for_old_pods,
)
from tests.support.object_store import KEY, SECRET

ELSEWHERE, PORT = "superbill-store", 8080  # the namespace of the store
ENVIRONMENT = f"""\
RCLONE_CONFIG_STORE_ACCESS_KEY_ID={KEY}
RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY={SECRET}
ENCRYPTION_PASSWORD=correct horse
"""
SETTINGS = f"type=s3 provider=Rclone endpoint=http://store.{ELSEWHERE}.svc:{PORT}"
VALUES = ",".join(
    f"postgres.backup.objectStore.{value}"
    for value in (
        "enabled=true",
        "path=dumps/clinic",
        "secret=dump-store",
        f"networkPolicy.port={PORT}",
        *(f"settings.{setting}" for setting in SETTINGS.split()),
    )
)
SERVE = (
    f"mkdir /store/dumps && exec rclone serve s3 --addr=:{PORT} --auth-key={KEY},{SECRET} /store"
)
BACKUP = "--from=cronjob/postgres-backup"


@pytest.fixture
def secret_file(tmp_path: Path) -> Iterator[Path]:
    """Run an object store in a namespace of its own, and give the file with its credentials."""
    image = values_of("charts/postgres/values.yaml")["backup"]["objectStore"]["image"]
    spec = {
        "containers": [
            {
                "name": "store",
                "image": f"{image['repository']}:{image['tag']}",
                "command": ["sh", "-c", SERVE],
                "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
                "volumeMounts": [{"name": "store", "mountPath": "/store"}],
            }
        ],
        "volumes": [{"name": "store", "emptyDir": {}}],
    }
    service = {"selector": {"app": "store"}, "ports": [{"port": PORT}]}
    metadata = {"name": "store", "namespace": ELSEWHERE, "labels": {"app": "store"}}
    made = [
        {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
        for kind, spec in (("Pod", spec), ("Service", service))
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": made})
    run("kubectl", "create", "namespace", ELSEWHERE)
    try:
        run("kubectl", "create", "--filename=-", given=listed)
        ready = ("--for=condition=Ready", "pod/store", "--timeout=120s")
        run("kubectl", f"--namespace={ELSEWHERE}", "wait", *ready)
        file = tmp_path / "store.env"
        file.write_text(ENVIRONMENT, encoding="utf-8")
        yield file
    finally:
        run("kubectl", "delete", "namespace", ELSEWHERE, "--wait")


def password() -> str:
    """Give the password of the database's owner."""
    found = kubectl("get", "secret", "postgres-owner", "--output=jsonpath={.data.password}")
    return b64decode(found).decode()


def test_deleted_namespace_comes_back_from_the_object_store(
    stack: Stack, secret_file: Path
) -> None:
    helmfile = f"helmfile --environment={stack.environment} --state-values-set {VALUES}"

    def pasted(text: str) -> str:
        commands = guide(text).replace("store.env", str(secret_file))
        return shell(commands.replace("helmfile", helmfile))

    create, restore = "create secret generic dump-store", "create namespace superbill"
    kubectl(*create.split(), f"--from-env-file={secret_file}")
    stack.helmfile("apply", "--state-values-set", VALUES)
    patient = stack.post("/patients/", {"first_name": "Jane", "last_name": "Roe"})
    assert "the object store has:" in shell(guide(BACKUP))
    former = password()

    stack.helmfile("destroy")
    delete_namespace()
    assert "restored; the old database is now" in pasted(restore)
    wait_for_old_pods()
    eventually(stack.answers)
    # The pods serve the columns of their own schema; a test before may have added one.
    assert stack.get(f"/patients/{patient['id']}").items() <= patient.items()
    assert password() != former
    assert stack.post("/patients/", {"first_name": "John", "last_name": "Roe"})

    enforce = "pod-security.kubernetes.io/enforce=restricted"
    kubectl("label", "namespace", "superbill", enforce)
    stack.helmfile("apply")
    wait_for_old_pods()
