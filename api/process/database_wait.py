"""Waiting for a database that can't be reached yet, but not for one that refuses the connection."""

import asyncio
import errno
import logging
import socket
import time
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from asyncpg import exceptions

logger = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between two attempts
_ATTEMPT = 5.0  # seconds for an attempt: a packet that is lost is never answered
_UNREACHABLE = (
    TimeoutError,
    ConnectionRefusedError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    socket.gaierror,
    exceptions.CannotConnectNowError,
    exceptions.TooManyConnectionsError,
    exceptions.AdminShutdownError,
    exceptions.CrashShutdownError,
    exceptions.ConnectionDoesNotExistError,
    exceptions.ConnectionFailureError,
)
_NO_ROUTE = {errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN}


def wait_for_database(url: str, seconds: float) -> None:
    """Return when the database accepts or refuses a connection, or after `seconds`; with 0 at once.

    Raises nothing: the caller's own connection fails then, with the reason.
    """
    if seconds:
        asyncio.run(_wait(url, seconds))


async def _wait(url: str, seconds: float) -> None:
    deadline, logged = time.monotonic() + seconds, False
    while (left := deadline - time.monotonic()) > 0 and (
        error := await attempt(url, min(left, _ATTEMPT))
    ):
        if not logged:
            name = type(error).__name__
            logger.warning("the database can't be reached yet: %s; trying for %g s", name, seconds)
            logged = True
        await asyncio.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))


# asyncpg's own timeout includes its attempts at several addresses.
async def attempt(url: str, timeout: float) -> Exception | None:  # noqa: ASYNC109
    """Connect once, in `timeout` seconds at most.

    Returns the error if the database may be reachable later; None if it accepts or refuses.
    """
    try:
        connection = await asyncpg.connect(url, timeout=timeout)
    except (OSError, ValueError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        return error if is_temporary(error, url) else None
    connection.terminate()
    return None


def is_temporary(error: Exception, url: str) -> bool:
    """Return whether a later attempt may succeed after this error."""
    if isinstance(error, FileNotFoundError):  # a socket may appear later, a certificate does not
        return _names_a_socket(url)
    if type(error) is OSError:
        # Without errno: a name has several addresses, and each attempt failed.
        return error.errno in _NO_ROUTE or error.errno is None
    return isinstance(error, _UNREACHABLE)


def _names_a_socket(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["/"])[-1]
    return unquote(host).startswith("/")
