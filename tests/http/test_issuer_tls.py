"""An issuer behind TLS: its certificate counts, and what it may say of its keys' address."""

import datetime as dt
import ipaddress
import json
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.http.token_keys import Pace
from api.http.tokens import Tokens
from api.problem import ProblemError
from tests.support.issuers import ROLE, Issuer, any_tenant, headers, issuer, key_set, write


def certificate(folder: Path) -> Path:
    """Write a certificate of 127.0.0.1 that signs itself, with its key; give the file."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, own.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(own, hashes.SHA256())
    )
    path = folder / "issuer.pem"
    private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


async def verdict(found: Issuer) -> str:
    """Give the kind of the problem that a token of the issuer gets, or `accepted`."""
    tokens = Tokens(
        found.config(), {ROLE}, knows_tenant=any_tenant, development=None, pace=Pace(pause=60)
    )
    try:
        await tokens.identify(headers(f"Bearer {found.token()}"))
    except ProblemError as error:
        return error.problem.kind
    finally:
        await tokens.close()
    return "accepted"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give the issuer's side of TLS; its certificate is trusted by nobody."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    return context


async def test_issuer_with_a_certificate_that_nobody_trusts_is_not_believed(
    tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    async with issuer(tls=tls) as found:
        assert await verdict(found) == "unavailable"
    assert found.asked.total() == 0
    messages = [record.message for record in caplog.records if record.name.startswith("api.")]
    assert messages == ["The keys of ISSUER can't be read: SSLCertVerificationError"]


async def test_certificate_of_an_own_authority_is_trusted_by_the_usual_variable(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "issuer.pem"))
    async with issuer(tls=tls) as found:
        assert await verdict(found) == "accepted"


async def test_issuer_behind_tls_cannot_send_the_server_to_keys_without_it(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "issuer.pem"))
    async with issuer() as plain, issuer(tls=tls) as found:
        document = json.dumps({"issuer": found.url, "jwks_uri": f"{plain.origin}/keys"}).encode()

        async def answer(writer: object) -> None:
            write(writer, document)  # type: ignore[arg-type]

        found.answer = answer
        assert await verdict(found) == "unavailable"
        assert plain.asked.total() == 0
        assert key_set(plain.keys) == key_set(found.keys)
