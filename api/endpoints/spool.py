"""New rows that are kept until they are committed: only then does the answer begin."""

from collections.abc import Iterator, Sequence
from secrets import token_bytes
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_IN_MEMORY = 2**18  # bytes; what is beyond them goes to a file
_PIECE = 2**16


class Spool:
    """The JSON texts of rows, which are read once, as one array.

    Many rows are in a file that has no name and ends with this object. It is encrypted with a key
    that only this object has, because the rows may be about persons.
    """

    def __init__(self) -> None:
        """Begin without rows."""
        # Each process has its own counter and key, and writes and reads the file once, in order.
        cipher = Cipher(AES(token_bytes(32)), CTR(token_bytes(16)))
        self._encrypt, self._decrypt = cipher.encryptor(), cipher.decryptor()
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # __exit__ closes it
        self._before = "["

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Forget the rows."""
        self._file.close()

    def add(self, rows: Sequence[str]) -> None:
        """Keep some rows, behind those before."""
        text = "".join(part for row in rows for part in (self._separator(), row))
        self._file.write(self._encrypt.update(text.encode()))

    def pieces(self) -> Iterator[bytes]:
        """Yield the array of all rows in pieces."""
        if self._before == "[":  # there are none
            yield b"["
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield self._decrypt.update(piece)
        yield b"]"

    def _separator(self) -> str:
        separator, self._before = self._before, ","
        return separator
