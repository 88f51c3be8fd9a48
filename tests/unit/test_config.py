"""The configuration: its defaults, what is read, and every fault at once."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from api.config import ROOT, SETTINGS, Config, ConfigError, read
from tests.support.settings_table import table

OWN_HOSTS = "localhost,127.0.0.1,[::1]"


def test_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Config(hosts=OWN_HOSTS)
    empty = dict.fromkeys(
        ("HOST", "HOSTS", "PORT", "CONNECTIONS", "DATABASE_URL", "SCHEMA_DIR", "LOG_LEVEL"), ""
    )
    assert read(empty) == Config(hosts=OWN_HOSTS)


def test_defaults_are_safe() -> None:
    config = Config()
    assert (config.host, config.port, config.body_limit) == ("127.0.0.1", 8080, 1024 * 1024)
    assert config.schema_dir == ROOT / "schema"
    assert config.postgres_dir == ROOT / ".postgres"
    assert (config.database_url, config.migration_database_url) == ("", "")


def test_everything_can_be_set(tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": "postgresql://api@db/billing?sslmode=require",
        "MIGRATION_DATABASE_URL": "postgres://owner@db/billing",
        "DATABASE_WAIT": "3600",
        "HOST": "::",
        "PORT": "0",
        "HOSTS": "Billing.example. , [::1],192.0.2.7,localhost,x_1.test,localhost",
        "ORIGINS": "https://portal.example , http://[::1]:5173,http://localhost:3000",
        "PREFIX": "https://billing.example:8443/v1/bills/",
        "TRUST_PROXY": "1",
        "ISSUER": "https://issuer.example/realms/a/",
        "AUDIENCE": "billing",
        "JWKS": "http://[::1]:9000/keys",
        "ALGORITHMS": "PS512, ES384,PS512",
        "ROLE_CLAIM": "resource_access.superbill.roles",
        "TENANT_CLAIM": "https://superbill.example/tenant",
        "DEVELOPMENT_IDENTITY": "1",
        "WORKERS": "2",
        "CONNECTIONS": "1",
        "WAIT": "1",
        "DRAIN": "0",
        "TIMEOUT": "600",
        "BODY_LIMIT": "1",
        "LOG_LEVEL": "debug",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example/otlp",
        "OTEL_TRACES_SAMPLER": "ParentBased_TraceIdRatio",
        "OTEL_TRACES_SAMPLER_ARG": "0.010",
        "SCHEMA_DIR": str(tmp_path),
        "POSTGRES_DIR": str(tmp_path / "data"),
        "UNRELATED": "anything",
    }
    assert read(environ) == Config(
        database_url="postgresql://api@db/billing?sslmode=require",
        migration_database_url="postgres://owner@db/billing",
        database_wait=3600,
        host="::",
        port=0,
        hosts="billing.example,[::1],192.0.2.7,localhost,x_1.test",
        origins="https://portal.example,http://[::1]:5173,http://localhost:3000",
        prefix="https://billing.example:8443/v1/bills",
        trust_proxy=1,
        issuer="https://issuer.example/realms/a/",
        audience="billing",
        jwks="http://[::1]:9000/keys",
        algorithms="PS512,ES384",
        role_claim="resource_access.superbill.roles",
        tenant_claim="https://superbill.example/tenant",
        development_identity=1,
        workers=2,
        connections=1,
        wait=1,
        drain=0,
        timeout=600,
        body_limit=1,
        log_level="DEBUG",
        otel_exporter_otlp_endpoint="https://collector.example/otlp",
        otel_traces_sampler="parentbased_traceidratio",
        otel_traces_sampler_arg=0.01,
        schema_dir=tmp_path,
        postgres_dir=tmp_path / "data",
    )


def test_limits_for_clients_can_be_set() -> None:
    environ = {"CLIENTS": "1000000", "KEEP_ALIVE": "3600", "HEAD_LIMIT": "16384"}
    assert read(environ) == Config(
        clients=1_000_000, keep_alive=3600, head_limit=16_384, hosts=OWN_HOSTS
    )


def test_a_folder_is_found_from_where_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read({"SCHEMA_DIR": "schema"}).schema_dir == tmp_path / "schema"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "65536", "PORT must be a whole number from 0 to 65535."),
        ("PORT", "-1", "PORT must be a whole number from 0 to 65535."),
        ("PORT", "http", "PORT must be a whole number from 0 to 65535."),
        ("PORT", "٨٠", "PORT must be a whole number from 0 to 65535."),
        ("PORT", "8080.0", "PORT must be a whole number from 0 to 65535."),
        ("PORT", "9" * 5000, "PORT must be a whole number from 0 to 65535."),
        ("CONNECTIONS", "0", "CONNECTIONS must be a whole number from 1 to 1000."),
        ("WAIT", "0", "WAIT must be a whole number from 1 to 600."),
        ("CLIENTS", "0", "CLIENTS must be a whole number from 1 to 1000000."),
        ("KEEP_ALIVE", "0", "KEEP_ALIVE must be a whole number from 1 to 3600."),
        ("HEAD_LIMIT", "16385", "HEAD_LIMIT must be a whole number from 1024 to 16384."),
        ("HEAD_LIMIT", "1023", "HEAD_LIMIT must be a whole number from 1024 to 16384."),
        ("TIMEOUT", "601", "TIMEOUT must be a whole number from 1 to 600."),
        ("DATABASE_WAIT", "3601", "DATABASE_WAIT must be a whole number from 0 to 3600."),
        ("DATABASE_WAIT", "1.5", "DATABASE_WAIT must be a whole number from 0 to 3600."),
        ("BODY_LIMIT", "1 MiB", "BODY_LIMIT must be a whole number from 1 to 1073741824."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR."),
    ],
)
def test_number_out_of_bounds_is_refused_with_a_sentence(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read({name: value})
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "value",
    [
        "*", "null", "portal.example", "https://", "https://portal.example/", "https://a b",
        "https://Portal.example", "https://portal.example:443", "http://portal.example:80",
        "https://*.example", "https://me@portal.example", "https://portal.example:",
        "https://portal.example:080", "https://portal.example?", "ftp://portal.example",
        "https://portal.example,,http://other.example", "https://portal.example,", ",", " ", "x",
        "https://portal.example\nx: y",
    ],
)  # fmt: skip
def test_malformed_origin_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"ORIGINS": value})
    sentence = (
        "ORIGINS must be a list of origins as https://host or http://host:port,"
        " separated by commas."
    )
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "value",
    [
        "*", "*.example", ".example", "billing..example", "billing.example:8080", "::1",
        "http://billing.example", "[::1]:8080", "[]", "a b", "me@billing.example",
        "billing.example/", "bücher.example", "a,,b", "a,", ",", " ", ".", "a\nb",
    ],
)  # fmt: skip
def test_malformed_host_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"HOSTS": value})
    sentence = (
        "HOSTS must be a list of hosts as billing.example or [::1], without ports,"
        " separated by commas."
    )
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "value",
    [
        "api", "api/", "//", "/a//b", "/..", "/a/./b", "/a/..", "/a b", "/a?b", "/a#b", "/a%2Fb",
        "/a,/b", "https://", "https:///api", "https://Billing.example/api", "ftp://a.example/",
        "https://billing.example:443/api", "https://me@billing.example/api", "/a\nx: y", "/a\n",
        " ",
    ],
)  # fmt: skip
def test_malformed_prefix_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"PREFIX": value})
    assert str(caught.value) == (
        "PREFIX must be a path as /api, an origin as https://host, or both as https://host/api."
    )


def test_prefix_loses_the_slash_at_its_end() -> None:
    for value, prefix in {"/": "", "/api": "/api", "/a.b/c~d/": "/a.b/c~d"}.items():
        assert read({"PREFIX": value}).prefix == prefix
        assert read({"PREFIX": f"http://[::1]:8080{value}"}).prefix == f"http://[::1]:8080{prefix}"


@pytest.mark.parametrize(
    "value",
    [
        "collector:4318", "grpc://collector", "http://", "http://:4318", "http://a:b@collector",
        "http://collector:0", "http://collector:x", "http://collector?a=b", "http://collector#a",
        "http://col lector", "http://collector\n", " ",
    ],
)  # fmt: skip
def test_malformed_endpoint_of_traces_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"OTEL_EXPORTER_OTLP_ENDPOINT": value})
    assert str(caught.value) == (
        "OTEL_EXPORTER_OTLP_ENDPOINT must be a URL as http://collector:4318, without a name or a"
        " password."
    )


@pytest.mark.parametrize("value", ["1.01", "-0.1", "1 %", "nan", "inf", "x"])
def test_share_that_is_no_share_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"OTEL_TRACES_SAMPLER_ARG": value})
    assert str(caught.value) == "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1."


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_address_admits_the_names_of_this_machine(host: str) -> None:
    assert read({"HOST": host}).hosts == OWN_HOSTS


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.1.2.3", "127.1.2.3"),
        ("127.1", "127.1"),
        ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]"),
        ("Desk.example", "desk.example"),
    ],
)
def test_loopback_host_or_name_is_added_to_the_own_hosts(host: str, name: str) -> None:
    assert read({"HOST": host}).hosts == f"{OWN_HOSTS},{name}"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"])  # noqa: S104
def test_other_address_admits_any_host_unless_some_are_listed(host: str) -> None:
    assert read({"HOST": host}).hosts == ""
    assert read({"HOST": host, "HOSTS": "billing.example"}).hosts == "billing.example"


@pytest.mark.parametrize("name", ["DATABASE_URL", "MIGRATION_DATABASE_URL"])
@pytest.mark.parametrize("rest", ["[::1/db", "db:port/db", "db:99999/db", "db:0/db"])
def test_malformed_url_is_refused_without_quoting_it(name: str, rest: str) -> None:
    for value in (
        f"postgresql://me:secret@{rest}",
        "mysql://secret@db",
        "host=db user=secret",
        "secret",
    ):
        with pytest.raises(ConfigError) as caught:
            read({name: value})
        assert (
            str(caught.value) == f"{name} must be a well-formed URL that begins with postgresql://."
        )


def test_all_faults_are_named_at_once() -> None:
    environ = {
        "PORT": "x", "CONNECTIONS": "x", "WAIT": "x", "DRAIN": "x", "TIMEOUT": "x",
        "BODY_LIMIT": "x", "DATABASE_WAIT": "x", "DATABASE_URL": "x", "LOG_LEVEL": "x",
        "PREFIX": "x", "TRUST_PROXY": "x", "ISSUER": "x", "JWKS": "ftp://a", "ALGORITHMS": "x",
        "DEVELOPMENT_IDENTITY": "x",
        "MIGRATION_DATABASE_URL": "x", "ORIGINS": "x", "HOSTS": "*", "HOST": "anything",
        "SCHEMA_DIR": "any",
    }  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        read(environ)
    named = [sentence.split(" must be ")[0] for sentence in str(caught.value).splitlines()]
    assert sorted(named) == sorted(set(environ) - {"HOST", "SCHEMA_DIR"})


def test_table_has_every_field_with_its_default_and_a_sentence() -> None:
    defaults = {field.name.upper(): getattr(Config(), field.name) for field in fields(Config)}
    assert {setting.name: setting.default for setting in SETTINGS} == defaults
    for setting in SETTINGS:
        assert setting.sentence.endswith("."), setting.name
        assert setting.check.bounds is None or isinstance(setting.default, int), setting.name


def test_defaults_pass_their_own_checks() -> None:
    for setting in SETTINGS:
        if setting.default != "":
            assert setting.check.parse(str(setting.default)) == setting.default, setting.name


def test_readme_has_the_table_of_settings() -> None:
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    marked = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)
    if os.environ.get("UPDATE_SNAPSHOT"):
        readme = marked.sub(lambda _: f"{table()}\n", readme)
        path.write_text(readme, encoding="utf-8")
    again = "UPDATE_SNAPSHOT=1 .venv/bin/pytest --no-cov FILE -k table_of_settings writes it anew"
    assert marked.findall(readme) == [f"{table()}\n"], again.replace("FILE", __file__)
