"""The key for development: it signs the tokens of `superbill token`.

It stands in the folder of the development database. Only a server without ISSUER accepts its
tokens.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from api.http import key_documents, public_keys
from api.http.public_keys import PublicKey
from api.http.token_claims import Rules

ALGORITHM = "EdDSA"
ISSUER, AUDIENCE = "superbill-development", "superbill"
_PRIVATE, _PUBLIC = "token-key.pem", "token-keys.json"


def rules(tenant: str) -> Rules:
    """Return the rules for its tokens; `tenant`: that of a token that names none."""
    return Rules(ISSUER, AUDIENCE, (ALGORITHM,), tenant=tenant)


def read(folder: Path) -> tuple[PublicKey, ...]:
    """Read the public key; empty if no key has been made. Raises KeysError."""
    path = folder / _PUBLIC
    if not path.exists():
        return ()
    return public_keys.read(key_documents.from_file(path), (ALGORITHM,))


def signed(folder: Path, claims: Mapping[str, Any]) -> str:
    """Return a token with these claims, signed by the key, which is made if it is missing."""
    key = _private_key(folder)
    kid = _document(key.public_key())["kid"]
    named = {"iss": ISSUER, "aud": AUDIENCE, **claims}
    return jwt.encode(named, key, ALGORITHM, headers={"kid": kid})


def _private_key(folder: Path) -> Ed25519PrivateKey:
    """Read the key; make it if it is missing. Writes the public key anew."""
    path = folder / _PRIVATE
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with _written(path, pem, 0o600) as new, suppress(FileExistsError):
            path.hardlink_to(new)  # unless another process was faster
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    document = json.dumps({"keys": [_document(key.public_key())]})
    with _written(folder / _PUBLIC, document.encode(), 0o644) as new:
        new.replace(folder / _PUBLIC)
    return key


def _document(key: Ed25519PublicKey) -> dict[str, Any]:
    """Write the public key as a JWK; its id is its thumbprint (RFC 7638, RFC 8037)."""
    jwk = OKPAlgorithm.to_jwk(key, as_dict=True)
    needed = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    return {**jwk, "kid": sha256(needed.encode()).hexdigest(), "use": "sig", "alg": ALGORITHM}


@contextmanager
def _written(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """Write a file beside the path, which a rename moves there whole; remove it at the end."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    try:
        yield new
    finally:
        new.unlink(missing_ok=True)
