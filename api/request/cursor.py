"""Where the next page starts, as an opaque token (keyset pagination).

A token holds the order's columns and the key of a page's last row. A column may be a person's name,
and the token is a part of URLs, so it is encrypted (AES-SIV, RFC 5297), and is valid only for the
operation, filters and order that it was made for.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from secrets import token_hex
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


def secret_of(url: str) -> str:
    """Return the URL if it has a password (all processes have the same), else random text."""
    return url if urlsplit(url).password else token_hex()


class CursorError(ValueError):
    """The token was altered, or was made for another request."""


class Cursors:
    """Encrypts and decrypts tokens. Processes with the same secret accept each other's tokens."""

    def __init__(self, secret: str) -> None:
        """Derive the key from a secret that all processes of one service share."""
        self._cipher = AESSIV(blake2b(secret.encode(), person=b"page cursor").digest())

    def seal(self, row: str, scope: str) -> str:
        """Make a token of a page's last row.

        `row`: a JSON array of texts and nulls; `scope`: operation, filters and order of the list.
        """
        return _encoded(self._cipher.encrypt(row.encode(), [scope.encode()]))

    def open(self, token: str, scope: str) -> list[str | None]:
        """Return the values of a token, None for NULL.

        Raises CursorError where the token was not made by `seal` for this scope.
        """
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            values: list[str | None] = json.loads(self._cipher.decrypt(sealed, [scope.encode()]))
        except (ValueError, InvalidTag) as error:
            raise CursorError from error
        if token != _encoded(sealed):  # base64 can write the same bytes in more than one way
            raise CursorError
        return values


def _encoded(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()
