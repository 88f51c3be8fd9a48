"""SIGINT, SIGTERM and SIGHUP: how a process ends that has something to wind up."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """SIGINT, SIGTERM or SIGHUP has asked this process to end; `args[0]` is which."""


def on_sigterm(act: Callable[[int], object]) -> None:
    """Let SIGTERM call `act` with its number: process 1, as a container's program is, does not end by it otherwise."""
    signal.signal(signal.SIGTERM, lambda number, _frame: act(number))


def on_first_signal(act: Callable[[int], object]) -> None:
    """Let the first SIGINT, SIGTERM or SIGHUP call `act` with its number, and the later ones nothing.

    A server says here how it ends, as Sanic's own handlers are gone while it winds up: a second
    SIGTERM would then kill this process and leave Postgres behind.
    """

    def handler(number: int, _frame: FrameType | None) -> None:
        handle(ignore)
        act(number)

    handle(handler)


def serving(act: Callable[[int], object]) -> None:
    """Do as `on_first_signal`, but let SIGHUP be ignored where it is: nohup asks for that."""
    hangup = signal.getsignal(signal.SIGHUP)
    on_first_signal(act)
    if hangup == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def unwind(number: int) -> NoReturn:
    """End what runs, through every `finally`."""
    raise Stopped(number)


def handle(handler: Callable[[int, FrameType | None], object]) -> None:
    """Have one handler for all three."""
    for number in SIGNALS:
        signal.signal(number, handler)


def ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing, as SIG_IGN does, but without that child processes inherit it."""
