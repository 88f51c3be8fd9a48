"""The chart of the database: no rows in its log, data on its volume, and backups."""

import re
import subprocess
from typing import Any

import pytest

from api.catalog.text_settings import NOT_TRACKED
from api.cli import postgres_installation, postgres_server
from tests.charts.rendering import RELEASES, Charts, Rendered, environment, objects, pod_of

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

PRIVATE = {
    name: value for name, value in postgres_server.SETTINGS.items() if name.startswith("log_")
}
LOUD = {"log_statement": "all", "log_error_verbosity": "verbose", "max_connections": "7"}


def settings(rendered: Rendered) -> dict[str, str]:
    """Give the settings of Postgres, of the StatefulSet or of CloudNativePG's cluster."""
    if clusters := rendered.of("Cluster"):
        found: dict[str, str] = clusters[0]["spec"]["postgresql"]["parameters"]
        return found
    arguments = rendered.containers["StatefulSet/postgres postgres"]["args"]
    return {
        name: value
        for name, _, value in (text.removeprefix("--").partition("=") for text in arguments)
    }


@pytest.mark.parametrize("scenario", ["default", "kind", "production"])
def test_rows_stay_out_of_the_log_as_in_development(charts: Charts, scenario: str) -> None:
    found = settings(charts.scenario(scenario))
    assert len(PRIVATE) >= 4
    assert PRIVATE.items() <= found.items()
    assert (found["log_statement"], found["log_min_duration_statement"]) == ("none", "-1")
    assert found["timezone"] == "UTC"


@pytest.mark.parametrize("operated", [False, True])
def test_values_cannot_add_rows_to_the_log(charts: Charts, *, operated: bool) -> None:
    values: dict[str, Any] = {"cloudNativePG": {"enabled": operated}}
    for name, value in LOUD.items():
        assert f"settings.{name}: the chart sets this itself" in charts.refusal(
            "postgres", {**values, "settings": {name: value}}
        )
    found = settings(charts.rendered("postgres", {**values, "settings": {"work_mem": "5MB"}}))
    assert PRIVATE.items() <= found.items()
    assert (found["log_statement"], found["work_mem"], found["max_connections"]) == (
        "none",
        "5MB",
        "200",
    )


def test_new_cluster_begins_with_the_backups_of_another_and_writes_its_own(charts: Charts) -> None:
    recovery = {"from": "postgres-cluster", "targetTime": "2026-11-23 14:05:00+00"}
    values = {"enabled": True, "recovery": recovery, "backup": {"serverName": "postgres-cluster-2"}}
    ((cluster,), (begun,)) = (
        charts.rendered("postgres", {"cloudNativePG": given}).of("Cluster")
        for given in (values, {"enabled": True})
    )
    bootstrap = cluster["spec"]["bootstrap"]
    assert bootstrap.keys() == {"recovery"}
    assert begun["spec"]["bootstrap"].keys() == {"initdb"}
    assert bootstrap["recovery"]["recoveryTarget"] == {"targetTime": recovery["targetTime"]}
    (origin,) = cluster["spec"]["externalClusters"]
    assert bootstrap["recovery"]["source"] == origin["name"]
    written = [one["spec"]["plugins"][0]["parameters"] for one in (begun, cluster)]
    assert origin["plugin"]["parameters"] == written[0]
    assert written[1] == {**written[0], "serverName": "postgres-cluster-2"}


def test_settings_exist_in_postgres(default: Rendered, production: Rendered) -> None:
    """Postgres does not start with an unknown setting."""
    server = str(postgres_installation.packaged_programs() / "postgres")
    described = subprocess.run(  # noqa: S603
        [server, "--describe-config"], capture_output=True, text=True, check=True
    )
    known = {line.split("\t")[0].lower() for line in described.stdout.splitlines()}
    for rendered in (default, production):
        assert settings(rendered).keys() - known == set()


def test_data_directory_of_the_image_is_on_the_volume(default: Rendered) -> None:
    """Its data directory is /var/lib/postgresql/18/docker; it refuses a volume at …/data."""
    server = default.containers["StatefulSet/postgres postgres"]
    mounts = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    assert mounts["data"] == "/var/lib/postgresql"
    assert server["image"].endswith(":18")
    assert default.pods["StatefulSet/postgres"]["spec"]["securityContext"]["fsGroup"] == 999
    (claim,) = default.one("StatefulSet", "postgres")["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == "data"


def test_text_is_ordered_as_in_development(default: Rendered, production: Rendered) -> None:
    arguments = environment(default.containers["StatefulSet/postgres postgres"])[
        "POSTGRES_INITDB_ARGS"
    ]
    for argument in (
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
    ):
        assert argument in arguments.split()
    bootstrap = production.cluster["spec"]["bootstrap"]["initdb"]
    ordered = {
        "encoding": "UTF8",
        "localeProvider": "builtin",
        "builtinLocale": "C.UTF-8",
        "dataChecksums": True,
    }
    assert ordered.items() <= bootstrap.items()


def test_dumps_are_scheduled_and_restores_are_suspended(default: Rendered) -> None:
    backup, restore = (
        default.one("CronJob", "postgres-backup"),
        default.one("CronJob", "postgres-restore"),
    )
    assert backup["spec"].get("suspend") is None
    assert restore["spec"]["suspend"] is True
    for job, user, secret in (
        (backup, "superbill_owner", "owner"),
        (restore, "postgres", "superuser"),
    ):
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        pod = pod_of(job)["spec"]
        variables = environment(pod["containers"][0])
        assert variables["PGUSER"] == user
        assert variables["PGPASSWORD"]["secretKeyRef"] == {
            "name": f"postgres-{secret}",
            "key": "password",
        }
        claim = {"name": "backup", "persistentVolumeClaim": {"claimName": "postgres-backup"}}
        assert claim in pod["volumes"]
    assert environment(pod_of(backup)["spec"]["containers"][0])["KEEP"] == "14"


def test_without_backups_there_is_no_volume_for_them(charts: Charts) -> None:
    small = charts.scenario("small")
    assert (small.of("CronJob"), small.of("PersistentVolumeClaim")) == ([], [])
    assert "backup" not in {
        volume["name"] for volume in small.pods["StatefulSet/postgres"]["spec"]["volumes"]
    }


def test_scripts_are_bash(default: Rendered) -> None:
    for name, container in default.containers.items():
        if container.get("command") == ["bash", "-c"]:
            (script,) = container["args"]
            done = subprocess.run(
                ["bash", "-n"],  # noqa: S607
                input=script,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.stderr == "", name


def test_pooler_keeps_prepared_statements_and_backups_are_scheduled(
    production: Rendered,
) -> None:
    pooler = production.one("Pooler", "postgres-pooler")["spec"]
    assert (pooler["type"], pooler["pgbouncer"]["poolMode"]) == ("rw", "transaction")
    parameters = pooler["pgbouncer"]["parameters"]
    assert int(parameters["max_prepared_statements"]) >= 100
    assert set(NOT_TRACKED) <= set(parameters["ignore_startup_parameters"].split(","))
    cluster = production.cluster["spec"]
    (plugin,) = cluster["plugins"]
    assert plugin["isWALArchiver"] is True
    scheduled = production.one("ScheduledBackup", "postgres")["spec"]
    assert scheduled["pluginConfiguration"]["name"] == plugin["name"]
    assert len(scheduled["schedule"].split()) == 6


def test_database_and_pooler_refuse_connections_without_tls(production: Rendered) -> None:
    assert production.cluster["spec"]["postgresql"]["pg_hba"][0] == "hostnossl all all all reject"
    pooler = production.one("Pooler", "postgres-pooler")["spec"]["pgbouncer"]["parameters"]
    assert pooler["client_tls_sslmode"] in ("require", "verify-full")


def test_managed_role_is_the_login_of_the_server(production: Rendered) -> None:
    cluster = production.cluster["spec"]
    managed = {role["name"]: role["passwordSecret"]["name"] for role in cluster["managed"]["roles"]}
    assert managed == {"superbill_server": "postgres-server"}
    assert cluster["enableSuperuserAccess"] is False
    bootstrap = cluster["bootstrap"]["initdb"]
    assert (bootstrap["database"], bootstrap["owner"]) == ("superbill", "superbill_owner")
    assert bootstrap["secret"] == {"name": "postgres-owner"}
    (reference,) = bootstrap["postInitSQLRefs"]["configMapRefs"]
    assert reference["key"] in production.one("ConfigMap", reference["name"])["data"]


@pytest.mark.parametrize("release", RELEASES)
def test_release_with_another_name_renders_the_same(charts: Charts, release: str) -> None:
    """Only the names of objects depend on the name of the release, not roles or the database."""
    done = charts.template(release, {}, name="other")
    assert done.returncode == 0, done.stderr
    names = {found["metadata"]["name"] for found in objects(done.stdout)}
    assert {name for name in names if not re.fullmatch(r"other(-.*)?", name)} == set()
