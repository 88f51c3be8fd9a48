"""SIGINT, SIGTERM and SIGHUP: a process cleans up before it ends."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """SIGINT, SIGTERM or SIGHUP has asked this process to end; `args[0]` is its number."""


def on_sigterm(act: Callable[[int], object]) -> None:
    """Let SIGTERM call `act` with its number.

    The kernel's default action does not end process 1, which a container's program is.
    """
    signal.signal(signal.SIGTERM, lambda number, _frame: act(number))


def on_first_signal(act: Callable[[int], object], *, keep_ignored_sighup: bool = False) -> None:
    """Let the first SIGINT, SIGTERM or SIGHUP call `act` with its number; ignore the later ones.

    A second SIGTERM would otherwise kill this process while it shuts down, and leave the
    development Postgres behind. With `keep_ignored_sighup` an ignored SIGHUP stays ignored, as
    `nohup` asks for.
    """
    ignored = keep_ignored_sighup and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN

    def handler(number: int, _frame: FrameType | None) -> None:
        handle(ignore)
        act(number)

    handle(handler)
    if ignored:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def unwind(number: int) -> NoReturn:
    """Raise Stopped, so that every `finally` runs."""
    raise Stopped(number)


def handle(handler: Callable[[int, FrameType | None], object]) -> None:
    """Set one handler for all three signals."""
    for number in SIGNALS:
        signal.signal(number, handler)


def ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. Unlike SIG_IGN, child processes do not inherit it."""
