"""Shared memory with a slot for each worker process, to which the worker writes its metrics."""

import logging
from collections.abc import Iterator
from mmap import mmap
from struct import Struct
from zlib import crc32

logger = logging.getLogger(__name__)

SLOT_SIZE = 2**23  # bytes; the kernel allocates memory only for those that are written
_HEADER = Struct("QQQ")  # which half holds the text, its length, its CRC-32


class MetricsSlots:
    """As many slots as there are workers; any process reads them all.

    A slot has a header and two halves: a text is written into the half that is not in use, then the
    header. So a reader sees a whole text even if a worker is writing, or was killed while writing.
    """

    def __init__(self, count: int, size: int = SLOT_SIZE) -> None:
        """Map `count` slots of `size` bytes, which every later fork shares."""
        self._count, self._size = count, size
        self._half = (size - _HEADER.size) // 2
        self._memory = mmap(-1, count * size)
        self._warned = False

    def write(self, slot: int, text: bytes) -> None:
        """Replace what the slot holds; a text that does not fit is skipped, with a warning once."""
        if len(text) > self._half:
            if not self._warned:
                self._warned = True
                logger.warning(
                    "worker %d has %d bytes of metrics, and its slot has room for %d:"
                    " /metrics shows the last metrics that fitted",
                    slot,
                    len(text),
                    self._half,
                )
            return
        header = slot * self._size
        half = 1 - _HEADER.unpack_from(self._memory, header)[0]
        start = self._start(slot, half)
        self._memory[start : start + len(text)] = text
        _HEADER.pack_into(self._memory, header, half, len(text), crc32(text))

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Yield each slot that was written to, with its text.

        A text that was replaced twice while it was read is left out.
        """
        for slot in range(self._count):
            half, length, checksum = _HEADER.unpack_from(self._memory, slot * self._size)
            start = self._start(slot, half)
            text = self._memory[start : start + length]
            if text and crc32(text) == checksum:
                yield slot, text

    def _start(self, slot: int, half: int) -> int:
        return slot * self._size + _HEADER.size + half * self._half
