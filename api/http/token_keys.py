"""The keys that the issuer has now. They are read in a thread, at the start and again and again.

A token with a key that isn't known makes the keys be read at once, but not more often than every
few seconds; meanwhile such tokens wait. Where the issuer can't be reached, the keys that are known
stay.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import BoundedSemaphore, Thread

from api.http import token_refusals
from api.http.public_keys import KeysError, PublicKey

logger = logging.getLogger(__name__)

_MOST_THREADS = 3  # an issuer that sends a byte now and then keeps a thread


@dataclass(frozen=True, slots=True)
class Pace:
    """How often keys are read, in seconds.

    `pause`: between two readings; `every`: after which they are read though all are known, so that
    a key that the issuer has withdrawn is forgotten; `patience`: how long a reading may take.
    """

    pause: float = 2.0
    every: float = 300.0
    patience: float = 10.0


class TokenKeys:
    """The keys of one issuer, for one event loop."""

    def __init__(
        self,
        read: Callable[[], tuple[PublicKey, ...]],
        pace: Pace,
        on_withdrawn: Callable[[], object],
    ) -> None:
        """Prepare; `read` blocks, and raises KeysError. Calls `on_withdrawn` if a key is gone."""
        self._read, self._pace, self._on_withdrawn = read, pace, on_withdrawn
        self._keys: tuple[PublicKey, ...] = ()
        self._begun = self._ended = 0  # how many readings
        self._reading: asyncio.Task[None] | None = None
        self._next = 0.0  # when the next one may begin
        self._failure = ""
        self._refreshing: asyncio.Task[None] | None = None
        self._threads = BoundedSemaphore(_MOST_THREADS)

    def open(self) -> None:
        """Begin to read the keys, in a task that `close` ends."""
        self._refreshing = asyncio.create_task(self._refresh())

    async def close(self) -> None:
        """Stop to read the keys."""
        tasks = [task for task in (self._refreshing, self._reading) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """Return the one key that fits a token's header; None if no key does, or several do.

        Raises ProblemError `unavailable` if no key is known that fits, and the issuer can't be
        asked.
        """
        needed = self._begun + 1  # a reading that has begun before may have missed a new key
        while not (fitting := [key for key in self._keys if key.fits(kid, algorithm)]):
            if self._ended >= needed:
                return None
            if not self._has_just_failed():
                await self._read_again()
            if self._failure:
                raise token_refusals.unknown_keys()
        return fitting[0] if len(fitting) == 1 else None

    def _has_just_failed(self) -> bool:
        return bool(self._failure) and asyncio.get_running_loop().time() < self._next

    async def _refresh(self) -> None:
        while True:
            await self._read_again()
            await asyncio.sleep(self._pace.pause if self._failure else self._pace.every)

    async def _read_again(self) -> None:
        """Wait for the reading that runs, or a new one; a caller that leaves does not end it."""
        if not self._reading:
            self._reading = asyncio.create_task(self._read_after_pause())
        await asyncio.shield(self._reading)

    async def _read_after_pause(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next - loop.time()))
        self._begun += 1
        try:
            async with asyncio.timeout(self._pace.patience):
                self._replace(await self._in_thread())
        except (KeysError, TimeoutError) as error:
            self._report(str(error) or type(error).__name__)
        else:
            self._report("")
        finally:
            self._ended = self._begun
            self._next = loop.time() + self._pace.pause
            self._reading = None

    def _replace(self, keys: tuple[PublicKey, ...]) -> None:
        withdrawn = {key.material for key in self._keys} - {key.material for key in keys}
        self._keys = keys
        if withdrawn:
            self._on_withdrawn()

    def _report(self, failure: str) -> None:
        """Log the first of some failures, and their end."""
        if failure and not self._failure:
            logger.warning("The keys of ISSUER can't be read: %s", failure)
        elif self._failure and not failure:
            logger.warning("The keys of ISSUER can be read again")
        self._failure = failure

    async def _in_thread(self) -> tuple[PublicKey, ...]:
        """Read the keys in a thread that does not keep the process from ending.

        Raises KeysError for all that goes wrong.
        """
        if not self._threads.acquire(blocking=False):
            message = "earlier answers have not ended yet"
            raise KeysError(message)
        done: Future[tuple[PublicKey, ...]] = Future()
        done.set_running_or_notify_cancel()

        def run() -> None:
            try:
                done.set_result(self._read())
            except KeysError as error:
                done.set_exception(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the keys are not read
                done.set_exception(KeysError(type(error).__name__))
            finally:
                self._threads.release()

        Thread(target=run, name="token keys", daemon=True).start()
        return await asyncio.wrap_future(done)
