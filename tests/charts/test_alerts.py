"""Alerts and dashboard ask for metrics and labels that the server shows, in well-formed PromQL."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
from promql_parser import VectorSelector

from api.http.counts import Counts
from api.http.metrics import Metrics
from api.operations import service_paths
from tests.charts.rendering import Charts
from tests.support.metrics import Metrics as Shown

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

# What Prometheus adds to the labels of a pod's metrics.
ADDED = {"namespace", "job", "pod"}
# Metrics of other programs: kube-state-metrics, and CloudNativePG's plugin Barman Cloud.
OTHERS = {
    "kube_cronjob_created": {"namespace", "cronjob"},
    "kube_cronjob_status_last_successful_time": {"namespace", "cronjob"},
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp": {"namespace", "pod"},
}
BUNDLED = {"prometheusRule": {"enabled": True}}


@pytest.fixture(scope="module")
def expressions(charts: Charts) -> dict[str, str]:
    """Give every expression by the name of its alert or the title of its panel."""
    monitored = charts.scenario("monitored")
    bundled = charts.rendered("postgres", BUNDLED).of("PrometheusRule")
    found: dict[str, str] = {}
    for rule in (*monitored.of("PrometheusRule"), *bundled):
        for group in rule["spec"]["groups"]:
            for each in group["rules"]:
                found[f"{each['alert']} {len(found)}"] = each["expr"]
    for panel in dashboard(charts)["panels"]:
        for target in panel["targets"]:
            written = target["expr"].replace("$__rate_interval", "5m")
            found[f"{panel['title']}: {target['refId']}"] = written
    return found


def dashboard(charts: Charts) -> dict[str, Any]:
    """Read the dashboard."""
    held = charts.scenario("monitored").one("ConfigMap", "superbill-dashboard")
    assert held["metadata"]["labels"]["grafana_dashboard"] == "1"
    found: dict[str, Any] = json.loads(held["data"]["superbill.json"])
    return found


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """Give the labels of each metric that the server shows."""
    counts, ready = Counts(), service_paths.READY.id
    counts.requests[ready, 503] = counts.durations[ready][0] = 1
    metrics = Metrics(counts, lambda: (10, 1))
    families = Shown(metrics.text().decode()).families.values()
    return {
        sample.name: {*sample.labels, *ADDED} for family in families for sample in family.samples
    }


def selectors(found: object) -> Iterator[VectorSelector]:
    """Yield the selectors in an expression."""
    if isinstance(found, VectorSelector):
        yield found
        return
    for name in ("expr", "lhs", "rhs", "args", "vector_selector", "param"):
        part = getattr(found, name, None)
        for each in part if isinstance(part, list) else [part]:
            if each is not None:
                yield from selectors(each)


def test_expressions_ask_for_metrics_and_labels_that_exist(
    expressions: dict[str, str], shown: dict[str, set[str]]
) -> None:
    known = {**shown, **OTHERS}
    for name, text in expressions.items():
        asked = [*selectors(promql_parser.parse(text))]
        assert len(asked) == len(re.findall(r"\{", text)) > 0, name
        for each in asked:
            labels = {matcher.name for matcher in each.matchers.matchers}
            assert each.name in known, name
            assert labels <= known[each.name], (name, labels)
    grouped = {
        label
        for text in expressions.values()
        for group in re.findall(r"\bby \(([^)]*)\)", text)
        for label in re.split(r"\W+", group)
    }
    assert grouped <= {"le", "operation", "status", "pod"}


def test_alerts_have_what_an_operator_is_told_to_do(charts: Charts) -> None:
    rules = (
        *charts.scenario("monitored").of("PrometheusRule"),
        *charts.rendered("postgres", BUNDLED).of("PrometheusRule"),
    )
    guide = (charts.place / "charts" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`Superbill.*?) \|", guide, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"\w+", row)}
    made = set()
    for rule in rules:
        for group in rule["spec"]["groups"]:
            for each in group["rules"]:
                made.add(each["alert"])
                assert each["annotations"]["summary"].endswith(".")
                assert each["labels"]["severity"] in {"warning", "critical"}
    assert made == told


def test_rate_of_refused_readiness_names_the_operation_of_ready(
    expressions: dict[str, str],
) -> None:
    (text,) = (found for name, found in expressions.items() if name.startswith("SuperbillNotReady"))
    assert f'operation="{service_paths.READY.id}"' in text


def test_alert_on_backups_follows_from_the_kind_of_database(charts: Charts) -> None:
    (bundled,) = charts.rendered("postgres", BUNDLED).of("PrometheusRule")
    names = [each["alert"] for each in bundled["spec"]["groups"][0]["rules"]]
    assert names == ["SuperbillBackupOld", "SuperbillBackupMissing"]
    assert 'cronjob="postgres-backup"' in bundled["spec"]["groups"][0]["rules"][0]["expr"]
    without = {**BUNDLED, "backup": {"enabled": False}}
    assert charts.rendered("postgres", without).of("PrometheusRule") == []
