"""The chart of the API: rollouts, migrations, and settings that reach the pods."""

from dataclasses import fields
from typing import Any

import pytest

from api.config import ROOT, Config, read
from tests.charts.rendering import Charts, Object, Rendered, environment
from tests.charts.scenarios import DIGEST

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]


def api(rendered: Rendered) -> Object:
    """Give the container that serves."""
    return rendered.containers["Deployment/superbill api"]


def checksums(rendered: Rendered) -> dict[str, str]:
    """Give the annotations of the API's pods."""
    found: dict[str, str] = rendered.pods["Deployment/superbill"]["metadata"]["annotations"]
    return found


def settings(rendered: Rendered) -> Config:
    """Read the settings of the API's container with the API's own code, except secret ones."""
    plain = {
        name: value for name, value in environment(api(rendered)).items() if isinstance(value, str)
    }
    return read({**rendered.config(), **plain})


def test_a_rollout_starts_a_pod_before_it_stops_one(rendered: Rendered) -> None:
    strategy = rendered.one("Deployment", "superbill")["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_grace_period_is_longer_than_the_slowest_request(rendered: Rendered) -> None:
    sleep = api(rendered)["lifecycle"]["preStop"]["sleep"]["seconds"]
    config, readiness = settings(rendered), api(rendered)["readinessProbe"]
    assert sleep >= 5
    assert (
        config.drain > readiness["periodSeconds"] * readiness["failureThreshold"]
    )  # the probe has failed by then
    ended = sleep + config.drain + config.wait + config.timeout
    assert rendered.pods["Deployment/superbill"]["spec"]["terminationGracePeriodSeconds"] > ended


def test_readiness_and_liveness_are_probed_separately(rendered: Rendered) -> None:
    paths = {
        name: api(rendered)[f"{name}Probe"]["httpGet"]
        for name in ("startup", "readiness", "liveness")
    }
    assert paths == {
        "startup": {"path": "/health/", "port": "http"},
        "readiness": {"path": "/ready/", "port": "http"},
        "liveness": {"path": "/health/", "port": "http"},
    }
    assert api(rendered)["readinessProbe"]["periodSeconds"] <= 2
    startup = api(rendered)["startupProbe"]
    assert (
        startup["periodSeconds"] * startup["failureThreshold"]
        > settings(rendered).database_wait
        > 0
    )


def test_autoscaled_deployment_begins_with_its_least_number(
    charts: Charts, default: Rendered
) -> None:
    assert default.one("Deployment", "superbill")["spec"]["replicas"] == 2
    assert default.of("HorizontalPodAutoscaler") == []
    for name in ("scaled", "production"):
        scaled = charts.scenario(name)
        (scaler,) = scaled.of("HorizontalPodAutoscaler")
        least = scaler["spec"]["minReplicas"]
        assert scaled.one("Deployment", "superbill")["spec"]["replicas"] == least
        target = scaler["spec"]["scaleTargetRef"]
        assert target == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "superbill"}
        assert scaler["spec"]["maxReplicas"] >= scaler["spec"]["minReplicas"] >= 2


def test_pods_and_service_have_what_an_operator_adds(charts: Charts) -> None:
    placed = charts.scenario("placed")
    pods = {name: pod["spec"] for name, pod in placed.pods.items()}
    assert {pod["priorityClassName"] for pod in pods.values()} == {"clinic"}
    assert {str(pod["nodeSelector"]) for pod in pods.values()} == {"{'disk': 'fast'}"}
    assert {str(pod["tolerations"]) for pod in pods.values()} == {
        "[{'key': 'clinic', 'operator': 'Exists'}]"
    }
    for name in ("Deployment/superbill", "StatefulSet/postgres"):
        assert "podAntiAffinity" in pods[name]["affinity"]
    serving = placed.pods["Deployment/superbill"]["metadata"]
    assert serving["labels"]["team"] == "billing"
    assert serving["annotations"]["example.com/scrape"] == "no"
    assert "checksum/config" in serving["annotations"]
    assert placed.one("Service", "superbill")["metadata"]["annotations"] == {"a": "b"}
    images = {container["image"] for container in placed.containers.values()}
    assert {image.partition("@")[2] for image in images} == {DIGEST}


@pytest.mark.parametrize(
    ("values", "budgets"),
    [
        ({"replicas": 1}, 0),
        ({"replicas": 2}, 1),
        ({"replicas": 1, "autoscaling": {"enabled": True, "minReplicas": 2}}, 1),
        ({"replicas": 2, "autoscaling": {"enabled": True, "minReplicas": 1}}, 0),
    ],
)
def test_disruption_budget_exists_for_more_than_one_pod(
    charts: Charts, values: dict[str, Any], budgets: int
) -> None:
    found = charts.rendered("superbill", values).of("PodDisruptionBudget")
    assert [budget["spec"]["maxUnavailable"] for budget in found] == [1] * budgets


@pytest.mark.parametrize(
    "values", [{"logLevel": "DEBUG"}, {"connections": 7}, {"workers": 2}, {"origins": ["http://a"]}]
)
def test_new_settings_restart_the_pods(charts: Charts, values: dict[str, Any]) -> None:
    before, after = charts.rendered("superbill", {}), charts.rendered("superbill", values)
    assert (
        checksums(before).keys() == checksums(after).keys() == {"checksum/config", "checksum/login"}
    )
    assert checksums(before) != checksums(after)


@pytest.mark.parametrize(
    "values", [{}, {"replicas": 3}, {"tests": {"billAVisit": True}}, {"service": {"port": 81}}]
)
def test_other_values_do_not_restart_the_pods(charts: Charts, values: dict[str, Any]) -> None:
    """Each rendering generates another secret; an upgrade finds the first one in the cluster."""
    before, after = charts.rendered("superbill", {}), charts.rendered("superbill", values)
    template = before.one("Deployment", "superbill")["spec"]["template"]
    assert after.one("Deployment", "superbill")["spec"]["template"] == template


def test_pods_take_their_settings_from_objects_of_the_release(rendered: Rendered) -> None:
    config, secret = api(rendered)["envFrom"]
    found = rendered.one("ConfigMap", config["configMapRef"]["name"])["data"]
    assert found.keys() <= {field.name.upper() for field in fields(Config)}
    assert settings(rendered).connections == int(found["CONNECTIONS"]) == 10
    assert settings(rendered).workers == 1
    assert rendered.one("Secret", secret["secretRef"]["name"])["data"].keys() == {"CURSOR_SECRET"}
    ports = [port["containerPort"] for port in api(rendered)["ports"]]
    assert ports == [Config().port, settings(rendered).metrics_port]


def test_migration_runs_before_every_install_and_upgrade(rendered: Rendered) -> None:
    job = rendered.one("Job", "superbill-migration")
    hooks = job["metadata"]["annotations"]
    assert hooks["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert hooks["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
    assert hooks["helm.sh/hook-output-log-policy"] == "hook-failed"
    assert job["spec"]["backoffLimit"] == 1
    # A hook runs before the chart's other objects exist, so it must not use them.
    pod = job["spec"]["template"]["spec"]
    assert "serviceAccountName" not in pod
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        assert "envFrom" not in container
        assert environment(container)["MIGRATION_DATABASE_URL"].startswith("postgresql://")
        assert int(environment(container)["DATABASE_WAIT"]) < job["spec"]["activeDeadlineSeconds"]


@pytest.mark.parametrize(
    ("scenario", "commands"),
    [
        ("default", ["migrate", "load"]),
        ("kind", ["migrate", "load"]),
        ("small", ["migrate"]),
        ("production", ["migrate"]),
    ],
)
def test_enabled_samples_are_loaded_after_the_migration(
    charts: Charts, scenario: str, commands: list[str]
) -> None:
    pod = charts.scenario(scenario).pods["Job/superbill-migration"]["spec"]
    steps = (*pod.get("initContainers", ()), *pod["containers"])
    assert [container["args"] for container in steps] == [[command] for command in commands]


def test_selectors_match_serving_pods_only(rendered: Rendered) -> None:
    """The database admits pods by a label; test pods, which call the API, have no use for it.

    Only the one that bills a visit does: it deletes its patient.
    """
    for kind, name, wanted in (
        ("Service", "superbill", "Deployment/superbill"),
        ("NetworkPolicy", "superbill", "Deployment/superbill"),
        ("PodDisruptionBudget", "superbill", "Deployment/superbill"),
        ("Service", "postgres", "StatefulSet/postgres"),
        ("NetworkPolicy", "postgres", "StatefulSet/postgres"),
    ):
        for found in (found for found in rendered.of(kind) if found["metadata"]["name"] == name):
            selector = found["spec"].get("selector") or found["spec"]["podSelector"]
            labels = selector.get("matchLabels", selector)
            assert [
                pod
                for pod, template in rendered.pods.items()
                if labels.items() <= _labels(template).items()
            ] == [wanted]
    clients = {
        pod
        for pod, template in rendered.pods.items()
        if "superbill/postgres-client" in _labels(template)
    }
    others = ("Pod/superbill-test-health", "Pod/superbill-test-ready", "StatefulSet/postgres")
    assert clients == rendered.pods.keys() - set(others)


def _labels(pod: Object) -> dict[str, str]:
    labels: dict[str, str] = pod["metadata"]["labels"]
    return labels


def test_named_ports_exist_in_the_containers(rendered: Rendered) -> None:
    for name, workload in (
        ("superbill", "Deployment/superbill"),
        ("postgres", "StatefulSet/postgres"),
    ):
        services = [found for found in rendered.of("Service") if found["metadata"]["name"] == name]
        policies = [
            found for found in rendered.of("NetworkPolicy") if found["metadata"]["name"] == name
        ]
        called = {port["targetPort"] for found in services for port in found["spec"]["ports"]}
        called |= {
            port["port"]
            for found in policies
            for rule in found["spec"]["ingress"]
            for port in rule["ports"]
        }
        if called:
            container = rendered.pods[workload]["spec"]["containers"][0]
            assert called == {port["name"] for port in container["ports"]}
    offered = {port["name"] for port in rendered.one("Service", "superbill")["spec"]["ports"]}
    for ingress in rendered.of("Ingress"):
        (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
        assert path["backend"]["service"]["port"]["name"] in offered


def test_helm_tests_exist_for_each_environment(default: Rendered, production: Rendered) -> None:
    pods = default.of("Pod")
    assert {pod["metadata"]["annotations"]["helm.sh/hook"] for pod in pods} == {"test"}
    names = [pod["metadata"]["name"].removeprefix("superbill-test-") for pod in pods]
    assert sorted(names) == ["bill-a-visit", "health", "ready"]
    for pod in pods:
        program, address = pod["spec"]["containers"][0]["args"]
        compile(program, pod["metadata"]["name"], "exec")
        assert address == "http://superbill:80"
    assert sorted(pod["metadata"]["name"] for pod in production.of("Pod")) == [
        "superbill-test-health",
        "superbill-test-ready",
    ]


def test_an_httproute_leads_to_the_service(charts: Charts) -> None:
    gateway = charts.scenario("gateway")
    (route,) = gateway.of("HTTPRoute")
    assert gateway.of("Ingress") == []
    assert route["spec"] == {
        "parentRefs": [{"name": "web", "namespace": "gateways"}],
        "hostnames": ["bills.example.com"],
        "rules": [{"backendRefs": [{"name": "superbill", "port": 80}]}],
    }


def test_a_servicemonitor_reads_the_metrics(charts: Charts) -> None:
    (monitor,) = charts.scenario("monitored").of("ServiceMonitor")
    endpoint = {"port": "metrics", "path": "/metrics", "interval": "30s"}
    assert monitor["spec"]["endpoints"] == [endpoint]
    values = {"serviceMonitor": {"enabled": True}, "metricsPort": 0}
    (shared,) = charts.rendered("superbill", values).of("ServiceMonitor")
    assert shared["spec"]["endpoints"] == [{**endpoint, "port": "http"}]
    assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_only_those_who_may_read_metrics_connect_to_their_port(charts: Charts) -> None:
    peer = {"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}
    rendered = charts.rendered("superbill", {"networkPolicy": {"metricsFrom": [peer]}})
    (policy,) = rendered.of("NetworkPolicy")
    assert policy["spec"]["ingress"] == [
        {"ports": [{"port": "http"}]},
        {"ports": [{"port": "metrics"}], "from": [peer]},
    ]
    (service,) = rendered.of("Service")
    assert [port["name"] for port in service["spec"]["ports"]] == ["http", "metrics"]


def test_pods_reach_a_collector_of_traces_only_where_there_is_one(charts: Charts) -> None:
    peer = {"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}
    own = {"collector": {"port": 4319, "to": [peer]}}
    endpoint = "http://collector.monitoring"
    (without,) = charts.rendered("superbill", {"networkPolicy": own}).of("NetworkPolicy")
    for values, rule in (
        ({}, {"ports": [{"port": 4318}]}),
        ({"networkPolicy": own}, {"ports": [{"port": 4319}], "to": [peer]}),
    ):
        rendered = charts.rendered("superbill", {"otelExporterOtlpEndpoint": endpoint, **values})
        (policy,) = rendered.of("NetworkPolicy")
        assert policy["spec"]["egress"] == [*without["spec"]["egress"], rule]
        assert rendered.config()["OTEL_EXPORTER_OTLP_ENDPOINT"] == endpoint
    for wrong in ("collector:4318", "http://a:b@collector:4318", "grpc://collector"):
        assert "otelExporterOtlpEndpoint" in charts.refusal(
            "superbill", {"otelExporterOtlpEndpoint": wrong}
        )


def test_pod_that_fails_keeps_the_end_of_its_log(rendered: Rendered) -> None:
    for name, container in rendered.containers.items():
        if container.get("args") in (["serve"], ["migrate"], ["load"]):
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError", name


@pytest.mark.parametrize(("enabled", "applied"), [("true", True), ("false", False)])
def test_predeploy_installs_ingress_nginx_only_where_it_is_enabled(
    charts: Charts, enabled: str, *, applied: bool
) -> None:
    values = f"helmfile --state-values-set ingressNginx.enabled={enabled} --environment default"
    # A dry run of the last step: `apply` asks a cluster.
    recipe = ("make", "-f", str(ROOT / "Makefile"), "predeploy", f"HELMFILE={values}")
    done = charts.run(*recipe, "SHELL=/bin/sh", ".SHELLFLAGS=-xc")
    ran = [line for line in done.stderr.splitlines() if line.startswith("+ ")]
    assert any(" list " in line for line in ran), done.stderr
    assert any(line.endswith("--selector name=ingress-nginx apply") for line in ran) is applied
    if not applied:
        assert (done.returncode, "err" in done.stderr) == (0, False)
