"""The release `ingress-nginx`: an upstream chart, pinned, whose log has no path and no query.

Its chart can't be kept here. What is set on it is compared with what its values.yaml has, as read
in 4.15.1; where the variable INGRESS_NGINX_CHART names a directory or archive of that chart, it is
rendered too.
"""

import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.rendering import Charts, Rendered, objects, values_of
from tests.charts.schemas import fault

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

VERSION = "4.15.1"
CHART = os.environ.get("INGRESS_NGINX_CHART")
# The types in upstream's values.yaml, without the keys of dicts that are free to name.
UPSTREAM = {
    "controller.allowSnippetAnnotations": bool,
    "controller.config": dict,
    "controller.extraArgs": dict,
    "controller.hostPort.enabled": bool,
    "controller.ingressClass": str,
    "controller.ingressClassResource.name": str,
    "controller.nodeSelector": dict,
    "controller.publishService.enabled": bool,
    "controller.service.type": str,
    "controller.tolerations": list,
}
# Options of the controller's ConfigMap, all of them texts there.
OPTIONS = {"error-log-level", "hide-headers", "log-format-upstream", "server-tokens"}
# Variables of nginx that do not identify a patient.
HARMLESS = {
    "$bytes_sent",
    "$remote_addr",
    "$req_id",
    "$request_method",
    "$request_time",
    "$status",
    "$time_iso8601",
    "$upstream_addr",
    "$upstream_response_time",
    "$upstream_status",
}


def paths(values: dict[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """Give each value that is set, by its path in upstream's values."""
    for name, value in values.items():
        if isinstance(value, dict) and path + name not in UPSTREAM:
            yield from paths(value, f"{path}{name}.")
        else:
            yield path + name, value


def upstream() -> dict[str, Any]:
    """Read upstream's own values."""
    assert CHART
    place = Path(CHART)
    if place.is_dir():
        text = (place / "values.yaml").read_text(encoding="utf-8")
    else:
        with tarfile.open(place) as archive:
            member = archive.extractfile("ingress-nginx/values.yaml")
            assert member is not None
            text = member.read().decode()
    found = yaml.safe_load(text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("environment", ["default", "kind"])
def test_values_exist_in_the_upstream_chart(charts: Charts, environment: str) -> None:
    found = dict(paths(charts.values("ingress-nginx", environment)))
    assert found.keys() <= UPSTREAM.keys()
    assert {path: type(value) for path, value in found.items()} == {
        path: UPSTREAM[path] for path in found
    }
    options = found["controller.config"]
    assert isinstance(options, dict)
    assert options.keys() == OPTIONS
    assert {type(value) for value in options.values()} == {str}
    if CHART:
        there = dict(paths(upstream()))
        assert {path: type(there[path]) for path in UPSTREAM} == UPSTREAM


def test_the_chart_is_pinned() -> None:
    address = values_of("charts/values/defaults.yaml")["ingressNginx"]["chart"]
    upstream_releases = "https://github.com/kubernetes/ingress-nginx/releases/download"
    assert address == f"{upstream_releases}/helm-chart-{VERSION}/ingress-nginx-{VERSION}.tgz"
    for environment in ("kind", "production"):
        assert "chart" not in values_of(f"charts/values/{environment}.yaml")["ingressNginx"]


@pytest.mark.parametrize("environment", ["default", "kind"])
def test_access_log_has_no_variable_that_names_a_patient(charts: Charts, environment: str) -> None:
    config = charts.values("ingress-nginx", environment)["controller"]["config"]
    variables = set(re.findall(r"\$\w+", config["log-format-upstream"]))
    assert {"$status", "$request_method", "$request_time"} <= variables <= HARMLESS
    assert config["error-log-level"] == "crit"  # from `error` on, a line quotes the request


def test_controller_has_the_class_of_the_ingress(charts: Charts) -> None:
    for name in ("nginx", "public"):
        values = {"superbill": {"ingress": {"className": name}}}
        controller = charts.values("ingress-nginx", "default", values)["controller"]
        assert (controller["ingressClass"], controller["ingressClassResource"]["name"]) == (
            name,
            name,
        )


def test_kind_listens_on_the_node_and_default_on_a_load_balancer(charts: Charts) -> None:
    kind = charts.values("ingress-nginx", "kind")["controller"]
    assert (kind["hostPort"], kind["service"]) == ({"enabled": True}, {"type": "NodePort"})
    assert (kind["publishService"], kind["extraArgs"]) == (
        {"enabled": False},
        {"publish-status-address": "localhost"},
    )
    default = charts.values("ingress-nginx", "default")["controller"]
    assert default.keys().isdisjoint({"hostPort", "service", "publishService", "extraArgs"})


def test_operator_s_controller_values_take_precedence(charts: Charts) -> None:
    given = {"replicaCount": 2, "config": {"use-gzip": "false"}}
    controller = charts.values("ingress-nginx", "kind", {"ingressNginx": {"controller": given}})[
        "controller"
    ]
    assert controller["replicaCount"] == 2
    assert controller["config"].keys() == {*OPTIONS, "use-gzip"}
    assert controller["hostPort"] == {"enabled": True}


def stand_in(place: Path) -> str:
    """Make a chart that renders the options which the controller would read."""
    (place / "templates").mkdir()
    (place / "Chart.yaml").write_text(
        f"{{apiVersion: v2, name: ingress-nginx, version: {VERSION}}}"
    )
    (place / "templates" / "config.yaml").write_text(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: ingress-nginx-controller},"
        " data: {{ toJson .Values.controller.config }}}"
    )
    return str(place)


@pytest.mark.parametrize(
    ("environment", "service"), [("default", "LoadBalancer"), ("kind", "NodePort")]
)
def test_chart_of_another_place_is_rendered(
    charts: Charts, tmp_path: Path, environment: str, service: str
) -> None:
    values = {
        "ingressNginx": {"chart": CHART or stand_in(tmp_path)},
        "superbill": {"ingress": {"className": "public"}},
    }
    rendered = Rendered(objects(charts.helmfile(environment, values, "template")))
    given = charts.values("ingress-nginx", environment)["controller"]["config"]
    assert given.items() <= rendered.config("ingress-nginx-controller").items()
    assert rendered.one("Ingress", "superbill")["spec"]["ingressClassName"] == "public"
    if CHART:
        upstream_s_own(rendered, environment, service)


def upstream_s_own(rendered: Rendered, environment: str, service: str) -> None:
    """Check the objects that upstream's chart renders from the values."""
    assert [text for found in rendered.objects if (text := fault(found, "1.36"))] == []
    name, kind = "ingress-nginx-controller", environment == "kind"
    assert rendered.one("Service", name)["spec"]["type"] == service
    assert rendered.one("IngressClass", "public")["spec"] == {"controller": "k8s.io/ingress-nginx"}
    assert VERSION in rendered.one("Deployment", name)["metadata"]["labels"]["helm.sh/chart"]
    container = rendered.containers[f"Deployment/{name} controller"]
    assert {port.get("hostPort") for port in container["ports"] if port["name"] == "http"} == {
        80 if kind else None
    }
    published = "status-address=localhost" if kind else f"service=$(POD_NAMESPACE)/{name}"
    assert [argument for argument in container["args"] if "publish" in argument] == [
        f"--publish-{published}"
    ]
