"""The settings that say whose tokens are accepted, and what is refused without them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import development, serving
from api.config import Config, ConfigError, check_served, read
from api.http import key_documents


@pytest.mark.parametrize(
    "value",
    [
        "issuer.example", "http://issuer.example", "http://127.0.0.1.example", "https://", "ftp://a",
        "https:///realms", "https://me@issuer.example", "https://issuer.example/?a=b", "https://a:0",
        "https://issuer.example/#a", "https://a b", "https://a\nb", "https://[::1", "https://a:port",
        "http://0.0.0.0:80", "http://[::2]", "file:///etc/passwd", "HTTPS//issuer.example", "x",
    ],
)  # fmt: skip
def test_issuer_that_others_could_read_or_change_is_refused(value: str) -> None:
    rule = "a URL as https://host, or http:// on a loopback address."
    with pytest.raises(ConfigError) as caught:
        read({"ISSUER": value, "AUDIENCE": "a"})
    assert str(caught.value) == f"ISSUER must be {rule}"
    if "://" in value and "?" not in value:  # the keys' address may have a query
        with pytest.raises(ConfigError) as caught:
            read({"ISSUER": "https://a", "AUDIENCE": "a", "JWKS": value})
        assert str(caught.value) == f"JWKS must be a path, or {rule}"


@pytest.mark.parametrize("value", ["http://localhost:8080", "http://127.1.2.3/", "http://[::1]:1"])
def test_issuer_on_this_machine_needs_no_tls(value: str) -> None:
    assert read({"ISSUER": value, "AUDIENCE": "a"}).issuer == value


def test_file_of_keys_is_found_from_where_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = read({"ISSUER": "https://a", "AUDIENCE": "a", "JWKS": "keys.json"})
    assert config.jwks == str(tmp_path / "keys.json")


def test_file_of_keys_is_read_again_where_a_link_leads_elsewhere(tmp_path: Path) -> None:
    """As Kubernetes changes a ConfigMap's files: `..data` is a link to a folder with a new name."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keys.json").write_text(name, encoding="utf-8")
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "keys.json").symlink_to("..data/keys.json")
    environ = {"ISSUER": "https://a", "AUDIENCE": "a", "JWKS": str(tmp_path / "keys.json")}
    document = key_documents.reader(read(environ), 1)
    assert document() == b"one"
    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").rename(tmp_path / "..data")
    shutil.rmtree(tmp_path / "one")
    assert document() == b"two"


@pytest.mark.parametrize("value", ["HS256", "none", "RS256,HS512", "rs256", "RS256,", "*", "ES257"])
def test_algorithm_that_is_not_asymmetric_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({"ALGORITHMS": value})
    assert str(caught.value) == (
        "ALGORITHMS must be a list of asymmetric algorithms as RS256, ES256 or EdDSA, separated by"
        " commas."
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"ISSUER": "https://a"}, "AUDIENCE must be set, because ISSUER is."),
        ({"AUDIENCE": "a"}, "ISSUER must be set, because AUDIENCE is."),
        ({"JWKS": "/keys"}, "ISSUER must be set, because JWKS is."),
    ],
)
def test_half_of_the_settings_of_tokens_is_refused(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(environ)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example", "::ffff:192.0.2.7"])  # noqa: S104
def test_serving_other_machines_needs_an_issuer_or_the_development_identity(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_served(read({"HOST": host}))
    assert str(caught.value).startswith(f"Refusing to serve other machines at HOST {host} without")
    check_served(read({"HOST": host, "DEVELOPMENT_IDENTITY": "1"}))
    check_served(read({"HOST": host, "ISSUER": "https://a", "AUDIENCE": "a"}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"])
def test_serving_this_machine_needs_no_issuer(host: str) -> None:
    check_served(read({"HOST": host}))


@pytest.mark.parametrize("command", [serving.serve, development.run])
def test_other_machines_are_refused_before_a_database_is_looked_for(
    command: Callable[[Config], None], tmp_path: Path
) -> None:
    config = read({"HOST": "192.0.2.7", "POSTGRES_DIR": str(tmp_path / "data")})
    with pytest.raises(ConfigError, match="without authentication"):
        command(config)
    assert not config.postgres_dir.exists()
