"""The stack with tokens of an issuer in place of the development identity."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.cluster import issuer
from tests.cluster.conftest import (
    API,
    NAMESPACE,
    Stack,
    eventually,
    kubectl,
    objects,
    psql,
    run,
    wait_for_old_pods,
)
from tests.cluster.tokens import AUDIENCE, CONFIG_MAP, ISSUER, Key, config_map, secret

CLINIC = "00000000-0000-7000-8000-000000000001"  # which the first migration makes
OTHER_CLINIC = "00000000-0000-7000-8000-000000000002"
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


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("superbill_front_desk", (200, 201, 403, 403)),
        ("superbill_clinician", (200, 403, 200, 403)),
        ("superbill_biller", (200, 201, 200, 403)),
        ("superbill_auditor", (200, 403, 200, 200)),
        ("superbill_admin", (403, 403, 200, 200)),
        ("superbill_api", (200, 201, 200, 200)),
    ],
)
def test_each_role_may_do_what_is_its_own(
    stack: Stack, key: Key, role: str, statuses: tuple[int, ...]
) -> None:
    token = key.token(role, CLINIC)
    assert statuses == (
        status(stack, token),
        status(stack, token, "/patients/", JANE),
        status(stack, token, "/cpt_codes/?limit=1"),
        status(stack, token, "/reporting/members/"),
    )


def test_another_clinic_finds_no_patient(stack: Stack, key: Key) -> None:
    psql(
        f"INSERT INTO identity.clinic (id, name) VALUES ('{OTHER_CLINIC}', 'Second')"
        " ON CONFLICT DO NOTHING"
    )
    own, other = (key.token("superbill_biller", clinic) for clinic in (CLINIC, OTHER_CLINIC))
    headers = {"authorization": f"Bearer {own}"}
    url = f"{stack.address}/patients/"
    patient = httpx.post(url, json=JANE, headers=headers, timeout=30).json()["id"]
    assert status(stack, own, f"/patients/{patient}") == 200
    assert status(stack, other, f"/patients/{patient}") == 404


def test_clinic_that_is_not_on_record_is_refused(stack: Stack, key: Key) -> None:
    assert status(stack, key.token("superbill_biller", str(uuid4()))) == 403


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


def test_pods_find_the_keys_of_an_issuer_in_the_cluster(stack: Stack) -> None:
    signing = Key("served")
    image = objects("pods", API)[0]["spec"]["containers"][0]["image"]
    kubectl("apply", "--filename=-", given=issuer.objects(image, signing))
    kubectl("wait", "--for=condition=Ready", f"pod/{issuer.NAME}", "--timeout=60s")
    values = (
        f"superbill.issuer={issuer.URL}",
        f"superbill.audience={AUDIENCE}",
        f"superbill.issuerCaSecret.name={issuer.NAME}",
        f"superbill.networkPolicy.issuer.port={issuer.PORT}",
        "superbill.developmentIdentity=false",
    )
    stack.helmfile("apply", "--state-values-set", ",".join(values))
    wait_for_old_pods()
    role = "superbill_biller"
    assert status(stack, signing.token(role, CLINIC, issuer.URL)) == 200
    assert status(stack, Key("served").token(role, CLINIC, issuer.URL)) == 401
    stack.helmfile("apply")
    wait_for_old_pods()
    kubectl("delete", "pod", issuer.NAME, "--wait")
