"""Every object is valid in the oldest Kubernetes that the charts admit, and in a new one."""

import re

import pytest

from api.config import ROOT
from tests.charts.rendering import RELEASES, Charts, Rendered, title, values_of
from tests.charts.schemas import fault, versions

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

NEWEST = "1.36"
# Kinds of operators; Kubernetes has no schemas of them.
CUSTOM = {
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "Cluster": "postgresql.cnpg.io/v1",
    "Pooler": "postgresql.cnpg.io/v1",
    "ScheduledBackup": "postgresql.cnpg.io/v1",
}


def oldest() -> str:
    """Read the oldest version that the charts admit."""
    ranges = {values_of(f"charts/{chart}/Chart.yaml")["kubeVersion"] for chart in RELEASES}
    (found,) = (re.fullmatch(r">=(\d+\.\d+)\.0-0", text) for text in ranges)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("version", [oldest(), NEWEST])
def test_every_object_is_valid(rendered: Rendered, version: str) -> None:
    assert version in versions()
    built_in = [
        found for found in rendered.objects if CUSTOM.get(found["kind"]) != found["apiVersion"]
    ]
    assert [text for found in built_in if (text := fault(found, version))] == []


def test_the_check_is_strict(default: Rendered) -> None:
    pod = default.one("Pod", "superbill-test-ready")
    mistyped = {**pod, "spec": {**pod["spec"], "restartpolicy": "Never"}}
    assert "'restartpolicy' was unexpected" in fault(mistyped, NEWEST)


def test_no_two_objects_have_one_name(rendered: Rendered) -> None:
    titles = [title(found) for found in rendered.objects]
    assert len(titles) == len(set(titles)) > 8


def test_scenarios_render_every_kind(charts: Charts) -> None:
    """Each kind in a template is rendered in some scenario, and thereby checked."""
    templates = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "charts").glob("*/templates/*.yaml")
    )
    written = set(re.findall(r"^kind: (\w+)$", templates, re.MULTILINE))
    assert {
        found["kind"] for _, rendered in charts.scenarios() for found in rendered.objects
    } == written
    assert written > CUSTOM.keys()
