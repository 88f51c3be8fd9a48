"""The environments of helmfile.yaml: their releases and the order, and their databases."""

from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from api.config import ROOT
from tests.charts.rendering import Charts, Rendered, environment, values_of
from tests.charts.scenarios import ELSEWHERE, IDENTITY
from tests.support import samples

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

ENVIRONMENTS = ("default", "kind", "production")
EVERYBODY = (
    "DEVELOPMENT IDENTITY: ANY CLIENT THAT REACHES THE API CAN READ AND CHANGE EVERY PATIENT'S"
    " BILLS, without a token."
)
TOKENS = "Clients need a token of https://login.example/realms/clinic for superbill."
PLAIN = "ingress.tlsSecret: patients' data would go over the network in plain text."


@pytest.fixture(scope="module")
def helmfile() -> tuple[dict[str, object], dict[str, object]]:
    """Read the two parts of helmfile.yaml, which is plain YAML."""
    first, second = yaml.safe_load_all((ROOT / "helmfile.yaml").read_text(encoding="utf-8"))
    return first, second


def test_helmfile_has_its_environments_and_waits(
    helmfile: tuple[dict[str, object], dict[str, object]],
) -> None:
    environments, rest = helmfile
    assert environments.keys() == {"environments"}
    assert isinstance(found := environments["environments"], dict)
    assert tuple(found) == ENVIRONMENTS
    defaults = rest["helmDefaults"]
    assert isinstance(defaults, dict)
    assert (defaults["wait"], defaults["createNamespace"]) == (True, True)
    assert defaults["timeout"] >= 300


def test_the_api_comes_after_its_database_and_its_ingress(
    helmfile: tuple[dict[str, object], dict[str, object]],
) -> None:
    releases = helmfile[1]["releases"]
    assert isinstance(releases, list)
    named = {
        f"{release['namespace']}/{release['name']}": release.get("needs", [])
        for release in releases
    }
    assert named == {
        "superbill/postgres": [],
        "ingress-nginx/ingress-nginx": [],
        "superbill/superbill": ["superbill/postgres", "ingress-nginx/ingress-nginx"],
    }


@pytest.mark.parametrize(
    ("environment", "values", "releases"),
    [
        ("default", {}, {"postgres", "ingress-nginx", "superbill"}),
        ("kind", {}, {"postgres", "ingress-nginx", "superbill"}),
        ("default", {"ingressNginx": {"enabled": False}}, {"postgres", "superbill"}),
        ("production", {}, {"postgres", "superbill"}),
        ("production", ELSEWHERE, {"superbill"}),
    ],
)
def test_environment_has_its_releases(
    charts: Charts, environment: str, values: dict[str, object], releases: set[str]
) -> None:
    listed = yaml.safe_load(
        charts.helmfile(environment, values, "list", "--skip-charts", "--output", "json")
    )
    assert {release["name"] for release in listed if release["enabled"]} == releases


@pytest.mark.parametrize(
    ("scenario", "api", "migration", "query"),
    [
        (
            "default",
            "postgres:5432/superbill",
            "postgres:5432/superbill",
            {"sslmode": ["verify-full"], "sslrootcert": ["/etc/superbill/ca/ca.crt"]},
        ),
        (
            "production",
            "postgres-pooler:5432/superbill",
            "postgres-cluster-rw:5432/superbill",
            {"sslmode": ["verify-full"], "sslrootcert": ["/etc/superbill/ca/ca.crt"]},
        ),
        (
            "production, Postgres elsewhere",
            "pooler.example.com:6432/bills",
            "db.example.com:6432/bills",
            {"sslmode": ["verify-full"], "sslrootcert": ["/etc/superbill/ca/root.crt"]},
        ),
    ],
)
def test_urls_have_the_same_form_for_every_kind_of_database(
    charts: Charts, scenario: str, api: str, migration: str, query: dict[str, list[str]]
) -> None:
    containers = charts.scenario(scenario).containers
    serving = urlsplit(environment(containers["Deployment/superbill api"])["DATABASE_URL"])
    assert (serving.netloc + serving.path, parse_qs(serving.query)) == (api, query)
    for name, container in containers.items():
        if name.startswith("Job/superbill-migration"):
            migrating = urlsplit(environment(container)["MIGRATION_DATABASE_URL"])
            assert (migrating.netloc + migrating.path, parse_qs(migrating.query)) == (
                migration,
                query,
            )


@pytest.mark.parametrize(
    ("scenario", "authority"),
    [
        ("production", ("postgres-cluster-ca", "ca.crt")),
        ("production, Postgres elsewhere", ("db-authority", "root.crt")),
    ],
)
def test_certificate_of_the_authority_is_mounted_without_its_key(
    charts: Charts, scenario: str, authority: tuple[str, str]
) -> None:
    name, key = authority
    for pod in ("Deployment/superbill", "Job/superbill-migration"):
        spec = charts.scenario(scenario).pods[pod]["spec"]
        assert {
            "name": "ca",
            "secret": {"secretName": name, "items": [{"key": key, "path": key}]},
        } in spec["volumes"]
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert {"name": "ca", "mountPath": "/etc/superbill/ca", "readOnly": True} in container[
                "volumeMounts"
            ]


def test_database_service_has_the_name_that_the_api_connects_to(
    default: Rendered, production: Rendered
) -> None:
    assert default.one("Service", "postgres")["spec"]["ports"][0]["port"] == 5432
    # CLUSTER-rw and CLUSTER-ca are the operator's names, and a pooler's service is called as the
    # pooler is.
    assert production.cluster["metadata"]["name"] == "postgres-cluster"
    assert production.one("Pooler", "postgres-pooler")["spec"]["cluster"] == {
        "name": "postgres-cluster"
    }
    # The pooler shows the cluster's certificate, in which verify-full looks for the name that was
    # called.
    certificates = production.cluster["spec"]["certificates"]
    assert "postgres-pooler" in certificates["serverAltDNSNames"]


def test_database_values_of_the_environment_take_precedence(charts: Charts) -> None:
    said = {
        "superbill": {
            "database": {"port": 6432, "server": {"secret": "mine", "usernameKey": "name"}}
        }
    }
    found = charts.values("superbill", "production", said)["database"]
    assert (found["host"], found["port"]) == ("postgres-pooler", 6432)
    assert found["server"] == {"secret": "mine", "usernameKey": "name"}
    assert found["owner"] == {"secret": "postgres-owner"}
    assert found["migrationHost"] == "postgres-cluster-rw"


def test_database_host_beside_the_bundled_postgres_is_refused(charts: Charts) -> None:
    refused = charts.helmfile_refusal("kind", {"superbill": {"database": {"host": "other"}}})
    assert (
        "superbill.database.host names a Postgres elsewhere: set postgres.enabled to false"
        in refused
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    samples.cases(
        [
            ("superbil: {replicas: 3}", "superbil: there is no such value."),
            ("postgress: {enabled: false}", "postgress: there is no such value."),
            ("ingresNginx: {enabled: false}", "ingresNginx: there is no such value."),
            ("ingressNginx: {enable: false}", "ingressNginx.enable: there is no such value."),
            ("superbill:", "superbill: it has no values."),
            ("postgres:", "postgres: it has no values."),
            ("superbill: {resources: }", "superbill.resources: it has no value."),
        ],
        0.34,
        names=lambda row: str(row[0]),
    ),
)
def test_wrong_name_in_the_operator_s_values_is_refused_for_every_release(
    charts: Charts, values: str, sentence: str
) -> None:
    local = charts.place / "charts" / "values" / "local.yaml"
    local.write_text(values, encoding="utf-8")
    try:
        for release in ("postgres", "ingress-nginx", "superbill"):
            done = charts.run("helmfile", "--selector", f"name={release}", "template")
            assert done.returncode != 0, release
            assert sentence in done.stderr
    finally:
        local.unlink()


def test_production_has_no_ingress_by_default(charts: Charts, production: Rendered) -> None:
    assert production.of("Ingress") == production.of("HTTPRoute") == []
    assert charts.scenario("production, Postgres elsewhere").of("Ingress") == []
    (ingress,) = charts.scenario("production, in the open").of("Ingress")
    assert ingress["spec"]["tls"] == [{"secretName": "bills-tls", "hosts": ["bills.example.com"]}]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["bills.example.com"]


def test_production_refuses_an_ingress_without_certificate(charts: Charts) -> None:
    values = charts.values("superbill", "production")
    assert PLAIN in charts.refusal("superbill", {**values, "ingress": {"enabled": True}})


@pytest.mark.parametrize(
    ("environment", "extra", "first"),
    [
        ("default", {}, EVERYBODY),
        ("kind", {}, EVERYBODY),
        ("production", IDENTITY, f"{TOKENS} None outside the cluster reaches the API"),
        ("kind", {**IDENTITY, "developmentIdentity": False}, TOKENS),
    ],
)
def test_notes_begin_with_the_clients_that_are_let_in(
    charts: Charts, environment: str, extra: dict[str, object], first: str
) -> None:
    if charts.run("helm", "version", "--short").stdout.startswith("v3"):
        pytest.skip("Helm 3 prints notes only where there is a cluster")
    values = charts.values("superbill", environment, {"superbill": extra})
    # Without those that this chart requires in other tests.
    values = {"issuer": "", "audience": "", **values}
    done = charts.template("superbill", values, "--dry-run=client", command="install")
    assert done.returncode == 0, done.stderr
    notes = done.stdout.partition("\nNOTES:\n")[2]
    assert notes.startswith(first)


def test_ingress_has_the_class_of_the_values(charts: Charts, default: Rendered) -> None:
    (ingress,) = default.of("Ingress")
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["rules"][0]["http"]["paths"] == [
        {
            "path": "/",
            "pathType": "Prefix",
            "backend": {"service": {"name": "superbill", "port": {"name": "http"}}},
        }
    ]
    assert "host" not in ingress["spec"]["rules"][0]
    (other,) = charts.scenario("other class").of("Ingress")
    assert other["spec"]["ingressClassName"] == "traefik"
    assert other["metadata"]["annotations"]["a"] == "b"


def test_production_has_more_instances_and_no_samples(
    default: Rendered, production: Rendered
) -> None:
    assert values_of("charts/values/production.yaml")["superbill"]["samples"] == {"enabled": False}
    cluster = production.cluster["spec"]
    assert cluster["instances"] >= 3
    assert cluster["postgresql"]["synchronous"] == {"method": "any", "number": 1}
    assert (production.of("StatefulSet"), production.of("CronJob")) == ([], [])
    assert len(production.of("ScheduledBackup")) == 1
    (scaler,) = production.of("HorizontalPodAutoscaler")
    assert (
        scaler["spec"]["minReplicas"] > default.one("Deployment", "superbill")["spec"]["replicas"]
    )
