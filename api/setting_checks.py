"""What the texts of settings must be: patterns, bounds, and the rules that name them."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

# As OpenTelemetry calls them.
SAMPLERS = (
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
    "always_on",
    "always_off",
    "traceidratio",
)
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# As browsers write it: in lower case, without a path, and without the default port of its scheme.
# There is no `*`: with it, any page that a browser shows could read and change every row.
_ORIGIN = re.compile(
    r"(?:http(?!.*:80$)|https(?!.*:443$))://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)
_OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")  # no page from elsewhere can have these names
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
# Without a slash at its end, nor dot segments, which clients resolve (RFC 3986, section 5.2.4).
PREFIX_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9_.~-]+)*")
_PREFIX = re.compile(rf"(https?://[^/]+|)({PREFIX_PATH.pattern})/?")
_VISIBLE = re.compile("[!-~]+")
# Only asymmetric ones: with a symmetric one, what checks a token could make one.
_ALGORITHM = re.compile("(?:RS|PS|ES)(?:256|384|512)|EdDSA")
_Value = TypeVar("_Value")


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


def integer(low: int, high: int, unit: str = "") -> Check[int]:
    """Make the check of a whole number between two bounds."""

    def parse(text: str) -> int:
        # `int` alone also takes signs, blanks, underscores and other scripts' digits.
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high))):
            raise ValueError
        if not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Check(f"a whole number from {low} to {high}", parse, (low, high), unit)


def one_of(words: tuple[str, ...]) -> Check[str]:
    """Make the check of a word, in small or capital letters; its value is as in `words`."""

    def parse(text: str) -> str:
        return words[[*map(str.casefold, words)].index(text.casefold())]

    return Check(f"one of {', '.join(words)}", parse, words=words)


def list_of(what: str, pattern: re.Pattern[str], clean: Callable[[str], str]) -> Check[str]:
    """Make the check of items between commas; the value has each item once, as `clean` made it."""

    def parse(text: str) -> str:
        items = [clean(item) for item in text.split(",")]
        if not all(pattern.fullmatch(item) for item in items):
            raise ValueError
        return ",".join(dict.fromkeys(items))

    return Check(f"a list of {what}, separated by commas", parse)


def normal_host(text: str) -> str:
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


def is_loopback(host: str) -> bool:
    """Say whether only this machine connects to a host. A name may be any machine's."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def own_hosts(host: str) -> Sequence[str]:
    """Return the hosts that requests to a server on `host` may name; empty means any host."""
    host = host.lower()
    with suppress(ValueError):  # a name may stand for a loopback address, as `localhost` does
        address = ip_address(host)
        if not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
            return ()  # other machines connect to it, by names that it does not know
    own = f"[{host}]" if ":" in host else host
    return tuple(dict.fromkeys((*_OWN_HOSTS, own)))


def safe_url(text: str) -> str:
    """Return the URL unchanged.

    Raises ValueError if others could read or change on the way what is at the URL.
    """
    parts = urlsplit(text)
    wrong = "@" in parts.netloc or parts.fragment or parts.port == 0
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not (_VISIBLE.fullmatch(text) and safe and parts.hostname) or wrong:
        raise ValueError
    return text


def _issuer(text: str) -> str:
    if "?" in text:  # OpenID Connect Discovery 1.0, section 2
        raise ValueError
    return safe_url(text)


def _keys(text: str) -> str:
    # Links stay: Kubernetes changes a file by a link to a new folder, and removes the old one.
    return safe_url(text) if "://" in text else str(Path(text).absolute())


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:  # nor is what is no number
        raise ValueError
    return share


def _collector(text: str) -> str:
    parts = urlsplit(text)
    wrong = "@" in parts.netloc or parts.query or parts.fragment or parts.port == 0
    is_http = parts.scheme in ("http", "https") and parts.hostname
    if wrong or not (is_http and _VISIBLE.fullmatch(text)):
        raise ValueError
    return text


TEXT = Check("a text", str)
DATABASE_URL = Check("a well-formed URL that begins with postgresql://", _url)
ADDRESS = Check("a path as /api, an origin as https://host, or both as https://host/api", _prefix)
FOLDER = Check("a folder", lambda text: Path(text).resolve())
ORIGINS = list_of("origins as https://host or http://host:port", _ORIGIN, str.strip)
HOSTS = list_of("hosts as billing.example or [::1], without ports", _HOST, normal_host)
ISSUER = Check("a URL as https://host, or http:// on a loopback address", _issuer)
KEYS = Check("a path, or a URL as https://host, or http:// on a loopback address", _keys)
COLLECTOR = Check("a URL as http://collector:4318, without a name or a password", _collector)
SHARE = Check("a number from 0 to 1", _share)
ALGORITHMS = list_of("asymmetric algorithms as RS256, ES256 or EdDSA", _ALGORITHM, str.strip)
