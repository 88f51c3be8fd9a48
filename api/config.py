"""The configuration: read once from the environment, every fault named at once."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# As browsers write it: in lower case, without a path, and without the port that the scheme has
# anyway. Each is named: `*` would let any page that somebody opens read and change what is stored.
_ORIGIN = re.compile(
    r"(?:http(?!.*:80$)|https(?!.*:443$))://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")  # which no page elsewhere can have for a name
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(Exception):
    """The environment is wrong; the text has one sentence a fault, a line each."""


@dataclass(frozen=True, slots=True)
class Config:
    """What can be set, with its defaults. Sizes in bytes, times in seconds."""

    database_url: str = ""  # DATABASE_URL: the API's login, which owns nothing
    migration_database_url: str = ""  # MIGRATION_DATABASE_URL: the owner's login
    # DATABASE_WAIT: how long a command waits for a database that can't be reached yet
    database_wait: int = 0
    cursor_secret: str = ""  # CURSOR_SECRET: seals cursors
    host: str = "127.0.0.1"  # HOST: there is no authentication yet, so only this machine by default
    port: int = 8080  # PORT
    # HOSTS: which requests may be for, separated by commas; without any, they may be for all
    hosts: str = ""
    origins: str = ""  # ORIGINS: whose pages may read answers, separated by commas
    workers: int = 1  # WORKERS: processes that serve; with more than one a supervisor keeps them
    # CONNECTIONS: database connections held, by each worker as all that follows
    connections: int = 10
    lanes: int = 2  # LANES: how many statements of one kind run at once, while further calls gather
    batch: int = 64  # BATCH: how many calls share one statement at most; 1 for none
    # STREAMS: how many streams run at once, each on a connection of its own beside those
    streams: int = 2
    wait: int = 5  # WAIT: how long a request waits for a connection before it is 503
    # DRAIN: how long the server answers on after SIGTERM, while /ready/ already says no
    drain: int = 1
    # CLIENTS: connections of clients; beyond them who keeps the server waiting gives way
    clients: int = 1000
    keep_alive: int = 120  # KEEP_ALIVE: how long a connection may be without a request
    # TIMEOUT: how long a statement may take, should the login's statement_timeout fail
    timeout: int = 30
    stream_timeout: int = 600  # STREAM_TIMEOUT: how long each statement of a stream may take
    head_limit: int = 2**13  # HEAD_LIMIT: of a request's line and its headers
    body_limit: int = 2**20  # BODY_LIMIT
    upload_limit: int = 2**26  # UPLOAD_LIMIT: of a body of many rows
    log_level: str = "INFO"  # LOG_LEVEL
    schema_dir: Path = ROOT / "schema"  # SCHEMA_DIR
    postgres_dir: Path = ROOT / ".postgres"  # POSTGRES_DIR: the development database


def read(environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Raises ConfigError.
    """
    faults: list[str] = []
    limits = {"PORT": (0, 65535), "CONNECTIONS": (1, 1000), "WAIT": (1, 600), "TIMEOUT": (1, 600)}
    limits |= {"BODY_LIMIT": (1, 2**30), "DATABASE_WAIT": (0, 3600), "DRAIN": (0, 600)}
    limits |= {
        "LANES": (1, 1000),
        "BATCH": (1, 1000),
        "STREAMS": (1, 1000),
        "STREAM_TIMEOUT": (1, 86_400),
    }
    limits |= {"UPLOAD_LIMIT": (1, 2**40), "WORKERS": (1, 64), "CLIENTS": (1, 1_000_000)}
    limits |= {"KEEP_ALIVE": (1, 3600), "HEAD_LIMIT": (1024, 2**14)}
    numbers = {
        name: _number(environ, name, *limit, faults)
        for name, limit in limits.items()
        if environ.get(name)
    }
    urls = {
        name: _url(environ, name, faults) for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL")
    }
    level = (environ.get("LOG_LEVEL") or "INFO").upper()
    if level not in LOG_LEVELS:
        faults.append(f"LOG_LEVEL is one of {', '.join(LOG_LEVELS)}.")
    origins = (
        [origin.strip() for origin in environ["ORIGINS"].split(",")]
        if environ.get("ORIGINS")
        else []
    )
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        faults.append(
            "ORIGINS is a list of origins as https://host or http://host:port, separated by commas."
        )
    hosts = _hosts(environ, faults)
    paths = {
        name: Path(environ[name]).resolve()
        for name in ("SCHEMA_DIR", "POSTGRES_DIR")
        if environ.get(name)
    }
    if faults:
        raise ConfigError("\n".join(faults))
    texts = {name: environ[name] for name in ("HOST", "CURSOR_SECRET") if environ.get(name)}
    values = {
        **numbers,
        **urls,
        **paths,
        **texts,
        "LOG_LEVEL": level,
        "ORIGINS": ",".join(origins),
        "HOSTS": hosts,
    }
    return Config(**{name.lower(): value for name, value in values.items()})  # type: ignore[arg-type]  # by name


def _number(environ: Mapping[str, str], name: str, low: int, high: int, faults: list[str]) -> int:
    text = environ[name]
    if (
        text.isascii()
        and text.isdigit()
        and len(text) <= len(str(high))
        and low <= int(text) <= high
    ):
        return int(text)
    faults.append(f"{name} is a whole number from {low} to {high}.")
    return low


def _hosts(environ: Mapping[str, str], faults: list[str]) -> str:
    listed = environ.get("HOSTS")
    hosts = (
        [host.strip().lower().removesuffix(".") for host in listed.split(",")]
        if listed
        else _own_hosts(environ)
    )
    if listed and not all(_HOST.fullmatch(host) for host in hosts):
        faults.append(
            "HOSTS is a list of hosts as billing.example or [::1], without ports, separated by commas."
        )
    return ",".join(dict.fromkeys(hosts))


def _own_hosts(environ: Mapping[str, str]) -> Sequence[str]:
    host = (environ.get("HOST") or Config().host).lower()
    with suppress(ValueError):  # a name may stand for a loopback address, as `localhost` does
        address = ip_address(host)
        if not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
            return ()  # others reach it, by names that only they know
    return *_OWN_HOSTS, f"[{host}]" if ":" in host else host


def _url(environ: Mapping[str, str], name: str, faults: list[str]) -> str:
    text = environ.get(name, "")
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in ("postgresql", "postgres") and parts.port != 0
    except ValueError:  # brackets, or a port that is none
        well_formed = False
    if text and not well_formed:
        faults.append(f"{name} is a well-formed URL that begins with postgresql://.")
    return text
