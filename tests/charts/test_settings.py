"""The chart has a value for every setting of the program, and what follows from a setting follows.

The table of settings is `SETTINGS` in api/config.py.
"""

import re
from typing import Any

import pytest

from api.config import ROOT, SETTINGS, Setting, read
from tests.charts.rendering import Charts, Object, Rendered, environment, values_of

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

CHART = "charts/superbill"
# Settings without a value of their own, and where they come from.
COMPUTED = {
    "DATABASE_URL": "from the values of `database`",
    "MIGRATION_DATABASE_URL": "from the values of `database`",
    "CURSOR_SECRET": "from the secret that `cursorSecret` names, or a generated one",
    "HOST": "from the image",
    "PORT": "the default, which is the container's port",
    "SCHEMA_DIR": "from the image",
    "POSTGRES_DIR": "not used: it is for the development database",
}
# A pod waits for its database, and for proxies; what the Ingress reaches has no metrics.
OWN_DEFAULTS = {"DATABASE_WAIT": 60, "DRAIN": 8, "METRICS_PORT": 9090}
TO_DO = f"""\
is a setting of api/config.py, and the chart cannot set it. Add a value of that name in camel case
to {CHART}/values.yaml and values.schema.json, and the variable to templates/config.yaml (a number:
to "superbill.numbers" in templates/_helpers.tpl); or add it to COMPUTED in this test, and say in
values.yaml where it comes from."""
LISTS = ("origins", "hosts", "algorithms")  # in the chart; a text with commas in the program
SWITCHES = ("developmentIdentity",)  # true in the chart; 1 in the program
INGRESS: dict[str, Any] = {"ingress": {"enabled": True, "allowPlainHttp": True}}


def value_name(setting: Setting) -> str:
    """Give the name of the value that sets it: KEEP_ALIVE is keepAlive."""
    first, *rest = setting.name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


SET = [setting for setting in SETTINGS if setting.name not in COMPUTED]
NUMBERS = [
    setting for setting in SET if setting.check.bounds and value_name(setting) not in SWITCHES
]


def api(rendered: Rendered) -> Object:
    """Give the container that serves."""
    return rendered.containers["Deployment/superbill api"]


def annotations(charts: Charts, values: dict[str, Any]) -> dict[str, str]:
    """Give the annotations of the Ingress, without the prefix that all of the controller's have."""
    (ingress,) = charts.rendered("superbill", values).of("Ingress")
    found = ingress["metadata"]["annotations"]
    return {name.removeprefix("nginx.ingress.kubernetes.io/"): found[name] for name in found}


@pytest.mark.parametrize("setting", SET, ids=[setting.name for setting in SET])
def test_every_setting_has_a_value_in_the_chart(setting: Setting) -> None:
    values, schema = (values_of(f"{CHART}/values.{end}") for end in ("yaml", "schema.json"))
    name = value_name(setting)
    assert name in values, f"{setting.name} {TO_DO}"
    assert name in schema["properties"], f"{setting.name} {TO_DO}"


@pytest.mark.parametrize("setting", NUMBERS, ids=[setting.name for setting in NUMBERS])
def test_numbers_have_the_bounds_and_defaults_of_the_program(setting: Setting) -> None:
    schema = values_of(f"{CHART}/values.schema.json")["properties"][value_name(setting)]
    assert (schema["minimum"], schema["maximum"]) == setting.check.bounds
    default = values_of(f"{CHART}/values.yaml")[value_name(setting)]
    assert default == OWN_DEFAULTS.get(setting.name, setting.default)


def test_words_are_those_of_the_program() -> None:
    schemas = values_of(f"{CHART}/values.schema.json")["properties"]
    found = {s.name: schemas[value_name(s)]["enum"] for s in SET if s.check.words}
    assert found == {s.name: [*s.check.words] for s in SET if s.check.words}
    assert found.keys() == {"LOG_LEVEL", "LOG_FORMAT", "OTEL_TRACES_SAMPLER"}


def test_values_reach_the_pods(charts: Charts) -> None:
    """The program itself reads what the chart made of values that all differ from the defaults."""
    values: dict[str, Any] = {value_name(row): int(str(row.default)) + 1 for row in NUMBERS}
    values |= {"headLimit": 16_000, "uploadLimit": 2**40, "logLevel": "DEBUG", "logFormat": "json"}
    values |= {"origins": ["https://a", "http://b"], "hosts": ["a.example", "[::1]"]}
    values |= {"prefix": "https://billing.example/api", "developmentIdentity": False}
    values |= {"issuer": "https://a.example/b", "audience": "c", "algorithms": ["PS256", "EdDSA"]}
    values |= {"jwks": {"url": "https://a.example/keys"}}
    values |= {"otelExporterOtlpEndpoint": "http://a.example:4318/x"}
    values |= {"otelTracesSampler": "traceidratio", "otelTracesSamplerArg": 0.01}
    values |= {"roleClaim": "realm.roles", "tenantClaim": "https://a.example/tenant"}
    assert values.keys() == {value_name(setting) for setting in SET}
    config = read(charts.rendered("superbill", values).config())
    assert (config.origins, config.algorithms) == ("https://a,http://b", "PS256,EdDSA")
    assert config.jwks == values.pop("jwks")["url"]
    assert config.hosts.startswith("a.example,[::1],superbill,")
    for name in values.keys() - set(LISTS):
        setting = next(one for one in SET if value_name(one) == name)
        assert getattr(config, setting.name.lower()) == values[name], setting.name


def test_values_say_what_the_chart_computes_itself() -> None:
    comments = (ROOT / CHART / "values.yaml").read_text(encoding="utf-8")
    assert [name for name in COMPUTED if not re.search(rf"\b{name}\b", comments)] == []


def test_more_variables_reach_the_api_and_its_migration(charts: Charts) -> None:
    extra = {"extraEnv": [{"name": "PGAPPNAME", "value": "billing"}]}
    containers = charts.rendered("superbill", {**extra, "samples": {"enabled": True}}).containers
    named = {name for name, one in containers.items() if "PGAPPNAME" in environment(one)}
    assert named == {
        "Deployment/superbill api",
        "Job/superbill-migration migrate",
        "Job/superbill-migration load",
    }


def test_more_variables_cannot_replace_what_the_chart_sets(charts: Charts) -> None:
    free = {"HOST", "SCHEMA_DIR", "POSTGRES_DIR"}  # the image's
    fixed = [setting.name for setting in SETTINGS if setting.name not in free]
    values = {"extraEnv": [{"name": name, "value": "1"} for name in (*free, *fixed)]}
    sentence = f"extraEnv: the chart sets {', '.join(fixed)} itself"
    assert sentence in charts.refusal("superbill", values)
    values = {"extraEnv": [{"name": name, "value": "1"} for name in free]}
    assert (
        environment(api(charts.rendered("superbill", values))).items()
        > dict.fromkeys(free, "1").items()
    )


def test_an_existing_cursor_secret_takes_the_place_of_the_generated_one(charts: Charts) -> None:
    rendered = charts.rendered("superbill", {"cursorSecret": {"name": "mine", "key": "sealing"}})
    found = environment(api(rendered))["CURSOR_SECRET"]
    assert found == {"secretKeyRef": {"name": "mine", "key": "sealing"}}
    assert rendered.of("Secret") == []
    assert api(rendered)["envFrom"] == [{"configMapRef": {"name": "superbill"}}]


def test_the_grace_period_follows_from_drain_wait_and_timeout(charts: Charts) -> None:
    for values, seconds in (
        ({}, 60),
        ({"drain": 30}, 82),
        ({"wait": 20}, 75),
        ({"timeout": 90}, 120),
        ({"drain": 0, "wait": 1, "timeout": 1}, 19),
    ):
        pod = charts.rendered("superbill", values).pods["Deployment/superbill"]["spec"]
        assert pod["terminationGracePeriodSeconds"] == seconds, values


def test_a_longer_wait_for_the_database_gives_the_pods_longer_to_start(charts: Charts) -> None:
    for wait, migration in ((0, 120), (60, 120), (900, 900)):
        rendered = charts.rendered("superbill", {"databaseWait": wait})
        assert api(rendered)["startupProbe"]["failureThreshold"] == wait + 30
        job = rendered.one("Job", "superbill-migration")["spec"]
        (container,) = job["template"]["spec"]["containers"]
        assert environment(container)["DATABASE_WAIT"] == str(migration)
        assert job["activeDeadlineSeconds"] == migration + 480


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, "65m"),
        ({"uploadLimit": 4 * 2**20}, "5m"),
        ({"uploadLimit": 4 * 2**20 + 1}, "6m"),
        ({"uploadLimit": 1, "bodyLimit": 1}, "2m"),
        ({"uploadLimit": 1, "bodyLimit": 2**30}, "1025m"),
        ({"uploadLimit": 2**40}, "1048577m"),
    ],
)
def test_the_ingress_lets_through_what_the_api_takes(
    charts: Charts, values: dict[str, Any], size: str
) -> None:
    assert annotations(charts, {**INGRESS, **values})["proxy-body-size"] == size


def test_the_ingress_waits_as_long_as_an_import_may_take(charts: Charts) -> None:
    values = {**INGRESS, "wait": 1, "timeout": 2, "streamTimeout": 4}
    found = annotations(charts, values)
    assert (found["proxy-read-timeout"], found["proxy-send-timeout"]) == ("7", "7")


def test_an_operator_s_annotation_takes_precedence(charts: Charts) -> None:
    own = {"nginx.ingress.kubernetes.io/proxy-body-size": "8m", "other": "value"}
    values = {**INGRESS, "ingress": {**INGRESS["ingress"], "annotations": own}}
    found = annotations(charts, values)
    assert (found["proxy-body-size"], found["other"]) == ("8m", "value")
    assert found["proxy-read-timeout"] == "635"


def test_hosts_admit_probes_tests_and_port_forwarding(charts: Charts) -> None:
    values = {"hosts": ["billing.example"], "serviceMonitor": {"enabled": True}}
    rendered = charts.rendered("superbill", values)
    hosts = rendered.config()["HOSTS"].split(",")
    assert hosts[0] == "billing.example"
    assert {"localhost", "superbill", "superbill.default.svc"} <= set(hosts)
    for name in ("startup", "readiness", "liveness"):
        headers = api(rendered)[f"{name}Probe"]["httpGet"]["httpHeaders"]
        assert headers == [{"name": "Host", "value": "billing.example"}]
    for pod in rendered.of("Pod"):
        address = pod["spec"]["containers"][0]["args"][1]
        assert re.split("[/:]+", address)[1] in hosts
    assert "HOSTS" not in environment(api(rendered))
    # Prometheus calls pods by their addresses, which Kubernetes puts in.
    rendered = charts.rendered("superbill", {**values, "metricsPort": 0})
    assert environment(api(rendered))["HOSTS"] == f"$(POD_IP),{','.join(hosts)}"


@pytest.mark.parametrize(
    ("prefix", "path"),
    [("", "/"), ("/a/b/", "/a/b"), ("https://a.example", "/"), ("https://a.example:1/x", "/x")],
)
def test_the_ingress_has_the_path_of_the_prefix(charts: Charts, prefix: str, path: str) -> None:
    (ingress,) = charts.rendered("superbill", {**INGRESS, "prefix": prefix}).of("Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert [each["path"] for each in rule["http"]["paths"]] == [path]


def test_no_hosts_admit_any(charts: Charts) -> None:
    rendered = charts.rendered("superbill", {"serviceMonitor": {"enabled": True}})
    assert rendered.config()["HOSTS"] == ""
    assert "HOSTS" not in environment(api(rendered))
    assert "httpHeaders" not in api(rendered)["readinessProbe"]["httpGet"]


def test_an_ingress_whose_host_is_not_listed_is_refused(charts: Charts) -> None:
    ingress = {"enabled": True, "allowPlainHttp": True, "host": "bills.example"}
    values = {**INGRESS, "ingress": ingress, "hosts": ["billing.example"]}
    sentence = "hosts: ingress.host is bills.example, and requests for it would be refused."
    assert sentence in charts.refusal("superbill", values)
    values["hosts"] = ["bills.example"]
    assert charts.rendered("superbill", values).of("Ingress")
