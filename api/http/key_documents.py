"""Where an issuer's keys are read: a file, a URL, or where its discovery document says.

All of it blocks. What is received has limits of size and time. Redirects are not followed: they
could lead to another scheme or host.
"""

import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from api.config import Config
from api.http.public_keys import KeysError, members
from api.setting_checks import is_loopback, safe_url

_LARGEST = 2**19  # bytes
_PIECE = 2**16
# Some networks in front of issuers refuse the name that Python gives by itself.
_HEADERS = {
    "Accept": "application/jwk-set+json, application/json",
    "User-Agent": "superbill",
    "Connection": "close",
}


def reader(config: Config, seconds: float) -> Callable[[], bytes]:
    """Make the function that reads the document of the keys, which raises KeysError.

    `seconds`: how long a connection may do nothing, and how long a body may take.
    """
    if not config.jwks:
        return partial(_discovered, config.issuer, seconds)
    if "://" in config.jwks:
        return partial(_fetched, config.jwks, seconds)
    return partial(from_file, Path(config.jwks))


def from_file(path: Path) -> bytes:
    """Read a file. Raises KeysError."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise KeysError(type(error).__name__) from None
    return _checked(content)


def _discovered(issuer: str, seconds: float) -> bytes:
    """Find the keys by the document of OpenID Connect Discovery 1.0, sections 4.2 and 4.3."""
    document = members(
        _fetched(f"{issuer.removesuffix('/')}/.well-known/openid-configuration", seconds)
    )
    if document.get("issuer") != issuer:
        message = "the discovery document names another issuer than ISSUER"
        raise KeysError(message)
    url = document.get("jwks_uri")
    try:
        safe_url(url if isinstance(url, str) else "")
    except ValueError:
        url = None
    if not url or urlsplit(url).scheme not in ("https", urlsplit(issuer).scheme):
        message = "the discovery document names no safe URL of the keys"
        raise KeysError(message)
    return _fetched(url, seconds)


def _fetched(url: str, seconds: float) -> bytes:
    ends = time.monotonic() + seconds
    try:
        request = Request(url, headers=_HEADERS)  # noqa: S310 - only http: and https: have handlers
        opened = _opener(urlsplit(url).hostname or "").open(request, timeout=seconds)
        with cast("HTTPResponse", opened) as answer:
            content = b""
            while piece := answer.read1(_PIECE):
                content = _checked(content + piece)
                if time.monotonic() > ends:
                    raise TimeoutError
    except HTTPError as error:
        error.close()
        message = f"the answer has the status {error.code}"
        raise KeysError(message) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None)
        cause = reason if isinstance(reason, Exception) else error
        raise KeysError(type(cause).__name__) from None
    return content


def _opener(host: str) -> OpenerDirector:
    """Make what opens http: and https: alone, through the environment's proxies."""
    made = OpenerDirector()
    handlers = (HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler)
    for handler in handlers:
        made.add_handler(handler())
    if not is_loopback(host):
        made.add_handler(ProxyHandler())
    return made


def _checked(content: bytes) -> bytes:
    if len(content) > _LARGEST:
        message = f"the answer is larger than {_LARGEST} bytes"
        raise KeysError(message)
    return content
