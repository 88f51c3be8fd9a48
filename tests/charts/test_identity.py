"""Clients of the chart's API: tokens of an issuer, or the development identity."""

from typing import Any

import pytest

from tests.charts.rendering import Charts, Object, Rendered, environment
from tests.charts.scenarios import IDENTITY
from tests.support import samples

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

NONE = {"issuer": "", "audience": ""}
KEYS = {"jwks": {"configMap": "keys"}}
BOTH = {"url": "https://login.example/keys", "configMap": "keys"}
DEVELOPMENT = {**NONE, "developmentIdentity": True}
SETTINGS = (
    "ISSUER",
    "AUDIENCE",
    "JWKS",
    "ALGORITHMS",
    "ROLE_CLAIM",
    "TENANT_CLAIM",
    "DEVELOPMENT_IDENTITY",
)
DNS: Object = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
DATABASE: Object = {"ports": [{"port": 5432}]}


def settings(rendered: Rendered) -> tuple[str, ...]:
    """Give the settings of the API's pods that say who calls."""
    return tuple(rendered.config()[name] for name in SETTINGS)


def egress(rendered: Rendered) -> list[Object]:
    """Give where the API's pods may connect to."""
    rules: list[Object] = rendered.one("NetworkPolicy", "superbill")["spec"]["egress"]
    return rules


@pytest.mark.parametrize("name", ["default", "kind"])
def test_demonstration_serves_the_development_identity(charts: Charts, name: str) -> None:
    found = settings(charts.scenario(name))
    assert found == ("", "", "", "RS256,ES256,EdDSA", "role", "tenant", "1")


def test_production_serves_clients_with_tokens_only(production: Rendered) -> None:
    issuer, audience = IDENTITY.values()
    found = settings(production)
    assert found == (issuer, audience, "", "RS256,ES256,EdDSA", "role", "tenant", "0")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "issuer: name the issuer of the tokens that clients show, and audience."),
        (
            {"developmentIdentity": True},
            "superbill.developmentIdentity: in production every client that reaches the API could",
        ),
        ({"issuer": "https://login.example"}, "audience: name the audience that tokens for this"),
        (
            {**IDENTITY, "exposeWithoutAuthentication": False},
            "exposeWithoutAuthentication is gone: the API itself asks who calls.",
        ),
    ],
)
def test_production_refuses_to_serve_clients_without_tokens(
    charts: Charts, values: dict[str, Any], sentence: str
) -> None:
    assert sentence in charts.helmfile_refusal("production", {"superbill": values})


@pytest.mark.parametrize(
    ("values", "sentence"),
    samples.cases(
        [
            (NONE, "issuer: name the issuer of the tokens that clients show, and audience."),
            (
                {"developmentIdentity": True},
                "developmentIdentity: issuer, audience and jwks say who",
            ),
            ({**DEVELOPMENT, **KEYS}, "developmentIdentity: issuer, audience and jwks say who may"),
            ({"audience": ""}, "audience: name the audience that tokens for this API have"),
            ({"jwks": BOTH}, "jwks: url and configMap exclude each other."),
            ({"issuer": "login.example"}, "/issuer': 'login.example' does not match pattern"),
            ({"issuer": "http://login.example"}, "/issuer': 'http://login.example' does not match"),
            ({"issuer": "https://a.example?b"}, "/issuer': 'https://a.example?b' does not match"),
            ({"jwks": {"url": "/keys"}}, "/jwks/url': '/keys' does not match pattern"),
            ({"algorithms": ["HS256"]}, "/algorithms/0': 'HS256' does not match pattern"),
            ({"algorithms": ["none"]}, "/algorithms/0': 'none' does not match pattern"),
            ({"algorithms": []}, "/algorithms': minItems: got 0, want 1"),
            ({"roleClaim": ""}, "/roleClaim': minLength: got 0, want 1"),
            ({"developmentIdentity": 1}, "/developmentIdentity': got number, want boolean"),
            ({"exposeWithoutAuthentication": True}, "exposeWithoutAuthentication is gone: the API"),
        ],
        0.34,
        names=lambda row: str(row[0]),
    ),
)
def test_values_that_leave_open_who_calls_are_refused(
    charts: Charts, values: dict[str, Any], sentence: str
) -> None:
    assert sentence in charts.refusal("superbill", values)


def test_pods_read_keys_from_a_config_map(charts: Charts) -> None:
    rendered = charts.scenario("tokens of a file")
    assert rendered.config()["JWKS"] == "/etc/superbill/jwks/jwks.json"
    pod = rendered.pods["Deployment/superbill"]["spec"]
    keys = {"name": "keys", "items": [{"key": "jwks.json", "path": "jwks.json"}]}
    assert {"name": "jwks", "configMap": keys} in pod["volumes"]
    mount = {"name": "jwks", "mountPath": "/etc/superbill/jwks", "readOnly": True}
    assert mount in pod["containers"][0]["volumeMounts"]
    # A hook of the first installation must not wait for keys that it does not use.
    migration = rendered.pods["Job/superbill-migration"]["spec"]
    assert "jwks" not in {volume["name"] for volume in migration["volumes"]}


def test_pods_trust_an_issuer_whose_certificate_an_own_authority_signed(charts: Charts) -> None:
    rendered = charts.rendered("superbill", {"issuerCaSecret": {"name": "login-ca"}})
    pod = rendered.pods["Deployment/superbill"]["spec"]
    secret = {"secretName": "login-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    assert {"name": "issuer-ca", "secret": secret} in pod["volumes"]
    mount = {"name": "issuer-ca", "mountPath": "/etc/superbill/issuer-ca", "readOnly": True}
    assert mount in pod["containers"][0]["volumeMounts"]
    variables = environment(pod["containers"][0])
    assert variables["SSL_CERT_FILE"] == "/etc/superbill/issuer-ca/ca.crt"


@pytest.mark.parametrize(
    ("values", "issuer"),
    [
        ({}, [{"ports": [{"port": 443}]}]),
        ({"jwks": {"url": "https://login.example/keys?p=1"}}, [{"ports": [{"port": 443}]}]),
        (
            {"networkPolicy": {"issuer": {"port": 8443, "to": [{"podSelector": {}}]}}},
            [{"ports": [{"port": 8443}], "to": [{"podSelector": {}}]}],
        ),
        (KEYS, []),
        (DEVELOPMENT, []),
    ],
)
def test_pods_reach_the_issuer_only_where_its_keys_come_from_there(
    charts: Charts, values: dict[str, Any], issuer: list[Object]
) -> None:
    assert egress(charts.rendered("superbill", values)) == [DATABASE, DNS, *issuer]


def test_other_keys_restart_the_pods(charts: Charts) -> None:
    """A change inside the ConfigMap does not: the program reads the file again."""
    first, second = (
        charts.rendered("superbill", {"jwks": {"configMap": "keys", "key": key}}).pods
        for key in ("a.json", "b.json")
    )
    assert first["Deployment/superbill"] != second["Deployment/superbill"]


def test_helm_test_with_a_token_bills_a_visit(charts: Charts) -> None:
    rendered = charts.scenario("tokens of a file")
    pods = {pod["metadata"]["name"]: pod["spec"]["containers"][0] for pod in rendered.of("Pod")}
    assert pods.keys() == {f"superbill-test-{name}" for name in ("health", "ready", "bill-a-visit")}
    for container in pods.values():
        secret = {"secretKeyRef": {"name": "my-token", "key": "token"}}
        found = environment(container)
        assert (found["ISSUER"], found["TOKEN"]) == (IDENTITY["issuer"], secret)


def test_helm_test_without_a_token_is_refused_by_the_api(charts: Charts) -> None:
    rendered = charts.rendered("superbill", {"tests": {"billAVisit": True}})
    assert [pod["metadata"]["name"] for pod in rendered.of("Pod")] == [
        "superbill-test-health",
        "superbill-test-ready",
    ]
    for pod in rendered.of("Pod"):
        (container,) = pod["spec"]["containers"]
        assert environment(container) == {"ISSUER": IDENTITY["issuer"]}
