"""What clients of plain HTTP share."""

import ssl

# Given as `verify` to httpx, which otherwise loads all certificates for each client: 20 ms.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
