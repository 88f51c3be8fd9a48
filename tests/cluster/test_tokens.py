"""The stack with tokens of an issuer in place of the development identity."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.cluster.conftest import (
    NAMESPACE,
    Stack,
    eventually,
    kubectl,
    run,
    wait_for_old_pods,
)
from tests.cluster.tokens import AUDIENCE, CONFIG_MAP, ISSUER, Key, config_map, secret

CLINIC = "00000000-0000-7000-8000-000000000001"  # which the first migration makes
SECRET = "test-token"  # noqa: S105 - the name of a secret
VALUES = (
    f"superbill.issuer={ISSUER}",
    f"superbill.audience={AUDIENCE}",
    f"superbill.jwks.configMap={CONFIG_MAP}",
    "superbill.developmentIdentity=false",
    f"superbill.tests.token.secret={SECRET}",
)
JANE = {"first_name": "Jane", "last_name": "Roe"}
MINUTE = 60


@pytest.fixture(scope="module")
def key(stack: Stack) -> Iterator[Key]:
    """Let the stack accept tokens of a key, and give the key."""
    made = Key("first")
    kubectl("apply", "--filename=-", given=config_map(made))
    token = made.token("superbill_biller", CLINIC)
    kubectl("apply", "--filename=-", given=secret(SECRET, token))
    stack.helmfile("apply", "--state-values-set", ",".join(VALUES))
    wait_for_old_pods()
    yield made
    stack.helmfile("apply")
    wait_for_old_pods()


def status(stack: Stack, token: str, path: str = "/patients/?limit=1", body: object = None) -> int:
    """Send a request through the Ingress, a POST where there is a body, and give the status."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    method = "GET" if body is None else "POST"
    url = stack.address + path
    return httpx.request(method, url, json=body, headers=headers, timeout=30).status_code


def test_only_tokens_of_the_issuer_are_let_in(stack: Stack, key: Key) -> None:
    refused = httpx.get(f"{stack.address}/patients/", timeout=30)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert status(stack, Key(key.name).token("superbill_biller", CLINIC)) == 401
    assert status(stack, key.token("superbill_biller", CLINIC)) == 200
    assert status(stack, key.token("superbill_owner", CLINIC)) == 403


def test_each_role_may_do_what_is_its_own(stack: Stack, key: Key) -> None:
    front_desk = key.token("superbill_front_desk", CLINIC)
    auditor = key.token("superbill_auditor", CLINIC)
    assert status(stack, front_desk, "/patients/", JANE) == 201
    assert status(stack, auditor, "/patients/", JANE) == 403
    assert status(stack, auditor) == 200


def test_another_clinic_finds_no_patient(stack: Stack, key: Key) -> None:
    own, other = (key.token("superbill_biller", clinic) for clinic in (CLINIC, str(uuid4())))
    headers = {"authorization": f"Bearer {own}"}
    url = f"{stack.address}/patients/"
    patient = httpx.get(url, headers=headers, timeout=30).json()[0]["id"]
    assert status(stack, own, f"/patients/{patient}") == 200
    assert status(stack, other, f"/patients/{patient}") == 404


@pytest.mark.usefixtures("key")
def test_helm_test_passes_with_a_token(stack: Stack) -> None:
    assert stack.environment != "production"
    printed = run("helm", f"--namespace={NAMESPACE}", "test", "superbill", "--logs")
    assert "without a token: 401" in printed
    assert printed.count("Succeeded") == 3


def test_keys_are_exchanged_without_a_restart(stack: Stack, key: Key) -> None:
    newer = Key("second")
    kubectl("apply", "--filename=-", given=config_map(key, newer))
    # The kubelet writes the file again within two minutes.
    eventually(lambda: status(stack, newer.token("superbill_biller", CLINIC)) == 200, 3 * MINUTE)
    assert status(stack, key.token("superbill_biller", CLINIC)) == 200
