"""A dump reaches the object store and comes back into an empty cluster.

The containers' own scripts run, with a real Postgres and a real server of the protocol S3.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import dev_postgres, migrations
from api.config import ROOT
from tests.charts.rendering import Charts, Object, Rendered, environment, pod_of
from tests.charts.scenarios import STORE
from tests.support.audit_trail import ADD, sealed, two_seals, verify
from tests.support.databases import CLINIC, FAST, Server, TestDatabase
from tests.support.folders import reachable_folder
from tests.support.object_store import KEY, SECRET, ObjectStore, object_store

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

NOW = re.compile(r"superbill-\d{8}T\d{6}Z[.]dump")
FIRST, SECOND, THIRD = (f"superbill-2026010{day}T021700Z.dump" for day in (1, 2, 3))
PATIENTS = "SELECT id, clinic_id, first_name, last_name FROM billing.patient ORDER BY id"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    """Run an object store with the bucket of the scenario."""
    folder = tmp_path / "store"
    folder.mkdir()
    with object_store(folder, "dumps") as running:
        yield running


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of the scenario: their containers run here, on a folder in the volume's place."""

    containers: dict[str, Object]
    volume: Path
    store: ObjectStore

    def run(
        self, container: str, database: TestDatabase | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a container's script with its variables, and those of the store's secret."""
        found = self.containers[f"CronJob/postgres-{container}"]
        script = found["args"][0].replace("/backup", str(self.volume))
        plain = {key: text for key, text in environment(found).items() if isinstance(text, str)}
        plain.pop("RCLONE_CA_CERT", None)  # this store has no certificate
        known = {**plain, "PATH": os.environ["PATH"], **self._elsewhere(database), **variables}
        return subprocess.run(  # noqa: S603 - the chart's own script
            [*found["command"], script], env=known, capture_output=True, text=True, check=False
        )

    def _elsewhere(self, database: TestDatabase | None) -> dict[str, str]:
        if database is None:
            return {
                "RCLONE_CONFIG_STORE_ENDPOINT": self.store.endpoint,
                "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": KEY,
                "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": SECRET,
                "ENCRYPTION_PASSWORD": "correct horse",
            }
        postgres = database.server.postgres
        programs = f"{postgres.psql.parent}:{os.environ['PATH']}"
        host = {"PATH": programs, "PGHOST": str(postgres.socket), "PGSSLROOTCERT": ""}
        return {**host, "PGSSLMODE": "disable"}

    def put(self, *dumps: str) -> None:
        """Write files that pass for dumps to the volume."""
        for dump in dumps:
            (self.volume / dump).write_text(f"PGDMP of {dump}", encoding="utf-8")

    def names(self) -> list[str]:
        """List the volume."""
        return sorted(found.name for found in self.volume.iterdir())


@pytest.fixture
def jobs(charts: Charts, tmp_path: Path, store: ObjectStore) -> Jobs:
    """Give the jobs, with an empty volume."""
    volume = tmp_path / "volume"
    volume.mkdir()
    return Jobs(charts.scenario("copied").containers, volume, store)


def done(ended: subprocess.CompletedProcess[str]) -> str:
    """Give what a script printed that succeeded."""
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.needs("rclone")
@pytest.mark.costly
def test_newest_dump_is_restored_from_the_store_into_an_empty_cluster(
    jobs: Jobs, server: Server, database: TestDatabase, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(two_seals(database)), encoding="utf-8")
    server.execute("CREATE ROLE grace_of_backups LOGIN")
    try:
        database.execute(f"SELECT identity.admit('grace_of_backups', '{CLINIC}')")
        patients = database.execute(PATIENTS)
        done(jobs.run("backup postgres", database, PGDATABASE=database.name))
    finally:
        server.execute("DROP ROLE grace_of_backups")
    done(jobs.run("backup copy"))
    (dump,) = jobs.names()
    assert NOW.fullmatch(dump)
    assert jobs.store.names("dumps/clinic") == [f"{dump}.bin"]
    assert b"PGDMP" not in (jobs.store.folder / "dumps" / "clinic" / f"{dump}.bin").read_bytes()

    (jobs.volume / dump).unlink()
    with (
        reachable_folder() as folder,
        dev_postgres.postgres(folder / "postgres", settings=FAST) as empty,
        closing(Server(empty)) as other,
    ):
        restored = TestDatabase("superbill", other)
        migrations.migrate(restored.owner_url, ROOT / "schema")
        done(jobs.run("restore fetch"))
        assert "restored; the old database is now" in done(jobs.run("restore postgres", restored))
        assert (restored.execute(PATIENTS), verify(restored, log)) == (patients, "")
        restored.execute(ADD)
        assert len(sealed(restored)) == 1


@pytest.mark.needs("rclone")
def test_store_gets_what_it_lacks_and_keeps_the_newest(jobs: Jobs) -> None:
    jobs.put(FIRST)
    done(jobs.run("backup copy"))
    (jobs.store.folder / "dumps" / "clinic" / "notes.txt").write_text("not ours", encoding="utf-8")
    jobs.put(SECOND, THIRD, "superbill-20260104T021700Z.dump.part")
    printed = done(jobs.run("backup copy", KEEP="2"))
    assert f"removed {FIRST} from the object store" in printed
    kept = ["notes.txt", f"{SECOND}.bin", f"{THIRD}.bin"]
    assert jobs.store.names("dumps/clinic") == kept


@pytest.mark.needs("rclone")
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": "another"}, "SignatureDoesNotMatch"),
        ({"RCLONE_CONFIG_DUMPS_REMOTE": "store:dump/clinic/"}, "NoSuchBucket"),
        ({"ENCRYPTION_PASSWORD": ""}, "is missing in the secret of the object store"),
    ],
    ids=["key", "bucket", "password"],
)
def test_backup_fails_with_the_reason_where_the_store_gets_nothing(
    jobs: Jobs, wrong: dict[str, str], reason: str
) -> None:
    jobs.put(FIRST)
    ended = jobs.run("backup copy", None, **wrong)
    assert ended.returncode != 0
    assert reason in ended.stderr
    assert not (jobs.store.folder / "dumps" / "clinic").exists()


@pytest.mark.needs("rclone")
def test_dump_in_the_store_is_never_overwritten(jobs: Jobs) -> None:
    jobs.put(FIRST)
    done(jobs.run("backup copy"))
    (stored,) = (jobs.store.folder / "dumps" / "clinic").iterdir()
    before = stored.read_bytes()
    (jobs.volume / FIRST).write_text("damaged", encoding="utf-8")
    ended = jobs.run("backup copy")
    assert ended.returncode != 0
    assert "immutable file modified" in ended.stderr
    assert stored.read_bytes() == before


@pytest.mark.needs("rclone")
def test_dump_is_fetched_by_its_name_and_a_missing_one_is_refused(jobs: Jobs) -> None:
    jobs.put(FIRST, SECOND)
    done(jobs.run("backup copy"))
    for dump in (FIRST, SECOND):
        (jobs.volume / dump).unlink()
    done(jobs.run("restore fetch", DUMP=f"/backup/{FIRST}"))
    assert jobs.names() == [FIRST]
    assert (jobs.volume / FIRST).read_text(encoding="utf-8") == f"PGDMP of {FIRST}"
    ended = jobs.run("restore fetch", DUMP=THIRD)
    assert ended.returncode != 0
    assert f"there is no dump '{THIRD}', neither on the volume nor in the object" in ended.stderr
    assert SECOND in ended.stderr
    done(jobs.run("restore fetch", DUMP=FIRST, RCLONE_CONFIG_STORE_ENDPOINT="http://127.0.0.1:1"))


@pytest.mark.needs("rclone")
def test_store_that_encrypts_itself_gets_the_dump_as_it_is(jobs: Jobs, charts: Charts) -> None:
    values = {"backup": {"objectStore": {**STORE, "encrypted": False}}}
    plain = Jobs(charts.rendered("postgres", values).containers, jobs.volume, jobs.store)
    plain.put(FIRST)
    done(plain.run("backup copy"))
    assert plain.store.names("dumps/clinic") == [FIRST]


def test_copy_follows_a_dump_and_its_failure_is_the_jobs(charts: Charts) -> None:
    copied = charts.scenario("copied")
    backup = copied.one("CronJob", "postgres-backup")["spec"]["jobTemplate"]["spec"]
    pod = backup["template"]["spec"]
    assert [one["name"] for one in (*pod["initContainers"], *pod["containers"])] == [
        "postgres",
        "copy",
    ]
    assert backup["podFailurePolicy"]["rules"][-1] == {
        "action": "FailJob",
        "onExitCodes": {"containerName": "copy", "operator": "NotIn", "values": [0]},
    }
    restore = pod_of(copied.one("CronJob", "postgres-restore"))["spec"]
    assert [one["name"] for one in (*restore["initContainers"], *restore["containers"])] == [
        "fetch",
        "postgres",
    ]


def test_credentials_of_the_store_come_from_its_secret(charts: Charts) -> None:
    container = charts.scenario("copied").containers["CronJob/postgres-backup copy"]
    assert container["envFrom"] == [{"secretRef": {"name": "my-store"}}]
    variables = environment(container)
    assert variables["RCLONE_CONFIG_STORE_PROVIDER"] == "Rclone"
    assert (variables["KEEP"], variables["RCLONE_CA_CERT"]) == ("30", "/etc/store/ca/ca.crt")
    assert not [name for name in variables if re.search("KEY|PASSWORD", name)]


def test_jobs_may_connect_to_postgres_and_the_store_only(charts: Charts, default: Rendered) -> None:
    def ports(rendered: Rendered) -> list[object]:
        policy = rendered.one("NetworkPolicy", "postgres-backup")["spec"]
        labels = pod_of(rendered.one("CronJob", "postgres-backup"))["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        assert ("ingress" in policy, policy["policyTypes"]) == (False, ["Ingress", "Egress"])
        return [port["port"] for rule in policy["egress"] for port in rule["ports"]]

    assert ports(default) == ["postgres", 53, 53]
    copied = charts.scenario("copied")
    assert ports(copied) == ["postgres", 53, 53, 443]
    rules = copied.one("NetworkPolicy", "postgres-backup")["spec"]["egress"]
    assert rules[-1]["to"] == [{"ipBlock": {"cidr": "10.0.0.0/8"}}]
