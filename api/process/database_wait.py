"""Waiting for a database that can't be reached yet, but not for one that refuses."""

import asyncio
import errno
import logging
import socket
import time
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from asyncpg import exceptions

logger = logging.getLogger(__name__)

_PAUSE = 1.0  # between two attempts
_LONGEST = 5.0  # an attempt: what is lost on the way is never answered
_NOT_YET = (
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
_NO_WAY = {errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN}


def for_database(url: str, seconds: float) -> None:
    """Return once the database answers, whatever it says, or after `seconds`; with 0 at once.

    What is wrong then, whoever connects next finds out, and says so.
    """
    if seconds:
        asyncio.run(_for_database(url, seconds))


async def _for_database(url: str, seconds: float) -> None:
    deadline, told = time.monotonic() + seconds, False
    while (left := deadline - time.monotonic()) > 0 and (
        error := await _why_not(url, min(left, _LONGEST))
    ):
        if not told:
            logger.warning(
                "the database can't be reached yet: %s; trying for %g s",
                type(error).__name__,
                seconds,
            )
            told = True
        await asyncio.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))


# asyncpg counts more than one step
async def _why_not(url: str, timeout: float) -> Exception | None:  # noqa: ASYNC109
    """Connect; give the error of a database that can't be reached yet."""
    try:
        connection = await asyncpg.connect(url, timeout=timeout)
    except (OSError, ValueError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        return error if _is_not_yet(error, url) else None
    connection.terminate()
    return None


def _is_not_yet(error: Exception, url: str) -> bool:
    if isinstance(
        error, FileNotFoundError
    ):  # the socket is not there yet; but a certificate never comes
        return _is_a_socket(url)
    if type(error) is OSError:
        return (
            error.errno in _NO_WAY or error.errno is None
        )  # None: a name has several addresses, and each failed
    return isinstance(error, _NOT_YET)


def _is_a_socket(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["/"])[-1]
    return unquote(host).startswith("/")
