"""The worker processes, and the supervisor that starts them and starts them again.

A worker is a fork of the process that has read the catalog: all workers serve the same catalog, and
a new one is ready in a moment. Each worker has a slot, numbered from 0, in one of three states:

    empty ────spawn────▶ starting ──a byte on the channel──▶ serving
      ▲                     │                                   │
      └────────reap─────────┴───────────────────────────────────┘

An empty slot is filled at once, or after a pause (`Backoff`) if its workers keep ending soon after
their start. Until all slots have been serving at the same time, a worker that ends is not replaced:
the supervisor ends all of them and raises StartError.

To end a worker, the supervisor sends it a byte over the control channel. A worker also ends when
that channel is closed, because the supervisor is gone then. On a signal the supervisor ends all
workers, and then itself.
"""

import gc
import logging
import multiprocessing
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkProcess
from typing import Any

from api.process import signals
from api.process.backoff import Backoff
from api.process.control_channel import Channel, receive
from api.process.port import Port

logger = logging.getLogger(__name__)

Work = Callable[[int, socket.socket, Channel], object]  # takes slot, listening socket, channel

_FORK = multiprocessing.get_context("fork")


class StartError(Exception):
    """The server can't be started; the text is a sentence."""


@dataclass(slots=True, eq=False)
class _Slot:
    """A worker's slot: its process, if it has one, or the time at which the next one is due."""

    number: int
    process: ForkProcess | None = None
    channel: Channel | None = None
    listener: socket.socket | None = None
    serving: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    started: float = 0.0
    due: float = 0.0

    def close_channel(self) -> None:
        """Close this process's end of the control channel."""
        if self.channel:
            self.channel.close()
            self.channel = None

    def close_listener(self) -> None:
        """Close this process's copy of the slot's listening socket."""
        if self.listener:
            self.listener.close()
            self.listener = None


class Supervisor:
    """Starts the workers, replaces those that end, and ends them all on a signal."""

    def __init__(self, count: int, port: Port, work: Work) -> None:
        """Prepare `count` slots; each worker calls `work`, which returns when it has to end."""
        self._slots = [_Slot(number) for number in range(count)]
        self._port, self._work = port, work
        self._signal_reader, self._signal_writer = socket.socketpair()
        self._all_served = False

    def run(self, on_ready: Callable[[], object]) -> None:
        """Run the workers until a signal has come and all have ended.

        Calls `on_ready` once, when all serve. Raises StartError if a worker ends before that.
        """
        signals.on_first_signal(
            lambda number: self._signal_writer.send(bytes([number])), keep_ignored_sighup=True
        )
        gc.freeze()  # a collection in a worker would copy the pages that all share
        number = b""
        try:
            number = self._supervise(on_ready)
        finally:
            self._port.close()
            for slot in self._slots:
                if slot.channel:
                    with suppress(OSError):  # the worker has just ended
                        slot.channel.send(number)
                slot.close_channel()
                slot.close_listener()
            for slot in self._slots:
                if slot.process:
                    slot.process.join()

    def _supervise(self, on_ready: Callable[[], object]) -> bytes:
        """Fill empty slots and watch workers until a signal comes; return its number as a byte."""
        while True:
            for slot in self._slots:
                if not slot.process and slot.due <= time.monotonic():
                    self._spawn(slot)
            due = [slot.due for slot in self._slots if not slot.process]
            timeout = max(0.0, min(due) - time.monotonic()) if due else None
            channels: dict[Any, _Slot] = {
                slot.channel: slot for slot in self._slots if slot.process
            }
            for source in connection.wait([self._signal_reader, *channels], timeout):
                if source is self._signal_reader:
                    return self._signal_reader.recv(1)
                self._on_channel(channels[source], on_ready)

    def _on_channel(self, slot: _Slot, on_ready: Callable[[], object]) -> None:
        """Read a worker's channel: it serves, or it has ended."""
        assert slot.channel
        assert slot.process
        if receive(slot.channel):
            slot.serving = True
            if not self._all_served and all(slot.serving for slot in self._slots):
                self._all_served = True
                on_ready()
        else:
            slot.process.join()
            self._reap(slot, f"has ended {_cause(slot.process.exitcode or 0)}")

    def _spawn(self, slot: _Slot) -> None:
        """Fork a worker into an empty slot."""
        slot.started, slot.serving = time.monotonic(), False
        try:
            slot.listener = slot.listener or self._port.listen()
            slot.channel, theirs = socket.socketpair()
            slot.process = _FORK.Process(target=self._run_worker, args=(slot, theirs))
            with theirs:
                slot.process.start()
        except OSError as error:
            slot.process = None
            self._reap(slot, f"can't be started ({error.strerror})")

    def _run_worker(self, slot: _Slot, channel: Channel) -> None:
        """Run in the worker process: serve until told to stop."""
        # A terminal signals every process of its group; the supervisor passes the signal on.
        signals.on_first_signal(lambda _number: None, keep_ignored_sighup=True)
        listener, slot.listener = slot.listener, None
        for inherited in (self._signal_reader, self._signal_writer, self._port):
            inherited.close()
        for each in self._slots:
            each.close_channel()
            each.close_listener()
        assert listener
        self._work(slot.number, listener, channel)

    def _reap(self, slot: _Slot, event: str) -> None:
        """Empty a slot, and decide when its next worker is due.

        Raises StartError if not all workers have served yet.
        """
        if not self._all_served:
            message = f"Worker {slot.number} {event} before all workers were serving."
            raise StartError(message)
        now = time.monotonic()
        pause = slot.backoff.pause(now - slot.started)
        slot.process, slot.due = None, now + pause
        slot.close_channel()
        if pause:  # connections must not wait in the queue until the next worker starts
            slot.close_listener()
        when = f"in {pause} s" if pause else "now"
        logger.warning("worker %d %s and restarts %s", slot.number, event, when)


def _cause(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
