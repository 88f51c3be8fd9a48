"""What README tells an operator to write is what the charts take."""

import re

import pytest
import yaml

from tests.charts.rendering import RELEASES, Charts, environment, objects, values_of
from tests.support.transcripts import SECTIONS

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

SECTION = SECTIONS["On a cluster"]
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)


def test_the_settings_of_one_cluster_render(charts: Charts) -> None:
    found = objects(charts.helmfile("default", yaml.safe_load(BLOCKS[0]), "template"))
    (ingress,) = (one for one in found if one["kind"] == "Ingress")
    assert ingress["spec"]["ingressClassName"] == "traefik"
    assert ingress["spec"]["tls"] == [{"secretName": "billing-tls", "hosts": ["billing.example"]}]
    assert [
        one["data"]["CONNECTIONS"] for one in found if "CONNECTIONS" in one.get("data", {})
    ] == ["20"]


def test_a_postgres_elsewhere_is_what_the_pods_talk_to(charts: Charts) -> None:
    found = objects(charts.helmfile("production", yaml.safe_load(BLOCKS[1]), "template"))
    (deployment,) = (one for one in found if one["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    url = "postgresql://pooler.example:5432/superbill?sslmode=verify-full&sslrootcert=/etc/superbill/ca/ca.crt"
    assert environment(container)["DATABASE_URL"] == url
    assert not [
        one for one in found if one["kind"] in ("StatefulSet", "Cluster", "Ingress", "HTTPRoute")
    ]


def test_every_value_that_is_named_exists() -> None:
    known = {release: values_of(f"charts/{release}/values.yaml") for release in RELEASES}
    rows = re.findall(r"^\| (`(?:superbill|postgres)\..*?) \|", SECTION, re.MULTILINE)
    assert len(rows) > 8
    for row in rows:
        parent: list[str] = []
        for name in re.findall(r"`([\w.]+)`", row):
            path = [*parent, name[1:]] if name.startswith(".") else name.split(".")
            parent = path[:-1]
            value = known
            for step in path:
                value = value[step]
