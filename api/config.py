"""The settings: one table, from which the environment is read, and README's table made.

A row of the table is a field of `Config`; its variable is the field's name in capitals.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# As browsers write it: in lower case, without a path, and without the default port of its scheme.
# There is no `*`: with it, any page that a browser shows could read and change every row.
_ORIGIN = re.compile(
    r"(?:http(?!.*:80$)|https(?!.*:443$))://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
# Without a slash at its end, nor dot segments, which clients resolve (RFC 3986, section 5.2.4).
PREFIX_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9_.~-]+)*")
_PREFIX = re.compile(rf"(https?://[^/]+|)({PREFIX_PATH.pattern})/?")
_OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")  # no page from elsewhere can have these names
_Value = TypeVar("_Value")


class ConfigError(Exception):
    """The environment is wrong; the text has one sentence for each fault, on a line of its own."""


@dataclass(frozen=True, slots=True)
class Check(Generic[_Value]):
    """What the text of a setting must be: `rule` ends the sentence "NAME must be …".

    `parse` returns the value, and raises ValueError if the text breaks the rule.
    """

    rule: str
    parse: Callable[[str], _Value]
    bounds: tuple[int, int] | None = None  # the lowest and the highest number
    unit: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table."""

    name: str
    default: str | int | Path
    check: Check[str] | Check[int] | Check[Path]
    sentence: str


def _integer(low: int, high: int, unit: str = "") -> Check[int]:
    def parse(text: str) -> int:
        # `int` alone also takes signs, blanks, underscores and other scripts' digits.
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high))):
            raise ValueError
        if not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Check(f"a whole number from {low} to {high}", parse, (low, high), unit)


def _one_of(words: tuple[str, ...]) -> Check[str]:
    def parse(text: str) -> str:
        return words[[*map(str.casefold, words)].index(text.casefold())]

    return Check(f"one of {', '.join(words)}", parse, words=words)


def _list_of(what: str, pattern: re.Pattern[str], clean: Callable[[str], str]) -> Check[str]:
    def parse(text: str) -> str:
        items = [clean(item) for item in text.split(",")]
        if not all(pattern.fullmatch(item) for item in items):
            raise ValueError
        return ",".join(dict.fromkeys(items))

    return Check(f"a list of {what}, separated by commas", parse)


def _host(text: str) -> str:
    """Normalise a host for comparison: lower case, without the final dot of the DNS root."""
    return text.strip().lower().removesuffix(".")


def _url(text: str) -> str:
    parts = urlsplit(text)  # raises ValueError for wrong brackets, as `port` does for wrong ports
    if parts.scheme not in ("postgresql", "postgres") or parts.port == 0:
        raise ValueError
    return text


def _prefix(text: str) -> str:
    match = _PREFIX.fullmatch(text)
    if match is None or (match[1] and not _ORIGIN.fullmatch(match[1])):
        raise ValueError
    return match[1] + match[2]


def _row(default: _Value, check: Check[_Value], sentence: str) -> _Value:
    """Make a field of `Config`; for the type checker it is the field's value."""
    metadata = {"default": default, "check": check, "sentence": sentence}
    row: Any = field(default=default, metadata=metadata)
    value: _Value = row
    return value


_TEXT = Check("a text", str)
_URL = Check("a well-formed URL that begins with postgresql://", _url)
_ADDRESS = Check("a path as /api, an origin as https://host, or both as https://host/api", _prefix)
_FOLDER = Check("a folder", lambda text: Path(text).resolve())
_ORIGINS = _list_of("origins as https://host or http://host:port", _ORIGIN, str.strip)
_HOSTS = _list_of("hosts as billing.example or [::1], without ports", _HOST, _host)


@dataclass(frozen=True, slots=True)
class Config:
    """The values of all settings, with their defaults. Sizes in bytes, times in seconds."""

    database_url: str = _row(
        "",
        _URL,
        "The database, with the login of the API, which owns nothing: `postgresql://…`. "
        "If it is not set, `make run` starts a database of its own.",
    )
    migration_database_url: str = _row(
        "",
        _URL,
        "The same database, with the login that owns the tables and migrates them.",
    )
    database_wait: int = _row(
        0,
        _integer(0, 3600, "seconds"),
        "How long a command waits at its start for a database that cannot be reached yet.",
    )
    cursor_secret: str = _row(
        "",
        _TEXT,
        "The secret that encrypts page cursors. Default: `DATABASE_URL` if that has a password, "
        "otherwise a random secret at each start.",
    )
    host: str = _row(
        "127.0.0.1",
        _TEXT,
        "The address to listen on. There is no authentication yet: by default only this machine "
        "can connect.",
    )
    port: int = _row(8080, _integer(0, 65_535), "The port to listen on; 0 for any free port.")
    hosts: str = _row(
        "",
        _HOSTS,
        "The hosts that a request may name, without ports, separated by commas. Default: only "
        "`localhost`, `127.0.0.1`, `[::1]` and `HOST` if `HOST` is a loopback address or a name, "
        "otherwise any host.",
    )
    origins: str = _row(
        "",
        _ORIGINS,
        "Other origins whose pages may use the API, as `https://host` or `http://host:port`, "
        "separated by commas.",
    )
    prefix: str = _row(
        "",
        _ADDRESS,
        "Where clients find the API behind a proxy: a path as `/api`, or a URL as "
        "`https://billing.example/api`. Requests may have the path or not; answers have it.",
    )
    trust_proxy: int = _row(
        0,
        _integer(0, 1),
        "1: the header `X-Forwarded-Prefix` of a request replaces the path of `PREFIX`. Set it "
        "only behind a proxy that sets or removes this header in every request.",
    )
    workers: int = _row(
        1,
        _integer(1, 64, "processes"),
        "How many processes serve the port. If there are several, a supervisor starts them, and "
        "replaces one that ends.",
    )
    connections: int = _row(
        10,
        _integer(1, 1000, "connections"),
        "How many database connections each worker holds. The settings from `LANES` to `CLIENTS` "
        "apply to each worker, too.",
    )
    lanes: int = _row(
        2,
        _integer(1, 1000, "statements"),
        "How many statements of one operation run at once. Calls that arrive meanwhile wait, and "
        "the next statement serves all of them. It starts when a running statement ends, or, if "
        "fewer than `LANES` run, when the newest one has run for 2 ms.",
    )
    batch: int = _row(
        64,
        _integer(1, 1000, "calls"),
        "How many calls one statement serves at most; with 1, each call has its own statement.",
    )
    streams: int = _row(
        2,
        _integer(1, 1000, "streams"),
        "How many exports and imports run at once, each on one more database connection.",
    )
    wait: int = _row(
        5,
        _integer(1, 600, "seconds"),
        "How long a request waits for a database connection before the server answers 503.",
    )
    drain: int = _row(
        1,
        _integer(0, 600, "seconds"),
        "How long the server answers requests after SIGTERM, while `/ready/` already answers 503.",
    )
    clients: int = _row(
        1000,
        _integer(1, 1_000_000, "connections"),
        "How many clients may be connected. Beyond that, the server closes the connections that "
        "have kept it waiting longest.",
    )
    keep_alive: int = _row(
        120,
        _integer(1, 3600, "seconds"),
        "How long a connection may be idle. Set a longer time than a proxy in front of the server "
        "keeps its idle connections.",
    )
    timeout: int = _row(
        30,
        _integer(1, 600, "seconds"),
        "How long each of these may take: a request's head to arrive, its body to arrive, a "
        "statement to run (or less, if the login has a lower limit).",
    )
    stream_timeout: int = _row(
        600,
        _integer(1, 86_400, "seconds"),
        "How long an export or an import may take. It ends earlier if it makes no progress for "
        "`TIMEOUT` seconds.",
    )
    head_limit: int = _row(
        2**13,
        _integer(2**10, 2**14, "bytes"),
        "The largest size of a request's line and headers together.",
    )
    body_limit: int = _row(
        2**20,
        _integer(1, 2**30, "bytes"),
        "The largest size of a body; in a body of CSV or NDJSON, of each row.",
    )
    upload_limit: int = _row(
        2**26,
        _integer(1, 2**40, "bytes"),
        "The largest size of a body of CSV or NDJSON.",
    )
    log_level: str = _row("INFO", _one_of(LOG_LEVELS), "The lowest level that is logged.")
    log_format: str = _row("text", _one_of(("text", "json")), "The form of the log's lines.")
    schema_dir: Path = _row(ROOT / "schema", _FOLDER, "The folder of the migrations.")  # noqa: RUF009 - a field
    postgres_dir: Path = _row(  # noqa: RUF009 - a field
        ROOT / ".postgres", _FOLDER, "The folder of the development database."
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
    return config if config.hosts else replace(config, hosts=",".join(_own_hosts(config.host)))


def _own_hosts(host: str) -> Sequence[str]:
    """Return the hosts that requests to a server on `host` may name; empty means any host."""
    host = host.lower()
    with suppress(ValueError):  # a name may stand for a loopback address, as `localhost` does
        address = ip_address(host)
        if not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
            return ()  # other machines connect to it, by names that it does not know
    own = f"[{host}]" if ":" in host else host
    return tuple(dict.fromkeys((*_OWN_HOSTS, own)))
