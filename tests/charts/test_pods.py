"""Every pod, also of jobs and tests, satisfies Pod Security's `restricted`, and has its limits."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.charts.rendering import Object, Rendered

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def violations(pod: Object) -> Iterator[str]:
    """Give the violations of the Pod Security Standards `restricted` and `baseline`."""
    spec = pod["spec"]
    yield from (
        f"{name} is set" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)
    )
    for volume in spec.get("volumes", ()):
        if not volume.keys() & VOLUMES:
            yield f"volume {volume}"
    if spec.get("securityContext", {}).get("sysctls"):
        yield "sysctls"
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        yield from (
            f"{container['name']}: {fault}"
            for fault in _violations(container, spec.get("securityContext", {}))
        )


def _violations(container: Object, of_pod: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    context = {**of_pod, **own}
    capabilities = own.get("capabilities", {})
    rules = {
        "privileged": not own.get("privileged"),
        "procMount": own.get("procMount", "Default") == "Default",
        "privilege escalation": own.get("allowPrivilegeEscalation") is False,
        "runs as root": context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0,
        "seccomp": context.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"),
        "capabilities": "ALL" in capabilities.get("drop", ()) and not capabilities.get("add"),
        "hostPort": not any(port.get("hostPort") for port in container.get("ports", ())),
        "SELinux": "seLinuxOptions" not in context,
        "AppArmor": context.get("appArmorProfile", {}).get("type") != "Unconfined",
        "a probe's host": not re.search(r"'(?:httpGet|tcpSocket)': \{[^}]*'host'", str(container)),
    }
    yield from (rule for rule, held in rules.items() if not held)


def test_pods_are_restricted(rendered: Rendered) -> None:
    assert len(rendered.pods) > 3
    assert {
        name: found for name, pod in rendered.pods.items() if (found := list(violations(pod)))
    } == {}


def test_rules_find_a_fault_of_each_kind() -> None:
    found = list(
        violations(
            {
                "spec": {
                    "hostPID": True,
                    "volumes": [{"hostPath": {}}],
                    "containers": [{"name": "c"}],
                }
            }
        )
    )
    assert found == [
        "hostPID is set",
        "volume {'hostPath': {}}",
        *(
            f"c: {rule}"
            for rule in ("privilege escalation", "runs as root", "seccomp", "capabilities")
        ),
    ]


def test_root_filesystems_are_read_only(rendered: Rendered) -> None:
    for name, container in rendered.containers.items():
        assert container["securityContext"]["readOnlyRootFilesystem"] is True, name


def test_no_pod_gets_a_token_of_the_cluster(rendered: Rendered) -> None:
    for name, pod in rendered.pods.items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["enableServiceLinks"] is False, name
    for account in rendered.of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


def test_containers_have_requests_and_a_memory_limit_only(
    rendered: Rendered,
) -> None:
    for name, container in rendered.containers.items():
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert container["resources"]["limits"].keys() == {"memory"}, name


def test_containers_mount_only_volumes_that_their_pod_has(rendered: Rendered) -> None:
    for name, pod in rendered.pods.items():
        volumes = {volume["name"] for volume in pod["spec"].get("volumes", ())}
        claims = {"data"} if name.startswith("StatefulSet/") else set()
        for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
            mounted = {mount["name"] for mount in container.get("volumeMounts", ())}
            assert mounted <= volumes | claims, name


def test_images_have_a_tag(rendered: Rendered) -> None:
    for name, container in rendered.containers.items():
        assert re.fullmatch(r"\S+:(?!latest)[\w.-]+(@sha256:\w+)?", container["image"]), name
