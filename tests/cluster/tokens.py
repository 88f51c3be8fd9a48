"""Keys that sign tokens for the stack, and the ConfigMap and secret that `kubectl apply` reads."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE = "https://issuer.invalid", "superbill"
CONFIG_MAP = "keys"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs tokens; `name` is its `kid`."""

    name: str
    private: EllipticCurvePrivateKey = field(
        default_factory=lambda: generate_private_key(SECP256R1())
    )

    @property
    def public(self) -> dict[str, Any]:
        """Give the key as the API reads it (RFC 7517)."""
        return {
            **ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True),
            "kid": self.name,
            "use": "sig",
            "alg": "ES256",
        }

    def token(self, role: str, tenant: str, issuer: str = ISSUER) -> str:
        """Make a token of an hour."""
        claims = {
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": f"{role} of {tenant}",
            "exp": int(time.time()) + 3600,
            "role": role,
            "tenant": tenant,
        }
        return jwt.encode(claims, self.private, "ES256", {"kid": self.name})


def config_map(*keys: Key) -> str:
    """Write the ConfigMap of the public keys, as `kubectl apply` reads it."""
    document = json.dumps({"keys": [key.public for key in keys]})
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": CONFIG_MAP},
            "data": {"jwks.json": document},
        }
    )


def secret(name: str, token: str) -> str:
    """Write the secret of a token, for the pods of `helm test`."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": {"token": token},
        }
    )
