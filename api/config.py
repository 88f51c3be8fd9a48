"""The settings: one table, from which the environment is read, and README's table made.

A row of the table is a field of `Config`; its variable is the field's name in capitals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from api import setting_checks as checks
from api.setting_checks import Check, integer

ROOT = Path(__file__).resolve().parent.parent
_Value = TypeVar("_Value")


class ConfigError(Exception):
    """The environment is wrong; the text has one sentence for each fault, on a line of its own."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table."""

    name: str
    default: str | float | Path
    check: Check[str] | Check[int] | Check[float] | Check[Path]
    sentence: str


def _row(default: _Value, check: Check[_Value], sentence: str) -> _Value:
    """Make a field of `Config`; for the type checker it is the field's value."""
    metadata = {"default": default, "check": check, "sentence": sentence}
    row: Any = field(default=default, metadata=metadata)
    value: _Value = row
    return value


@dataclass(frozen=True, slots=True)
class Config:
    """The values of all settings, with their defaults. Sizes in bytes, times in seconds."""

    database_url: str = _row(
        "",
        checks.DATABASE_URL,
        "The database, with the login of the API, which owns nothing: `postgresql://…`. "
        "If it is not set, `make run` starts a database of its own.",
    )
    migration_database_url: str = _row(
        "",
        checks.DATABASE_URL,
        "The same database, with the login that owns the tables and migrates them.",
    )
    database_wait: int = _row(
        0,
        integer(0, 3600, "seconds"),
        "How long a command waits at its start for a database that cannot be reached yet.",
    )
    cursor_secret: str = _row(
        "",
        checks.TEXT,
        "The secret that encrypts page cursors. Default: `DATABASE_URL` if that has a password, "
        "otherwise a random secret at each start.",
    )
    host: str = _row(
        "127.0.0.1",
        checks.TEXT,
        "The address to listen on. By default only this machine can connect; without `ISSUER`, "
        "any other address needs `DEVELOPMENT_IDENTITY`.",
    )
    port: int = _row(8080, integer(0, 65_535), "The port to listen on; 0 for any free port.")
    metrics_port: int = _row(
        0,
        integer(0, 65_535),
        "A port for `/metrics` alone: then `PORT` does not serve it; 0: `PORT` serves `/metrics`.",
    )
    hosts: str = _row(
        "",
        checks.HOSTS,
        "The hosts that a request may name, without ports, separated by commas. Default: only "
        "`localhost`, `127.0.0.1`, `[::1]` and `HOST` if `HOST` is a loopback address or a name, "
        "otherwise any host.",
    )
    origins: str = _row(
        "",
        checks.ORIGINS,
        "Other origins whose pages may use the API, as `https://host` or `http://host:port`, "
        "separated by commas.",
    )
    prefix: str = _row(
        "",
        checks.ADDRESS,
        "Where clients find the API behind a proxy: a path as `/api`, or a URL as "
        "`https://billing.example/api`. Requests may have the path or not; answers have it.",
    )
    trust_proxy: int = _row(
        0,
        integer(0, 1),
        "1: the header `X-Forwarded-Prefix` of a request replaces the path of `PREFIX`. Set it "
        "only behind a proxy that sets or removes this header in every request.",
    )
    issuer: str = _row(
        "",
        checks.ISSUER,
        "The issuer of the tokens that the server accepts, exactly as their claim `iss` names it. "
        "Without it, every client that connects acts as the development identity.",
    )
    audience: str = _row(
        "",
        checks.TEXT,
        "This API's name in tokens: their claim `aud` is it, or has it. `ISSUER` requires it.",
    )
    jwks: str = _row(
        "",
        checks.KEYS,
        "The issuer's public keys (RFC 7517): a URL or a file. Default: where the document at "
        "`/.well-known/openid-configuration` below `ISSUER` says.",
    )
    algorithms: str = _row(
        "RS256,ES256,EdDSA",
        checks.ALGORITHMS,
        "With which algorithms tokens may be signed, separated by commas.",
    )
    role_claim: str = _row(
        "role",
        checks.TEXT,
        "The claim that names the caller's role, or lists roles of which one is this API's: a "
        "name, or the path to a nested claim, as `resource_access.superbill.roles`.",
    )
    tenant_claim: str = _row(
        "tenant",
        checks.TEXT,
        "The claim that has the id of the caller's tenant: a name or a path.",
    )
    development_identity: int = _row(
        0,
        integer(0, 1),
        "1: without `ISSUER`, serve other machines too, without authentication: all who connect "
        "read and change everything.",
    )
    workers: int = _row(
        1,
        integer(1, 64, "processes"),
        "How many processes serve the port. If there are several, a supervisor starts them, and "
        "replaces one that ends.",
    )
    connections: int = _row(
        10,
        integer(1, 1000, "connections"),
        "How many database connections each worker holds. The settings from `LANES` to `CLIENTS` "
        "apply to each worker, too.",
    )
    lanes: int = _row(
        2,
        integer(1, 1000, "statements"),
        "How many statements of one operation run at once. Calls that arrive meanwhile wait, and "
        "the next statement serves all of them. It starts when a running statement ends, or, if "
        "fewer than `LANES` run, when the newest one has run for 2 ms.",
    )
    batch: int = _row(
        64,
        integer(1, 1000, "calls"),
        "How many calls one statement serves at most; with 1, each call has its own statement.",
    )
    streams: int = _row(
        2,
        integer(1, 1000, "streams"),
        "How many exports and imports run at once, each on one more database connection.",
    )
    wait: int = _row(
        5,
        integer(1, 600, "seconds"),
        "How long a request waits for a database connection before the server answers 503.",
    )
    drain: int = _row(
        1,
        integer(0, 600, "seconds"),
        "How long the server answers requests after SIGTERM, while `/ready/` already answers 503.",
    )
    clients: int = _row(
        1000,
        integer(1, 1_000_000, "connections"),
        "How many clients may be connected. Beyond that, the server closes the connections that "
        "have kept it waiting longest.",
    )
    keep_alive: int = _row(
        120,
        integer(1, 3600, "seconds"),
        "How long a connection may be idle. Set a longer time than a proxy in front of the server "
        "keeps its idle connections.",
    )
    timeout: int = _row(
        30,
        integer(1, 600, "seconds"),
        "How long each of these may take: a request's head to arrive, its body to arrive, a "
        "statement to run (or less, if the login has a lower limit).",
    )
    stream_timeout: int = _row(
        600,
        integer(1, 86_400, "seconds"),
        "How long an export or an import may take. It ends earlier if it makes no progress for "
        "`TIMEOUT` seconds.",
    )
    keep_answers: int = _row(
        24,
        integer(1, 8760, "hours"),
        "How long the answer to a request with an `Idempotency-Key` is kept, to be given again.",
    )
    head_limit: int = _row(
        2**13,
        integer(2**10, 2**14, "bytes"),
        "The largest size of a request's line and headers together.",
    )
    body_limit: int = _row(
        2**20,
        integer(1, 2**30, "bytes"),
        "The largest size of a body; in a body of CSV or NDJSON, of each row.",
    )
    upload_limit: int = _row(
        2**26,
        integer(1, 2**40, "bytes"),
        "The largest size of a body of CSV or NDJSON.",
    )
    log_level: str = _row(
        "INFO", checks.one_of(checks.LOG_LEVELS), "The lowest level that is logged."
    )
    log_format: str = _row("text", checks.one_of(("text", "json")), "The form of the log's lines.")
    otel_exporter_otlp_endpoint: str = _row(
        "", checks.COLLECTOR, "Where [traces](charts/README.md#traces) are sent by OTLP over HTTP."
    )
    otel_traces_sampler: str = _row(
        "parentbased_always_on",
        checks.one_of(checks.SAMPLERS),
        "Which requests have traces. `parentbased_`: a client's `traceparent` decides.",
    )
    otel_traces_sampler_arg: float = _row(
        1.0, checks.SHARE, "The share of requests that `traceidratio` takes: 0.01 is 1 %."
    )
    schema_dir: Path = _row(ROOT / "schema", checks.FOLDER, "The folder of the migrations.")  # noqa: RUF009 - a field
    postgres_dir: Path = _row(  # noqa: RUF009 - a field
        ROOT / ".postgres", checks.FOLDER, "The folder of the development database."
    )


SETTINGS = tuple(Setting(row.name.upper(), **row.metadata) for row in fields(Config))


def read(environ: Mapping[str, str]) -> Config:
    """Read the settings; an empty variable counts as one that is not set.

    Raises ConfigError, which names every fault.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if not (text := environ.get(setting.name)):
            continue
        try:
            values[setting.name.lower()] = setting.check.parse(text)
        except ValueError:
            faults.append(f"{setting.name} must be {setting.check.rule}.")
    if faults:
        raise ConfigError("\n".join(faults))
    config = Config(**values)
    _check_identity(config)
    return (
        config if config.hosts else replace(config, hosts=",".join(checks.own_hosts(config.host)))
    )


def check_served(config: Config) -> None:
    """Refuse to serve other machines without authentication, unless that is asked for.

    Raises ConfigError.
    """
    if not (config.issuer or config.development_identity or checks.is_loopback(config.host)):
        message = (
            f"Refusing to serve other machines at HOST {config.host} without authentication: set"
            " ISSUER and AUDIENCE, or, where everybody who connects may read and change everything,"
            " DEVELOPMENT_IDENTITY to 1."
        )
        raise ConfigError(message)


def _check_identity(config: Config) -> None:
    """Check that the settings of tokens are complete: half of them would authenticate nobody."""
    if config.issuer and not config.audience:
        message = "AUDIENCE must be set, because ISSUER is."
        raise ConfigError(message)
    for name in ("audience", "jwks"):
        if getattr(config, name) and not config.issuer:
            message = f"ISSUER must be set, because {name.upper()} is."
            raise ConfigError(message)
