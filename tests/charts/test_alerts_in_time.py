"""Alerts fire where they should, and not where they should not: `promtool test rules`."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.rendering import Charts

pytestmark = [
    pytest.mark.needs("helm"),
    pytest.mark.needs("helmfile"),
    pytest.mark.needs("promtool"),
]

# Values of series, one for each step: 0+6x20 is 0, 6, 12, … and 5x20 is 5 all along.
OF = 'namespace="default",job="superbill"'
REQUESTS = f'superbill_requests_total{{{OF},pod="a",operation="%s",status="%s"}}'
SECONDS = f'superbill_request_duration_seconds_bucket{{{OF},operation="patients.read",le="%s"}}'
IN_USE, HELD = (f'superbill_connections_{name}{{{OF},pod="a"}}' for name in ("in_use", "held"))
BACKUP = 'namespace="default",cronjob="postgres-backup"'
SUCCEEDED, CREATED = (
    f"kube_cronjob_{name}{{{BACKUP}}}" for name in ("status_last_successful_time", "created")
)
DAY = "26h10m"  # and two hours for the backup itself, and two steps

# The alert, its series, when it is looked at, and what it then says; None: nothing.
Case = tuple[str, dict[str, str], str, str | None, dict[str, str]]
NAMESPACE = {"namespace": "default"}
LOST = (
    "Reads are missing in the record of who read what, because the database could not be written"
    " to."
)
API: list[Case] = [
    (
        "SuperbillGone",
        {},
        "6m",
        "No pod of the API shows its metrics.",
        {**NAMESPACE, "job": "superbill"},
    ),
    ("SuperbillGone", {f"superbill_build_info{{{OF}}}": "1x20"}, "6m", None, {}),
    (
        "SuperbillNotReady",
        {REQUESTS % ("service.ready", 503): "0+30x20"},
        "8m",
        "The pod a has not been ready for 5 minutes; what it answers at /ready/ says why.",
        {"pod": "a"},
    ),
    ("SuperbillNotReady", {REQUESTS % ("service.ready", 200): "0+30x20"}, "8m", None, {}),
    (
        "SuperbillErrors",
        {REQUESTS % ("a.read", 500): "0+6x20", REQUESTS % ("a.read", 200): "0+94x20"},
        "12m",
        "6% of the requests are answered with a status of 500 or more.",
        {},
    ),
    (
        "SuperbillErrors",
        {REQUESTS % ("a.read", 503): "0+4x20", REQUESTS % ("a.read", 404): "0+96x20"},
        "12m",
        None,
        {},
    ),
    (
        "SuperbillErrors",
        {REQUESTS % ("service.ready", 503): "0+60x20", REQUESTS % ("a.read", 200): "0+10x20"},
        "12m",
        None,
        {},
    ),
    (
        "SuperbillSlow",
        {SECONDS % "0.5": "0+90x20", SECONDS % "1.0": "0+100x20", SECONDS % "+Inf": "0+100x20"},
        "16m",
        "One request in twenty takes longer than 750ms.",
        {},
    ),
    (
        "SuperbillSlow",
        {SECONDS % "0.5": "0+96x20", SECONDS % "1.0": "0+100x20", SECONDS % "+Inf": "0+100x20"},
        "16m",
        None,
        {},
    ),
    (
        "SuperbillConnectionsInUse",
        {IN_USE: "10x20", HELD: "10x20"},
        "6m",
        "The pod a uses 100% of its connections to the database: requests wait.",
        {"pod": "a"},
    ),
    ("SuperbillConnectionsInUse", {IN_USE: "9x20", HELD: "10x20"}, "6m", None, {}),
    (
        "SuperbillReadsNotRecorded",
        {f"superbill_lost_reads_total{{{OF}}}": "0x5 3x20"},
        "8m",
        LOST,
        {},
    ),
    ("SuperbillReadsNotRecorded", {f"superbill_lost_reads_total{{{OF}}}": "3x20"}, "8m", None, {}),
]
CRON = {**NAMESPACE, "cronjob": "postgres-backup"}
POSTGRES: list[Case] = [
    ("SuperbillBackupOld", {SUCCEEDED: "0x320"}, DAY, "The last backup is 1d 2h 10m 0s old.", {}),
    ("SuperbillBackupOld", {SUCCEEDED: "0x320"}, "26h", None, {}),
    ("SuperbillBackupMissing", {CREATED: "0x320"}, DAY, "There has never been a backup.", CRON),
    ("SuperbillBackupMissing", {CREATED: "0x320", SUCCEEDED: "0x320"}, DAY, None, {}),
]


def written_for_promtool(case: Case, groups: list[dict[str, Any]], step: str) -> dict[str, Any]:
    """Write a case as promtool reads it."""
    alert, series, moment, summary, labels = case
    (rule,) = (one for group in groups for one in group["rules"] if one["alert"] == alert)
    fired = {
        "exp_labels": {**labels, **rule["labels"]},
        "exp_annotations": {"summary": summary},
    }
    return {
        "interval": step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"alertname": alert, "eval_time": moment, "exp_alerts": [fired] if summary else []}
        ],
    }


@pytest.mark.parametrize(
    ("chart", "cases", "step"), [("superbill", API, "1m"), ("postgres", POSTGRES, "5m")]
)
def test_alerts_fire_in_time_and_only_then(
    charts: Charts, tmp_path: Path, chart: str, cases: list[Case], step: str
) -> None:
    (rule,) = charts.rendered(chart, {"prometheusRule": {"enabled": True}}).of("PrometheusRule")
    groups = rule["spec"]["groups"]
    assert {case[0] for case in cases if case[3]} == {
        one["alert"] for group in groups for one in group["rules"]
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    tests = [written_for_promtool(case, groups, step) for case in cases]
    written = {"rule_files": ["rules.yaml"], "evaluation_interval": step, "tests": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(written))
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yaml"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
