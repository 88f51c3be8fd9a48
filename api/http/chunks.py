"""The chunks of a body, as HTTP/1.1 frames them (RFC 9112, section 7.1)."""

import re

# A chunk's size stands on a line of its own, with extensions, which are ignored.
_CHUNK = re.compile(
    rb"\r\n([0-9A-Fa-f]{1,16})(?:[\t ]{0,16};[^\x00-\x08\x0a-\x1f\x7f]{0,200})?\r\n"
)
_LONGEST_LINE = 256  # bytes


def take(buffer: bytearray) -> tuple[bytes, int]:
    """Take all chunks out of a buffer; return them joined, and how many bytes the last one lacks.

    If the server took one chunk at a time, small chunks would cost it more than their client.
    """
    at, missing, found = 0, 0, list[bytes | bytearray]()
    while not missing and (head := _CHUNK.match(buffer, at)) and (size := int(head[1], 16)):
        found.append(buffer[head.end() : head.end() + size])
        missing = size - len(found[-1])
        at = head.end() + len(found[-1])
    del buffer[:at]
    return b"".join(found), missing


def needs_more(buffer: bytearray) -> bool:
    """Return whether the line of the next chunk's size has not arrived yet."""
    return buffer.find(b"\r\n", 2) < 0 and len(buffer) <= _LONGEST_LINE


def is_wellformed(buffer: bytearray) -> bool:
    """Return whether a chunk begins here, once `needs_more` is false."""
    end = buffer.find(b"\r\n", 2)
    return end <= _LONGEST_LINE and bool(_CHUNK.fullmatch(buffer, 0, end + 2))
