"""helmfile asks the cluster for the images before it changes anything: charts/image/.

A program in the place of kubectl gives the status of the pod, so that no cluster is needed.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.pod_security import violations
from tests.charts.rendering import TAG, Charts, Object
from tests.charts.scenarios import DIGEST, PLACED, STORE
from tests.charts.schemas import fault

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

IMAGE = f"localhost:5000/superbill:{TAG}"
SENTENCES = (
    f"The cluster can't pull the image {IMAGE}: failed to resolve reference: not found\n"
    "The release superbill was not changed. `make push` builds and pushes it, and names it in"
    " charts/values/image.yaml.\n"
    "For a registry with a password, name its secret in superbill.imagePullSecrets."
)
KUBECTL = """\
#!/bin/bash
echo "${*//$'\\n'/}" >>"$0.log"
case "$*" in
    *' create --filename=-'*) cat >"$0.pod"; echo pod/superbill-image-x ;;
    *' get pod'*) cat "$0.status" ;;
esac
"""


class Kubectl:
    """A program in the place of kubectl, and what it was called with."""

    def __init__(self, folder: Path) -> None:
        """Make the program in a folder."""
        self._path = folder / "kubectl"
        self._path.write_text(KUBECTL, encoding="utf-8")
        self._path.chmod(0o755)
        self.status("Succeeded:placed:")

    def status(self, text: str) -> None:
        """Set what it prints of the pod: phase, whether it is on a node, and why it waits."""
        self._path.with_suffix(".status").write_text(text, encoding="utf-8")

    @property
    def calls(self) -> list[str]:
        """Give the arguments of each call."""
        return self._path.with_suffix(".log").read_text(encoding="utf-8").splitlines()

    @property
    def pod(self) -> Object:
        """Give the pod that it was to create."""
        found: Object = yaml.safe_load(self._path.with_suffix(".pod").read_bytes())
        return found


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """Put the program on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return Kubectl(tmp_path)


def sync(
    charts: Charts, release: str, values: dict[str, Any], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run `helmfile sync` for a release: the check, then helm, which finds no cluster."""
    extra = charts.place / "synced.yaml"
    extra.write_text(yaml.safe_dump(values), encoding="utf-8")
    chosen = ("--state-values-file", str(extra), "--selector", f"name={release}")
    return charts.run("helmfile", *options, *chosen, "sync")


def test_image_that_cannot_be_pulled_ends_helmfile_before_helm_begins(
    charts: Charts, kubectl: Kubectl
) -> None:
    reason = "failed to resolve reference: not found\n"
    kubectl.status(f"Pending:placed:{IMAGE}: {reason}")
    done = sync(charts, "superbill", {})
    assert done.returncode != 0
    said = [line.strip() for line in done.stderr.strip().splitlines()]
    assert "\n".join(said).endswith(SENTENCES)
    assert "cluster unreachable" not in done.stderr
    assert kubectl.calls[-1].startswith("--namespace=superbill delete pod/superbill-image-x")


@pytest.mark.parametrize("status", ["Succeeded:placed:", "Failed:placed:", "Running:placed:"])
def test_image_that_was_pulled_lets_helm_begin(
    charts: Charts, kubectl: Kubectl, status: str
) -> None:
    kubectl.status(status)
    done = sync(charts, "superbill", {}, "--kube-context=there")
    assert "can't pull" not in done.stderr
    assert "cluster unreachable" in done.stderr
    context = "--context=there --namespace=superbill"
    assert all(call.startswith(context) for call in kubectl.calls)
    assert kubectl.calls[-1].startswith(f"{context} delete pod/superbill-image-x")


@pytest.mark.parametrize(
    ("release", "values", "image"),
    [
        ("superbill", {}, IMAGE),
        ("superbill", PLACED, f"{IMAGE}@{DIGEST}"),
        ("postgres", {}, "postgres:18"),
        ("postgres", PLACED, f"postgres:18@{DIGEST}"),
        ("postgres", {"cloudNativePG": {"enabled": True, "image": "ours:18"}}, "ours:18"),
        ("postgres", {"backup": {"objectStore": STORE}}, "postgres:18 rclone/rclone:1.75.1"),
    ],
)
def test_pod_pulls_the_image_as_those_of_the_release_do(
    charts: Charts, kubectl: Kubectl, release: str, values: dict[str, Any], image: str
) -> None:
    sync(charts, release, {release: values})
    pod = kubectl.pod
    assert [container["image"] for container in pod["spec"]["containers"]] == image.split()
    assert list(violations(pod)) == []
    assert fault({**pod, "metadata": {"name": "named-by-the-server"}}, "1.36") == ""
    if values is PLACED:
        assert {name: value for name, value in PLACED.items() if name != "image"}.items() <= (
            pod["spec"].items()
        )
    assert pod["spec"]["automountServiceAccountToken"] is False
