"""The bundled Postgres has a certificate that its clients check, and lets nobody in unasked."""

import base64
import os
import pwd
import ssl
from pathlib import Path

import psycopg
import pytest

from api.cli import dev_postgres
from tests.charts.rendering import Charts, Rendered, environment
from tests.support.folders import reachable_folder
from tests.support.processes import eventually

pytestmark = [pytest.mark.needs("helm"), pytest.mark.needs("helmfile")]

HOSTS = ("postgres", "postgres.superbill.svc", "localhost")


@pytest.fixture(scope="module")
def files(charts: Charts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of the secret with the certificate, as pods mount them."""
    folder = tmp_path_factory.mktemp("tls")
    secret = charts.scenario("default").one("Secret", "postgres-tls")
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    for name, content in secret["data"].items():
        (folder / name).write_bytes(base64.b64decode(content))
    return folder


def shake_hands(files: Path, host: str) -> str | None:
    """Connect a client that checks everything to a server with the certificate.

    Gives the protocol.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files / "tls.crt", files / "tls.key")
    client = ssl.create_default_context(cafile=str(files / "ca.crt"))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=host)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking, answering):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return asking.version()


@pytest.mark.parametrize("host", HOSTS)
def test_certificate_is_valid_for_each_name_of_the_service(files: Path, host: str) -> None:
    assert shake_hands(files, host) == "TLSv1.3"


def test_certificate_is_not_valid_for_another_host(files: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'other'"):
        shake_hands(files, "other")


def test_every_client_of_the_bundled_postgres_checks_its_certificate(default: Rendered) -> None:
    checking = set()
    for name, container in default.containers.items():
        variables = environment(container)
        urls = [value for key, value in variables.items() if key.endswith("DATABASE_URL")]
        if "PGHOST" in variables:
            assert variables["PGSSLMODE"] == "verify-full"
            assert variables["PGSSLROOTCERT"] == "/etc/postgres/ca/ca.crt"
            checking.add(name)
        for url in urls:
            assert "?sslmode=verify-full&sslrootcert=/etc/superbill/ca/ca.crt" in url
            checking.add(name)
    assert checking == default.containers.keys() - {
        "StatefulSet/postgres postgres",
        "Pod/superbill-test-health test",
        "Pod/superbill-test-ready test",
    }


def test_only_postgres_itself_has_the_key(default: Rendered) -> None:
    whole = set()
    for name, pod in default.pods.items():
        for volume in pod["spec"].get("volumes", ()):
            secret = volume.get("secret", {})
            if secret.get("secretName") == "postgres-tls":
                if "items" not in secret:
                    whole.add(name)
                    assert secret["defaultMode"] == 0o440
                else:
                    assert [item["key"] for item in secret["items"]] == ["ca.crt"]
    assert whole == {"StatefulSet/postgres"}


def test_existing_certificate_takes_the_place_of_the_generated_one(charts: Charts) -> None:
    named = {
        secret["secretName"]
        for pod in charts.scenario("own secrets").pods.values()
        for volume in pod["spec"].get("volumes", ())
        if (secret := volume.get("secret"))
    }
    assert named == {"my-certificate"}


def test_socket_lets_in_the_user_of_the_pod_only(default: Rendered) -> None:
    """Postgres itself reads the rules; this process stands for the pod's user, then for another."""
    rules = default.one("ConfigMap", "postgres-sql")["data"]
    me = pwd.getpwuid(os.getuid()).pw_name
    with reachable_folder() as folder, dev_postgres.postgres(folder / "postgres") as server:
        data = folder / "postgres" / "data"
        url = server.url("postgres", "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            for user, outcomes in ((me, ("superbill_psql", None)), ("another", (None, None))):
                (data / "pg_hba.conf").write_text(rules["pg_hba.conf"])
                identities = rules["pg_ident.conf"].replace("pod  postgres", f"pod  {user}")
                (data / "pg_ident.conf").write_text(identities)
                connection.execute("SELECT pg_reload_conf()")
                assert eventually(lambda: mapped(connection) == {user})  # noqa: B023
                for login, outcome in zip(
                    ("superbill_psql", "superbill_server"), outcomes, strict=True
                ):
                    assert logged_in(server.url(login, "postgres")) == outcome


def mapped(connection: psycopg.Connection) -> set[str]:
    """Give the users of the machine that the server's rules know."""
    rows = connection.execute("SELECT sys_name FROM pg_ident_file_mappings").fetchall()
    return {name for (name,) in rows}


def logged_in(url: str) -> str | None:
    """Connect; give the login, or None if it is refused."""
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT current_user").fetchone()
    except psycopg.OperationalError:
        return None
    return str(row[0]) if row else None


def test_access_rules_trust_nobody(default: Rendered) -> None:
    arguments = default.containers["StatefulSet/postgres postgres"]["args"]
    assert "--hba_file=/etc/postgres/access/pg_hba.conf" in arguments
    rules = [
        line.split()
        for line in default.one("ConfigMap", "postgres-sql")["data"]["pg_hba.conf"].splitlines()
        if not line.startswith("#")
    ]
    assert [(rule[0], rule[-1]) for rule in rules if rule[0] == "local"] == [("local", "map=pod")]
    assert {rule[0]: rule[-1] for rule in rules if rule[0] != "local"} == {
        "hostssl": "scram-sha-256"
    }
