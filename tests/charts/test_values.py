"""Values: the charts' schemas list all of them, and wrong ones are refused with a sentence."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.charts.rendering import RELEASES, Charts, values_of
from tests.support import samples

pytestmark = pytest.mark.needs("helm")

CONNECTIONS = (
    "database.maxConnections: 8 pods, and in a rollout as many that are ending,"
    " hold 14 connections each"
)
OF_STORE = "backup.objectStore.enabled=true"
PATH, TYPE = "backup.objectStore.path=dumps", "backup.objectStore.settings.type=s3"
STORED = f"{OF_STORE},{PATH},{TYPE},backup.objectStore.secret=store"
RECOVERED = "cloudNativePG.enabled=true,cloudNativePG.recovery.from=postgres-cluster"
OF_POOLER = "cloudNativePG.enabled=true,cloudNativePG.pooler"
POOLED = (
    "maxConnections: 4 pooler instances with a pool of 50, and 20 for others, need 220 connections"
)
GONE = ("exposeWithoutAuthentication",)  # the template refuses it with a sentence
# The chart, the value, and the sentence of the refusal: the schema's, or the template's.
REFUSED = [
    ("superbill", "replicas=two", "/replicas': got string, want integer"),
    ("superbill", "replicas=-1", "/replicas': minimum: got -1, want 0"),
    ("superbill", "replica=3", "additional properties 'replica' not allowed"),
    ("superbill", "database.hots=db", "/database': additional properties 'hots' not allowed"),
    ("superbill", "database.port=70000", "/database/port': maximum: got 70,000, want 65,535"),
    (
        "superbill",
        "database.sslMode=verify",
        "/database/sslMode': value must be one of 'disable', 'allow', 'prefer',",
    ),
    ("superbill", "database.name=my bills", "/database/name': 'my bills' does not match pattern"),
    (
        "superbill",
        "database.server.key=x",
        "/database/server': additional properties 'key' not allowed",
    ),
    (
        "superbill",
        "database.otherConnections=0",
        "/database/otherConnections': minimum: got 0, want 3",
    ),
    ("superbill", "workers=0", "/workers': minimum: got 0, want 1"),
    (
        "superbill",
        "workers=4",
        "2 pods, and in a rollout as many that are ending, hold 53 connections each",
    ),
    ("superbill", "connections=0", "/connections': minimum: got 0, want 1"),
    ("superbill", "logLevel=LOUD", "/logLevel': value must be one of"),
    ("superbill", "keepAlive=0", "/keepAlive': minimum: got 0, want 1"),
    ("superbill", "headLimit=16385", "/headLimit': maximum: got 16,385, want 16,384"),
    ("superbill", "hosts[0]=a.example:80", "/hosts/0': 'a.example:80' does not match pattern"),
    ("superbill", "hosts[0]=https://a", "/hosts/0': 'https://a' does not match pattern"),
    ("superbill", "origins[0]=a.example", "/origins/0': 'a.example' does not match pattern"),
    ("superbill", "extraEnv[0].nome=x", "/extraEnv/0': missing property 'name'"),
    ("superbill", "resources.limit.cpu=1", "/resources': additional properties 'limit' not"),
    ("postgres", "backup.objectStore.path=/dumps", "/path': '/dumps' does not match pattern"),
    ("postgres", "backup.objectStore.bucket=x", "additional properties 'bucket' not allowed"),
    ("postgres", "backup.objectStore.settings.Type=s3", "invalid propertyName 'Type'"),
    ("postgres", OF_STORE, "backup.objectStore.path: name the bucket, and a folder in it that no"),
    ("postgres", f"{OF_STORE},{PATH}", "objectStore.settings.type: name the kind of the store"),
    ("postgres", f"{OF_STORE},{PATH},{TYPE}", "backup.objectStore.secret: name the secret with"),
    (
        "postgres",
        f"{STORED},backup.objectStore.settings.secret_access_key=x",
        "put it into the secret, as RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY.",
    ),
    (
        "postgres",
        f"{STORED},backup.objectStore.keep=7",
        "backup.objectStore.keep: the volume keeps 14 dumps, and what the store lacks of them",
    ),
    (
        "postgres",
        f"{STORED},backup.objectStore.encrypted=false,backup.objectStore.settings.endpoint=http://s3",
        "backup.objectStore.encrypted: patients' data would go over the network in plain text.",
    ),
    ("postgres", f"{STORED},backup.enabled=false", "without backup.enabled there are no dumps"),
    ("postgres", f"{STORED},cloudNativePG.enabled=true", "to an ObjectStore of its own, which"),
    ("postgres", f"{RECOVERED},cloudNativePG.backup.enabled=false", "whose object store it reads."),
    ("postgres", RECOVERED, "postgres-cluster can't write its own over them. Set another name"),
    (
        "postgres",
        "cloudNativePG.enabled=true,cloudNativePG.recovery.targetTime=2026-11-23 14:05:00Z",
        "cloudNativePG.recovery.targetTime: set cloudNativePG.recovery.from, too.",
    ),
    ("postgres", "cloudNativePG.recovery.targetTime=2026-11-23 14:05:00", "does not match pattern"),
    ("postgres", "resources.limit.cpu=1", "/resources': additional properties 'limit' not"),
    ("superbill", "resources.limits.cpu=true", "/resources/limits/cpu': got boolean, want number"),
    ("superbill", "image.tag=", "image.tag: the tag of the image is missing. `make push` builds"),
    ("superbill", "image.repository=", "/image/repository': minLength: got 0, want 1"),
    ("superbill", "image.pullPolicy=Sometimes", "/image/pullPolicy': value must be one of"),
    (
        "superbill",
        "ingress.host=bills.example.com/api",
        "/ingress/host': 'bills.example.com/api' does not match pattern",
    ),
    ("superbill", "ingress.className=", "/ingress/className': minLength: got 0, want 1"),
    (
        "superbill",
        "autoscaling.cpuUtilization=0",
        "/autoscaling/cpuUtilization': minimum: got 0, want 1",
    ),
    (
        "superbill",
        "serviceMonitor.interval=often",
        "/serviceMonitor/interval': 'often' does not match pattern",
    ),
    ("postgres", "resources.limits.memroy=1Gi", "invalid propertyName 'memroy'"),
    ("superbill", "resources.limits.memory=1Gb", "/limits/memory': '1Gb' does not match pattern"),
    ("superbill", "tolerations[0].kye=a", "/tolerations/0': additional properties 'kye' not"),
    ("postgres", "affinity.nodeAffinty.x=a", "invalid propertyName 'nodeAffinty'"),
    (
        "superbill",
        "networkPolicy.from[0].podSelctor.x=a",
        "/networkPolicy/from/0': additional properties 'podSelctor' not",
    ),
    ("superbill", "samples.enabled=1", "/samples/enabled': got number, want boolean"),
    ("superbill", "tolerations.a=b", "/tolerations': got object, want array"),
    ("superbill", "imagePullSecrets[0].nome=x", "/imagePullSecrets/0': missing property 'name'"),
    (
        "superbill",
        "database.host=",
        "database.host: the host name of the Postgres server is missing.",
    ),
    (
        "superbill",
        "database.server.secret=",
        "database.server.secret: name the secret that holds",
    ),
    (
        "superbill",
        "database.owner.secret=",
        "database.owner.secret: name the secret that holds",
    ),
    (
        "superbill",
        "database.sslMode=verify-full",
        "database.caSecret.name: verify-full needs the certificate of the",
    ),
    ("superbill", "replicas=8", CONNECTIONS),
    ("superbill", "autoscaling.enabled=true,autoscaling.maxReplicas=8", CONNECTIONS),
    (
        "superbill",
        "connections=50",
        "that is 226, and the database allows 200. Lower connections, streams,",
    ),
    (
        "superbill",
        "httpRoute.enabled=true",
        "httpRoute.parentRefs: name the Gateway.",
    ),
    ("postgres", "image.tag=17.6", "/image/tag': '17.6' does not match pattern"),
    ("postgres", "maxConnections=5", "/maxConnections': minimum: got 5, want 20"),
    ("postgres", "settings.logStatement=all", "invalid propertyName 'logStatement'"),
    ("postgres", "storage.size=8", "/storage/size': got number, want string"),
    ("postgres", "storage.size=8GB", "/storage/size': '8GB' does not match pattern"),
    ("postgres", "backup.schedule=@daily", "/backup/schedule': '@daily' does not match pattern"),
    ("postgres", "backup.keep=0", "/backup/keep': minimum: got 0, want 1"),
    ("postgres", "existingSecret.owner=x", "additional properties 'existingSecret' not allowed"),
    ("postgres", "cloudNativePG.instances=2", "/cloudNativePG/instances': minimum: got 2, want 3"),
    (
        "postgres",
        "cloudNativePG.backup.schedule=17 2 * * *",
        "/cloudNativePG/backup/schedule': '17 2 * * *' does not",
    ),
    (
        "postgres",
        f"{OF_POOLER}.instances=4,cloudNativePG.pooler.poolSize=50",
        POOLED,
    ),
]


@pytest.mark.parametrize(
    ("chart", "setting", "sentence"),
    samples.cases(REFUSED, 0.15, names=lambda row: f"{row[0]} {row[1]}"),
)
def test_wrong_value_is_refused_with_a_sentence(
    charts: Charts, chart: str, setting: str, sentence: str
) -> None:
    refusal = charts.refusal(chart, {}, "--set", setting)
    assert sentence in refusal


ACCEPTED = [
    ("superbill", "replicas=6"),
    ("superbill", "workers=3"),
    ("superbill", "replicas=28,database.maxConnections=800"),
    ("superbill", "image.tag=sha-0a1b2c3d4e5f"),
    ("superbill", "ingress.enabled=true,ingress.tlsSecret=tls"),
    ("superbill", "database.sslMode=verify-full,database.caSecret.name=ca"),
    ("superbill", "global.anything=1"),
    ("superbill", "hosts[0]=a.example,hosts[1]=[fd00::1],hosts[2]=10.0.0.1"),
    ("postgres", "image.tag=18.2-trixie"),
    ("postgres", "image.tag=pg18"),
    ("postgres", "resources.limits.cpu=1,resources.limits.memory=1.5Gi"),
    ("superbill", "resources.limits.example\\.com/gpu=1,resources.requests.cpu=100m"),
    ("superbill", "networkPolicy.from[0].ipBlock.cidr=10.0.0.0/8"),
    ("postgres", "settings.auto_explain\\.log_min_duration=-1"),
    ("postgres", f"{OF_POOLER}.instances=4,cloudNativePG.pooler.poolSize=20"),
]


@pytest.mark.parametrize(
    ("chart", "setting"),
    samples.cases(ACCEPTED, 0.3, names=lambda row: f"{row[0]} {row[1]}"),
)
def test_right_value_is_accepted(charts: Charts, chart: str, setting: str) -> None:
    done = charts.template(chart, {}, "--set", setting)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("chart", RELEASES)
def test_helm_lint_passes_without_warnings(charts: Charts, chart: str) -> None:
    done = charts.template(chart, {}, "--strict", command="lint")
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout


def schema_paths(schema: dict[str, Any], whole: dict[str, Any], path: str = "") -> Iterator[str]:
    """Give the path of every value that a schema names; a dict that is free to name ends a path."""
    for name, part in schema["properties"].items():
        found = whole["definitions"][part["$ref"].rsplit("/")[-1]] if "$ref" in part else part
        if "properties" in found:
            assert found["additionalProperties"] is False, path + name
            yield from schema_paths(found, whole, f"{path}{name}.")
        else:
            yield path + name


def paths(values: dict[str, Any], known: set[str], path: str = "") -> Iterator[str]:
    """Give the path of every value; those in `known` are not divided further."""
    for name, value in values.items():
        if isinstance(value, dict) and path + name not in known:
            yield from paths(value, known, f"{path}{name}.")
        else:
            yield path + name


@pytest.mark.parametrize("chart", RELEASES)
def test_the_schema_and_the_values_have_the_same_names(chart: str) -> None:
    schema = values_of(f"charts/{chart}/values.schema.json")
    known = set(schema_paths(schema, schema)) - {"global", *GONE}  # `global` is Helm's own
    assert set(paths(values_of(f"charts/{chart}/values.yaml"), known)) == known
    assert len(known) > 20


@pytest.mark.parametrize("environment", ["defaults", "kind", "production"])
def test_environments_set_existing_values_only(environment: str) -> None:
    found = values_of(f"charts/values/{environment}.yaml")
    assert found.keys() <= {"ingressNginx", *RELEASES}
    for chart in RELEASES:
        schema = values_of(f"charts/{chart}/values.schema.json")
        known = set(schema_paths(schema, schema))
        switch = {"enabled"} if chart == "postgres" else set()  # helmfile.yaml's condition
        assert set(paths(found.get(chart, {}), known)) <= known | switch
