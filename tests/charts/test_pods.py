"""Every pod, also of jobs and tests, satisfies Pod Security's `restricted`, and has its limits."""

import re

import pytest

from tests.charts.pod_security import violations
from tests.charts.rendering import Rendered

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]


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
