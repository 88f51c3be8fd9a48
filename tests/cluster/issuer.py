"""An issuer in the cluster: a pod that serves its discovery document and its keys over TLS."""

import datetime as dt
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.cluster.tokens import Key

NAME, PORT = "issuer", 8443
HOST = f"{NAME}.superbill.svc"
URL = f"https://{HOST}"
DOCUMENTS = {"discovery": ".well-known/openid-configuration", "keys": "keys"}
SERVER = f"""
import functools, http.server, ssl
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/documents")
server = http.server.ThreadingHTTPServer(("", {PORT}), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/certificate/ca.crt", "/certificate/tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def certificate() -> dict[str, str]:
    """Make a certificate of the issuer that signs itself, and its key."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now, public = dt.datetime.now(dt.UTC), own.public_key()
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    made = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(own, hashes.SHA256())
    )
    private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "ca.crt": made.public_bytes(Encoding.PEM).decode(),
        "tls.key": private.decode(),
    }


def objects(image: str, key: Key) -> str:
    """Write the issuer's objects, as `kubectl apply` reads them."""
    keys = json.dumps({"keys": [key.public]})
    discovery = json.dumps({"issuer": URL, "jwks_uri": f"{URL}/{DOCUMENTS['keys']}"})
    items = [{"key": name, "path": path} for name, path in DOCUMENTS.items()]
    spec = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": NAME,
                "image": image,
                "command": ["python", "-c", SERVER],
                "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "documents", "mountPath": "/documents"},
                    {"name": "certificate", "mountPath": "/certificate"},
                ],
            }
        ],
        "volumes": [
            {"name": "documents", "configMap": {"name": NAME, "items": items}},
            {"name": "certificate", "secret": {"secretName": NAME}},
        ],
    }
    port = {"port": 443, "targetPort": PORT}
    made: list[dict[str, Any]] = [
        {"kind": "Secret", "stringData": certificate()},
        {"kind": "ConfigMap", "data": {"discovery": discovery, "keys": keys}},
        {"kind": "Service", "spec": {"selector": {"app": NAME}, "ports": [port]}},
        {"kind": "Pod", "spec": spec},
    ]
    metadata = {"name": NAME, "labels": {"app": NAME}}
    whole = [{"apiVersion": "v1", "metadata": metadata, **one} for one in made]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": whole})
