"""Passwords are in secrets only, and the API's login differs from the owner's."""

import re
from base64 import b64decode
from typing import Any

import pytest
import yaml

from tests.charts.rendering import Charts, Object, Rendered, environment

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]


def confidential(secret: Object) -> list[str]:
    """Give the secret values of a secret: all but the name of the login."""
    return [b64decode(value).decode() for key, value in secret["data"].items() if key != "username"]


def test_secret_values_occur_in_secrets_only(rendered: Rendered) -> None:
    secrets = [value for secret in rendered.of("Secret") for value in confidential(secret)]
    assert secrets
    assert min(map(len, secrets)) >= 32
    assert len(secrets) == len(set(secrets))
    others = yaml.safe_dump([found for found in rendered.objects if found["kind"] != "Secret"])
    assert [value for value in secrets if value in others] == []


def test_secret_variables_come_from_a_secret(rendered: Rendered) -> None:
    for name, container in rendered.containers.items():
        for variable, value in environment(container).items():
            if re.search("PASSWORD|SECRET|TOKEN", variable):
                assert value.keys() == {"secretKeyRef"}, (name, variable)
            elif isinstance(value, str):
                assert not re.search(r"://[^/]*@|password", value), (name, variable)
    for config in rendered.of("ConfigMap"):
        assert not any(re.search("PASSWORD|SECRET|URL", key) for key in config["data"])


def login(container: Object) -> tuple[Any, Any]:
    """Give the secret keys of a container's user and password."""
    variables = environment(container)
    return variables["PGUSER"]["secretKeyRef"], variables["PGPASSWORD"]["secretKeyRef"]


@pytest.mark.parametrize(
    ("scenario", "server", "owner", "keys"),
    [
        ("default", "postgres-server", "postgres-owner", ("username", "password")),
        ("production", "postgres-server", "postgres-owner", ("username", "password")),
        ("own secrets", "my-server", "my-owner", ("username", "password")),
        ("production, Postgres elsewhere", "db-api", "db-owner", ("user", "pass")),
    ],
)
def test_the_api_logs_in_as_the_server_and_what_migrates_or_deletes_as_the_owner(
    charts: Charts, scenario: str, server: str, owner: str, keys: tuple[str, str]
) -> None:
    containers = charts.scenario(scenario).containers
    for name, container in containers.items():
        logs_in = ("Deployment/superbill ", "Job/superbill-migration ", "Pod/superbill-test-bill")
        if name.startswith(logs_in):
            secret = server if name.startswith("Deployment/") else owner
            assert login(container) == tuple({"name": secret, "key": key} for key in keys), name
        elif name.startswith("Pod/"):
            assert environment(container).keys() <= {"ISSUER", "TOKEN"}, name


def test_owner_and_server_have_different_logins(default: Rendered) -> None:
    server, owner = (
        default.one("Secret", f"postgres-{login}")["data"] for login in ("server", "owner")
    )
    assert b64decode(server["username"]) == b"superbill_server"
    assert b64decode(owner["username"]) == b"superbill_owner"
    assert server["password"] != owner["password"]


def test_data_and_passwords_outlive_the_release(default: Rendered, production: Rendered) -> None:
    kept = {"helm.sh/resource-policy": "keep"}
    for secret in (*default.of("Secret"), *production.of("Secret")):
        if secret["metadata"]["name"].startswith("postgres-"):
            assert secret["metadata"]["annotations"] == kept
            is_login = not secret["metadata"]["name"].endswith("-tls")
            kind = "basic-auth" if is_login else "tls"
            assert secret["type"] == f"kubernetes.io/{kind}"
    for claim in default.of("PersistentVolumeClaim"):
        assert claim["metadata"]["annotations"] == kept
    assert production.cluster["metadata"]["annotations"] == kept
    policy = default.one("StatefulSet", "postgres")["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert policy == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_secret_names_differ_from_those_of_the_operator(production: Rendered) -> None:
    cluster = production.cluster["metadata"]["name"]
    theirs = {
        f"{cluster}-{suffix}"
        for suffix in ("app", "ca", "pooler", "replication", "server", "superuser")
    }
    assert theirs.isdisjoint(secret["metadata"]["name"] for secret in production.of("Secret"))


def test_existing_secrets_are_not_generated(charts: Charts) -> None:
    own = charts.scenario("own secrets")
    assert [secret["metadata"]["name"] for secret in own.of("Secret")] == ["superbill-cursors"]
    elsewhere = charts.scenario("production, Postgres elsewhere")
    assert [secret["metadata"]["name"] for secret in elsewhere.of("Secret")] == [
        "superbill-cursors"
    ]
    named = {ref["name"] for ref in _references(own)}
    assert named == {"my-owner", "my-server", "my-superuser"}


def _references(rendered: Rendered) -> list[dict[str, str]]:
    variables = (environment(container) for container in rendered.containers.values())
    return [
        value["secretKeyRef"]
        for found in variables
        for value in found.values()
        if isinstance(value, dict)
    ]


def test_referenced_secrets_exist(rendered: Rendered) -> None:
    """Secrets of the release `postgres`, of CloudNativePG, or existing ones that values name."""
    made = {secret["metadata"]["name"] for secret in rendered.of("Secret")}
    for reference in _references(rendered):
        assert reference["name"] in made or reference["name"].startswith(("my-", "db-")), reference
