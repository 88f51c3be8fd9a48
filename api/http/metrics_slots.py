"""Memory that worker processes share, with a slot for each: it writes there what it has counted."""

import logging
from collections.abc import Iterator
from mmap import mmap
from struct import Struct
from zlib import crc32

logger = logging.getLogger(__name__)

SLOT_SIZE = 2**23  # bytes; the kernel gives memory for those that are written
_HEADER = Struct("QQ")  # the length and the CRC-32 of what a slot holds


class MetricsSlots:
    """As many slots as there are workers; any process reads them all."""

    def __init__(self, count: int, size: int = SLOT_SIZE) -> None:
        """Map `count` slots of `size` bytes, which every later fork shares."""
        self._count, self._size = count, size
        self._memory = mmap(-1, count * size)
        self._warned = False

    def write(self, slot: int, text: bytes) -> None:
        """Replace what the slot holds; a text that does not fit is skipped, with a warning once."""
        room = self._size - _HEADER.size
        if len(text) > room:
            if not self._warned:
                self._warned = True
                logger.warning(
                    "worker %d has %d bytes of metrics, and its slot has room for %d:"
                    " /metrics shows its last ones that fitted",
                    slot,
                    len(text),
                    room,
                )
            return
        start = slot * self._size
        content = start + _HEADER.size
        self._memory[content : content + len(text)] = text
        self._memory[start:content] = _HEADER.pack(len(text), crc32(text))

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Give each slot with what it holds, except an empty one, and one that is being written."""
        for slot in range(self._count):
            start = slot * self._size
            content = start + _HEADER.size
            length, checksum = _HEADER.unpack(self._memory[start:content])
            text = self._memory[content : content + length]
            if text and crc32(text) == checksum:
                yield slot, text
