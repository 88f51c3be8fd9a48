"""The Pod Security Standards `restricted` and `baseline`, as far as a pod's text shows them."""

import re
from collections.abc import Iterator
from typing import Any

from tests.charts.rendering import Object

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
